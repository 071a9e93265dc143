using Whylight.Documents;
using Whylight.Models;

namespace Whylight.Tests.Harness;

/// <summary>
/// A model whose every answer can be worked out by hand: the logit of "positive" is the sum of its words' weights.
/// Words are compared as they are written, so that typos and (unless told otherwise) case matter to it.
/// </summary>
internal sealed class LexiconClassifier(
    IReadOnlyDictionary<string, double> weights,
    bool foldCase = true,
    int maxTokens = 1000,
    IReadOnlyList<string>? labels = null,
    double bias = 0
) : ITextClassifier
{
    public static LexiconClassifier Sentiment(bool foldCase = true, int maxTokens = 1000) =>
        new(
            new Dictionary<string, double>
            {
                ["good"] = 2,
                ["great"] = 3,
                ["bad"] = -2,
                ["awful"] = -3,
                ["fine"] = 0.5,
                ["dull"] = -0.5,
            },
            foldCase,
            maxTokens
        );

    public int Texts { get; private set; }

    public int Calls { get; private set; }

    public ModelInfo Info { get; } =
        new()
        {
            Name = "lexicon",
            Family = "lexicon",
            Hash = new string('0', 63) + "1",
            Labels = labels ?? ["negative", "positive"],
            MaxTokens = maxTokens,
        };

    public IReadOnlyList<Absence> Absences { get; } = [Absence.Deleted];

    public TokenizedText Tokenize(string text)
    {
        Word[] words = [.. Words.Split(text)];
        Word[] read = words.Take(maxTokens).ToArray();
        return new TokenizedText
        {
            Text = text,
            Tokens = read.Select(w =>
                {
                    string word = Key(w.In(text));
                    return new Token(
                        word.Contains('☃', StringComparison.Ordinal) ? "[UNK]" : word,
                        1,
                        w.Start,
                        w.End,
                        false
                    );
                })
                .ToArray(),
            TruncatedAt = words.Length > maxTokens ? words[maxTokens].Start : null,
        };
    }

    public Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        cancellation.ThrowIfCancellationRequested();
        Calls++;
        Texts += texts.Count;
        return Task.FromResult<IReadOnlyList<Prediction>>(texts.Select(Predict).ToArray());
    }

    public Task<IReadOnlyList<double[]>> EvaluateAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        Texts += present.Count;
        return Task.FromResult<IReadOnlyList<double[]>>(
            present.Select(mask => Logits(text.Tokens.Where((_, i) => mask[i]).Select(t => t.Text))).ToArray()
        );
    }

    public Prediction Predict(string text)
    {
        TokenizedText tokens = Tokenize(text);
        return Prediction.FromLogits(
            text,
            Info.Labels,
            Logits(tokens.Tokens.Select(t => t.Text)),
            truncatedAt: tokens.TruncatedAt
        );
    }

    public void Dispose() { }

    private double[] Logits(IEnumerable<string> words)
    {
        double sum = bias + words.Sum(w => weights.GetValueOrDefault(w));
        return [-sum / 2, sum / 2];
    }

    private string Key(string word) => foldCase ? word.ToLowerInvariant() : word;
}
