using TorchSharp;
using Whylight.Measures;
using Whylight.Models;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Explanations.Evaluation;

/// <summary>How like the original an explanation stays when layers lose what they learnt.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Layer">The layer randomised last; all above it are randomised too.</param>
/// <param name="Layers">Layers randomised so far.</param>
/// <param name="Spearman">Rank correlation with the original of the signed scores; near 0 is sound.</param>
/// <param name="AbsoluteSpearman">The same of the absolute scores, which can disagree.</param>
public sealed record RandomisationStage(
    string Method,
    string Layer,
    int Layers,
    EvaluationRow Spearman,
    EvaluationRow AbsoluteSpearman
);

/// <summary>
/// Model parameter randomisation (Adebayo et al. 2018), cascading from the output down: each layer's weights are shuffled among
/// themselves, so that their distribution stays and what they learnt goes. An explanation that does not change does not explain.
/// </summary>
public static class LayerRandomisation
{
    /// <summary>The layers of a network from the output down, each with its weights.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<string> Weights)> Layers(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return
        [
            .. network
                .Parameters.Select(p => p.Key)
                .GroupBy(LayerOf)
                .Select(g => (g.Key, (IReadOnlyList<string>)[.. g]))
                .Reverse(),
        ];
    }

    /// <summary>Randomises a model layer by layer and explains texts after each; the model is spoilt for anything else.</summary>
    /// <param name="model">A model that nobody else uses.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="methods">Names of methods that score every feature.</param>
    /// <param name="template">Everything else of the requests.</param>
    /// <param name="explainer">Null for the default one.</param>
    /// <param name="progress">Told the share done, 0 to 1.</param>
    /// <param name="cancellation">Checked between texts.</param>
    /// <returns>By method, then from the output down.</returns>
    public static async Task<IReadOnlyList<RandomisationStage>> RunAsync(
        INetworkClassifier model,
        IReadOnlyList<string> texts,
        IReadOnlyList<string> methods,
        ExplanationRequest template,
        Explainer? explainer = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        explainer ??= Explainer.Default;
        IReadOnlyList<(string Name, IReadOnlyList<string> Weights)> layers = Layers(model.Network);
        Dictionary<(string Method, int Text), (double[] Scores, string Target)> originals = [];
        int done = 0;
        int total = (layers.Count + 1) * methods.Count * texts.Count;
        List<RandomisationStage> stages = [];
        for (int stage = 0; stage <= layers.Count; stage++)
        {
            if (stage > 0)
            {
                ulong seed = SeededRandom.Derive(template.Seed, "randomisation", layers[stage - 1].Name);
                await model
                    .Scheduler.RunAsync(
                        WorkPriority.Batch,
                        _ => Shuffle(model.Network, layers[stage - 1].Weights, seed),
                        cancellation
                    )
                    .ConfigureAwait(false);
            }
            ITextClassifier now = stage == 0 ? model : new Spoilt(model, stage);
            foreach (string method in methods)
            {
                List<double> signed = [];
                List<double> absolute = [];
                for (int t = 0; t < texts.Count; t++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Report((double)++done / total);
                    string? target =
                        stage == 0 ? template.TargetLabel
                        : originals.TryGetValue((method, t), out (double[] Scores, string Target) o) ? o.Target
                        : null;
                    if (stage > 0 && target is null)
                    {
                        continue;
                    }
                    ExplanationRequest request = template with
                    {
                        Text = texts[t],
                        Method = method,
                        TargetLabel = target,
                    };
                    double[] scores;
                    try
                    {
                        Explanation e = await explainer
                            .ExplainAsync(now, request, cancellation: cancellation)
                            .ConfigureAwait(false);
                        scores = [.. e.Features.Select(f => f.Score ?? double.NaN)];
                        if (stage == 0 && scores.All(double.IsFinite))
                        {
                            originals[(method, t)] = (scores, e.Target);
                        }
                    }
                    catch (ExplanationException) when (explainer.Knows(method))
                    {
                        continue;
                    }
                    if (stage == 0)
                    {
                        continue;
                    }
                    (double s, double a) = Randomisation.Similarities(originals[(method, t)].Scores, [scores])[0];
                    Add(signed, s);
                    Add(absolute, a);
                }
                if (stage > 0)
                {
                    string name = layers[stage - 1].Name;
                    stages.Add(
                        new RandomisationStage(
                            method,
                            name,
                            stage,
                            EvaluationRow.Of(method, $"randomised_spearman/{name}", signed, false, template.Seed),
                            EvaluationRow.Of(
                                method,
                                $"randomised_absolute_spearman/{name}",
                                absolute,
                                false,
                                template.Seed
                            )
                        )
                    );
                }
            }
        }
        return [.. methods.SelectMany(m => stages.Where(s => s.Method == m))];

        static void Add(List<double> values, double value)
        {
            if (double.IsFinite(value))
            {
                values.Add(value);
            }
        }
    }

    // "encoder.layer.3", "pooler", "classifier": up to the first number, else the first two names.
    private static string LayerOf(string weight)
    {
        string[] names = weight.Split('.');
        int number = Array.FindIndex(names, n => n.Length > 0 && n.All(char.IsAsciiDigit));
        int end = number >= 0 ? number + 1 : Math.Min(2, Math.Max(1, names.Length - 1));
        return string.Join('.', names.Take(end));
    }

    // On the scheduler's thread.
    private static bool Shuffle(Network network, IReadOnlyList<string> names, ulong seed)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable plain = no_grad();
        foreach ((string name, Tensor weight) in network.Parameters)
        {
            if (!names.Contains(name) || weight.dtype != ScalarType.Float32)
            {
                continue;
            }
            float[] values = weight.cpu().contiguous().data<float>().ToArray();
            SeededRandom random = SeededRandom.For(seed, name);
            for (int i = values.Length - 1; i > 0; i--)
            {
                int j = random.Next(i + 1);
                (values[i], values[j]) = (values[j], values[i]);
            }
            weight.copy_(tensor(values, weight.shape));
        }
        return true;
    }

    /// <summary>The model after its weights changed, under a name and hash of its own: no cache may take it for the original.</summary>
    private sealed class Spoilt(INetworkClassifier model, int stage) : INetworkClassifier
    {
        public ModelInfo Info { get; } =
            model.Info with
            {
                Name = $"{model.Info.Name} with {stage} layers randomised",
                Hash = $"{model.Info.Hash}/randomised/{Guid.NewGuid():N}",
            };

        public Network Network => model.Network;

        public InferenceScheduler Scheduler => model.Scheduler;

        public IReadOnlyList<Absence> Absences => model.Absences;

        public int? MaskTokenId => model.MaskTokenId;

        public string? PieceOf(int id) => model.PieceOf(id);

        public NetworkInput Prepare(TokenizedText text) => model.Prepare(text);

        public Tensor? BaselineIds(TokenizedText text, bool keepSpecial) => model.BaselineIds(text, keepSpecial);

        public TokenizedText Tokenize(string text) => model.Tokenize(text);

        public Task<IReadOnlyList<Prediction>> PredictAsync(
            IReadOnlyList<string> texts,
            WorkPriority priority,
            CancellationToken cancellation
        ) => model.PredictAsync(texts, priority, cancellation);

        public Task<IReadOnlyList<double[]>> EvaluateAsync(
            TokenizedText text,
            IReadOnlyList<bool[]> present,
            Absence absence,
            WorkPriority priority,
            CancellationToken cancellation
        ) => model.EvaluateAsync(text, present, absence, priority, cancellation);

        public void Dispose() { }
    }
}
