using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Whylight.Models;

namespace Whylight.Verbs;

/// <summary><c>whylight predict</c>: what a model says of texts.</summary>
internal static class PredictVerb
{
    public static Command Build(Streams streams)
    {
        ModelOption model = new();
        TextSource source = new("FILE", standardInput: true);
        RawInputOptions raw = new();
        FormatOption format = new("text", "json", "jsonl");
        Command command = new("predict", "Predict texts: label, probabilities and logits");
        model.AddTo(command);
        source.AddTo(command);
        raw.AddTo(command);
        format.AddTo(command);
        command.SetAction(
            (parsed, cancellation) => RunAsync(parsed, streams, model, source, raw, format, cancellation)
        );
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed,
        Streams streams,
        ModelOption modelOption,
        TextSource source,
        RawInputOptions raw,
        FormatOption formatOption,
        CancellationToken cancellation
    )
    {
        string format = formatOption.Value(parsed);
        ModelReference reference = modelOption.Resolve(parsed, source.File(parsed));
        // Input is read before the model is loaded: what cannot be read must not keep anyone waiting.
        IReadOnlyList<EncodedInput>? ids = raw.Read(parsed);
        IReadOnlyList<InputText> texts = ids is null
            ? source.Read(parsed, streams, reference.Files, lines: format == "jsonl")
            : [];
        using ChosenModel chosen = await ModelOption.LoadAsync(reference, streams, cancellation);
        if (ids is not null)
        {
            await RawPrediction.WriteAsync(chosen, ids, streams, format, cancellation);
            return 0;
        }
        if (chosen.LanguageModel is { } languageModel)
        {
            await LanguageModelPrediction.WriteAsync(languageModel, texts, streams, format, cancellation);
            return 0;
        }
        ITextClassifier classifier = chosen.Classifier;
        IReadOnlyList<Prediction> predictions = await classifier.PredictAsync(
            [.. texts.Select(text => text.Text)],
            WorkPriority.Batch,
            cancellation
        );
        Warnings.Truncation(
            streams,
            [.. texts.Zip(predictions, (text, prediction) => (text.Where, prediction.TruncatedAt))],
            classifier.Info.MaxTokens
        );
        string?[] places = [.. texts.Select(text => text.Example is null ? null : text.Where)];
        Write(streams, classifier.Info, predictions, places, format);
        return 0;
    }

    /// <summary>Writes predictions in a form, with their places in a file where they have one.</summary>
    public static void Write(
        Streams streams,
        ModelInfo model,
        IReadOnlyList<Prediction> predictions,
        IReadOnlyList<string?>? places,
        string format
    )
    {
        switch (format)
        {
            case "json":
                Output.Json(streams.Out, writer => WriteDocument(writer, model, predictions));
                break;
            case "jsonl":
                foreach (Prediction prediction in predictions)
                {
                    Output.Json(streams.Out, writer => WriteDocument(writer, model, [prediction]), indented: false);
                }
                break;
            default:
                WriteText(streams, model, predictions, places);
                break;
        }
    }

    private static void WriteDocument(Utf8JsonWriter writer, ModelInfo model, IReadOnlyList<Prediction> predictions)
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", Output.SchemaVersion);
        writer.WriteString("model", model.Name);
        writer.WriteString("modelHash", model.Hash);
        writer.WriteStartArray("predictions");
        foreach (Prediction prediction in predictions)
        {
            writer.WriteStartObject();
            writer.WriteString("text", prediction.Text);
            writer.WriteString("label", prediction.Label);
            writer.WriteStartObject("probabilities");
            for (int i = 0; i < model.Labels.Count; i++)
            {
                writer.WriteNumber(model.Labels[i], prediction.Probabilities[i]);
            }
            writer.WriteEndObject();
            writer.Numbers("logits", prediction.Logits);
            writer.WriteBoolean("truncated", prediction.Truncated);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteText(
        Streams streams,
        ModelInfo model,
        IReadOnlyList<Prediction> predictions,
        IReadOnlyList<string?>? places
    )
    {
        int width = model.Labels.Max(label => label.Length);
        for (int i = 0; i < predictions.Count; i++)
        {
            string label = predictions[i].Label.PadRight(width);
            string where = places?[i] is { } place ? place + "  " : "";
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"{label}  {predictions[i].Confidence:0.000}  {where}{TerminalText.Excerpt(predictions[i].Text, 100)}"
            );
            streams.Out.WriteLine(line);
        }
    }
}
