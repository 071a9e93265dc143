using System.Globalization;
using Whylight.Models;

namespace Whylight.Verbs;

/// <summary>Predictions for token ids given directly, for holding this program against another on the same ids.</summary>
internal static class RawPrediction
{
    public static async Task WriteAsync(
        ChosenModel chosen,
        IReadOnlyList<EncodedInput> inputs,
        Streams streams,
        string format,
        CancellationToken cancellation
    )
    {
        if (chosen.LanguageModel is { } languageModel)
        {
            IReadOnlyList<double[]> logits = await languageModel.NextLogitsAsync(
                inputs,
                WorkPriority.Batch,
                cancellation
            );
            WarnOfLength(streams, languageModel, inputs);
            WriteNext(streams, languageModel, logits, format);
            return;
        }
        ITextClassifier classifier = chosen.Classifier;
        IReadOnlyList<Prediction> predictions = await classifier.PredictEncodedAsync(
            inputs,
            WorkPriority.Batch,
            cancellation
        );
        PredictVerb.Write(streams, classifier.Info, predictions, places: null, format);
    }

    // Rotary positions can be computed for any length; what they are worth beyond the trained one is another matter.
    private static void WarnOfLength(Streams streams, ICausalLanguageModel model, IReadOnlyList<EncodedInput> inputs)
    {
        int longest = inputs.Max(input => input.AttentionMask?.Count(m => m == 1) ?? input.Ids.Count);
        if (longest > model.Info.MaxTokens)
        {
            Warnings.Write(
                streams,
                $"{longest} input ids are more than the {model.Info.MaxTokens} tokens the model was made for; what it says of the rest may mean little"
            );
        }
    }

    private static void WriteNext(
        Streams streams,
        ICausalLanguageModel model,
        IReadOnlyList<double[]> logits,
        string format
    )
    {
        if (format == "text")
        {
            foreach (double[] row in logits)
            {
                int best = Array.IndexOf(row, row.Max());
                streams.Out.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{best}  {row[best]:0.000}  {TerminalText.Excerpt(model.Decode([best]), 60)}"
                    )
                );
            }
            return;
        }
        // One input: its logits under the key itself; several: one array each.
        Output.Json(
            streams.Out,
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("schemaVersion", Output.SchemaVersion);
                writer.WriteString("model", model.Info.Name);
                writer.WriteString("modelHash", model.Info.Hash);
                if (logits.Count == 1)
                {
                    writer.Numbers("nextLogits", logits[0]);
                }
                else
                {
                    writer.WriteStartArray("nextLogits");
                    foreach (double[] row in logits)
                    {
                        writer.WriteStartArray();
                        foreach (double logit in row)
                        {
                            writer.WriteNumberValue(logit);
                        }
                        writer.WriteEndArray();
                    }
                    writer.WriteEndArray();
                }
                writer.WriteEndObject();
            },
            indented: false
        );
    }
}
