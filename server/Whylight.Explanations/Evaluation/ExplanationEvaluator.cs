using Whylight.Explanations.Game;
using Whylight.Explanations.Rendering;
using Whylight.Measures;
using Whylight.Models;
using Whylight.Perturbations;

namespace Whylight.Explanations.Evaluation;

/// <summary>One measure of an explanation's quality.</summary>
/// <param name="Name">Snake-case name, as in README.md of this library.</param>
/// <param name="Value">The measure; null where it is undefined for this text.</param>
/// <param name="HigherIsBetter">Whether more is better; null where neither end is.</param>
public sealed record EvaluationMeasure(string Name, double? Value, bool? HigherIsBetter);

/// <summary>The quality of one explanation.</summary>
/// <param name="Measures">The measures, in a fixed order.</param>
/// <param name="Absence">What removing a feature meant, in snake case: other absences give other figures.</param>
/// <param name="DeletionCurve">Target probability after removing 0, 1, ... features, the highest scores first.</param>
/// <param name="InsertionCurve">Target probability with 0, 1, ... features present, the highest scores first.</param>
/// <param name="ModelCalls">Coalitions asked (cached or not) and texts explained again.</param>
public sealed record ExplanationEvaluation(
    IReadOnlyList<EvaluationMeasure> Measures,
    string Absence,
    IReadOnlyList<double> DeletionCurve,
    IReadOnlyList<double> InsertionCurve,
    int ModelCalls
);

/// <summary>Measures how good explanations are: faithful, stable, simple, plausible.</summary>
public sealed class ExplanationEvaluator
{
    private const int Subsets = 64;
    private const int Repeats = 4;
    private const int Top = 5;

    private readonly Explainer _explainer;
    private readonly CoalitionCache? _cache;

    /// <summary>An evaluator that explains again, where a measure needs it, through an explainer.</summary>
    /// <param name="explainer">Null for the default one.</param>
    /// <param name="cache">Null for the shared one.</param>
    public ExplanationEvaluator(Explainer? explainer = null, CoalitionCache? cache = null)
    {
        _explainer = explainer ?? Explainer.Default;
        _cache = cache;
    }

    /// <summary>Evaluates one explanation.</summary>
    /// <param name="model">The model explained.</param>
    /// <param name="request">The request that was answered; its method is used to explain again.</param>
    /// <param name="explanation">The answer.</param>
    /// <param name="rationale">Which features a human marked, for plausibility; null for none.</param>
    /// <param name="again">Whether to explain again (other seeds, perturbed texts, another label), which costs calls.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between blocks.</param>
    /// <exception cref="ExplanationException">The explanation has no score a feature, such as an anchor's.</exception>
    public async Task<ExplanationEvaluation> EvaluateAsync(
        ITextClassifier model,
        ExplanationRequest request,
        Explanation explanation,
        IReadOnlyList<bool>? rationale = null,
        bool again = true,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(explanation);
        if (explanation.Features.Any(f => f.Score is null))
        {
            throw new ExplanationException(
                $"'{explanation.Method}' gives no score to every feature, so there is nothing to evaluate: choose another method"
            );
        }
        double[] scores = [.. explanation.Features.Select(f => f.Score!.Value)];
        // The label explained stays the target, also where the text is changed below.
        ExplanationRequest settled = request with
        {
            TargetLabel = explanation.Target,
        };
        TextGame game = await TextGame.OpenAsync(model, settled, priority, _cache, cancellation).ConfigureAwait(false);
        if (game.Players != scores.Length || (rationale is not null && rationale.Count != scores.Length))
        {
            throw new ExplanationException(
                $"the explanation has {scores.Length} features and the text has {game.Players}: evaluate it with the features it was made with"
            );
        }
        IGame probability = new Probability(game);
        List<EvaluationMeasure> measures = [];
        (double[] deletion, double[] insertion) = await CurvesAsync(probability, scores, cancellation)
            .ConfigureAwait(false);
        await EraserAsync(probability, request.Budget, scores, deletion, insertion, measures, cancellation)
            .ConfigureAwait(false);
        int? needed = await InformationNeededAsync(game, scores, insertion, cancellation).ConfigureAwait(false);
        measures.Add(new("information_needed", needed is null ? null : (double)needed / scores.Length, false));
        measures.Add(new("deletion_area", Faithfulness.Area(deletion), false));
        measures.Add(new("insertion_area", Faithfulness.Area(insertion), true));
        await SubsetsAsync(game, request.Seed, scores, measures, cancellation).ConfigureAwait(false);
        measures.Add(new("complexity", Complexity.Entropy(scores), false));
        measures.Add(new("sparseness_gini", Complexity.Gini(scores), true));
        measures.Add(new("completeness_gap", explanation.CompletenessGap is { } gap ? Math.Abs(gap) : null, false));
        int calls = game.ModelCalls;
        if (again)
        {
            calls += await AgainAsync(model, settled, explanation, scores, measures, priority, cancellation)
                .ConfigureAwait(false);
        }
        if (rationale is not null)
        {
            int k = rationale.Count(r => r);
            measures.Add(new("plausibility_auprc", Plausibility.Auprc(scores, rationale), true));
            measures.Add(new("plausibility_token_f1", Plausibility.TokenF1(scores, rationale, k), true));
            measures.Add(new("plausibility_iou", Plausibility.Iou(scores, rationale, k), true));
            measures.Add(new("plausibility_pointing", Plausibility.PointsAtRationale(scores, rationale) ? 1 : 0, true));
            measures.Add(new("plausibility_mass", Plausibility.MassAccuracy(scores, rationale), true));
        }
        return new ExplanationEvaluation(measures, Names.Of(game.Absence), deletion, insertion, calls);
    }

    /// <summary>Explains and evaluates texts by several methods: a table of methods by measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="texts">The texts, with what a human marked where known.</param>
    /// <param name="methods">Names of methods that score every feature.</param>
    /// <param name="template">Everything else of the requests.</param>
    /// <param name="again">Whether to explain again for the measures of stability.</param>
    /// <param name="progress">Told the share done, 0 to 1.</param>
    /// <param name="cancellation">Checked between blocks.</param>
    /// <returns>Texts that a method refuses are left out of its rows and counted.</returns>
    /// <exception cref="ExplanationException">There is no method of a name.</exception>
    public async Task<MethodComparison> CompareAsync(
        ITextClassifier model,
        IReadOnlyList<EvaluationText> texts,
        IReadOnlyList<string> methods,
        ExplanationRequest template,
        bool again = true,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(methods);
        foreach (string method in methods)
        {
            if (!_explainer.Knows(method))
            {
                throw new ExplanationException(Names.Unknown("method", method, _explainer.Methods));
            }
        }
        Dictionary<string, Tally> tallies = methods.Distinct().ToDictionary(m => m, _ => new Tally());
        List<(string First, string Second)> pairs =
        [
            .. methods.SelectMany((first, i) => methods.Skip(i + 1).Select(second => (first, second))),
        ];
        Dictionary<(string, string), List<double>[]> agreements = pairs.ToDictionary(
            p => p,
            _ =>
                (List<double>[])
                    [
                        [],
                        [],
                        [],
                        [],
                    ]
        );
        string? absence = null;
        int done = 0;
        // Text by text, so that all methods draw on the same coalitions while they are cached.
        foreach (EvaluationText text in texts)
        {
            Dictionary<string, double[]> scored = [];
            foreach (string method in tallies.Keys)
            {
                Tally tally = tallies[method];
                ExplanationRequest request = template with { Text = text.Text, Method = method };
                try
                {
                    Explanation explanation = await _explainer
                        .ExplainAsync(model, request, cancellation: cancellation)
                        .ConfigureAwait(false);
                    ExplanationEvaluation evaluation = await EvaluateAsync(
                            model,
                            request,
                            explanation,
                            text.Rationale is { } ranges ? Plausibility.Marked(explanation.Features, ranges) : null,
                            again,
                            cancellation: cancellation
                        )
                        .ConfigureAwait(false);
                    tally.Add(evaluation, explanation.ModelCalls);
                    absence ??= evaluation.Absence;
                    scored[method] = [.. explanation.Features.Select(f => f.Score!.Value)];
                }
                catch (ExplanationException exception)
                {
                    tally.Refusal ??= exception.Message;
                    tally.Refused++;
                }
                cancellation.ThrowIfCancellationRequested();
            }
            foreach ((string first, string second) in pairs)
            {
                if (
                    scored.TryGetValue(first, out double[]? a)
                    && scored.TryGetValue(second, out double[]? b)
                    && a.Length == b.Length
                    && a.Length > 1
                )
                {
                    double[] similar = Alike(a, b);
                    for (int k = 0; k < similar.Length; k++)
                    {
                        if (double.IsFinite(similar[k]))
                        {
                            agreements[(first, second)][k].Add(similar[k]);
                        }
                    }
                }
            }
            progress?.Report((double)++done / texts.Count);
        }
        return new MethodComparison(
            [.. tallies.SelectMany(t => t.Value.Rows(t.Key, template.Seed))],
            [
                .. tallies.Select(t => new MethodSummary(
                    t.Key,
                    t.Value.Texts,
                    t.Value.Refused,
                    t.Value.Refusal,
                    t.Value.Calls
                )),
            ],
            [
                .. pairs.Select(p =>
                {
                    EvaluationRow Row(int k, string measure) =>
                        EvaluationRow.Of($"{p.First}/{p.Second}", measure, agreements[p][k], true, template.Seed);
                    return new MethodAgreement(
                        p.First,
                        p.Second,
                        Row(0, "agreement_spearman"),
                        Row(1, "agreement_kendall"),
                        Row(2, "agreement_top_k_jaccard"),
                        Row(3, "agreement_rbo")
                    );
                }),
            ],
            absence
        );
    }

    // Spearman and Kendall of the signed scores; top-5 Jaccard and RBO by absolute score.
    private static double[] Alike(double[] a, double[] b) =>
        [
            RankCorrelation.Spearman(a, b),
            RankCorrelation.KendallTauB(a, b),
            RankCorrelation.TopKJaccard(a, b, Math.Min(Top, a.Length)),
            RankCorrelation.RankBiasedOverlap(a, b),
        ];

    /// <summary>What gathers over texts for one method.</summary>
    private sealed class Tally
    {
        private readonly Dictionary<string, (List<double> Values, bool? Better)> _measures = [];

        public int Texts { get; private set; }

        public int Refused { get; set; }

        public string? Refusal { get; set; }

        public int Calls { get; private set; }

        public void Add(ExplanationEvaluation evaluation, int explained)
        {
            Texts++;
            Calls += explained + evaluation.ModelCalls;
            foreach (EvaluationMeasure measure in evaluation.Measures)
            {
                if (!_measures.TryGetValue(measure.Name, out (List<double> Values, bool? Better) cell))
                {
                    _measures[measure.Name] = cell = ([], measure.HigherIsBetter);
                }
                if (measure.Value is { } value)
                {
                    cell.Values.Add(value);
                }
            }
        }

        public IEnumerable<EvaluationRow> Rows(string method, ulong seed) =>
            _measures.Select(m => EvaluationRow.Of(method, m.Key, m.Value.Values, m.Value.Better, seed));
    }

    private static async Task<(double[] Deletion, double[] Insertion)> CurvesAsync(
        IGame probability,
        double[] scores,
        CancellationToken cancellation
    )
    {
        int n = scores.Length;
        int[] order = Faithfulness.Order(scores);
        List<Coalition> asked = [];
        Coalition kept = Coalition.Empty(n);
        asked.Add(kept);
        foreach (int i in order)
        {
            kept = kept.With(i);
            asked.Add(kept);
        }
        double[] values = await probability
            .EvaluateAsync([.. asked, .. asked.Select(c => c.Complement())], cancellation)
            .ConfigureAwait(false);
        return (values[(n + 1)..], values[..(n + 1)]);
    }

    private static async Task EraserAsync(
        IGame probability,
        int budget,
        double[] scores,
        double[] deletion,
        double[] insertion,
        List<EvaluationMeasure> measures,
        CancellationToken cancellation
    )
    {
        int n = scores.Length;
        int[] sizes = [.. Eraser.Bins.Select(b => Eraser.Size(b, n))];
        double whole = deletion[0];
        double comprehensiveness = Eraser.Aopc(whole, [.. sizes.Select(k => deletion[k])]);
        double sufficiency = Eraser.Aopc(whole, [.. sizes.Select(k => insertion[k])]);
        measures.Add(new("eraser_comprehensiveness", comprehensiveness, true));
        measures.Add(new("eraser_sufficiency", sufficiency, false));
        double? normalisedComprehensiveness = null;
        double? normalisedSufficiency = null;
        if (Enumeration.Fits(n, budget))
        {
            double[] present = await Enumeration.TabulateAsync(probability, cancellation).ConfigureAwait(false);
            double[] removed = [.. present.Reverse()];
            (double least, double greatest) = Eraser.Extremes(removed, sizes);
            double bins = sizes.Length;
            normalisedComprehensiveness = Eraser.Normalised(
                comprehensiveness,
                whole - greatest / bins,
                whole - least / bins
            );
            (least, greatest) = Eraser.Extremes(present, sizes);
            normalisedSufficiency = Eraser.Normalised(sufficiency, whole - greatest / bins, whole - least / bins);
        }
        measures.Add(new("normalised_comprehensiveness", normalisedComprehensiveness, true));
        measures.Add(new("normalised_sufficiency", normalisedSufficiency, false));
    }

    // Fewest words, strongest first, that alone keep the label and the probability within .05.
    private static async Task<int?> InformationNeededAsync(
        TextGame game,
        double[] scores,
        double[] insertion,
        CancellationToken cancellation
    )
    {
        int n = scores.Length;
        int[] order = Faithfulness.Order(scores);
        Coalition kept = Coalition.Empty(n);
        List<Coalition> chain = [kept];
        foreach (int i in order)
        {
            kept = kept.With(i);
            chain.Add(kept);
        }
        double[] keeps = await game.Keeps.EvaluateAsync(chain, cancellation).ConfigureAwait(false);
        for (int k = 0; k <= n; k++)
        {
            if (keeps[k] == 1 && Math.Abs(insertion[k] - insertion[n]) <= 0.05)
            {
                return k;
            }
        }
        return null;
    }

    private static async Task SubsetsAsync(
        TextGame game,
        ulong seed,
        double[] scores,
        List<EvaluationMeasure> measures,
        CancellationToken cancellation
    )
    {
        int n = scores.Length;
        Coalition full = Coalition.Full(n);
        double[] singles = await game
            .Value.EvaluateAsync([full, .. Enumerable.Range(0, n).Select(full.Without)], cancellation)
            .ConfigureAwait(false);
        double[] changes = [.. singles.Skip(1).Select(v => singles[0] - v)];
        SeededRandom random = SeededRandom.For(seed, "evaluation");
        // Sets of one size for the correlation, of every size for infidelity; repeats are kept out while there are others.
        Coalition[] half = Draw(random, n, () => Math.Max(1, n / 2));
        Coalition[] any = Draw(random, n, () => 1 + random.Next(n));
        (double[] sums, double[] falls) = await RemovedAsync(half).ConfigureAwait(false);
        measures.Add(new("faithfulness_correlation", Faithfulness.Correlation(sums, falls), true));
        measures.Add(new("faithfulness_estimate", Faithfulness.Correlation(scores, changes), true));
        measures.Add(new("monotonicity_correlation", Faithfulness.Monotonicity(scores, changes), true));
        measures.Add(new("leave_one_out_tau", Faithfulness.LeaveOneOutTau(scores, changes), true));
        (sums, falls) = await RemovedAsync(any).ConfigureAwait(false);
        measures.Add(new("infidelity", Faithfulness.Infidelity(sums, falls), false));
        measures.Add(new("infidelity_normalised", Faithfulness.Infidelity(sums, falls, true), false));

        async Task<(double[], double[])> RemovedAsync(Coalition[] removed)
        {
            double[] left = await game
                .Value.EvaluateAsync([.. removed.Select(r => r.Complement())], cancellation)
                .ConfigureAwait(false);
            return ([.. removed.Select(r => r.Members().Sum(i => scores[i]))], [.. left.Select(v => singles[0] - v)]);
        }
    }

    private static Coalition[] Draw(Random random, int n, Func<int> size)
    {
        HashSet<Coalition> drawn = [];
        for (int trial = 0; trial < 4 * Subsets && drawn.Count < Subsets; trial++)
        {
            int[] order = [.. Enumerable.Range(0, n)];
            int k = size();
            for (int i = 0; i < k; i++)
            {
                int j = i + random.Next(n - i);
                (order[i], order[j]) = (order[j], order[i]);
            }
            drawn.Add(Coalition.Of(n, order.Take(k)));
        }
        return [.. drawn.Order()];
    }

    private async Task<int> AgainAsync(
        ITextClassifier model,
        ExplanationRequest request,
        Explanation explanation,
        double[] scores,
        List<EvaluationMeasure> measures,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        int calls = 0;
        async Task<Explanation> Explain(ExplanationRequest changed)
        {
            Explanation e = await _explainer
                .ExplainAsync(model, changed, null, priority, cancellation)
                .ConfigureAwait(false);
            calls += e.ModelCalls;
            return e;
        }

        // Other seeds: only what is sampled can differ.
        bool sampled = explanation.Features.Any(f => f.StandardError > 0);
        List<double[]> seeds = [];
        for (int k = 1; sampled && k <= Repeats; k++)
        {
            Explanation e = await Explain(request with { Seed = request.Seed + (ulong)k }).ConfigureAwait(false);
            seeds.Add([.. e.Features.Select(f => f.Score!.Value)]);
        }
        AddAlike("seed", seeds);

        // One typo a text; only edits that keep the number of features can be compared feature by feature.
        SeededRandom random = SeededRandom.For(request.Seed, "evaluation", "perturbations");
        Perturbation typo = new SwapAdjacent();
        HashSet<string> tried = [request.Text];
        List<double[]> perturbed = [];
        List<string> rationales = [];
        List<double> lipschitz = [];
        List<double> outputs = [];
        List<double> inputs = [];
        for (int trial = 0; trial < 3 * Repeats && perturbed.Count < Repeats && request.Fields is null; trial++)
        {
            string text = typo.Sample(request.Text, random).Apply(request.Text);
            if (!tried.Add(text))
            {
                continue;
            }
            Explanation e = await Explain(request with { Text = text }).ConfigureAwait(false);
            if (e.Features.Count != scores.Length)
            {
                continue;
            }
            double[] other = [.. e.Features.Select(f => f.Score!.Value)];
            perturbed.Add(other);
            rationales.Add(Rationale.Of(e, Messages.English));
            double distance = 1 - EditDistance.LevenshteinSimilarity(request.Text, text);
            lipschitz.Add(Stability.Lipschitz(scores, other, distance));
            inputs.Add(Stability.Relative(scores, other, [1], [1 - distance]));
            outputs.Add(Stability.RelativeOutput(scores, other, explanation.Prediction.Logits, e.Prediction.Logits));
        }
        measures.Add(new("max_sensitivity", Stability.MaxSensitivity(scores, perturbed), false));
        measures.Add(new("average_sensitivity", Stability.AverageSensitivity(scores, perturbed), false));
        measures.Add(new("local_lipschitz", lipschitz.Count == 0 ? null : lipschitz.Max(), false));
        measures.Add(new("relative_input_stability", inputs.Count == 0 ? null : inputs.Max(), false));
        measures.Add(new("relative_output_stability", outputs.Count == 0 ? null : outputs.Max(), false));
        AddAlike("perturbation", perturbed);
        string[] sentences = WordsOf(Rationale.Of(explanation, Messages.English));
        measures.Add(
            new(
                "rationale_rouge_l",
                rationales.Count == 0 ? null : rationales.Average(r => TextSimilarity.RougeL(WordsOf(r), sentences).F1),
                true
            )
        );
        measures.Add(
            new(
                "rationale_chrf",
                rationales.Count == 0
                    ? null
                    : rationales.Average(r => TextSimilarity.ChrF(r, Rationale.Of(explanation, Messages.English))),
                true
            )
        );

        // Random logit: the explanation of another label should be another one (Sixt, Granz and Landgraf 2020).
        double? randomLogit = null;
        string? otherLabel = model.Info.Labels.Where(l => l != explanation.Target).FirstOrDefault();
        if (otherLabel is not null && scores.Length > 1)
        {
            Explanation e = await Explain(request with { TargetLabel = otherLabel, ContrastLabel = null })
                .ConfigureAwait(false);
            double spearman = RankCorrelation.Spearman(scores, [.. e.Features.Select(f => f.Score!.Value)]);
            randomLogit = double.IsNaN(spearman) ? null : spearman;
        }
        measures.Add(new("random_logit_spearman", randomLogit, false));
        return calls;

        void AddAlike(string what, List<double[]> others)
        {
            string[] names = ["spearman", "kendall", "top_k_jaccard", "rbo"];
            double[][] alike = [.. others.Select(o => Alike(scores, o))];
            for (int k = 0; k < names.Length; k++)
            {
                double[] defined = [.. alike.Select(a => a[k]).Where(double.IsFinite)];
                measures.Add(new($"{what}_{names[k]}", defined.Length == 0 ? null : defined.Average(), true));
            }
        }
    }

    private static string[] WordsOf(string sentence) =>
        [.. TextUnits.Of(sentence, FeatureKind.Word).Select(u => sentence[u.Start..u.End].ToLowerInvariant())];

    // The target's calibrated probability, whatever value was explained: ERASER's scale.
    private sealed class Probability(TextGame game) : IGame
    {
        private readonly TargetValue _value = game.Target with { Kind = ValueKind.Probability };

        public int Players => game.Players;

        public int ModelCalls => game.ModelCalls;

        public async Task<double[]> EvaluateAsync(
            IReadOnlyList<Coalition> coalitions,
            CancellationToken cancellation = default
        )
        {
            double[][] logits = await game.LogitsAsync(coalitions, cancellation).ConfigureAwait(false);
            return [.. logits.Select(l => _value.Of(l))];
        }
    }
}
