namespace Whylight;

/// <summary>A command line that cannot be carried out; the message is one sentence that says the way out.</summary>
internal sealed class UsageException(string message) : Exception(message);
