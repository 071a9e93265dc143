using System.Diagnostics.CodeAnalysis;
using Whylight.Documents;
using Whylight.Documents.Configuration;

namespace Whylight.LanguageServer.State;

/// <summary>Which model serves a file, and how the file is read.</summary>
/// <param name="Model">The model's name as the user knows it, or null where nothing serves the file.</param>
/// <param name="Resolution">What the configuration says of the file.</param>
/// <param name="Configuration">The configuration that governs the file.</param>
internal sealed record ServedFile(string? Model, FileResolution Resolution, WorkspaceConfiguration Configuration)
{
    /// <summary><c>builtin:NAME</c>, or the full path of the model's folder; null where nothing serves the file.</summary>
    public string? Location => Resolution.Model;

    /// <summary>Columns, labels, encoding.</summary>
    public ReadOptions Options => Resolution.Options;

    /// <summary>Whether a model is configured for the file, or serves it by default.</summary>
    [MemberNotNullWhen(true, nameof(Model), nameof(Location))]
    public bool HasModel => Model is not null && Location is not null;

    /// <summary>Whether the model came with Whylight, which untrusted workspaces may use.</summary>
    public bool Shipped => Location?.StartsWith("builtin:", StringComparison.Ordinal) == true;
}
