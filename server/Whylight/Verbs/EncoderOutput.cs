using System.Globalization;
using System.Text.Json;
using Whylight.Models;
using Whylight.Models.Families;

namespace Whylight.Verbs;

/// <summary>What an encoder without a head makes of texts: each token's state, and the pooler's answer.</summary>
internal static class EncoderOutput
{
    public static async Task WriteAsync(
        TextEncoder encoder,
        IReadOnlyList<EncodedInput> inputs,
        Streams streams,
        string format,
        CancellationToken cancellation
    )
    {
        IReadOnlyList<TextEncoding> encodings = await encoder.EncodeAsync(inputs, WorkPriority.Batch, cancellation);
        await WriteEncodingsAsync(encoder, inputs, encodings, streams, format);
    }

    private static async Task WriteEncodingsAsync(
        TextEncoder encoder,
        IReadOnlyList<EncodedInput> inputs,
        IReadOnlyList<TextEncoding> encodings,
        Streams streams,
        string format
    )
    {
        if (format == "text")
        {
            foreach (TextEncoding encoding in encodings)
            {
                await streams.Out.WriteLineAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{encoding.HiddenStates.Count} states of {encoding.HiddenStates[0].Length} numbers; --format json shows them"
                    )
                );
            }
            return;
        }
        int[][] documents =
            format == "jsonl"
                ? [.. Enumerable.Range(0, encodings.Count).Select(i => (int[])[i])]
                :
                [
                    [.. Enumerable.Range(0, encodings.Count)],
                ];
        foreach (int[] document in documents)
        {
            Output.Json(
                streams.Out,
                writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("schemaVersion", Output.SchemaVersion);
                    writer.WriteString("model", encoder.Info.Name);
                    writer.WriteString("modelHash", encoder.Info.Hash);
                    writer.WriteStartArray("encodings");
                    foreach (int i in document)
                    {
                        WriteEncoding(writer, inputs[i], encodings[i]);
                    }
                    writer.WriteEndArray();
                    writer.WriteEndObject();
                },
                indented: false
            );
        }
    }

    private static void WriteEncoding(Utf8JsonWriter writer, EncodedInput input, TextEncoding encoding)
    {
        writer.WriteStartObject();
        writer.Numbers("inputIds", [.. input.Ids.Select(id => (double)id)]);
        writer.WriteStartArray("lastHiddenState");
        foreach (double[] state in encoding.HiddenStates)
        {
            writer.WriteStartArray();
            foreach (double number in state)
            {
                writer.WriteNumberValue(number);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        if (encoding.Pooled is null)
        {
            writer.WriteNull("poolerOutput");
        }
        else
        {
            writer.Numbers("poolerOutput", encoding.Pooled);
        }
        writer.WriteEndObject();
    }
}
