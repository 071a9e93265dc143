using Whylight.Explanations.Game;
using Whylight.Models;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// Occlusion (leave one out): the value of the text less its value with one feature absent. Zeiler and Fergus 2014; Li,
/// Monroe and Jurafsky 2016. Exact, but the scores need not add up to anything.
/// </summary>
internal sealed class Occlusion : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => "occlusion";

    /// <inheritdoc/>
    public async Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        TokenizedText text = model.Tokenize(request.Text);
        FeatureSet features = FeatureSet.Build(text, request.FeatureKind, request.Fields);
        int calls = features.Count + 1;
        if (calls > request.Budget)
        {
            throw new ExplanationException(
                $"'{Name}' asks {calls} times for {features.Count} features and the budget is {request.Budget}: "
                    + $"give --budget {calls}, or larger features such as --features sentence"
            );
        }
        // The game's cache knows what other methods asked of this text.
        TextGame game = await TextGame
            .OpenAsync(model, request, priority, cancellation: cancellation)
            .ConfigureAwait(false);
        Absence absence = game.Absence;
        Coalition full = Coalition.Full(features.Count);
        double[][] logits = await game.LogitsAsync(
                [full, .. Enumerable.Range(0, features.Count).Select(full.Without)],
                cancellation
            )
            .ConfigureAwait(false);
        TargetValue target = TargetValue.For(model.Info, request, logits[0]);
        double value = target.Of(logits[0]);
        return new Explanation
        {
            Text = request.Text,
            Method = Name,
            Estimator = "leave-one-out",
            Target = model.Info.Labels[target.Target],
            ContrastLabel = target.Contrast < 0 ? null : model.Info.Labels[target.Contrast],
            Prediction = Prediction.FromLogits(
                request.Text,
                model.Info.Labels,
                logits[0],
                model.Info.Temperature,
                text.TruncatedAt,
                text.ReadFrom,
                model.Info.RestIndex
            ),
            Features =
            [
                .. features.Features.Select(
                    (f, i) => new FeatureScore(f.Text, f.Start, f.End, value - target.Of(logits[i + 1]), 0, f.Name)
                ),
            ],
            Value = value,
            ModelCalls = calls,
            Seed = request.Seed,
            ValueKind = Names.Of(request.ValueKind),
            Absence = Names.Of(absence),
            ModelHash = model.Info.Hash,
        };
    }
}
