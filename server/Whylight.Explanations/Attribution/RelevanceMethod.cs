using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// Methods that spend one forward and one backward pass: gradient x input under plain rules, relevance under relevance
/// rules. The same graph gives the prediction.
/// </summary>
/// <param name="name">Name on the command line.</param>
/// <param name="rules">The rules for a model family, fresh for every pass, or null where the method means nothing.</param>
/// <param name="estimator">What the rules are called.</param>
internal sealed class RelevanceMethod(
    string name,
    Func<string, PropagationRules?> rules,
    Func<string, string> estimator
) : IExplanationMethod
{
    /// <inheritdoc/>
    public string Name => name;

    /// <summary>Shrikumar et al. 2016: embedding x gradient.</summary>
    public static RelevanceMethod GradientTimesInput { get; } =
        new("gradient-x-input", _ => PropagationRules.Plain, _ => "gradient");

    /// <summary>AttnLRP for transformers.</summary>
    public static RelevanceMethod AttnLrp { get; } =
        new("attnlrp", family => IsTransformer(family) ? new AttnLrpRules() : null, _ => "attnlrp");

    /// <summary>CP-LRP for transformers.</summary>
    public static RelevanceMethod CpLrp { get; } =
        new("cp-lrp", family => IsTransformer(family) ? new CpLrpRules() : null, _ => "cp-lrp");

    /// <summary>The rules made for a family: composite for CNNs, gating for LSTMs, AttnLRP for transformers.</summary>
    public static RelevanceMethod Lrp { get; } =
        new(
            "lrp",
            family =>
                family switch
                {
                    "cnn" => LrpRules.Composite(),
                    "lstm" => new GatingRules(),
                    _ => IsTransformer(family) ? new AttnLrpRules() : null,
                },
            family =>
                family switch
                {
                    "cnn" => "gamma-0.25-epsilon",
                    "lstm" => "gating",
                    _ => "attnlrp",
                }
        );

    /// <inheritdoc/>
    public async Task<Explanation> ExplainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        IProgress<Explanation>? progress,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        if (model is LinearClassifier linear && Name == "lrp")
        {
            return LinearExplanation.Of(linear, request, Name);
        }
        Subject subject = Subject.Of(model, request, Name, priority, cancellation);
        PropagationRules carried =
            rules(model.Info.Family)
            ?? throw new ExplanationException(
                $"'{Name}' is made for transformers and {model.Info.Name} is {model.Info.Family}: use lrp"
            );
        request.Afford(2);
        PassResult pass = await subject.RunAsync(
            (input, token) =>
                EmbeddingPass.Run(subject.Model.Network, input, carried, subject.Target, request.Layers, token)
        );
        Explanation explanation = subject.Explain(
            Name,
            estimator(model.Info.Family),
            pass.Logits,
            pass.Target,
            pass.Tokens,
            baseValue: 0,
            pass.BiasShare,
            calls: 2
        );
        return explanation with
        {
            SinkShare = subject.SinkShare(pass.Tokens),
            Layers = request.Layers ? pass.Layers : null,
        };
    }

    /// <summary>Whether a family is made of attention layers.</summary>
    internal static bool IsTransformer(string family) =>
        family is "bert" or "distilbert" or "roberta" or "electra" or "gpt2" or "llama";
}
