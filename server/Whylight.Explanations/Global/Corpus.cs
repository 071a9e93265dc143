using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Global;

/// <summary>Many texts as word numbers, each with the label that a model gives it; the texts themselves are not kept.</summary>
internal sealed class Corpus
{
    // A multiple of the block in which models predict.
    private const int Block = 512;

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];
    private readonly List<int[]> _texts = [];
    private readonly List<int> _labels = [];

    /// <summary>The words by number.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>Word numbers of each text, in text order.</summary>
    public IReadOnlyList<int[]> Texts => _texts;

    /// <summary>The model's label of each text.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>Texts that the model read the beginning of only.</summary>
    public int Truncated { get; private set; }

    /// <summary>Reads and predicts texts block by block.</summary>
    public static async Task<Corpus> ReadAsync(
        ITextClassifier model,
        IEnumerable<string> texts,
        IProgress<GlobalProgress>? progress,
        CancellationToken cancellation
    )
    {
        Corpus corpus = new();
        foreach (string[] block in texts.Where(t => !string.IsNullOrWhiteSpace(t)).Chunk(Block))
        {
            cancellation.ThrowIfCancellationRequested();
            IReadOnlyList<Prediction> predictions = await model
                .PredictAsync(block, cancellation: cancellation)
                .ConfigureAwait(false);
            for (int i = 0; i < block.Length; i++)
            {
                corpus._texts.Add([.. WordsOf(block[i]).Select(corpus.IdOf)]);
                corpus._labels.Add(predictions[i].LabelIndex);
                corpus.Truncated += predictions[i].Truncated ? 1 : 0;
            }
            progress?.Report(new GlobalProgress("predict", corpus._texts.Count, null));
        }
        return corpus;
    }

    /// <summary>The words of a text, lower case; punctuation left out.</summary>
    public static IEnumerable<string> WordsOf(string text) =>
        TextUnits
            .Of(text, FeatureKind.Word)
            .Select(u => text[u.Start..u.End].ToLowerInvariant())
            .Where(w => w.Any(char.IsLetterOrDigit));

    /// <summary>
    /// A quarter of the texts for testing and the rest for fitting, neither more than allowed. Texts of the same words stay
    /// on one side, so that nothing is tested on what it was fitted to.
    /// </summary>
    /// <param name="seed">Decides which.</param>
    /// <param name="mostFitted">Most texts to fit to.</param>
    /// <param name="mostHeld">Most texts to test on.</param>
    /// <exception cref="ExplanationException">All texts have the same words.</exception>
    public (int[] Fitted, int[] Held) Split(ulong seed, int mostFitted, int mostHeld)
    {
        ulong key = SeededRandom.Derive(seed, "global", "split");
        Dictionary<ulong, List<int>> groups = [];
        for (int t = 0; t < _texts.Count; t++)
        {
            ulong hash = key;
            foreach (int word in _texts[t])
            {
                // The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
                hash += (ulong)word + 0x9E3779B97F4A7C15;
                hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
                hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
                hash ^= hash >> 31;
            }
            if (!groups.TryGetValue(hash, out List<int>? same))
            {
                groups[hash] = same = [];
            }
            same.Add(t);
        }
        if (groups.Count < 2)
        {
            throw new ExplanationException(
                "all the texts have the same words, so there is nothing to fit: give different texts"
            );
        }
        List<int> held = [];
        List<int> fitted = [];
        int wanted = Math.Max(1, Math.Min(mostHeld, _texts.Count / 4));
        int left = groups.Count;
        foreach ((_, List<int> texts) in groups.OrderBy(g => g.Key))
        {
            bool last = --left == 0;
            if (held.Count < wanted && !(last && fitted.Count == 0))
            {
                held.AddRange(texts);
            }
            else if (fitted.Count < mostFitted)
            {
                fitted.AddRange(texts);
            }
        }
        return ([.. fitted.Order()], [.. held.Order()]);
    }

    private int IdOf(string word)
    {
        if (!_ids.TryGetValue(word, out int id))
        {
            _ids[word] = id = _words.Count;
            _words.Add(word);
        }
        return id;
    }
}
