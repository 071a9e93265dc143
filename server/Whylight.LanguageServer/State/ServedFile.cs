using Whylight.Documents;

namespace Whylight.LanguageServer.State;

/// <summary>Which model serves a file, and how the file is read.</summary>
/// <param name="Model">The model's name as the user knows it: <c>builtin:NAME</c> or a name from the configuration.</param>
/// <param name="Location"><c>builtin:NAME</c>, or the full path of the model's folder.</param>
/// <param name="Options">Columns, labels, encoding.</param>
internal sealed record ServedFile(string Model, string Location, ReadOptions Options)
{
    /// <summary>Whether the model came with Whylight, which untrusted workspaces may use.</summary>
    public bool Shipped => Location.StartsWith("builtin:", StringComparison.Ordinal);
}
