using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Whylight.Models;
using Whylight.Models.Tokenization;

namespace Whylight.Verbs;

/// <summary><c>whylight tokenize</c>: the tokens of texts, with ids and UTF-16 ranges; a folder with tokenizer files alone will do.</summary>
internal static class TokenizeVerb
{
    public static Command Build(Streams streams)
    {
        ModelOption model = new();
        TextSource source = new("FILE", standardInput: true);
        FormatOption format = new("text", "json", "jsonl");
        WindowingOptions windowing = new();
        Command command = new("tokenize", "Show the tokens of texts, with ids and exact ranges");
        model.AddTo(command);
        source.AddTo(command);
        windowing.AddTo(command);
        format.AddTo(command);
        source.AddFileOptionsTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                string form = format.Value(parsed);
                ModelReference reference = model.Resolve(parsed, source.File(parsed));
                IReadOnlyList<InputText> texts = source.Read(parsed, streams, reference.Files, lines: form == "jsonl");
                LoadedTokenizer tokenizer = await ModelLoader.LoadTokenizerAsync(reference.Location, cancellation);
                if (tokenizer.Pipeline is null && windowing.IsGiven(parsed))
                {
                    throw new UsageException(
                        "this model keeps its tokens with its weights: it reads no pairs and cuts and pads by itself"
                    );
                }
                foreach (string note in tokenizer.Pipeline?.Notes ?? [])
                {
                    Warnings.Write(streams, note);
                }
                int cut = 0;
                foreach (InputText text in texts)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Tokens tokens = TokensOf(tokenizer, text.Text, windowing, parsed);
                    cut += tokens.Truncated ? 1 : 0;
                    Write(streams, form, tokens);
                }
                if (cut > 0)
                {
                    Warnings.Write(
                        streams,
                        texts.Count == 1
                            ? "the text was cut to the tokens allowed"
                            : $"{cut} of {texts.Count} texts were cut to the tokens allowed"
                    );
                }
                await streams.Out.FlushAsync(cancellation);
                return 0;
            }
        );
        return command;
    }

    /// <summary>What one text became.</summary>
    /// <param name="First">The first text.</param>
    /// <param name="Second">The second text of a pair, or null.</param>
    /// <param name="Windows">The tokens kept, and after them those of the rest where they were asked for.</param>
    /// <param name="Truncated">Whether something was cut.</param>
    private sealed record Tokens(string First, string? Second, IReadOnlyList<TokenWindow> Windows, bool Truncated)
    {
        /// <summary>Where the second text begins in the joined text that ranges refer to.</summary>
        public int SecondStart => First.Length + Tokenizer.PairSeparator.Length;
    }

    private static Tokens TokensOf(
        LoadedTokenizer tokenizer,
        string text,
        WindowingOptions windowing,
        ParseResult parsed
    )
    {
        string? pair = windowing.Pair(parsed);
        if (tokenizer.Pipeline is not { } pipeline)
        {
            IReadOnlyList<Token> tokens = tokenizer.Encode(text).Tokens;
            return new Tokens(
                text,
                null,
                [
                    new TokenWindow
                    {
                        Tokens = tokens,
                        TypeIds = [.. tokens.Select(_ => 0)],
                        AttentionMask = [.. tokens.Select(_ => 1)],
                        Words = [.. tokens.Select(_ => (int?)null)],
                    },
                ],
                Truncated: false
            );
        }
        IReadOnlyList<TokenWindow> windows = pipeline.Windows(text, pair, windowing.Over(pipeline.Declared, parsed));
        return new Tokens(
            text,
            pair,
            windowing.Overflow(parsed) ? windows : [windows[0]],
            Truncated: windows.Count > 1
        );
    }

    private static void Write(Streams streams, string format, Tokens tokens)
    {
        if (format != "text")
        {
            Output.Json(streams.Out, writer => WriteDocument(writer, tokens), indented: format == "json");
            return;
        }
        string joined = tokens.Second is null ? tokens.First : tokens.First + Tokenizer.PairSeparator + tokens.Second;
        for (int i = 0; i < tokens.Windows.Count; i++)
        {
            if (i > 0)
            {
                streams.Out.WriteLine();
            }
            foreach (Token token in tokens.Windows[i].Tokens)
            {
                (int sequence, int start, int end) = Own(tokens, token);
                string id = token.Id.ToString(CultureInfo.InvariantCulture).PadLeft(6);
                string range = string.Create(CultureInfo.InvariantCulture, $"{start}..{end}").PadRight(11);
                string which =
                    tokens.Second is null ? ""
                    : sequence == 0 ? "A "
                    : "B ";
                string covered = token.Special ? "" : "  " + TerminalText.Excerpt(joined[token.Start..token.End], 60);
                streams.Out.WriteLine(
                    $"{id}  {which}{range}  {TerminalText.Excerpt(token.Text, 40)}{covered}".TrimEnd()
                );
            }
        }
    }

    private static void WriteDocument(Utf8JsonWriter writer, Tokens tokens)
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", Output.SchemaVersion);
        WriteTokens(writer, tokens, tokens.Windows[0]);
        writer.WriteBoolean("truncated", tokens.Truncated);
        if (tokens.Windows.Count > 1)
        {
            writer.WriteStartArray("overflow");
            foreach (TokenWindow window in tokens.Windows.Skip(1))
            {
                writer.WriteStartObject();
                WriteTokens(writer, tokens, window);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteTokens(Utf8JsonWriter writer, Tokens tokens, TokenWindow window)
    {
        writer.WriteStartArray("tokens");
        for (int i = 0; i < window.Tokens.Count; i++)
        {
            Token token = window.Tokens[i];
            (int sequence, int start, int end) = Own(tokens, token);
            writer.WriteStartObject();
            writer.WriteString("text", token.Text);
            writer.WriteNumber("id", token.Id);
            writer.WriteNumber("start", start);
            writer.WriteNumber("end", end);
            writer.WriteBoolean("special", token.Special);
            if (tokens.Second is not null)
            {
                // Of a pair: whose text the range refers to.
                writer.WriteNumber("sequence", sequence);
                writer.WriteNumber("typeId", window.TypeIds[i]);
            }
            if (window.AttentionMask[i] == 0)
            {
                writer.WriteBoolean("padding", true);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    /// <summary>Which text of a pair a token stands in, and its range there.</summary>
    private static (int Sequence, int Start, int End) Own(Tokens tokens, Token token) =>
        tokens.Second is not null && token.Start >= tokens.SecondStart
            ? (1, token.Start - tokens.SecondStart, token.End - tokens.SecondStart)
            : (0, token.Start, token.End);
}
