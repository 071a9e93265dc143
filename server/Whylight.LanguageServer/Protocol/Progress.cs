using System.Text.Json;

namespace Whylight.LanguageServer.Protocol;

internal sealed record WorkDoneProgressCreateParams(string Token);

internal sealed record WorkDoneProgressCancelParams(JsonElement Token);

/// <summary>A step of work: <c>begin</c> (with title), <c>report</c> or <c>end</c>.</summary>
internal sealed record WorkDoneProgress(
    string Kind,
    string? Title = null,
    string? Message = null,
    int? Percentage = null,
    bool? Cancellable = null
);

internal sealed record ProgressParams(string Token, WorkDoneProgress Value);
