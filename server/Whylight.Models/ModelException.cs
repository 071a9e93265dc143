namespace Whylight.Models;

/// <summary>A model folder, tokenizer or input that cannot be used; the message is one sentence meant for the user.</summary>
public sealed class ModelException : Exception
{
    /// <summary>An exception whose message names the file, the cause and the way out.</summary>
    public ModelException(string message)
        : base(message) { }

    /// <summary>The same, keeping the exception that led here.</summary>
    public ModelException(string message, Exception inner)
        : base(message, inner) { }
}
