using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Whylight.Models;

namespace Whylight.Verbs;

/// <summary><c>whylight tokenize</c>: the tokens of texts, with ids and UTF-16 ranges; a folder with tokenizer files alone will do.</summary>
internal static class TokenizeVerb
{
    public static Command Build(Streams streams)
    {
        ModelOption model = new();
        TextSource source = new("FILE", standardInput: true);
        FormatOption format = new("text", "json", "jsonl");
        Command command = new("tokenize", "Show the tokens of texts, with ids and exact ranges");
        model.AddTo(command);
        source.AddTo(command);
        format.AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                string form = format.Value(parsed);
                ModelReference reference = model.Resolve(parsed, source.File(parsed));
                IReadOnlyList<InputText> texts = source.Read(parsed, streams, reference.Files, lines: form == "jsonl");
                Func<string, TokenizedText> tokenize = await ModelLoader.LoadTokenizerAsync(
                    reference.Location,
                    cancellation
                );
                foreach (InputText text in texts)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Write(streams, form, tokenize(text.Text));
                }
                await streams.Out.FlushAsync(cancellation);
                return 0;
            }
        );
        return command;
    }

    private static void Write(Streams streams, string format, TokenizedText text)
    {
        if (format != "text")
        {
            Output.Json(streams.Out, writer => WriteDocument(writer, text), indented: format == "json");
            return;
        }
        foreach (Token token in text.Tokens)
        {
            string id = token.Id.ToString(CultureInfo.InvariantCulture).PadLeft(6);
            string range = string.Create(CultureInfo.InvariantCulture, $"{token.Start}..{token.End}").PadRight(11);
            string covered = token.Special ? "" : "  " + TerminalText.Excerpt(text.Text[token.Start..token.End], 60);
            streams.Out.WriteLine($"{id}  {range}  {TerminalText.Excerpt(token.Text, 40)}{covered}".TrimEnd());
        }
    }

    private static void WriteDocument(Utf8JsonWriter writer, TokenizedText text)
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", Output.SchemaVersion);
        writer.WriteStartArray("tokens");
        foreach (Token token in text.Tokens)
        {
            writer.WriteStartObject();
            writer.WriteString("text", token.Text);
            writer.WriteNumber("id", token.Id);
            writer.WriteNumber("start", token.Start);
            writer.WriteNumber("end", token.End);
            writer.WriteBoolean("special", token.Special);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
