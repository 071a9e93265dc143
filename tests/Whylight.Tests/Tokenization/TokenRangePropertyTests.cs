using System.Globalization;
using System.Text;
using Whylight.Models;
using Whylight.Models.Tokenization;

namespace Whylight.Tests.Tokenization;

/// <summary>What holds of every token range on every text; WHYLIGHT_FUZZ sets the number of texts.</summary>
public sealed class TokenRangePropertyTests
{
    public static TheoryData<string> Names => [.. SmallTokenizers.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ranges_are_in_order_whole_and_cover_every_kept_character(string name)
    {
        Tokenizer tokenizer = SmallTokenizers.Make(name);
        Tokenizer fresh = SmallTokenizers.Make(name);
        int tokens = 0;
        int number = 0;
        foreach (string text in RandomText.Many(seed: 20240601, sample: 15_000))
        {
            string shown = $"seed 20240601, text {number++}: {RandomText.Escaped(text)}";
            TokenizedText once = tokenizer.Encode(text);
            Assert.True(once.Tokens.SequenceEqual(fresh.Encode(text).Tokens), shown);
            CheckRanges(once, shown);
            CheckCoverage(name, once, shown);
            foreach (Token token in once.Tokens)
            {
                Assert.True(tokenizer.TokenOf(token.Id) == token.Text, shown);
                Assert.True(tokenizer.IdOf(token.Text) == token.Id, shown);
            }
            tokens += once.Tokens.Count;
            int special = once.Tokens.Count(t => t.Special);
            TokenizedText cut = tokenizer.Encode(text, special + 2);
            Token[] kept = [.. once.Tokens.Where(t => !t.Special).Take(2)];
            Assert.True(kept.SequenceEqual(cut.Tokens.Where(t => !t.Special)), shown);
            Token[] all = [.. once.Tokens.Where(t => !t.Special)];
            Assert.True(cut.TruncatedAt == (all.Length > 2 ? all[2].Start : null), shown);
        }
        Assert.True(tokens > number);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Pairs_are_both_texts_in_one(string name)
    {
        Tokenizer tokenizer = SmallTokenizers.Make(name);
        Random random = new(7);
        for (int i = 0; i < 60; i++)
        {
            string a = RandomText.Next(random);
            string b = RandomText.Next(random);
            TokenizedText pair = tokenizer.Encode(a, b);
            CheckRanges(pair, RandomText.Escaped(pair.Text));
            int shift = pair.SecondStart!.Value;
            Assert.Equal(a, pair.Text[..(shift - 1)]);
            Assert.Equal(b, pair.Text[shift..]);
            IEnumerable<Token> expected = tokenizer
                .Encode(a)
                .Tokens.Concat(
                    tokenizer.Encode(b).Tokens.Select(t => t with { Start = t.Start + shift, End = t.End + shift })
                )
                .Where(t => !t.Special);
            Assert.Equal(expected, pair.Tokens.Where(t => !t.Special));
        }
    }

    /// <summary>A cut encoding reads only a beginning of a long text; nobody must be able to tell.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Cutting_a_long_text_gives_the_beginning_of_its_whole_encoding(string name)
    {
        Tokenizer tokenizer = SmallTokenizers.Make(name);
        Random random = new(12);
        for (int i = 0; i < 8; i++)
        {
            string text = string.Join(
                random.Next(2) == 0 ? " " : "",
                Enumerable
                    .Range(0, 150)
                    .Select(_ => random.Next(3) == 0 ? RandomText.Next(random) : " some plain words \u4E2D\u6587")
            );
            Token[] all = [.. tokenizer.Encode(text).Tokens.Where(t => !t.Special)];
            int special = tokenizer.Encode("").Tokens.Count;
            int both = tokenizer.Encode("", "").Tokens.Count;
            foreach (int room in new[] { 0, 1, 5, 40 })
            {
                TokenizedText cut = tokenizer.Encode(text, special + room);
                Assert.Equal(all.Take(room), cut.Tokens.Where(t => !t.Special));
                Assert.Equal(all[room].Start, cut.TruncatedAt);
                string other = RandomText.Next(random);
                foreach ((string a, string b) in new[] { (text, other), (other, text) })
                {
                    Token[] first = [.. tokenizer.Encode(a).Tokens.Where(t => !t.Special)];
                    Token[] second = [.. tokenizer.Encode(b).Tokens.Where(t => !t.Special)];
                    (int x, int y) = Windowing.Lengths(
                        first.Length,
                        second.Length,
                        room,
                        TruncationStrategy.LongestFirst
                    );
                    TokenizedText pair = tokenizer.Encode(a, b, both + room);
                    int shift = pair.SecondStart!.Value;
                    Assert.Equal(
                        first
                            .Take(x)
                            .Concat(
                                second.Take(y).Select(t => t with { Start = t.Start + shift, End = t.End + shift })
                            ),
                        pair.Tokens.Where(t => !t.Special)
                    );
                }
            }
        }
    }

    [Fact]
    public void Byte_level_decoding_returns_the_text()
    {
        Tokenizer tokenizer = SmallTokenizers.Make("byte-level");
        foreach (string text in RandomText.Many(seed: 3, sample: 500))
        {
            string whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            Assert.Equal(whole, tokenizer.Decode(tokenizer.Encode(text).Tokens.Select(t => t.Id), skipSpecial: false));
        }
    }

    /// <summary>With byte fallback SentencePiece gives back any text that has neither its own mark for spaces nor a special token.</summary>
    [Fact]
    public void Byte_fallback_decoding_returns_the_text()
    {
        Tokenizer tokenizer = SmallTokenizers.Make("sentencepiece-bpe");
        int compared = 0;
        foreach (string text in RandomText.Many(seed: 5, sample: 500))
        {
            string whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            bool special = new[] { "<s>", "</s>", "<unk>", "\u2581" }.Any(whole.Contains);
            if (special)
            {
                continue;
            }
            Assert.Equal(whole, tokenizer.Decode(tokenizer.Encode(text).Tokens.Select(t => t.Id)));
            compared++;
        }
        Assert.True(compared > 100);
    }

    [Fact]
    public void Widened_ranges_are_whole_graphemes()
    {
        Tokenizer tokenizer = SmallTokenizers.Make("byte-level");
        foreach (string text in RandomText.Many(seed: 4, sample: 300))
        {
            TokenizedText tokens = tokenizer.Encode(text);
            HashSet<int> borders = [.. StringInfo.ParseCombiningCharacters(text), text.Length, 0];
            IReadOnlyList<(int Start, int End)> wide = TokenRanges.OnGraphemes(tokens);
            Assert.Equal(tokens.Tokens.Count, wide.Count);
            for (int i = 0; i < wide.Count; i++)
            {
                Assert.True(borders.Contains(wide[i].Start) && borders.Contains(wide[i].End), RandomText.Escaped(text));
                Assert.True(wide[i].Start <= tokens.Tokens[i].Start && wide[i].End >= tokens.Tokens[i].End);
            }
        }
    }

    private static void CheckRanges(TokenizedText tokens, string shown)
    {
        string text = tokens.Text;
        int start = 0;
        int end = 0;
        foreach (Token token in tokens.Tokens)
        {
            Assert.True(token.Start >= start && token.End >= end && token.Start <= token.End, $"order, {shown}");
            Assert.True(token.End <= text.Length, $"outside, {shown}");
            Assert.False(CutsPair(text, token.Start) || CutsPair(text, token.End), $"cut pair, {shown}");
            Assert.True(!token.Special || token.Start == token.End, $"special, {shown}");
            (start, end) = (token.Start, token.End);
        }
    }

    private static bool CutsPair(string text, int at) =>
        at > 0 && at < text.Length && char.IsHighSurrogate(text[at - 1]) && char.IsLowSurrogate(text[at]);

    private static void CheckCoverage(string name, TokenizedText tokens, string shown)
    {
        bool[] covered = new bool[tokens.Text.Length];
        foreach (Token token in tokens.Tokens)
        {
            Array.Fill(covered, true, token.Start, token.End - token.Start);
        }
        for (int i = 0; i < covered.Length; )
        {
            Rune.DecodeFromUtf16(tokens.Text.AsSpan(i), out Rune rune, out int count);
            if (IsKept(name, rune))
            {
                Assert.True(covered[i], $"U+{rune.Value:X4} at {i} is in no token, {shown}");
            }
            i += count;
        }
    }

    /// <summary>Whether a tokenizer keeps a character, said independently of its code.</summary>
    private static bool IsKept(string name, Rune rune)
    {
        if (name is "byte-level" or "llama3-pattern" or "sentencepiece-bpe")
        {
            return true;
        }
        if (Rune.IsWhiteSpace(rune) || name == "byte-level-trimmed")
        {
            return !Rune.IsWhiteSpace(rune);
        }
        if (name == "unigram")
        {
            return true;
        }
        bool cleaned =
            rune.Value is 0 or 0xFFFD
            || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.PrivateUse;
        bool onlyAccents =
            name == "wordpiece-uncased"
            && rune.Value != 0xFFFF
            && !Noncharacter(rune)
            && rune.ToString()
                .Normalize(NormalizationForm.FormD)
                .EnumerateRunes()
                .All(r => Rune.GetUnicodeCategory(r) == UnicodeCategory.NonSpacingMark);
        return !cleaned && !onlyAccents;
    }

    private static bool Noncharacter(Rune rune) =>
        (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF;
}
