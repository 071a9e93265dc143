using System.Globalization;
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
        PredictedLabelOnly(Name, game);
        AnchorResult found = await AnchorSearch
            .FindAsync(
                game.Keeps,
                new AnchorOptions { Budget = request.Budget, Exact = request.Exact },
                new SeededRandom(request.Seed),
                cancellation
            )
            .ConfigureAwait(false);
        double? coverage = DatasetCoverage(game, found.Features, request.Dataset);
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
                coverage,
                request.Dataset?.Count
            ),
            Note =
                (
                    found.Estimator == "enumeration"
                        ? "Precision and coverage are exact over the neighbourhood stated, not over real texts."
                        : "Precision is sampled from the neighbourhood stated, not from real texts."
                )
                + (
                    coverage is { } share
                        ? string.Create(
                            CultureInfo.InvariantCulture,
                            $" {share * 100:0.##} % of the {request.Dataset!.Count} texts of the dataset contain the anchor."
                        )
                        : ""
                ),
        };
    }

    /// <summary>Refuses a target other than the label predicted: a rule that keeps a prediction is about that prediction.</summary>
    /// <exception cref="ExplanationException">Another label is named.</exception>
    internal static void PredictedLabelOnly(string method, TextGame game)
    {
        if (game.Target.Target != game.Prediction.LabelIndex)
        {
            throw new ExplanationException(
                $"'{method}' says what keeps the prediction, which is '{game.Prediction.Label}' and not '{game.Request.TargetLabel}': leave out --target"
            );
        }
    }

    // A text contains an anchor when it contains each of its features as a whole, letter case aside, and as often.
    private static double? DatasetCoverage(TextGame game, IReadOnlyList<int> anchor, IReadOnlyList<string>? dataset)
    {
        if (dataset is null || dataset.Count == 0)
        {
            return null;
        }
        (string Text, int Times)[] wanted =
        [
            .. anchor
                .GroupBy(i => game.Features.Features[i].Text, StringComparer.OrdinalIgnoreCase)
                .Select(g => (g.Key, g.Count())),
        ];
        int covered = dataset.Count(text => wanted.All(w => Occurrences(text, w.Text, w.Times) == w.Times));
        return (double)covered / dataset.Count;
    }

    // Counts up to so many, without overlap.
    private static int Occurrences(string text, string feature, int most)
    {
        int found = 0;
        int at = text.IndexOf(feature, StringComparison.OrdinalIgnoreCase);
        while (at >= 0 && found < most)
        {
            int end = at + feature.Length;
            bool starts = at == 0 || !(Inside(text[at - 1]) && Inside(text[at]));
            bool ends = end == text.Length || !(Inside(text[end - 1]) && Inside(text[end]));
            bool whole = starts && ends;
            found += whole ? 1 : 0;
            int next = whole ? end : at + 1;
            at = next < text.Length ? text.IndexOf(feature, next, StringComparison.OrdinalIgnoreCase) : -1;
        }
        return found;
    }

    // Han characters are words by themselves, so none of them continues a word.
    private static bool Inside(char c) => char.IsLetterOrDigit(c) && c is not (>= '\u3400' and <= '\u9FFF');
}
