using System.Text.Json;
using Whylight.Explanations.Rendering;
using Whylight.Models;

namespace Whylight.Verbs;

/// <summary>What a causal language model says of texts: how likely each token was, and what it expected in its place.</summary>
internal static class LanguageModelPrediction
{
    /// <summary>Alternatives named at each token.</summary>
    private const int Alternatives = 5;

    public static async Task WriteAsync(
        ICausalLanguageModel model,
        IReadOnlyList<InputText> texts,
        Streams streams,
        string format,
        CancellationToken cancellation
    )
    {
        IReadOnlyList<ScoredText> scored = await model.ScoreAsync(
            [.. texts.Select(text => text.Text)],
            Alternatives,
            WorkPriority.Batch,
            cancellation
        );
        Warnings.Truncation(
            streams,
            [.. texts.Zip(scored, (text, score) => (text.Where, score.Text.TruncatedAt))],
            model.Info.MaxTokens
        );
        Messages messages = Messages.ForLocale(streams.Locale);
        for (int i = 0; i < scored.Count; i++)
        {
            ScoredText text = scored[i];
            if (format == "text")
            {
                await streams.Out.WriteAsync(
                    (i > 0 ? "\n" : "") + SurprisalRenderer.Render(text, messages, streams.Colour)
                );
            }
            else if (format == "jsonl" || scored.Count == 1)
            {
                Output.Json(streams.Out, writer => WriteDocument(writer, model.Info, text), format == "json");
            }
        }
        if (format == "json" && scored.Count > 1)
        {
            Output.Json(streams.Out, writer => WriteSeveral(writer, model.Info, scored));
        }
    }

    private static void WriteDocument(Utf8JsonWriter writer, ModelInfo model, ScoredText text)
    {
        writer.WriteStartObject();
        WriteModel(writer, model);
        writer.WriteString("text", text.Text.Text);
        WriteTokens(writer, text);
        writer.WriteEndObject();
    }

    private static void WriteSeveral(Utf8JsonWriter writer, ModelInfo model, IReadOnlyList<ScoredText> texts)
    {
        writer.WriteStartObject();
        WriteModel(writer, model);
        writer.WriteStartArray("predictions");
        foreach (ScoredText text in texts)
        {
            writer.WriteStartObject();
            writer.WriteString("text", text.Text.Text);
            WriteTokens(writer, text);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter writer, ModelInfo model)
    {
        writer.WriteNumber("schemaVersion", Output.SchemaVersion);
        writer.WriteString("model", model.Name);
        writer.WriteString("modelHash", model.Hash);
    }

    private static void WriteTokens(Utf8JsonWriter writer, ScoredText text)
    {
        writer.WriteBoolean("truncated", text.Text.TruncatedAt is not null);
        writer.WriteStartArray("tokens");
        foreach (ScoredToken token in text.Tokens)
        {
            writer.WriteStartObject();
            writer.WriteString("text", token.Token.Text);
            writer.WriteNumber("start", token.Token.Start);
            writer.WriteNumber("end", token.Token.End);
            writer.WriteNumber("id", token.Token.Id);
            if (token.LogProbability is { } logProbability)
            {
                writer.WriteNumber("logProb", logProbability);
            }
            else
            {
                writer.WriteNull("logProb");
            }
            WriteTop(writer, "top", token.Top);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        WriteTop(writer, "next", text.Next);
    }

    private static void WriteTop(Utf8JsonWriter writer, string name, IReadOnlyList<TokenAlternative> top)
    {
        writer.WriteStartArray(name);
        foreach (TokenAlternative alternative in top)
        {
            writer.WriteStartObject();
            writer.WriteString("text", alternative.Text);
            writer.WriteNumber("id", alternative.Id);
            writer.WriteNumber("logProb", alternative.LogProbability);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
