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

    /// <summary>Says where texts were cut, at the end or at the beginning, if any were: one line each however many.</summary>
    public static void Truncation(
        Streams streams,
        IReadOnlyList<(string Where, Prediction Prediction)> texts,
        int maxTokens
    )
    {
        Truncation(streams, [.. texts.Select(text => (text.Where, text.Prediction.TruncatedAt))], maxTokens);
        var late = texts.Where(text => text.Prediction.ReadFrom is not null).ToList();
        if (late.Count > 0)
        {
            string more = late.Count == 1 ? "" : $" and {late.Count - 1} more";
            Write(
                streams,
                $"{late[0].Where}{more}: longer than the {maxTokens} tokens the model reads; the beginning was cut, up to character {late[0].Prediction.ReadFrom}"
            );
        }
    }

    /// <summary>Says where texts were cut at the end, if any were: one line however many.</summary>
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
