using System.Collections.Concurrent;
using System.Text.Json;
using Whylight.Models.Tokenization;
using static Whylight.Tests.Tokenization.GoldenTokenizerCases;

namespace Whylight.Tests.Tokenization;

public sealed class GoldenWordPieceTests
{
    private static readonly ConcurrentDictionary<string, Tokenizer> Tokenizers = new();

    public static TheoryData<int> Uncased => Numbers("bert_uncased.json");

    public static TheoryData<int> Cased => Numbers("bert_cased.json");

    public static TheoryData<int> UncasedPairs => Numbers("bert_uncased_pairs.json");

    public static TheoryData<int> CasedPairs => Numbers("bert_cased_pairs.json");

    [Theory]
    [MemberData(nameof(Uncased))]
    public void Uncased_ids_ranges_and_words_match(int number) => Check("bert_uncased.json", number, Bert(true));

    [Theory]
    [MemberData(nameof(Cased))]
    public void Cased_ids_ranges_and_words_match(int number) => Check("bert_cased.json", number, Bert(false));

    [Theory]
    [MemberData(nameof(UncasedPairs))]
    public void Uncased_pairs_windows_and_padding_match(int number) =>
        CheckPair("bert_uncased_pairs.json", number, Bert(true));

    [Theory]
    [MemberData(nameof(CasedPairs))]
    public void Cased_pairs_windows_and_padding_match(int number) =>
        CheckPair("bert_cased_pairs.json", number, Bert(false));

    private static Tokenizer Bert(bool lowerCase) =>
        Tokenizers.GetOrAdd(
            lowerCase ? "bert-base-uncased.vocab.txt" : "bert-base-cased.vocab.txt",
            name =>
                WordPieceTokenizer.Create(
                    [.. File.ReadAllText(PathOf(name)).TrimEnd('\n').Split('\n')],
                    new WordPieceOptions { LowerCase = lowerCase },
                    name
                )
        );

    private static void Check(string file, int number, Tokenizer tokenizer)
    {
        JsonElement golden = Case(file, number);
        string text = golden.GetProperty("text").GetString()!;
        TokenWindow window = tokenizer.Windows(text, null, new WindowOptions { AddSpecial = false })[0];
        Assert.Equal(Ints(golden.GetProperty("ids")), window.Tokens.Select(t => t.Id));
        Assert.Equal(Ranges(golden.GetProperty("offsets_utf16")), window.Tokens.Select(t => (t.Start, t.End)));
        Assert.Equal(Ints(golden.GetProperty("word_ids")), window.Words.Select(w => w!.Value));
        Assert.Equal(Strings(golden.GetProperty("tokens")), window.Tokens.Select(t => t.Text));
        Assert.Equal(
            golden.GetProperty("decoded_skip_special").GetString(),
            tokenizer.Decode(window.Tokens.Select(t => t.Id))
        );
        var whole = tokenizer.Encode(text);
        Assert.Equal(window.Tokens, whole.Tokens.Where(t => !t.Special));
        Assert.Equal(2, whole.Tokens.Count(t => t.Special));
    }

    private static void CheckPair(string file, int number, Tokenizer tokenizer)
    {
        JsonElement golden = Case(file, number);
        string first = golden.GetProperty("text").GetString()!;
        string? second = golden.TryGetProperty("pair", out JsonElement p) ? p.GetString() : null;
        WindowOptions options = new()
        {
            AddSpecial = golden.GetProperty("add_special").GetBoolean(),
            LimitBeforeWindows = true,
        };
        if (golden.TryGetProperty("trunc", out JsonElement trunc))
        {
            options = options with { MaxTokens = trunc.GetProperty("max_length").GetInt32() };
            if (trunc.TryGetProperty("options", out JsonElement o))
            {
                options = options with
                {
                    Stride = o.TryGetProperty("stride", out JsonElement s) ? s.GetInt32() : 0,
                    Strategy = o.TryGetProperty("strategy", out JsonElement t)
                        ? Enum.Parse<TruncationStrategy>(t.GetString()!)
                        : TruncationStrategy.LongestFirst,
                    TruncateLeft =
                        o.TryGetProperty("direction", out JsonElement d)
                        && d.GetString()!.Equals("left", StringComparison.OrdinalIgnoreCase),
                };
            }
        }
        if (golden.TryGetProperty("pad", out JsonElement pad))
        {
            options = options with
            {
                PadTo = pad.TryGetProperty("maxLength", out JsonElement m) ? m.GetInt32() : null,
                PadToMultipleOf = pad.TryGetProperty("padToMultipleOf", out JsonElement k) ? k.GetInt32() : null,
                PadLeft =
                    pad.TryGetProperty("direction", out JsonElement d)
                    && d.GetString()!.Equals("left", StringComparison.OrdinalIgnoreCase),
            };
        }
        if (golden.TryGetProperty("error", out _))
        {
            Assert.Throws<Whylight.Models.ModelException>(() => tokenizer.Windows(first, second, options));
            return;
        }
        IReadOnlyList<TokenWindow> windows = tokenizer.Windows(first, second, options);
        TokenWindow kept = windows[0];
        Assert.Equal(Ints(golden.GetProperty("ids")), kept.Tokens.Select(t => t.Id));
        Assert.Equal(Strings(golden.GetProperty("tokens")), kept.Tokens.Select(t => t.Text));
        Assert.Equal(Ints(golden.GetProperty("type_ids")), kept.TypeIds);
        Assert.Equal(Ints(golden.GetProperty("attention_mask")), kept.AttentionMask);
        Assert.Equal(Ints(golden.GetProperty("special_tokens_mask")), kept.Tokens.Select(t => t.Special ? 1 : 0));
        // The golden offsets of these ASCII texts count from each text's own beginning, and are 0 for special tokens.
        int secondStart = first.Length + Tokenizer.PairSeparator.Length;
        Assert.Equal(
            Ranges(golden.GetProperty("offsets")),
            kept.Tokens.Select(t =>
                t.Special ? (0, 0)
                : second is not null && t.Start >= secondStart ? (t.Start - secondStart, t.End - secondStart)
                : (t.Start, t.End)
            )
        );
        if (golden.TryGetProperty("overflowing_ids", out JsonElement over))
        {
            Assert.Equal(
                over.EnumerateArray().Select(Ints),
                windows.Skip(1).Select(w => w.Tokens.Select(t => t.Id).ToArray())
            );
        }
    }
}
