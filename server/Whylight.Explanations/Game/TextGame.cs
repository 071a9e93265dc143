using Whylight.Models;

namespace Whylight.Explanations.Game;

/// <summary>A text's features as players and a model as the judge of their coalitions: the rim between games and models.</summary>
/// <remarks>
/// Each coalition of features becomes a set of present tokens (those of no feature are always present) and is asked of the
/// model through the shared cache, in canonical order, in blocks of 64. Views of it are games: <see cref="Value"/> for the
/// number explained, <see cref="Keeps"/> for the label.
/// </remarks>
public sealed class TextGame
{
    private readonly CoalitionMemo<double[]> _memo;

    private TextGame(
        ITextClassifier model,
        ExplanationRequest request,
        FeatureSet features,
        CoalitionCache cache,
        WorkPriority priority
    )
    {
        Model = model;
        Request = request;
        Features = features;
        Absence = request.Absence ?? model.Absences[0];
        CoalitionCache.Table table = cache.For(model.Info, request.Text, Absence);
        _memo = new CoalitionMemo<double[]>(
            features.Count,
            (block, cancellation) =>
                table.GetAsync(
                    [.. block.Select(PresentTokens)],
                    present => model.EvaluateAsync(features.Text, present, Absence, priority, cancellation),
                    cancellation
                )
        );
        Value = new View(this, logits => Target.Of((IReadOnlyList<double>)logits));
        Keeps = new View(this, logits => Best(logits, Model.Info.RestIndex) == Prediction.LabelIndex ? 1 : 0);
    }

    /// <summary>The model asked.</summary>
    public ITextClassifier Model { get; }

    /// <summary>What is explained.</summary>
    public ExplanationRequest Request { get; }

    /// <summary>The players.</summary>
    public FeatureSet Features { get; }

    /// <summary>What a missing feature means here.</summary>
    public Absence Absence { get; }

    /// <summary>What the model says of the whole text.</summary>
    public Prediction Prediction { get; private set; } = null!;

    /// <summary>Which number is explained.</summary>
    public TargetValue Target { get; private set; }

    /// <summary>The game whose values are the number explained.</summary>
    public IGame Value { get; }

    /// <summary>The game whose value is 1 where the label of the whole text is kept and 0 elsewhere.</summary>
    public IGame Keeps { get; }

    /// <summary>Number of players.</summary>
    public int Players => Features.Count;

    /// <summary>Distinct coalitions asked through this object; what was cached counts too, so that the number repeats.</summary>
    public int ModelCalls => _memo.Count;

    /// <summary>Opens the game of a request: tokens, features, and one call for the whole text.</summary>
    /// <exception cref="ExplanationException">No features, an absence or label that the model does not have.</exception>
    public static async Task<TextGame> OpenAsync(
        ITextClassifier model,
        ExplanationRequest request,
        WorkPriority priority = WorkPriority.Batch,
        CoalitionCache? cache = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Budget < 1)
        {
            throw new ExplanationException($"a budget of {request.Budget} model calls buys nothing; give 1 or more");
        }
        if (request.Absence is { } absence && !model.Absences.Contains(absence))
        {
            throw new ExplanationException(
                $"the absence '{Names.Of(absence)}' means nothing for {model.Info.Name} ({model.Info.Family}); "
                    + $"choose one of: {string.Join(", ", model.Absences.Select(a => Names.Of(a)))}"
            );
        }
        TokenizedText text = model.Tokenize(request.Text);
        FeatureSet features = FeatureSet.Build(text, request.FeatureKind, request.Fields);
        TextGame game = new(model, request, features, cache ?? CoalitionCache.Shared, priority);
        double[][] whole = await game.LogitsAsync([Coalition.Full(features.Count)], cancellation).ConfigureAwait(false);
        game.Prediction = Prediction.FromLogits(
            request.Text,
            model.Info.Labels,
            whole[0],
            model.Info.Temperature,
            text.TruncatedAt,
            text.ReadFrom,
            model.Info.RestIndex
        );
        game.Target = TargetValue.For(model.Info, request, whole[0]);
        return game;
    }

    /// <summary>Raw logits of coalitions of features.</summary>
    public Task<double[][]> LogitsAsync(
        IReadOnlyList<Coalition> coalitions,
        CancellationToken cancellation = default
    ) => _memo.GetAsync(coalitions, cancellation);

    /// <summary>The tokens present in a coalition: its features' and those of no feature.</summary>
    public bool[] PresentTokens(Coalition coalition)
    {
        bool[] flags = new bool[Features.Count];
        for (int i = 0; i < flags.Length; i++)
        {
            flags[i] = coalition[i];
        }
        return Features.PresentTokens(flags);
    }

    /// <summary>The text that stays readable when only some features are present: the others cut out, spaces closed up.</summary>
    public string TextOf(Coalition coalition)
    {
        string text = Request.Text;
        System.Text.StringBuilder kept = new(text.Length);
        int from = 0;
        for (int i = 0; i < Features.Count; i++)
        {
            if (coalition[i])
            {
                continue;
            }
            Feature feature = Features.Features[i];
            kept.Append(text, from, Math.Max(0, feature.Start - from));
            from = Math.Max(from, feature.End);
            // One of the two spaces around a word goes with it.
            if (from < text.Length && text[from] == ' ' && (kept.Length == 0 || kept[^1] == ' '))
            {
                from++;
            }
        }
        kept.Append(text, from, text.Length - from);
        // The space before what was cut off at the end goes too: a language model would read on from it.
        if (kept.Length > 0 && kept[^1] == ' ' && text[^1] != ' ')
        {
            kept.Length--;
        }
        return kept.ToString();
    }

    /// <summary>An explanation of this game with its provenance filled in and no scores yet.</summary>
    internal Explanation Frame(string method, string estimator) =>
        new()
        {
            Text = Request.Text,
            Method = method,
            Estimator = estimator,
            Target = Prediction.LabelIndex == Target.Target ? Prediction.Label : Model.Info.Labels[Target.Target],
            ContrastLabel = Target.Contrast < 0 ? null : Model.Info.Labels[Target.Contrast],
            Prediction = Prediction,
            Features = [.. Features.Features.Select(f => new FeatureScore(f.Text, f.Start, f.End, null, Name: f.Name))],
            ModelCalls = ModelCalls,
            Seed = Request.Seed,
            ValueKind = Names.Of(Request.ValueKind),
            Absence = Names.Of(Absence),
            ModelHash = Model.Info.Hash,
        };

    /// <summary>The same with additive scores: base value, remainder 0, and the gap that is left.</summary>
    internal Explanation Frame(string method, PlayerValues values) =>
        Frame(method, values.Estimator) with
        {
            Features =
            [
                .. Features.Features.Select(
                    (f, i) =>
                        new FeatureScore(f.Text, f.Start, f.End, values.Values[i], values.StandardErrors[i], f.Name)
                ),
            ],
            Value = values.FullValue,
            BaseValue = values.EmptyValue,
            Remainder = 0,
            CompletenessGap = values.FullValue - values.EmptyValue - values.Values.Sum(),
            Converged = values.Converged,
            ModelCalls = values.ModelCalls,
        };

    /// <summary>Index of the largest logit, but for a label that is never predicted.</summary>
    internal static int Best(double[] logits, int? rest)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best] && i != rest)
            {
                best = i;
            }
        }
        return best;
    }

    private sealed class View(TextGame game, Func<double[], double> value) : IGame
    {
        public int Players => game.Players;

        public int ModelCalls => game.ModelCalls;

        public async Task<double[]> EvaluateAsync(
            IReadOnlyList<Coalition> coalitions,
            CancellationToken cancellation = default
        )
        {
            double[][] logits = await game.LogitsAsync(coalitions, cancellation).ConfigureAwait(false);
            double[] values = new double[logits.Length];
            for (int i = 0; i < values.Length; i++)
            {
                foreach (double logit in logits[i])
                {
                    MemoizedGame.CheckFinite(logit);
                }
                values[i] = value(logits[i]);
                MemoizedGame.CheckFinite(values[i]);
            }
            return values;
        }
    }
}
