using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Whylight.Explanations.Rendering;
using Whylight.Models;
using Whylight.Models.Families;

namespace Whylight.Verbs;

/// <summary><c>whylight predict</c>: what a model says of texts.</summary>
internal static class PredictVerb
{
    public static Command Build(Streams streams)
    {
        ModelOption model = new();
        ChoiceOptions choices = new();
        TextSource source = new("FILE", standardInput: true);
        RawInputOptions raw = new();
        Option<string?> second = new("--pair")
        {
            Description = "With --text: the second text of a pair, for models that read two",
            HelpName = "T",
        };
        FormatOption format = new("text", "json", "jsonl");
        Command command = new("predict", "Predict texts: the label, and how probable it is");
        model.AddTo(command);
        choices.AddTo(command);
        source.AddTo(command);
        command.Options.Add(second);
        format.AddTo(command);
        raw.AddTo(command);
        source.AddFileOptionsTo(command);
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(parsed, streams, model, choices, source, parsed.GetValue(second), raw, format, cancellation)
        );
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed,
        Streams streams,
        ModelOption modelOption,
        ChoiceOptions choices,
        TextSource source,
        string? second,
        RawInputOptions raw,
        FormatOption formatOption,
        CancellationToken cancellation
    )
    {
        string format = formatOption.Value(parsed);
        ModelReference reference = choices.Over(modelOption.Resolve(parsed, source.File(parsed)), parsed);
        // Input is read before the model is loaded: what cannot be read must not keep anyone waiting.
        IReadOnlyList<EncodedInput>? ids = raw.Read(parsed);
        IReadOnlyList<InputText> texts = ids is null
            ? source.Read(parsed, streams, reference.Files, lines: format == "jsonl")
            : [];
        if (second is not null && (ids is not null || texts.Count != 1))
        {
            throw new UsageException("--pair needs --text");
        }
        using ChosenModel chosen = await ModelOption.LoadAsync(reference, streams, cancellation);
        if (chosen.Encoder is { } encoder)
        {
            await EncoderOutput.WriteAsync(
                encoder,
                ids ?? [.. texts.Select(text => encoder.Encode(text.Text, second))],
                streams,
                format,
                cancellation
            );
            return 0;
        }
        if (ids is not null)
        {
            await RawPrediction.WriteAsync(chosen, ids, streams, format, cancellation);
            return 0;
        }
        if (chosen.LanguageModel is { } languageModel)
        {
            if (second is not null)
            {
                throw new UsageException(
                    $"{languageModel.Info.Name} is a language model and reads one text, not a pair"
                );
            }
            await LanguageModelPrediction.WriteAsync(languageModel, texts, streams, format, cancellation);
            return 0;
        }
        ITextClassifier classifier = chosen.Classifier;
        IReadOnlyList<Prediction> predictions = second is null
            ? await classifier.PredictAsync([.. texts.Select(text => text.Text)], WorkPriority.Batch, cancellation)
            :
            [
                classifier is TransformerClassifier pairs
                    ? await pairs.PredictPairAsync(texts[0].Text, second, WorkPriority.Batch, cancellation)
                    : throw new UsageException(
                        $"{classifier.Info.Name} ({classifier.Info.Family}) reads one text, not a pair"
                    ),
            ];
        Warnings.Truncation(
            streams,
            [.. texts.Zip(predictions, (text, prediction) => (text.Where, prediction))],
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
        if (model.Scoring is not null)
        {
            writer.WriteString("scoring", model.Scoring);
        }
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
        int width = model.Labels.Max(label => TextFit.Columns(Escape.Terminal(label)));
        for (int i = 0; i < predictions.Count; i++)
        {
            string label = Escape.Terminal(predictions[i].Label);
            string pad = new(' ', width - TextFit.Columns(label));
            string where = places?[i] is { } place ? place + "  " : "";
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"{label}{pad}  {predictions[i].Confidence:0.000}  {where}{TerminalText.Excerpt(predictions[i].Text, 100)}"
            );
            streams.Out.WriteLine(line);
        }
        if (model.Scoring is not null)
        {
            streams.Out.WriteLine("scoring: " + model.Scoring);
        }
    }
}
