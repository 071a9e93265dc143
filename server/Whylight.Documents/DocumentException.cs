namespace Whylight.Documents;

/// <summary>A file that cannot be used; the message is one sentence that names file, line, cause and way out.</summary>
public sealed class DocumentException : Exception
{
    /// <summary>An exception with a message meant for the user.</summary>
    public DocumentException(string message)
        : base(message) { }

    /// <summary>The same, keeping the exception that led here.</summary>
    public DocumentException(string message, Exception inner)
        : base(message, inner) { }
}
