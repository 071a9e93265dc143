using Whylight.Explanations.Game;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Local;

/// <summary><c>lime</c>: weights of a local linear model, with its R2.</summary>
public sealed class LimeMethod : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => "lime";

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
        LimeResult fit = await Lime.FitAsync(
                game.Value,
                new LimeOptions { Budget = request.Budget, Exact = request.Exact },
                new SeededRandom(request.Seed),
                cancellation
            )
            .ConfigureAwait(false);
        Explanation frame = game.Frame(Name, fit.Estimator);
        return frame with
        {
            Features =
            [
                .. frame.Features.Select(
                    (f, i) => f with { Score = fit.Weights[i], StandardError = fit.StandardErrors[i] }
                ),
            ],
            Value = fit.Value,
            BaseValue = fit.Intercept,
            Remainder = 0,
            CompletenessGap = fit.Value - fit.LocalPrediction,
            Fit = new Dictionary<string, double>
            {
                ["r2"] = fit.R2,
                ["localPrediction"] = fit.LocalPrediction,
                ["kernelWidth"] = LimeFit.KernelWidth,
            },
            Note =
                $"A linear model near this text (feature selection: {fit.Selection.Replace('_', ' ')}); what R2 leaves out, it does not see.",
        };
    }
}
