using TorchSharp;
using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>One text under explanation by a method that needs the model's graph.</summary>
internal sealed class Subject
{
    private readonly WorkPriority _priority;
    private readonly CancellationToken _cancellation;
    private bool _withoutPadding;

    private Subject(
        INetworkClassifier model,
        ExplanationRequest request,
        TokenizedText text,
        FeatureSet features,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        Model = model;
        Request = request;
        Text = text;
        Features = features;
        _priority = priority;
        _cancellation = cancellation;
    }

    /// <summary>The model asked.</summary>
    public INetworkClassifier Model { get; }

    /// <summary>What is asked.</summary>
    public ExplanationRequest Request { get; }

    /// <summary>The text as the model reads it.</summary>
    public TokenizedText Text { get; }

    /// <summary>What gets scores.</summary>
    public FeatureSet Features { get; }

    /// <summary>Tokenizes and groups.</summary>
    /// <exception cref="ExplanationException">The model has no graph, or the text no feature.</exception>
    public static Subject Of(
        ITextClassifier model,
        ExplanationRequest request,
        string method,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        if (model is not INetworkClassifier network)
        {
            throw new ExplanationException(
                $"'{method}' needs a network to differentiate and {model.Info.Name} is {model.Info.Family}: use shapley or occlusion"
            );
        }
        TokenizedText text = model.Tokenize(request.Text);
        return new Subject(
            network,
            request,
            text,
            FeatureSet.Build(text, request.FeatureKind, request.Fields),
            priority,
            cancellation
        );
    }

    /// <summary>Runs native work on the text's inputs, in a dispose scope on the scheduler's thread.</summary>
    public Task<T> RunAsync<T>(Func<NetworkInput, CancellationToken, T> work) =>
        Model.Scheduler.RunAsync(
            _priority,
            cancellation =>
            {
                using DisposeScope scope = NewDisposeScope();
                return work(Model.Prepare(Text), cancellation);
            },
            _cancellation
        );

    /// <summary>The number explained, once the logits are known.</summary>
    public TargetValue Target(double[] logits) => TargetValue.For(Model.Info, Request, logits);

    /// <summary>The name of the baseline that the request or the family chooses.</summary>
    public BaselineKind Baseline =>
        Request.Baseline
        ?? (_withoutPadding || Model.Info.Family is "gpt2" or "llama" ? BaselineKind.Zero : BaselineKind.Pad);

    /// <summary>Embeddings of the baseline [1, length, width]. Call inside <see cref="RunAsync"/>.</summary>
    /// <exception cref="ExplanationException">The vocabulary has no such token.</exception>
    public Tensor BaselineEmbeddings(Tensor ids, Tensor embeddings)
    {
        switch (Baseline)
        {
            case BaselineKind.Zero:
                return zeros_like(embeddings);
            case BaselineKind.Mask:
                int mask =
                    Model.MaskTokenId
                    ?? throw new ExplanationException(
                        $"the baseline 'mask' needs a mask token and {Model.Info.Name} has none: use zero"
                    );
                long[] masked = [.. Text.Tokens.Select(t => t.Special ? (long)t.Id : mask)];
                return Model.Network.Embed(tensor(masked).view(1, -1));
            case BaselineKind.Eos:
                int end =
                    Model.EndTokenId
                    ?? throw new ExplanationException(
                        $"the baseline 'eos' needs a token that ends a text and {Model.Info.Name} has none: use pad or zero"
                    );
                return Model.Network.Embed(ids.FilledLike(end));
            default:
                Tensor? padded = Model.BaselineIds(Text, Baseline == BaselineKind.Pad);
                if (padded is not null)
                {
                    return Model.Network.Embed(padded.view(ids.shape[0], ids.shape[1]));
                }
                if (Request.Baseline is { } wanted)
                {
                    throw new ExplanationException(
                        $"the baseline '{Names.Of(wanted)}' needs a padding token and {Model.Info.Name} has none: use zero or eos"
                    );
                }
                // The default of a model without padding is the zero vector, and is called so.
                _withoutPadding = true;
                return zeros_like(embeddings);
        }
    }

    /// <summary>An explanation whose scores are sums over tokens.</summary>
    /// <param name="method">Method name.</param>
    /// <param name="estimator">How the numbers were obtained.</param>
    /// <param name="logits">The model's outputs for the text.</param>
    /// <param name="target">The number explained.</param>
    /// <param name="tokens">One score a token.</param>
    /// <param name="baseValue">The value that scores are added to, or null for scores that do not add up.</param>
    /// <param name="biasShare">Share of the biases.</param>
    /// <param name="calls">Forward and backward passes spent.</param>
    public Explanation Explain(
        string method,
        string estimator,
        double[] logits,
        TargetValue target,
        IReadOnlyList<double> tokens,
        double? baseValue,
        double biasShare,
        int calls
    )
    {
        double[] scores = Features.Sum(tokens);
        double value = target.Of(logits);
        double? remainder = baseValue is null ? null : Features.SumRemainder(tokens) + biasShare;
        double? gap = remainder is null ? null : value - baseValue - remainder - Compensated.Sum(scores);
        return new Explanation
        {
            Text = Request.Text,
            Method = method,
            Estimator = estimator,
            Target = Model.Info.Labels[target.Target],
            ContrastLabel = target.Contrast < 0 ? null : Model.Info.Labels[target.Contrast],
            Prediction = Prediction.FromLogits(
                Request.Text,
                Model.Info.Labels,
                logits,
                Model.Info.Temperature,
                Text.TruncatedAt,
                Text.ReadFrom,
                Model.Info.RestIndex
            ),
            Features =
            [
                .. Features.Features.Select(
                    (f, i) => new FeatureScore(f.Text, f.Start, f.End, scores[i], Name: f.Name)
                ),
            ],
            Value = value,
            BaseValue = baseValue,
            Remainder = remainder,
            CompletenessGap = gap,
            ModelCalls = calls,
            Seed = Request.Seed,
            ValueKind = Names.Of(Request.ValueKind),
            ModelHash = Model.Info.Hash,
        };
    }

    /// <summary>The same with a standard error a feature.</summary>
    public static Explanation WithErrors(Explanation explanation, IReadOnlyList<double> errors) =>
        explanation with
        {
            Features = [.. explanation.Features.Select((f, i) => f with { StandardError = errors[i] })],
        };

    /// <summary>Standard errors of the feature sums over samples of token scores: sd / sqrt(n), with n - 1.</summary>
    public double[] StandardErrors(IReadOnlyList<double[]> samples)
    {
        double[][] rows = [.. samples.Select(Features.Sum)];
        int n = rows.Length;
        double[] errors = new double[Features.Count];
        for (int i = 0; i < errors.Length; i++)
        {
            double mean = Compensated.Sum(rows.Select(r => r[i])) / n;
            double squares = Compensated.Sum(rows.Select(r => (r[i] - mean) * (r[i] - mean)));
            errors[i] = Math.Sqrt(squares / (n - 1) / n);
        }
        return errors;
    }

    /// <summary>Share of the absolute token scores that special tokens hold; 0 where all are zero.</summary>
    public double SinkShare(IReadOnlyList<double> tokens)
    {
        double special = 0;
        double all = 0;
        for (int i = 0; i < tokens.Count; i++)
        {
            all += Math.Abs(tokens[i]);
            special += Text.Tokens[i].Special ? Math.Abs(tokens[i]) : 0;
        }
        return all == 0 ? 0 : special / all;
    }
}
