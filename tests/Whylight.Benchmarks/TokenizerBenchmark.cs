using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;
using Whylight.Models.Tokenization;
using ByteLevelVocabulary = Whylight.Models.Tokenization.BytePairVocabulary;
using OurTokenizer = Whylight.Models.Tokenization.Tokenizer;
using OurWordPiece = Whylight.Models.Tokenization.WordPieceTokenizer;

namespace Whylight.Benchmarks;

/// <summary>Our tokenizers and Microsoft.ML.Tokenizers on the same text with the same vocabulary.</summary>
internal static class TokenizerBenchmark
{
    private const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const string Text =
        "The film opens on a quiet street in late autumn, and for its first twenty minutes almost nothing happens. "
        + "Then the neighbour's dog disappears, and what looked like a slow domestic drama turns into something stranger: "
        + "part mystery, part comedy of manners, with a lead performance so restrained that you keep waiting for it to crack. "
        + "It never does. I didn't expect to like it, and I'm not sure that I did, but I've thought about it every day since.";

    /// <summary>Prints the microseconds an encoding takes, ours and theirs, with and without the caches of repeated words.</summary>
    public static void Run(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        string[] words = Text.Split(' ');
        Random random = new(1);
        string[] texts =
        [
            .. Enumerable
                .Range(0, 64)
                .Select(_ => string.Join(' ', words.Select(w => random.Next(4) == 0 ? w + random.Next(1000) : w))),
        ];
        IReadOnlyList<string> pieces = WordPieceTrainer.Train(texts, 2000);
        OurTokenizer wordPiece = OurWordPiece.Create(pieces);
        using MemoryStream vocabText = new(Encoding.UTF8.GetBytes(string.Join('\n', pieces) + "\n"));
        BertTokenizer bert = BertTokenizer.Create(vocabText);

        ByteLevelVocabulary pairs = BytePairTrainer.Train(texts, 2000);
        OurTokenizer bytePair = BytePairTokenizer.Create(pairs);
        using MemoryStream vocabJson = new(
            JsonSerializer.SerializeToUtf8Bytes(pairs.Tokens.Select((t, i) => (t, i)).ToDictionary(p => p.t, p => p.i))
        );
        using MemoryStream merges = new(
            Encoding.UTF8.GetBytes("#version: 0.2\n" + string.Concat(pairs.Merges.Select(m => $"{m.Left} {m.Right}\n")))
        );
        BpeTokenizer bpe = BpeTokenizer.Create(
            vocabJson,
            merges,
            new RegexPreTokenizer(new System.Text.RegularExpressions.Regex(Pattern), null)
        );

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"tokenizers, median of 15 rounds of {texts.Length} texts of about {Text.Length} characters"
            )
        );
        Compare(
            output,
            "WordPiece, one text",
            () => wordPiece.Encode(Text).Tokens.Count,
            () => bert.EncodeToTokens(Text, out _).Count
        );
        Compare(
            output,
            "WordPiece, many texts",
            () => texts.Sum(t => wordPiece.Encode(t).Tokens.Count),
            () => texts.Sum(t => bert.EncodeToTokens(t, out _).Count)
        );
        Compare(
            output,
            "byte-level BPE, one text",
            () => bytePair.Encode(Text).Tokens.Count,
            () => bpe.EncodeToTokens(Text, out _).Count
        );
        Compare(
            output,
            "byte-level BPE, many texts",
            () => texts.Sum(t => bytePair.Encode(t).Tokens.Count),
            () => texts.Sum(t => bpe.EncodeToTokens(t, out _).Count)
        );
    }

    private static void Compare(TextWriter output, string name, Func<int> ours, Func<int> theirs)
    {
        (double our, int tokens) = Median(ours);
        (double their, _) = Median(theirs);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name, -28} {tokens, 7} tokens  ours {our, 9:0.0} us  Microsoft.ML.Tokenizers {their, 9:0.0} us  ratio {our / their:0.00}"
            )
        );
    }

    private static (double Microseconds, int Tokens) Median(Func<int> work)
    {
        int tokens = 0;
        Stopwatch warm = Stopwatch.StartNew();
        do
        {
            tokens = work();
        } while (warm.ElapsedMilliseconds < 300);
        List<double> times = [];
        for (int i = 0; i < 15; i++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            int count = 0;
            do
            {
                tokens = work();
                count++;
            } while (watch.Elapsed.TotalMilliseconds < 10);
            times.Add(watch.Elapsed.TotalMicroseconds / count);
        }
        times.Sort();
        return (times[times.Count / 2], tokens);
    }
}
