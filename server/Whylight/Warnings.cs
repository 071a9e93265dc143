using Whylight.Models;

namespace Whylight;

/// <summary>Remarks that leave the exit code alone, each once, on standard error.</summary>
internal static class Warnings
{
    public static void Write(Streams streams, string message) =>
        streams.Error.WriteLine("whylight: warning: " + message.ReplaceLineEndings(" "));

    /// <summary>What the loader had to say of a model.</summary>
    public static void Notices(Streams streams, ModelInfo model)
    {
        foreach (string notice in model.Notices)
        {
            Write(streams, notice);
        }
    }

    /// <summary>Says where texts were cut, if any were: one line however many.</summary>
    public static void Truncation(Streams streams, IReadOnlyList<(string Where, int? TruncatedAt)> texts, int maxTokens)
    {
        var cut = texts.Where(text => text.TruncatedAt is not null).ToList();
        if (cut.Count == 0)
        {
            return;
        }
        string more = cut.Count == 1 ? "" : $" and {cut.Count - 1} more";
        Write(
            streams,
            $"{cut[0].Where}{more}: longer than the {maxTokens} tokens the model reads; cut at character {cut[0].TruncatedAt}"
        );
    }
}
