using System.Globalization;
using System.Text;
using Whylight.Models.Tokenization;
using Whylight.Models.Tokenization.Normalization;
using Whylight.Models.Tokenization.Subwords;

namespace Whylight.Tests.Tokenization;

/// <summary>Each fast algorithm against an obvious one.</summary>
public sealed class SlowTwinTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Word_pieces_and_their_ranges_agree_with_the_slow_twin(bool lowerCase)
    {
        Tokenizer fast = SmallTokenizers.Make(lowerCase ? "wordpiece-uncased" : "wordpiece-cased");
        foreach (string text in RandomText.Many(seed: 11, sample: 700))
        {
            if (text.Contains('['))
            {
                continue;
            }
            Assert.Equal(
                SlowWordPiece(fast, text, lowerCase),
                fast.Encode(text).Tokens.Where(t => !t.Special).Select(t => (t.Id, t.Start, t.End))
            );
        }
    }

    [Fact]
    public void Byte_pair_merges_agree_with_rules_applied_one_by_one()
    {
        Random random = new(5);
        for (int round = 0; round < 150; round++)
        {
            // Random rules over five letters, among them overlapping ones such as "a a".
            Dictionary<string, int> ids = new(StringComparer.Ordinal);
            foreach (char c in "abcde")
            {
                ids[c.ToString()] = ids.Count;
            }
            List<(string Left, string Right)> rules = [];
            for (int i = 0; i < 25; i++)
            {
                string[] known = [.. ids.Keys];
                (string, string) rule = (known[random.Next(known.Length)], known[random.Next(known.Length)]);
                if (!rules.Contains(rule))
                {
                    rules.Add(rule);
                    ids.TryAdd(rule.Item1 + rule.Item2, ids.Count);
                }
            }
            Vocabulary vocabulary = new(ids);
            BpeModel model = new(vocabulary, MergeTable.Build(rules, vocabulary, "", "test"), new BpeSettings());
            for (int k = 0; k < 6; k++)
            {
                string word = new([
                    .. Enumerable.Range(0, random.Next(1, 48)).Select(_ => (char)('a' + random.Next(5))),
                ]);
                List<string> pieces = [.. word.Select(c => c.ToString())];
                while (true)
                {
                    int best = rules.FindIndex(r =>
                        Enumerable.Range(0, pieces.Count - 1).Any(i => pieces[i] == r.Left && pieces[i + 1] == r.Right)
                    );
                    if (best < 0)
                    {
                        break;
                    }
                    int at = Enumerable
                        .Range(0, pieces.Count - 1)
                        .First(i => pieces[i] == rules[best].Left && pieces[i + 1] == rules[best].Right);
                    pieces[at] += pieces[at + 1];
                    pieces.RemoveAt(at + 1);
                }
                List<ModelToken> scanned = model.Symbols(word);
                List<ModelToken> queued = model.MergeByQueue(model.Symbols(word));
                model.MergeByScan(scanned);
                Assert.Equal(pieces, scanned.Select(t => word[t.From..t.To]));
                Assert.Equal(scanned, queued);
                List<ModelToken> cached = [];
                model.Tokenize(word, cached);
                model.Tokenize(word, cached);
                Assert.Equal(scanned.Concat(scanned), cached);
            }
        }
    }

    /// <summary>A SentencePiece text spelt word by word is spelt as the whole at once, also where rules reach over words.</summary>
    [Fact]
    public void Words_cut_at_space_marks_merge_as_the_whole_text()
    {
        Random random = new(6);
        for (int round = 0; round < 200; round++)
        {
            Dictionary<string, int> ids = new(StringComparer.Ordinal)
            {
                ["a"] = 0,
                ["b"] = 1,
                ["\u2581"] = 2,
                ["?"] = 3,
            };
            List<(string Left, string Right)> rules = [];
            for (int i = 0; i < 15; i++)
            {
                string[] known = [.. ids.Keys.Where(k => k != "?")];
                (string Left, string Right) rule = (known[random.Next(known.Length)], known[random.Next(known.Length)]);
                string joined = rule.Left + rule.Right;
                // In half of the rounds no rule holds a mark after something else.
                bool inner = joined.TrimStart('\u2581').Contains('\u2581', StringComparison.Ordinal);
                if (!rules.Contains(rule) && (round % 2 == 0 || !inner))
                {
                    rules.Add(rule);
                    ids.TryAdd(joined, ids.Count);
                }
            }
            Vocabulary vocabulary = new(ids);
            BpeModel model = new(
                vocabulary,
                MergeTable.Build(rules, vocabulary, "", "test"),
                new BpeSettings { UnknownToken = "?", FuseUnknown = true }
            );
            for (int k = 0; k < 8; k++)
            {
                string text = new([
                    .. Enumerable.Range(0, random.Next(1, 120)).Select(_ => "ab\u2581\u2581x"[random.Next(5)]),
                ]);
                List<ModelToken> tokens = [];
                model.Tokenize(text, tokens);
                Assert.Equal(model.MergeByQueue(model.Symbols(text)), tokens);
            }
        }
    }

    [Fact]
    public void Unigram_finds_the_best_of_all_segmentations()
    {
        Random random = new(9);
        for (int round = 0; round < 100; round++)
        {
            Dictionary<string, int> ids = new(StringComparer.Ordinal) { ["<unk>"] = 0 };
            foreach (char c in "abc")
            {
                ids[c.ToString()] = ids.Count;
            }
            for (int i = 0; i < 10; i++)
            {
                string piece = new([
                    .. Enumerable.Range(0, random.Next(2, 5)).Select(_ => (char)('a' + random.Next(4))),
                ]);
                ids.TryAdd(piece, ids.Count);
            }
            double[] scores = [.. ids.Select(_ => -random.NextDouble() * 8)];
            UnigramModel model = new(new Vocabulary(ids), scores, 0, byteFallback: false);
            string word = new([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => (char)('a' + random.Next(4)))]);
            List<ModelToken> tokens = [];
            model.Tokenize(word, tokens);
            Assert.Equal(word, string.Concat(tokens.Select(t => word[t.From..t.To])));
            double unknown = scores.Min() - 10;
            double Score(string rest)
            {
                if (rest.Length == 0)
                {
                    return 0;
                }
                double best = ids.ContainsKey(rest[..1]) ? double.NegativeInfinity : unknown + Score(rest[1..]);
                for (int n = 1; n <= rest.Length; n++)
                {
                    if (ids.TryGetValue(rest[..n], out int id))
                    {
                        best = Math.Max(best, scores[id] + Score(rest[n..]));
                    }
                }
                return best;
            }
            double found = tokens.Sum(t => t.Id == 0 ? unknown * (t.To - t.From) : scores[t.Id]);
            Assert.Equal(Score(word), found, 9);
        }
    }

    [Theory]
    [InlineData(NormalizationForm.FormC)]
    [InlineData(NormalizationForm.FormD)]
    [InlineData(NormalizationForm.FormKC)]
    [InlineData(NormalizationForm.FormKD)]
    public void Normalising_by_stretches_equals_normalising_the_whole(NormalizationForm form)
    {
        UnicodeNormalizer normalizer = new(form);
        foreach (string text in RandomText.Many(seed: 13, sample: 1500))
        {
            string whole = AlignedText.Of(text, 0, text.Length).ToString();
            string expected;
            try
            {
                expected = whole.Normalize(form);
            }
            catch (ArgumentException)
            {
                continue;
            }
            AlignedText normal = normalizer.Apply(AlignedText.Of(text, 0, text.Length));
            Assert.Equal(RandomText.Escaped(expected), RandomText.Escaped(normal.ToString()));
            for (int i = 1; i < normal.Length; i++)
            {
                Assert.True(normal.StartOf(i) >= normal.StartOf(i - 1) && normal.EndOf(i) >= normal.EndOf(i - 1));
            }
        }
    }

    /// <summary>Character by character, no fast paths, plain substrings.</summary>
    private static List<(int Id, int Start, int End)> SlowWordPiece(Tokenizer tokenizer, string text, bool lowerCase)
    {
        List<(string Text, int Start, int End)> normal = [];
        for (int i = 0; i < text.Length; )
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int count);
            (int start, int end) = (i, i + count);
            i = end;
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (rune.Value is '\t' or '\n' or '\r')
            {
                normal.Add((" ", start, end));
                continue;
            }
            if (
                rune.Value is 0 or 0xFFFD
                || category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
            )
            {
                continue;
            }
            if (Rune.IsWhiteSpace(rune))
            {
                normal.Add((" ", start, end));
                continue;
            }
            bool han = CharacterClass.IsBertChinese(rune);
            if (han)
            {
                normal.Add((" ", start, end));
            }
            string one = rune.ToString();
            if (lowerCase)
            {
                try
                {
                    one = one.Normalize(NormalizationForm.FormD);
                }
                catch (ArgumentException)
                {
                    // A noncharacter stays as it is.
                }
                one = string.Concat(
                    one.EnumerateRunes()
                        .Where(r => Rune.GetUnicodeCategory(r) != UnicodeCategory.NonSpacingMark)
                        .Select(r => Rune.ToLowerInvariant(r).ToString())
                );
            }
            foreach (Rune part in one.EnumerateRunes())
            {
                normal.Add((part.ToString(), start, end));
            }
            if (han)
            {
                normal.Add((" ", start, end));
            }
        }
        List<List<(string Text, int Start, int End)>> words =
        [
            [],
        ];
        foreach (var character in normal)
        {
            Rune rune = character.Text.EnumerateRunes().First();
            bool punctuation =
                Rune.IsPunctuation(rune) || "$+<=>^`|~".Contains(character.Text, StringComparison.Ordinal);
            if (character.Text == " " || punctuation)
            {
                words.Add([]);
            }
            if (character.Text != " " && !Rune.IsWhiteSpace(rune))
            {
                words[^1].Add(character);
            }
            if (punctuation)
            {
                words.Add([]);
            }
        }
        List<(int Id, int Start, int End)> result = [];
        foreach (var word in words.Where(w => w.Count > 0))
        {
            List<(int Id, int Start, int End)>? pieces = word.Count > 100 ? null : [];
            for (int from = 0; from < word.Count && pieces is not null; )
            {
                int to = word.Count;
                int? id = null;
                for (; to > from; to--)
                {
                    string piece = (from > 0 ? "##" : "") + string.Concat(word[from..to].Select(c => c.Text));
                    id = tokenizer.IdOf(piece);
                    if (id is not null)
                    {
                        break;
                    }
                }
                if (id is null)
                {
                    pieces = null;
                    break;
                }
                pieces.Add((id.Value, word[from].Start, word[to - 1].End));
                from = to;
            }
            result.AddRange(pieces ?? [(tokenizer.Special.Unknown!.Value, word[0].Start, word[^1].End)]);
        }
        return result;
    }
}
