using System.Text.Json.Nodes;
using Whylight.Documents;
using Whylight.Explanations;
using Whylight.Harness.Reports;
using Whylight.Harness.Search;
using Whylight.Harness.Snapshots;
using Whylight.Measures;
using Whylight.Models;
using Whylight.Perturbations;

namespace Whylight.Harness.Specs;

/// <summary>One run of one suite: what its tests share, and how each kind of test is judged.</summary>
internal sealed class SuiteRun : IDisposable
{
    private const int Resamples = 1000;

    private readonly SpecFile _spec;
    private readonly SuiteOptions _options;
    private readonly IProgress<SuiteProgress>? _progress;
    private readonly MeteredClassifier _model;
    private readonly Dictionary<string, DatasetPredictions> _datasets;
    private readonly List<SnapshotStore> _stores = [];
    private readonly string _specHash;

    public SuiteRun(SpecFile spec, ITextClassifier model, SuiteOptions options, IProgress<SuiteProgress>? progress)
    {
        _spec = spec;
        _options = options;
        _progress = progress;
        _model = new MeteredClassifier(model, spec.Limits, TimeProvider.System);
        _datasets = spec.Datasets.ToDictionary(
            d => d.Name,
            d => new DatasetPredictions(d, _model),
            StringComparer.Ordinal
        );
        _specHash = SuiteRunner.HashOf(spec);
        Seed = options.Seed ?? spec.Seed;
        Regressions = new Regressions(options.StateFolder);
    }

    public ulong Seed { get; }

    public Regressions Regressions { get; }

    public void Dispose()
    {
        foreach (DatasetPredictions dataset in _datasets.Values)
        {
            dataset.Dispose();
        }
    }

    public async Task<(TestResult Result, Judgement? Judgement)> TestAsync(
        SpecTest test,
        CancellationToken cancellation
    )
    {
        long started = TimeProvider.System.GetTimestamp();
        long calls = _model.Calls;
        (TestResult Result, Judgement? Judgement) outcome;
        try
        {
            _progress?.Report(new SuiteProgress(_spec.Name, test.Id, 0, 0));
            outcome = test switch
            {
                MetricTest metric => await MetricAsync(metric, cancellation).ConfigureAwait(false),
                SnapshotTest snapshot => (await SnapshotAsync(snapshot, cancellation).ConfigureAwait(false), null),
                RateTest rate => await RateAsync(rate, cancellation).ConfigureAwait(false),
                _ => throw new ArgumentException($"there is no way to run a test of type {test.Type}", nameof(test)),
            };
        }
        catch (LimitReachedException e)
        {
            outcome = (Result(test, Verdict.Inconclusive, e.Message), null);
        }
        catch (Exception e)
            when (e
                    is ModelException
                        or DocumentException
                        or ExplanationException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            outcome = (Result(test, Verdict.Error, e.Message), null);
        }
        TestResult result = outcome.Result with
        {
            ModelCalls = _model.Calls - calls,
            ElapsedMs = _options.Timing ? TimeProvider.System.GetElapsedTime(started).TotalMilliseconds : null,
        };
        _progress?.Report(new SuiteProgress(_spec.Name, test.Id, result.N, result.N, result));
        return (result, outcome.Judgement);
    }

    public TestResult Result(SpecTest test, Verdict verdict, string message) =>
        new()
        {
            Id = test.Id,
            Type = test.Type,
            Capability = test.Capability,
            Severity = test.Severity,
            Start = test.Start,
            End = test.End,
            Verdict = verdict,
            Message = message,
        };

    /// <summary>Verified snapshots of this suite that no test asked for.</summary>
    public IReadOnlyList<string> Dangling()
    {
        IEnumerable<string> dangling = new SnapshotStore(_spec.SnapshotFolder).Dangling();
        foreach (SnapshotStore store in _stores)
        {
            dangling = dangling.Intersect(store.Dangling());
        }
        return dangling
            .Where(p => Path.GetFileName(p).StartsWith(_spec.Name + ".", StringComparison.Ordinal))
            .Select(p => $"no test makes the snapshot {Path.GetFileName(p)} any more; delete it")
            .ToArray();
    }

    public async Task<TestResult> ReplayAsync(SpecTest test, ReplayCase replay, CancellationToken cancellation)
    {
        PerturbedText failing = replay.Case!;
        IReadOnlyList<Prediction> said = await _model
            .PredictAsync([failing.Text, failing.Edited], WorkPriority.Batch, cancellation)
            .ConfigureAwait(false);
        bool holds = test switch
        {
            PerturbationTest perturbation => Expected(perturbation).Holds(said[0], said[1]),
            ConsistencyTest { Kind: ConsistencyKind.Repeat or ConsistencyKind.Batch } consistency => await AgreesAsync(
                    consistency,
                    failing.Text,
                    cancellation
                )
                .ConfigureAwait(false),
            _ => replay.Label is null || said[0].Label == replay.Label,
        };
        Counterexample found = new()
        {
            Original = failing,
            Shrunk = failing,
            Before = said[0],
            After = said[1],
            Minimal = true,
            ModelCalls = 2,
        };
        string message =
            holds ? "the failure is mended: it does not happen any more"
            : replay.Label is not null ? SuiteMessages.Mislabelled(failing.Text, replay.Label, said[0].Label)
            : failing.Edits.Count > 0 ? SuiteMessages.Flipped(found)
            : $"\"{SuiteMessages.Cut(failing.Text)}\" still fails";
        return Result(test, holds ? Verdict.Passed : Verdict.Failed, message) with
        {
            N = 1,
            Rate = holds ? 1 : 0,
            Counterexample = holds ? null : found,
            Replay = holds ? null : replay.Encode(),
        };
    }

    private async Task<bool> AgreesAsync(ConsistencyTest test, string text, CancellationToken cancellation)
    {
        IReadOnlyList<Prediction> alone = await _model
            .PredictAsync([text], WorkPriority.Batch, cancellation)
            .ConfigureAwait(false);
        string[] company = [text, .. Enumerable.Repeat(text + " " + text, 7)];
        IReadOnlyList<Prediction> among = await _model
            .PredictAsync(test.Kind == ConsistencyKind.Batch ? company : [text], WorkPriority.Batch, cancellation)
            .ConfigureAwait(false);
        return Agree(alone[0], among[0], test.Tolerance);
    }

    private async Task<(TestResult, Judgement?)> MetricAsync(MetricTest test, CancellationToken cancellation)
    {
        DatasetPredictions dataset = _datasets[test.Dataset!];
        IReadOnlyList<int> truth = dataset.Labels();
        IReadOnlyList<Prediction> predictions = await dataset.AllAsync(cancellation).ConfigureAwait(false);
        if (truth.Count == 0)
        {
            return (Result(test, Verdict.Inconclusive, "there was no example to judge"), null);
        }
        int[] all = Enumerable.Range(0, truth.Count).ToArray();
        double score = MetricScores.Of(test.Metric, test.Bins, truth, predictions, all);
        Judgement judgement;
        if (
            test.Metric is "accuracy" or "micro_f1"
            && test.MaxScore is null
            && test.MinScore is double least and > 0 and < 1
        )
        {
            // A share of right answers is a rate, and exact.
            RateJudge judge = new(
                _spec.Statistics with
                {
                    Sequential = SequentialRule.None,
                },
                new MinimumFunctionalityTest
                {
                    Id = test.Id,
                    Type = test.Type,
                    MinPassRate = least,
                }
            );
            foreach (int i in all)
            {
                judge.Observe(predictions[i].LabelIndex == truth[i]);
            }
            judgement = judge.Judge();
        }
        else
        {
            double[] replicates = Bootstrap
                .Replicates(
                    truth.Count,
                    rows => MetricScores.Of(test.Metric, test.Bins, truth, predictions, rows),
                    SeededRandom.Derive(Seed, "test", test.Id),
                    Resamples
                )
                .Where(r => !double.IsNaN(r))
                .ToArray();
            Interval bounds = Bootstrap.Percentile(replicates, 2 * _spec.Statistics.Confidence - 1);
            judgement = JudgeScore(test, score, replicates, bounds);
        }
        TestResult result = Result(
            test,
            judgement.Verdict,
            SuiteMessages.Score(test.Metric, score, judgement, test.MinScore, test.MaxScore)
        ) with
        {
            Score = score,
            Rate = test.Metric == "accuracy" ? score : null,
            Interval = judgement.Interval,
            IntervalMethod = judgement.Method,
            Threshold = test.MinScore ?? test.MaxScore,
            N = truth.Count,
            Replay = judgement.Verdict == Verdict.Failed ? Replay(test, null).Encode() : null,
        };
        return (result, judgement);
    }

    // The bootstrap's p-value is the share of resamples on the wrong side, counting the sample itself.
    private static Judgement JudgeScore(MetricTest test, double score, double[] replicates, Interval bounds)
    {
        if (double.IsNaN(score) || replicates.Length == 0)
        {
            return new Judgement(Verdict.Inconclusive, null, null, Note: "the measure is not defined here");
        }
        double min = test.MinScore ?? double.NegativeInfinity;
        double max = test.MaxScore ?? double.PositiveInfinity;
        Verdict verdict =
            bounds.Lower >= min && bounds.Upper <= max ? Verdict.Passed
            : bounds.Upper < min || bounds.Lower > max ? Verdict.Failed
            : Verdict.Inconclusive;
        double total = replicates.Length + 1;
        double below = (replicates.Count(r => r < min) + 1) / total;
        double above = (replicates.Count(r => r > max) + 1) / total;
        double notBelow = (replicates.Count(r => r >= min) + 1) / total;
        double notAbove = (replicates.Count(r => r <= max) + 1) / total;
        double passP = Math.Max(test.MinScore is null ? 0 : below, test.MaxScore is null ? 0 : above);
        double failP = Math.Min(test.MinScore is null ? 1 : notBelow, test.MaxScore is null ? 1 : notAbove);
        return new Judgement(verdict, bounds, "bootstrap_percentile", passP, failP);
    }

    private async Task<(TestResult, Judgement?)> RateAsync(RateTest test, CancellationToken cancellation)
    {
        RateJudge judge = new(_spec.Statistics, test);
        Failures failures = new();
        string? limit = null;
        try
        {
            await (
                test switch
                {
                    MinimumFunctionalityTest functionality => FunctionalityAsync(
                        functionality,
                        judge,
                        failures,
                        cancellation
                    ),
                    PerturbationTest perturbation => PerturbAsync(perturbation, judge, failures, cancellation),
                    ConsistencyTest { Kind: ConsistencyKind.Repeat or ConsistencyKind.Batch } consistency =>
                        ConsistencyAsync(consistency, judge, failures, cancellation),
                    _ => SetsAsync((ConsistencyTest)test, judge, failures, cancellation),
                }
            ).ConfigureAwait(false);
        }
        catch (LimitReachedException e)
        {
            limit = e.Message;
        }
        Judgement judgement = judge.Judge();
        string what = test switch
        {
            PerturbationTest perturbation => perturbation.Expect.Description,
            MinimumFunctionalityTest => "the label is right",
            ConsistencyTest { Kind: ConsistencyKind.Repeat } => "repeated calls agree",
            ConsistencyTest { Kind: ConsistencyKind.Batch } => "alone and in a batch agree",
            ConsistencyTest { Kind: ConsistencyKind.ParaphraseSet } => "the group agrees",
            _ => "the whole group is right",
        };
        string message = SuiteMessages.Rate(
            judge.Passed,
            judge.Count,
            test.MinPassRate,
            judgement,
            failures.NotApplicable,
            what
        );
        if (limit is not null)
        {
            judgement = judgement with { Verdict = Verdict.Inconclusive, PassP = null, FailP = null };
            message = $"{limit}; {message}";
        }
        TestResult result = Result(test, judgement.Verdict, message) with
        {
            Rate = judge.Count == 0 ? null : judge.Passed / (double)judge.Count,
            Interval = judgement.Interval,
            IntervalMethod = judgement.Method,
            Threshold = test.MinPassRate,
            N = judge.Count,
            NotApplicable = failures.NotApplicable,
        };
        if (judgement.Verdict is Verdict.Failed or Verdict.Inconclusive)
        {
            result = await WithCounterexampleAsync(test, result, failures, cancellation).ConfigureAwait(false);
        }
        return (result, judgement);
    }

    private async Task FunctionalityAsync(
        MinimumFunctionalityTest test,
        RateJudge judge,
        Failures failures,
        CancellationToken cancellation
    )
    {
        IReadOnlyList<string> labels = _model.Info.Labels;
        foreach (SpecExample[] block in test.Examples.Chunk(DatasetPredictions.Block))
        {
            foreach (SpecExample example in block.Where(e => !labels.Contains(e.Label)))
            {
                throw new DocumentException(
                    $"{_spec.Path}: label '{example.Label}' of test '{test.Id}' is none of the model's labels ({string.Join(", ", labels)})"
                );
            }
            IReadOnlyList<Prediction> predictions = await _model
                .PredictAsync(block.Select(e => e.Text).ToArray(), WorkPriority.Batch, cancellation)
                .ConfigureAwait(false);
            for (int i = 0; i < block.Length; i++)
            {
                if (Count(predictions[i], block[i].Label))
                {
                    return;
                }
            }
        }
        if (test.Dataset is null)
        {
            return;
        }
        DatasetPredictions dataset = _datasets[test.Dataset];
        IReadOnlyList<int> truth = dataset.Labels();
        for (int block = 0; block < dataset.Blocks; block++)
        {
            IReadOnlyList<Prediction> predictions = await dataset.BlockAsync(block, cancellation).ConfigureAwait(false);
            for (int i = 0; i < predictions.Count; i++)
            {
                if (Count(predictions[i], labels[truth[block * DatasetPredictions.Block + i]]))
                {
                    return;
                }
            }
        }

        bool Count(Prediction prediction, string label)
        {
            bool right = prediction.Label == label;
            if (!right)
            {
                failures.Add(new PerturbedText(prediction.Text, EditSequence.Empty), prediction, prediction, label);
            }
            return judge.Observe(right);
        }
    }

    private async Task PerturbAsync(
        PerturbationTest test,
        RateJudge judge,
        Failures failures,
        CancellationToken cancellation
    )
    {
        DatasetPredictions dataset = _datasets[test.Dataset!];
        Expectation expect = Expected(test);
        ulong seed = SeededRandom.Derive(Seed, "test", test.Id);
        for (int block = 0; block < dataset.Blocks; block++)
        {
            IReadOnlyList<Prediction> before = await dataset.BlockAsync(block, cancellation).ConfigureAwait(false);
            List<(int Row, PerturbedText Text)> drawn = [];
            for (int i = 0; i < before.Count; i++)
            {
                int example = block * DatasetPredictions.Block + i;
                for (int draw = 0; draw < test.Draws; draw++)
                {
                    if (Draw(test, before[i], example, draw, seed) is { } edits)
                    {
                        drawn.Add((i, edits));
                    }
                }
            }
            IReadOnlyList<Prediction> after = await _model
                .PredictAsync(drawn.Select(d => d.Text.Edited).ToArray(), WorkPriority.Batch, cancellation)
                .ConfigureAwait(false);
            int at = 0;
            for (int i = 0; i < before.Count; i++)
            {
                bool holds = true;
                bool any = false;
                for (; at < drawn.Count && drawn[at].Row == i; at++)
                {
                    any = true;
                    if (!expect.Holds(before[i], after[at]))
                    {
                        holds = false;
                        failures.Add(drawn[at].Text, before[i], after[at], null);
                    }
                }
                if (!any)
                {
                    failures.NotApplicable++;
                }
                else if (judge.Observe(holds))
                {
                    return;
                }
            }
            _progress?.Report(
                new SuiteProgress(_spec.Name, test.Id, judge.Count + failures.NotApplicable, dataset.Examples.Count)
            );
        }
    }

    // The perturbations are dealt to the draws in turn, from another one on at each example; one that finds nothing to do
    // leaves its turn to the next.
    private static PerturbedText? Draw(PerturbationTest test, Prediction before, int example, int draw, ulong seed)
    {
        string text = before.Text;
        int readTo = before.TruncatedAt ?? text.Length;
        SeededRandom random = SeededRandom.For(seed, text, $"{draw}");
        for (int k = 0; k < test.Perturbations.Count; k++)
        {
            PerturbationChoice choice = test.Perturbations[(example + draw + k) % test.Perturbations.Count];
            EditSequence edits = choice.Perturbation.Sample(text, random, choice.Budget);
            if (readTo < text.Length)
            {
                edits = new EditSequence(edits.Edits.Where(e => e.End <= readTo));
            }
            if (edits.Count > 0)
            {
                return new PerturbedText(text, edits);
            }
        }
        return null;
    }

    private async Task ConsistencyAsync(
        ConsistencyTest test,
        RateJudge judge,
        Failures failures,
        CancellationToken cancellation
    )
    {
        DatasetPredictions dataset = _datasets[test.Dataset!];
        for (int block = 0; block < dataset.Blocks; block++)
        {
            IReadOnlyList<Prediction> first = await dataset.BlockAsync(block, cancellation).ConfigureAwait(false);
            bool[] agree = Enumerable.Repeat(true, first.Count).ToArray();
            if (test.Kind == ConsistencyKind.Batch)
            {
                for (int i = 0; i < first.Count; i++)
                {
                    IReadOnlyList<Prediction> alone = await _model
                        .PredictAsync([first[i].Text], WorkPriority.Batch, cancellation)
                        .ConfigureAwait(false);
                    agree[i] = Agree(first[i], alone[0], test.Tolerance);
                }
            }
            else
            {
                for (int repeat = 1; repeat < test.Repeats; repeat++)
                {
                    IReadOnlyList<Prediction> again = await _model
                        .PredictAsync(first.Select(p => p.Text).ToArray(), WorkPriority.Batch, cancellation)
                        .ConfigureAwait(false);
                    for (int i = 0; i < first.Count; i++)
                    {
                        agree[i] &= Agree(first[i], again[i], test.Tolerance);
                    }
                }
            }
            for (int i = 0; i < first.Count; i++)
            {
                if (!agree[i])
                {
                    failures.Add(new PerturbedText(first[i].Text, EditSequence.Empty), first[i], first[i], null);
                }
                if (judge.Observe(agree[i]))
                {
                    return;
                }
            }
            _progress?.Report(new SuiteProgress(_spec.Name, test.Id, judge.Count, dataset.Examples.Count));
        }
    }

    private async Task SetsAsync(
        ConsistencyTest test,
        RateJudge judge,
        Failures failures,
        CancellationToken cancellation
    )
    {
        DatasetPredictions dataset = _datasets[test.Dataset!];
        IReadOnlyList<Prediction> predictions = await dataset.AllAsync(cancellation).ConfigureAwait(false);
        bool contrast = test.Kind == ConsistencyKind.ContrastSet;
        IReadOnlyList<int> truth = contrast ? dataset.Labels() : [];
        foreach (IGrouping<string, Example> group in dataset.Examples.GroupBy(GroupOf, StringComparer.Ordinal))
        {
            Prediction[] said = group.Select(e => predictions[e.Index]).ToArray();
            if (said.Length < 2)
            {
                failures.NotApplicable++;
                continue;
            }
            bool holds = contrast
                ? group.All(e => predictions[e.Index].LabelIndex == truth[e.Index])
                : said.All(p => p.LabelIndex == said[0].LabelIndex);
            if (!holds)
            {
                Example culprit = group.First(e =>
                    contrast
                        ? predictions[e.Index].LabelIndex != truth[e.Index]
                        : predictions[e.Index].LabelIndex != said[0].LabelIndex
                );
                string label = contrast ? _model.Info.Labels[truth[culprit.Index]] : said[0].Label;
                Prediction wrong = predictions[culprit.Index];
                failures.Add(new PerturbedText(culprit.Text, EditSequence.Empty), wrong, wrong, label);
            }
            if (judge.Observe(holds))
            {
                return;
            }
        }

        string GroupOf(Example example) =>
            example.Columns.FirstOrDefault(c => c.Name == test.Group)?.Value
            ?? throw new DocumentException(
                $"{_spec.Datasets.First(d => d.Name == test.Dataset).Path}: there is no column '{test.Group}' to group by"
            );
    }

    private async Task<TestResult> SnapshotAsync(SnapshotTest test, CancellationToken cancellation)
    {
        List<string> texts = [.. test.Texts];
        if (test.Dataset is not null)
        {
            texts.AddRange(_datasets[test.Dataset].Examples.Take(test.Limit).Select(e => e.Text));
        }
        IReadOnlyList<Prediction> predictions = await _model
            .PredictAsync(texts, WorkPriority.Batch, cancellation)
            .ConfigureAwait(false);
        JsonArray items = [];
        foreach (Prediction prediction in predictions)
        {
            JsonObject item = new()
            {
                ["text"] = prediction.Text,
                ["label"] = prediction.Label,
                ["probabilities"] = new JsonObject(
                    _model.Info.Labels.Select(
                        (l, k) => KeyValuePair.Create(l, ReportJson.Number(prediction.Probabilities[k]))
                    )
                ),
            };
            if (test.Method is not null)
            {
                Explanation explanation = await Explainer
                    .Default.ExplainAsync(
                        // Gradients need the network itself.
                        _model.Unmetered,
                        new ExplanationRequest
                        {
                            Text = prediction.Text,
                            Method = test.Method,
                            Budget = test.Budget,
                            Seed = SeededRandom.Derive(Seed, "test", test.Id),
                        },
                        null,
                        WorkPriority.Batch,
                        cancellation
                    )
                    .ConfigureAwait(false);
                _model.Spend(explanation.ModelCalls);
                item["explanation"] = ExplanationJson(explanation);
            }
            items.Add((JsonNode)item);
        }
        SnapshotStore store = new(
            _spec.SnapshotFolder,
            new SnapshotOptions
            {
                Accept = _options.Accept,
                LaunchDiffTool = _options.Interactive,
                Rules = test.Rules,
            }
        );
        lock (_stores)
        {
            _stores.Add(store);
        }
        SnapshotResult held = store.Check(
            $"{_spec.Name}.{test.Id}",
            ReportJson.Write(new JsonObject { ["predictions"] = items })
        );
        string message = held.Outcome switch
        {
            SnapshotOutcome.Matched => $"{SuiteMessages.Number(texts.Count)} texts are as verified",
            SnapshotOutcome.Accepted => "the received snapshot was accepted",
            _ => held.Message,
        };
        return Result(test, held.Holds ? Verdict.Passed : Verdict.Failed, message) with
        {
            N = texts.Count,
            Snapshot = held,
            Replay = held.Holds ? null : Replay(test, null).Encode(),
        };
    }

    private static JsonObject ExplanationJson(Explanation explanation)
    {
        JsonArray features = [];
        foreach (FeatureScore feature in explanation.Features)
        {
            features.Add(
                (JsonNode)
                    new JsonObject
                    {
                        ["text"] = feature.Text,
                        ["start"] = feature.Start,
                        ["end"] = feature.End,
                        ["score"] = ReportJson.Number(feature.Score),
                    }
            );
        }
        return new JsonObject
        {
            ["method"] = explanation.Method,
            ["target"] = explanation.Target,
            ["value"] = ReportJson.Number(explanation.Value),
            ["baseValue"] = ReportJson.Number(explanation.BaseValue),
            ["features"] = features,
        };
    }

    // Remembered failures first; then the lightest of this run, shrunk. None of these calls count: they judge nothing.
    private async Task<TestResult> WithCounterexampleAsync(
        RateTest test,
        TestResult result,
        Failures failures,
        CancellationToken cancellation
    )
    {
        if (test is not PerturbationTest perturbation)
        {
            if (failures.Lightest is not { } wrong)
            {
                return result;
            }
            ReplayCase case_ = Replay(test, wrong.Case, wrong.Label);
            return result with
            {
                Counterexample = new Counterexample
                {
                    Original = wrong.Case,
                    Shrunk = wrong.Case,
                    Before = wrong.Before,
                    After = wrong.After,
                    Minimal = true,
                    ModelCalls = 0,
                },
                Replay = case_.Encode(),
                Message = wrong.Label is null
                    ? result.Message
                    : $"{result.Message}; {SuiteMessages.Mislabelled(wrong.Case.Text, wrong.Label, wrong.Before.Label)}",
            };
        }
        Expectation expect = Expected(perturbation);
        CounterexampleSearch search = new(
            _model.Unmetered,
            new SearchOptions
            {
                Choices = perturbation.Perturbations,
                ModelCalls = 600,
                ShrinkText = true,
            },
            expect.Holds
        );
        Counterexample? found = null;
        foreach (ReplayCase remembered in Regressions.For(_spec.Name, test.Id))
        {
            IReadOnlyList<Prediction> before = await _model
                .Unmetered.PredictAsync([remembered.Case!.Text], WorkPriority.Batch, cancellation)
                .ConfigureAwait(false);
            Counterexample? again = await search
                .ShrinkAsync(remembered.Case, before[0], cancellation)
                .ConfigureAwait(false);
            if (again is null)
            {
                Regressions.Forget(remembered);
            }
            else if (found is null || again.Shrunk.Weight.CompareTo(found.Shrunk.Weight) < 0)
            {
                found = again;
            }
        }
        if (found is null && failures.Lightest is { } lightest)
        {
            found = await search.ShrinkAsync(lightest.Case, lightest.Before, cancellation).ConfigureAwait(false);
        }
        if (found is null)
        {
            return result;
        }
        ReplayCase replay = Replay(test, found.Shrunk);
        Regressions.Remember(replay);
        return result with { Counterexample = found, Replay = replay.Encode() };
    }

    private ReplayCase Replay(SpecTest test, PerturbedText? failing, string? label = null) =>
        new()
        {
            Suite = _spec.Name,
            Test = test.Id,
            SpecHash = _specHash,
            ModelHash = _model.Info.Hash,
            Seed = Seed,
            Case = failing,
            Label = label,
        };

    private Expectation Expected(PerturbationTest test)
    {
        if (test.Expect is not ConfidenceMoves { Label: { } label } moves)
        {
            return test.Expect;
        }
        int index = DatasetPredictions.IndexOf(_model.Info.Labels, label);
        return index >= 0
            ? moves with
            {
                LabelIndex = index,
            }
            : throw new DocumentException(
                $"{_spec.Path}: label '{label}' of test '{test.Id}' is none of the model's labels ({string.Join(", ", _model.Info.Labels)})"
            );
    }

    private static bool Agree(Prediction a, Prediction b, double tolerance) =>
        a.LabelIndex == b.LabelIndex
        && a.Probabilities.Zip(b.Probabilities, (x, y) => Math.Abs(x - y)).All(gap => gap <= tolerance);

    private sealed record Failure(PerturbedText Case, Prediction Before, Prediction After, string? Label);

    // Only the lightest is kept: a suite of a million cases must not hold them all.
    private sealed class Failures
    {
        public Failure? Lightest { get; private set; }

        public int NotApplicable { get; set; }

        public void Add(PerturbedText failing, Prediction before, Prediction after, string? label)
        {
            if (Lightest is null || failing.Weight.CompareTo(Lightest.Case.Weight) < 0)
            {
                Lightest = new Failure(failing, before, after, label);
            }
        }
    }
}
