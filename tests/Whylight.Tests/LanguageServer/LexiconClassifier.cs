using Whylight.Documents;
using Whylight.Models;

namespace Whylight.Tests.LanguageServer;

/// <summary>
/// A classifier whose logit for "positive" is the sum of its words' weights, so that every prediction and attribution
/// is known by heart.
/// </summary>
internal sealed class LexiconClassifier : ITextClassifier
{
    public static IReadOnlyDictionary<string, double> Weights { get; } =
        new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["good"] = 2,
            ["great"] = 3,
            ["bad"] = -2,
            ["awful"] = -3,
        };

    /// <summary>Given each text before it is predicted; may block, throw or wait for the token.</summary>
    public Func<string, CancellationToken, Task>? Before { get; init; }

    public bool Disposed { get; private set; }

    public ModelInfo Info { get; init; } =
        new()
        {
            Name = "lexicon",
            Family = "linear",
            Hash = "0123456789abcdef",
            Labels = ["negative", "positive"],
            MaxTokens = 64,
        };

    public IReadOnlyList<Absence> Absences => [Absence.Deleted];

    public TokenizedText Tokenize(string text) =>
        new()
        {
            Text = text,
            Tokens =
            [
                .. Words
                    .Split(text)
                    .Select(word => new Token(text[word.Start..word.End], 0, word.Start, word.End, false)),
            ],
        };

    public async Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        List<Prediction> predictions = [];
        foreach (string text in texts)
        {
            if (Before is { } before)
            {
                await before(text, cancellation);
            }
            cancellation.ThrowIfCancellationRequested();
            double score = Tokenize(text).Tokens.Sum(token => Weights.GetValueOrDefault(token.Text));
            predictions.Add(Prediction.FromLogits(text, Info.Labels, [-score / 2, score / 2]));
        }
        return predictions;
    }

    public Task<IReadOnlyList<double[]>> EvaluateAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        double[][] logits =
        [
            .. present.Select(coalition =>
            {
                double score = text.Tokens.Where((_, i) => coalition[i]).Sum(t => Weights.GetValueOrDefault(t.Text));
                return new[] { -score / 2, score / 2 };
            }),
        ];
        return Task.FromResult<IReadOnlyList<double[]>>(logits);
    }

    public void Dispose() => Disposed = true;
}
