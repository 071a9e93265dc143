using Whylight.Explanations.Game;
using Whylight.Explanations.Rendering;
using Whylight.Measures;
using Whylight.Models;
using Whylight.Models.Families;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// <c>auto</c>: what one pass gives at once (AttnLRP, CP-LRP for GPT-2, gating rules for LSTMs, LRP for CNNs, the exact decomposition of a linear model), then Shapley
/// values within the budget, with the agreement of the two.
/// </summary>
/// <param name="find">The methods to choose from, by name.</param>
internal sealed class Auto(Func<string, IExplanationMethod> find) : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => "auto";

    /// <summary>The method that answers first for a model, or null where Shapley values are the first answer.</summary>
    public static string? FirstMethod(ITextClassifier model, ValueKind kind = ValueKind.Logit) =>
        model is LinearClassifier && LinearExplanation.Fits(kind) ? "lrp"
        : model is not INetworkClassifier ? null
        : model.Info.Family == "gpt2" ? "cp-lrp"
        : RelevanceMethod.IsTransformer(model.Info.Family) ? "attnlrp"
        : model.Info.Family is "cnn" or "lstm" ? "lrp"
        : null;

    /// <inheritdoc/>
    public async Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        Explanation? first = null;
        if (FirstMethod(model, request.ValueKind) is { } quick && !request.Exact)
        {
            Explanation answer = await find(quick)
                .ExplainAsync(model, request with { Layers = false }, null, priority, cancellation)
                .ConfigureAwait(false);
            first = answer;
            progress?.Report(Named(answer));
        }
        int left = request.Budget - (first?.ModelCalls ?? 0);
        if (first is not null && left < 2)
        {
            return Named(first) with { Note = ShapleyBudget(first) };
        }
        try
        {
            Explanation shapley = await find("shapley")
                .ExplainAsync(
                    model,
                    request with
                    {
                        Budget = left,
                    },
                    progress is null ? null : new Refined(progress, Named, first),
                    priority,
                    cancellation
                )
                .ConfigureAwait(false);
            return Named(Compared(shapley, first));
        }
        catch (ExplanationException tooFewCalls) when (first is not null)
        {
            // What one pass gave stands; the note says what Shapley values would need. The whole text was asked to find out.
            return Named(first) with
            {
                Note =
                    left < ShapleyEstimator.LeastBudget(first.Features.Count)
                        ? ShapleyBudget(first)
                        : tooFewCalls.Message,
                ModelCalls = first.ModelCalls + 1,
            };
        }
    }

    /// <summary>The budget that would do, the calls of the first pass included.</summary>
    private static string ShapleyBudget(Explanation first)
    {
        int features = first.Features.Count;
        return Messages.English[
            Message.NoteShapleyBudget,
            features,
            ShapleyEstimator.LeastBudget(features) + first.ModelCalls
        ];
    }

    /// <summary>How far the scores of two explanations of the same features agree.</summary>
    internal static Agreement Agree(Explanation scores, Explanation other)
    {
        double[] a = [.. scores.Features.Select(f => f.Score ?? 0)];
        double[] b = [.. other.Features.Select(f => f.Score ?? 0)];
        double rank = a.Length < 2 ? double.NaN : RankCorrelation.Spearman(a, b);
        return new Agreement(other.Method, double.IsFinite(rank) ? rank : null, RankCorrelation.SignAgreement(a, b));
    }

    private static Explanation Compared(Explanation shapley, Explanation? first) =>
        first is null
            ? shapley
            : shapley with
            {
                Agreement = Agree(shapley, first),
                ModelCalls = shapley.ModelCalls + first.ModelCalls,
            };

    /// <summary>Says which method answered: <c>shapley/enumeration</c>.</summary>
    private Explanation Named(Explanation answer) =>
        answer with
        {
            Method = Name,
            Estimator = $"{answer.Method}/{answer.Estimator}",
        };

    /// <summary>Passes refinements on in the thread that made them, so that their order holds.</summary>
    private sealed class Refined(
        IProgress<Explanation> progress,
        Func<Explanation, Explanation> name,
        Explanation? first
    ) : IProgress<Explanation>
    {
        public void Report(Explanation value) => progress.Report(name(Compared(value, first)));
    }
}
