using Whylight.Explanations.Game;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Local;

/// <summary><c>anchors</c>: the smallest set of features whose presence all but guarantees the prediction.</summary>
public sealed class AnchorsMethod : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => "anchors";

    /// <inheritdoc/>
    public async Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        TextGame game = await TextGame
            .OpenAsync(model, request, priority, cancellation: cancellation)
            .ConfigureAwait(false);
        AnchorResult found = await AnchorSearch
            .FindAsync(
                game.Keeps,
                new AnchorOptions { Budget = request.Budget, Exact = request.Exact },
                new SeededRandom(request.Seed),
                cancellation
            )
            .ConfigureAwait(false);
        return game.Frame(Name, found.Estimator) with
        {
            Converged = found.Holds,
            Target = game.Prediction.Label,
            Anchor = new Anchor(
                found.Features,
                found.Precision,
                [found.Lower, found.Upper],
                found.Coverage,
                AnchorSearch.Neighbourhood,
                DatasetCoverage(game, found.Features, request.Dataset)
            ),
            Note =
                found.Estimator == "enumeration"
                    ? "Precision and coverage are exact over the neighbourhood stated, not over real texts."
                    : "Precision is sampled from the neighbourhood stated, not from real texts.",
        };
    }

    // A text contains an anchor when it contains each of its features as a whole, letter case aside.
    private static double? DatasetCoverage(TextGame game, IReadOnlyList<int> anchor, IReadOnlyList<string>? dataset)
    {
        if (dataset is null || dataset.Count == 0)
        {
            return null;
        }
        string[] wanted = [.. anchor.Select(i => game.Features.Features[i].Text)];
        int covered = 0;
        foreach (string text in dataset)
        {
            covered += wanted.All(w => Contains(text, w)) ? 1 : 0;
        }
        return (double)covered / dataset.Count;
    }

    private static bool Contains(string text, string feature)
    {
        for (
            int at = text.IndexOf(feature, StringComparison.OrdinalIgnoreCase);
            at >= 0;
            at = text.IndexOf(feature, at + 1, StringComparison.OrdinalIgnoreCase)
        )
        {
            int end = at + feature.Length;
            bool starts = at == 0 || !(Inside(text[at - 1]) && Inside(text[at]));
            bool ends = end == text.Length || !(Inside(text[end - 1]) && Inside(text[end]));
            if (starts && ends)
            {
                return true;
            }
        }
        return false;
    }

    // Han characters are words by themselves, so none of them continues a word.
    private static bool Inside(char c) => char.IsLetterOrDigit(c) && c is not (>= '\u3400' and <= '\u9FFF');
}
