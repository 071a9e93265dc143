using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Whylight.Explanations.Attribution;
using Whylight.Explanations.Local;
using Whylight.Models;

namespace Whylight.Explanations.Rendering;

/// <summary>Explanations as JSON documents: the keys of the command line, every number as it is.</summary>
public static class ExplanationJson
{
    /// <summary>Version of the document's keys.</summary>
    public const int SchemaVersion = 1;

    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document as text, without a line break at its end.</summary>
    /// <param name="explanation">The record.</param>
    /// <param name="timing">Whether to write the wall time; without it equal inputs give equal bytes.</param>
    /// <param name="indented">Over several lines.</param>
    public static string Write(Explanation explanation, bool timing = true, bool indented = true)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_options with { Indented = indented }))
        {
            Write(json, explanation, timing);
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Writes the document as one object.</summary>
    public static void Write(Utf8JsonWriter json, Explanation explanation, bool timing = true)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(explanation);
        Explanation e = explanation;
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", SchemaVersion);
        json.WriteString("method", e.Method);
        json.WriteString("estimator", e.Estimator);
        json.WriteString("target", e.Target);
        if (e.ContrastLabel is not null)
        {
            json.WriteString("contrast", e.ContrastLabel);
        }
        if (e.Completion is not null)
        {
            json.WriteString("completion", e.Completion);
            json.WriteBoolean("completionGenerated", e.CompletionGenerated);
        }
        Tokens(json, "targetTokens", e.TargetTokens);
        Tokens(json, "contrastTokens", e.ContrastTokens);
        json.WriteString("valueKind", e.ValueKind);
        json.WritePropertyName("prediction");
        WritePrediction(json, e.Prediction);
        json.WriteStartArray("features");
        foreach (FeatureScore feature in e.Features)
        {
            json.WriteStartObject();
            json.WriteString("text", feature.Text);
            json.WriteNumber("start", feature.Start);
            json.WriteNumber("end", feature.End);
            if (feature.Name is not null)
            {
                json.WriteString("name", feature.Name);
            }
            Number(json, "score", feature.Score);
            Number(json, "standardError", feature.StandardError);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Number(json, "value", e.Value);
        Number(json, "baseValue", e.BaseValue);
        Number(json, "remainder", e.Remainder);
        Number(json, "completenessGap", e.CompletenessGap);
        if (e.Converged is { } converged)
        {
            json.WriteBoolean("converged", converged);
        }
        else
        {
            json.WriteNull("converged");
        }
        json.WriteNumber("modelCalls", e.ModelCalls);
        json.WriteNumber("seed", e.Seed);
        json.WriteString("absence", e.Absence);
        if (e.ReadOut is not null)
        {
            json.WriteString("readOut", e.ReadOut);
        }
        json.WriteString("baseline", e.Baseline);
        if (e.Scoring is not null)
        {
            json.WriteString("scoring", e.Scoring);
        }
        json.WriteString("modelHash", e.ModelHash);
        if (timing)
        {
            Number(json, "elapsedMs", e.ElapsedMs);
        }
        WriteByMethod(json, e);
        json.WriteEndObject();
    }

    /// <summary>A prediction as <c>predict</c> writes it.</summary>
    public static void WritePrediction(Utf8JsonWriter json, Prediction prediction, IReadOnlyList<string>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(prediction);
        json.WriteStartObject();
        json.WriteString("text", prediction.Text);
        json.WriteString("label", prediction.Label);
        json.WriteStartObject("probabilities");
        IReadOnlyList<string> names = labels ?? prediction.Labels;
        for (int i = 0; i < prediction.Probabilities.Count; i++)
        {
            // A record made without labels names them by index.
            string name = i < names.Count ? names[i] : i.ToString(CultureInfo.InvariantCulture);
            json.WriteNumber(name, prediction.Probabilities[i]);
        }
        json.WriteEndObject();
        json.WriteStartArray("logits");
        foreach (double logit in prediction.Logits)
        {
            json.WriteNumberValue(logit);
        }
        json.WriteEndArray();
        json.WriteBoolean("truncated", prediction.Truncated);
        if (prediction.TruncatedAt is { } cut)
        {
            json.WriteNumber("truncatedAt", cut);
        }
        if (prediction.ReadFrom is { } from)
        {
            json.WriteNumber("readFrom", from);
        }
        json.WriteEndObject();
    }

    /// <summary>Reads a document that <see cref="Write(Explanation, bool, bool)"/> wrote.</summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static Explanation Read(string json)
    {
        try
        {
            return ReadDocument(json);
        }
        catch (Exception exception)
            when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("not an explanation document: " + exception.Message, exception);
        }
    }

    private static Explanation ReadDocument(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement e = document.RootElement;
        if (
            e.ValueKind != JsonValueKind.Object
            || !e.TryGetProperty("schemaVersion", out JsonElement version)
            || version.GetInt32() != SchemaVersion
        )
        {
            throw new JsonException($"not an explanation document of schema version {SchemaVersion}");
        }
        Prediction prediction = ReadPrediction(e.GetProperty("prediction"));
        return new Explanation
        {
            Text = prediction.Text,
            Method = Text(e, "method")!,
            Estimator = Text(e, "estimator")!,
            Target = Text(e, "target")!,
            ContrastLabel = Text(e, "contrast"),
            ValueKind = Text(e, "valueKind")!,
            Prediction = prediction,
            Features =
            [
                .. e.GetProperty("features")
                    .EnumerateArray()
                    .Select(f => new FeatureScore(
                        Text(f, "text")!,
                        f.GetProperty("start").GetInt32(),
                        f.GetProperty("end").GetInt32(),
                        Number(f, "score"),
                        Number(f, "standardError"),
                        Text(f, "name")
                    )),
            ],
            Value = Number(e, "value"),
            BaseValue = Number(e, "baseValue"),
            Remainder = Number(e, "remainder"),
            CompletenessGap = Number(e, "completenessGap"),
            Converged = e.GetProperty("converged") is { ValueKind: not JsonValueKind.Null } c ? c.GetBoolean() : null,
            ModelCalls = e.GetProperty("modelCalls").GetInt32(),
            Seed = e.GetProperty("seed").GetUInt64(),
            Absence = Text(e, "absence"),
            Baseline = Text(e, "baseline"),
            ModelHash = Text(e, "modelHash")!,
            ElapsedMs = Number(e, "elapsedMs"),
            Anchor = e.TryGetProperty("anchor", out JsonElement anchor)
                ? new Anchor(
                    Integers(anchor.GetProperty("features")),
                    anchor.GetProperty("precision").GetDouble(),
                    [.. anchor.GetProperty("precisionInterval").EnumerateArray().Select(x => x.GetDouble())],
                    anchor.GetProperty("coverage").GetDouble(),
                    Text(anchor, "neighbourhood")!,
                    Number(anchor, "datasetCoverage"),
                    anchor.TryGetProperty("datasetTexts", out JsonElement texts) ? texts.GetInt32() : null
                )
                : null,
            Counterfactuals = e.TryGetProperty("counterfactuals", out JsonElement flips)
                ?
                [
                    .. flips
                        .EnumerateArray()
                        .Select(f => new Counterfactual(
                            Text(f, "text")!,
                            [
                                .. f.GetProperty("edits")
                                    .EnumerateArray()
                                    .Select(x => new TextEdit(
                                        x.GetProperty("start").GetInt32(),
                                        x.GetProperty("end").GetInt32(),
                                        Text(x, "text")!,
                                        Text(x, "replacement")!
                                    )),
                            ],
                            ReadPrediction(f.GetProperty("prediction")),
                            f.GetProperty("minimal").GetBoolean()
                        )),
                ]
                : null,
            Interactions = e.TryGetProperty("interactions", out JsonElement pairs)
                ?
                [
                    .. pairs
                        .EnumerateArray()
                        .Select(p => new Interaction(
                            p.GetProperty("i").GetInt32(),
                            p.GetProperty("j").GetInt32(),
                            p.GetProperty("score").GetDouble(),
                            Number(p, "standardError")
                        )),
                ]
                : null,
            Fit = e.TryGetProperty("fit", out JsonElement fit)
                ? new SortedDictionary<string, double>(
                    fit.EnumerateObject()
                        .Where(x => x.Value.ValueKind != JsonValueKind.Null)
                        .ToDictionary(x => x.Name, x => x.Value.GetDouble()),
                    StringComparer.Ordinal
                )
                : null,
            SufficientReasons = e.TryGetProperty("sufficientReasons", out JsonElement reasons)
                ? [.. reasons.EnumerateArray().Select(Integers)]
                : null,
            SinkShare = Number(e, "sinkShare"),
            Agreement = e.TryGetProperty("agreement", out JsonElement agreement)
                ? new Agreement(
                    Text(agreement, "with")!,
                    Number(agreement, "spearman"),
                    agreement.GetProperty("signAgreement").GetDouble()
                )
                : null,
            Layers = e.TryGetProperty("layers", out JsonElement layers)
                ?
                [
                    .. layers
                        .EnumerateArray()
                        .Select(l => new LayerRelevance(
                            Text(l, "name")!,
                            [.. l.GetProperty("tokens").EnumerateArray().Select(x => x.GetDouble())]
                        )),
                ]
                : null,
            Completion = Text(e, "completion"),
            CompletionGenerated =
                e.TryGetProperty("completionGenerated", out JsonElement generated) && generated.GetBoolean(),
            TargetTokens = Tokens(e, "targetTokens"),
            ContrastTokens = Tokens(e, "contrastTokens"),
            ReadOut = Text(e, "readOut"),
            Scoring = Text(e, "scoring"),
            Note = Text(e, "note"),
        };
    }

    private static void WriteByMethod(Utf8JsonWriter json, Explanation e)
    {
        if (e.Anchor is { } anchor)
        {
            json.WriteStartObject("anchor");
            Integers(json, "features", anchor.Features);
            json.WriteNumber("precision", anchor.Precision);
            Doubles(json, "precisionInterval", anchor.PrecisionInterval);
            json.WriteNumber("coverage", anchor.Coverage);
            json.WriteString("neighbourhood", anchor.Neighbourhood);
            Number(json, "datasetCoverage", anchor.DatasetCoverage);
            if (anchor.DatasetTexts is { } texts)
            {
                json.WriteNumber("datasetTexts", texts);
            }
            json.WriteEndObject();
        }
        if (e.Counterfactuals is { } flips)
        {
            json.WriteStartArray("counterfactuals");
            foreach (Counterfactual flip in flips)
            {
                json.WriteStartObject();
                json.WriteString("text", flip.Text);
                json.WriteStartArray("edits");
                foreach (TextEdit edit in flip.Edits)
                {
                    json.WriteStartObject();
                    json.WriteNumber("start", edit.Start);
                    json.WriteNumber("end", edit.End);
                    json.WriteString("text", edit.Text);
                    json.WriteString("replacement", edit.Replacement);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WritePropertyName("prediction");
                WritePrediction(json, flip.Prediction);
                json.WriteBoolean("minimal", flip.Minimal);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (e.Interactions is { } pairs)
        {
            json.WriteStartArray("interactions");
            foreach (Interaction pair in pairs)
            {
                json.WriteStartObject();
                json.WriteNumber("i", pair.I);
                json.WriteNumber("j", pair.J);
                json.WriteNumber("score", pair.Score);
                Number(json, "standardError", pair.StandardError);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (e.Fit is { } fit)
        {
            json.WriteStartObject("fit");
            foreach ((string name, double value) in fit.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                Number(json, name, value);
            }
            json.WriteEndObject();
        }
        if (e.SufficientReasons is { } reasons)
        {
            json.WriteStartArray("sufficientReasons");
            foreach (IReadOnlyList<int> reason in reasons)
            {
                json.WriteStartArray();
                foreach (int feature in reason)
                {
                    json.WriteNumberValue(feature);
                }
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        if (e.SinkShare is { } sink)
        {
            json.WriteNumber("sinkShare", sink);
        }
        if (e.Agreement is { } agreement)
        {
            json.WriteStartObject("agreement");
            json.WriteString("with", agreement.With);
            Number(json, "spearman", agreement.Spearman);
            json.WriteNumber("signAgreement", agreement.SignAgreement);
            json.WriteEndObject();
        }
        if (e.Layers is { } layers)
        {
            json.WriteStartArray("layers");
            foreach (LayerRelevance layer in layers)
            {
                json.WriteStartObject();
                json.WriteString("name", layer.Name);
                Doubles(json, "tokens", layer.Tokens);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (e.Note is { } note)
        {
            json.WriteString("note", note);
        }
    }

    private static void Tokens(Utf8JsonWriter json, string name, IReadOnlyList<TargetToken>? tokens)
    {
        if (tokens is null)
        {
            return;
        }
        json.WriteStartArray(name);
        foreach (TargetToken token in tokens)
        {
            json.WriteStartObject();
            json.WriteString("text", token.Text);
            json.WriteNumber("id", token.Id);
            json.WriteNumber("logProb", token.LogProbability);
            if (token is { Start: { } start, End: { } end })
            {
                json.WriteNumber("start", start);
                json.WriteNumber("end", end);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static TargetToken[]? Tokens(JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement tokens)
            ?
            [
                .. tokens
                    .EnumerateArray()
                    .Select(t => new TargetToken(
                        Text(t, "text")!,
                        t.GetProperty("id").GetInt32(),
                        t.GetProperty("logProb").GetDouble(),
                        t.TryGetProperty("start", out JsonElement start) ? start.GetInt32() : null,
                        t.TryGetProperty("end", out JsonElement end) ? end.GetInt32() : null
                    )),
            ]
            : null;

    private static Prediction ReadPrediction(JsonElement p)
    {
        List<string> labels = [];
        List<double> probabilities = [];
        foreach (JsonProperty property in p.GetProperty("probabilities").EnumerateObject())
        {
            labels.Add(property.Name);
            probabilities.Add(property.Value.GetDouble());
        }
        string label = Text(p, "label")!;
        return new Prediction
        {
            Text = Text(p, "text")!,
            Label = label,
            LabelIndex = labels.IndexOf(label),
            Labels = labels,
            Probabilities = probabilities,
            Logits = [.. p.GetProperty("logits").EnumerateArray().Select(x => x.GetDouble())],
            TruncatedAt = p.TryGetProperty("truncatedAt", out JsonElement cut) ? cut.GetInt32() : null,
            ReadFrom = p.TryGetProperty("readFrom", out JsonElement from) ? from.GetInt32() : null,
        };
    }

    /// <summary>A number, or null where it is undefined: JSON has no word for NaN.</summary>
    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Doubles(Utf8JsonWriter json, string name, IReadOnlyList<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            json.WriteNumberValue(value);
        }
        json.WriteEndArray();
    }

    private static void Integers(Utf8JsonWriter json, string name, IReadOnlyList<int> values)
    {
        json.WriteStartArray(name);
        foreach (int value in values)
        {
            json.WriteNumberValue(value);
        }
        json.WriteEndArray();
    }

    private static string? Text(JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static double? Number(JsonElement e, string name) =>
        e.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value.GetDouble()
            : null;

    private static IReadOnlyList<int> Integers(JsonElement e) => [.. e.EnumerateArray().Select(x => x.GetInt32())];
}
