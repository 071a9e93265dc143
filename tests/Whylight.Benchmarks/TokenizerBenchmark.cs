using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;
using Whylight.Models.Tokenization;
using ByteLevelVocabulary = Whylight.Models.Tokenization.BytePairVocabulary;
using OurTokenizer = Whylight.Models.Tokenization.Tokenizer;

namespace Whylight.Benchmarks;

/// <summary>
/// Our tokenizers and Microsoft.ML.Tokenizers on the same text with the same vocabulary, both giving tokens with ranges (theirs of the
/// normalised text, ours of the original). The rounds of the two alternate, so that a busy machine slows both.
/// </summary>
internal static class TokenizerBenchmark
{
    private const int Pieces = 8000;
    private const int Rounds = 21;
    private const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Random random = new(1);
        string[] words = Words(random, 6000);
        string[] training = [.. Enumerable.Range(0, 400).Select(_ => Sentence(random, words, 60))];
        ByteLevelVocabulary pairs = BytePairTrainer.Train(training, Pieces);
        string folder = Directory.CreateTempSubdirectory("whylight-benchmark-").FullName;
        try
        {
            Kind[] kinds =
            [
                WordPieceKind(Path.Combine(folder, "wordpiece"), WordPieceTrainer.Train(training, Pieces)),
                ByteLevelKind(Path.Combine(folder, "bytelevel"), pairs),
                SentencePieceKind(Path.Combine(folder, "sentencepiece"), pairs),
            ];
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"tokenizers: microseconds a text, median of {Rounds} alternating rounds; vocabularies of about {Pieces} pieces"
                )
            );
            output.WriteLine();
            output.WriteLine("| tokenizer | text | tokens | ours | Microsoft.ML.Tokenizers | ours / theirs |");
            output.WriteLine("|---|---|---:|---:|---:|---:|");
            foreach (Kind kind in kinds)
            {
                Measure(output, kind, words, random);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One tokenizer, ours and theirs: how it is loaded, and how a text is encoded.</summary>
    private sealed record Kind(
        string Name,
        Func<OurTokenizer> LoadOurs,
        Func<Microsoft.ML.Tokenizers.Tokenizer> LoadTheirs
    );

    private static void Measure(TextWriter output, Kind kind, string[] words, Random random)
    {
        OurTokenizer ours = kind.LoadOurs();
        Microsoft.ML.Tokenizers.Tokenizer theirs = kind.LoadTheirs();
        int Ours(string text) => ours.Encode(text).Tokens.Count;
        int Theirs(string text) => theirs.EncodeToTokens(text, out _).Count;

        string one = OfTokens(32, Ours, () => Sentence(random, words, 40));
        string longText = OfTokens(4000, Ours, () => Sentence(random, words, 4000));
        // New texts every time: most words are known to a cache, new ones keep coming.
        string[] fresh =
        [
            .. Enumerable.Range(0, 3000).Select(_ => OfTokens(32, Ours, () => Sentence(random, words, 40))),
        ];
        string word = string.Concat(Enumerable.Range(0, 400).Select(_ => words[random.Next(words.Length)]));
        int next = 0;
        Row(output, kind.Name, "32 tokens, as while typing", Ours(one), () => Ours(one), () => Theirs(one));
        Row(
            output,
            kind.Name,
            "32 tokens, ever new texts",
            32,
            () => Ours(fresh[next++ % fresh.Length]),
            () => Theirs(fresh[next++ % fresh.Length])
        );
        Row(output, kind.Name, "4000 tokens", Ours(longText), () => Ours(longText), () => Theirs(longText));
        Row(output, kind.Name, $"one word of {word.Length} letters", Ours(word), () => Ours(word), () => Theirs(word));
        Row(
            output,
            kind.Name,
            "loading its files",
            null,
            () => kind.LoadOurs().VocabularySize,
            () => kind.LoadTheirs().CountTokens("a")
        );
    }

    private static void Row(TextWriter output, string kind, string text, int? tokens, Func<int> ours, Func<int> theirs)
    {
        Warm(ours);
        Warm(theirs);
        List<double> our = [];
        List<double> their = [];
        for (int i = 0; i < Rounds; i++)
        {
            our.Add(Microseconds(ours));
            their.Add(Microseconds(theirs));
        }
        double a = Median(our);
        double b = Median(their);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {kind} | {text} | {(tokens is int n ? n.ToString(CultureInfo.InvariantCulture) : "")} | {a:0.0} | {b:0.0} | {a / b:0.00} |"
            )
        );
        output.Flush();
    }

    private static void Warm(Func<int> work)
    {
        Stopwatch watch = Stopwatch.StartNew();
        do
        {
            work();
        } while (watch.ElapsedMilliseconds < 250);
    }

    private static double Microseconds(Func<int> work)
    {
        Stopwatch watch = Stopwatch.StartNew();
        int count = 0;
        do
        {
            work();
            count++;
        } while (watch.Elapsed.TotalMilliseconds < 10);
        return watch.Elapsed.TotalMicroseconds / count;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static Kind WordPieceKind(string folder, IReadOnlyList<string> pieces)
    {
        Directory.CreateDirectory(folder);
        TokenizerFiles.WriteWordPiece(folder, pieces);
        return new Kind(
            "WordPiece",
            () => TokenizerLoader.Load(folder),
            () => BertTokenizer.Create(Path.Combine(folder, "vocab.txt"))
        );
    }

    private static Kind ByteLevelKind(string folder, ByteLevelVocabulary pairs)
    {
        Directory.CreateDirectory(folder);
        TokenizerFiles.WriteBytePairs(folder, pairs);
        return new Kind(
            "byte-level BPE",
            () => TokenizerLoader.Load(folder),
            () =>
                BpeTokenizer.Create(
                    Path.Combine(folder, "vocab.json"),
                    Path.Combine(folder, "merges.txt"),
                    new RegexPreTokenizer(new System.Text.RegularExpressions.Regex(Pattern), null)
                )
        );
    }

    /// <summary>The same merges as a SentencePiece file, with U+2581 for the space.</summary>
    private static Kind SentencePieceKind(string folder, ByteLevelVocabulary pairs)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.model"), SentencePieceFile(pairs));
        return new Kind(
            "SentencePiece BPE",
            () => TokenizerLoader.Load(folder),
            () =>
            {
                using FileStream stream = File.OpenRead(Path.Combine(folder, "tokenizer.model"));
                return LlamaTokenizer.Create(stream);
            }
        );
    }

    private static byte[] SentencePieceFile(ByteLevelVocabulary pairs)
    {
        List<(string Text, float Score, int Kind)> pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3)];
        pieces.AddRange(Enumerable.Range(0, 256).Select(b => ($"<0x{b:X2}>", 0f, 6)));
        int rank = 0;
        foreach (string token in pairs.Merges.Select(m => m.Left + m.Right))
        {
            string text = token.Replace('\u0120', '\u2581');
            if (text.All(c => c is '\u2581' or (> ' ' and < '\x7F')))
            {
                pieces.Add((text, -++rank, 1));
            }
        }
        pieces.Add(("\u2581", -++rank, 1));
        pieces.AddRange(Enumerable.Range('!', '~' - '!' + 1).Select(c => (((char)c).ToString(), (float)-++rank, 1)));
        List<byte> file = [];
        foreach ((string text, float score, int kind) in pieces)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            List<byte> piece =
            [
                0x0A,
                (byte)utf8.Length,
                .. utf8,
                0x15,
                .. BitConverter.GetBytes(score),
                0x18,
                (byte)kind,
            ];
            file.AddRange([0x0A, (byte)piece.Count, .. piece]);
        }
        // Trainer: model type BPE, byte fallback. Normalizer: named identity, superfluous spaces kept.
        byte[] name = Encoding.UTF8.GetBytes("identity");
        file.AddRange([0x12, 5, 0x18, 2, 0x98, 0x02, 1]);
        file.AddRange([0x1A, (byte)(name.Length + 4), 0x0A, (byte)name.Length, .. name, 0x20, 0]);
        return [.. file];
    }

    /// <summary>Words made of syllables, of one to five.</summary>
    private static string[] Words(Random random, int count)
    {
        const string consonants = "bcdfghjklmnprstvwz";
        const string vowels = "aeiou";
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ =>
                    string.Concat(
                        Enumerable
                            .Range(0, random.Next(1, 6))
                            .Select(_ =>
                                $"{consonants[random.Next(consonants.Length)]}{vowels[random.Next(vowels.Length)]}"
                                + (random.Next(3) == 0 ? consonants[random.Next(consonants.Length)].ToString() : "")
                            )
                    )
                ),
        ];
    }

    /// <summary>Words by a Zipf-like law, with capitals, punctuation, contractions and a number now and then.</summary>
    private static string Sentence(Random random, string[] words, int count)
    {
        StringBuilder text = new();
        for (int i = 0; i < count; i++)
        {
            int rank = (int)(Math.Pow(words.Length, random.NextDouble()) - 1);
            string word =
                random.Next(40) == 0 ? random.Next(10000).ToString(CultureInfo.InvariantCulture) : words[rank];
            if (i % 12 == 0)
            {
                word = char.ToUpperInvariant(word[0]) + word[1..];
            }
            text.Append(i == 0 ? "" : " ").Append(word).Append(random.Next(30) == 0 ? "'s" : "");
            text.Append(
                i % 12 == 11 ? "."
                : random.Next(10) == 0 ? ","
                : ""
            );
        }
        return text.ToString();
    }

    /// <summary>The beginning of a text that has about so many tokens.</summary>
    private static string OfTokens(int tokens, Func<string, int> count, Func<string> make)
    {
        string text = make();
        while (count(text) > tokens)
        {
            int cut = text.LastIndexOf(' ', text.Length - Math.Max(2, text.Length / 50));
            text = text[..cut];
        }
        return text;
    }
}
