namespace Whylight.Explanations;

/// <summary>A request that cannot be answered as asked; the message is one sentence meant for the user.</summary>
public sealed class ExplanationException : Exception
{
    /// <summary>An exception whose message names the cause and the way out.</summary>
    public ExplanationException(string message)
        : base(message) { }

    /// <summary>The same, keeping the exception that led here.</summary>
    public ExplanationException(string message, Exception inner)
        : base(message, inner) { }
}
