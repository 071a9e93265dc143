using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Whylight.Harness.Reports;
using Whylight.Harness.Specs;
using Whylight.Models;
using TestResult = Whylight.Harness.Specs.TestResult;

namespace Whylight.Tests.Harness;

/// <summary>Suites over a lexicon model and rows made to fail a known number of times.</summary>
public sealed class SuiteTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("whylight-suite-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // One word carries the label, so that a typo in it flips the row and nothing else does.
    private SpecFile Spec(string tests, int rows = 200, int wrong = 0, string extra = "")
    {
        IEnumerable<string> lines = Enumerable
            .Range(0, rows)
            .Select(i =>
            {
                string label = (i % 2 == 0) ^ (i < wrong) ? "positive" : "negative";
                return $"row {(i % 2 == 0 ? "good" : "bad")} {i.ToString(CultureInfo.InvariantCulture)}\t{label}\t{i / 2}";
            });
        File.WriteAllText(Path.Combine(_folder, "d.tsv"), "sentence\tlabel\tset\n" + string.Join('\n', lines) + "\n");
        string path = Path.Combine(_folder, "s.spec.yaml");
        File.WriteAllText(path, $"name: s\ndatasets: {{d: {{path: d.tsv}}}}\n{extra}\ntests:\n{tests}\n");
        return SpecReader.Load(path);
    }

    private static Task<SuiteReport> Run(SpecFile spec, ITextClassifier model, SuiteOptions? options = null) =>
        SuiteRunner.RunAsync(spec, model, options ?? new SuiteOptions { Timing = false }, null, Stop);

    // Accuracy is exact, so the verdict follows from Clopper-Pearson's one-sided bounds alone:
    // 180 of 200: [.858, .933].
    [Theory]
    [InlineData(0.85, Verdict.Passed, 0)]
    [InlineData(0.90, Verdict.Inconclusive, 0)]
    [InlineData(0.94, Verdict.Failed, 1)]
    public async Task Accuracy_is_judged_by_exact_one_sided_bounds(double least, Verdict verdict, int exit)
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        string min = least.ToString(CultureInfo.InvariantCulture);
        SuiteReport report = await Run(
            Spec($"  - {{id: a, type: metric, metric: accuracy, min_score: {min}}}", wrong: 20),
            model
        );
        TestResult test = Assert.Single(report.Tests);
        Assert.Equal((verdict, verdict, exit), (test.Verdict, report.Verdict, report.ExitCode()));
        Assert.Equal((0.9, 0.9, 200), (test.Rate!.Value, test.Score!.Value, test.N));
        Assert.Equal(0.858, test.Interval!.Value.Lower, 3);
        Assert.Equal(0.933, test.Interval!.Value.Upper, 3);
        Assert.Equal(verdict == Verdict.Inconclusive ? 3 : exit, report.ExitCode(strict: true));
        Assert.Equal(verdict == Verdict.Failed, test.Replay is not null);
    }

    [Fact]
    public async Task Rows_and_not_draws_are_the_unit_and_a_failure_is_shrunk_and_replayed()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SpecFile spec = Spec(
            """
              - id: typos
                type: invariance
                perturbations: [swap_adjacent]
                draws: 8
                min_pass_rate: 0.9
            """,
            rows: 100
        );
        SuiteReport report = await Run(spec, model);
        TestResult test = Assert.Single(report.Tests);
        Assert.Equal((Verdict.Failed, 100), (test.Verdict, test.N));
        // Half of the draws on "row good" hit "good" and make the row a tie, which is negative; of eight draws one nearly
        // always does. "row bad" is negative whatever happens. By draws the rate would be near .75.
        Assert.InRange(test.Rate!.Value, 0.5, 0.55);
        Assert.NotNull(test.Counterexample);
        Assert.Single(test.Counterexample.Shrunk.Edits.Edits);
        Assert.Equal("good", test.Counterexample.Shrunk.Text);
        Assert.True(test.Counterexample.Minimal && test.Counterexample.Flip);

        ReplayCase replay = ReplayCase.Decode("replay: " + test.Replay);
        Assert.Equal(
            ("s", "typos", 1729UL, model.Info.Hash),
            (replay.Suite, replay.Test, replay.Seed, replay.ModelHash)
        );
        SuiteReport again = await SuiteRunner.ReplayAsync(spec, replay, model, cancellation: Stop);
        Assert.Equal((Verdict.Failed, 1), (again.Verdict, again.ExitCode()));
        Assert.Empty(again.Notices);
        Assert.Equal(test.Replay, again.Tests[0].Replay);
        Assert.Equal(test.Counterexample.Shrunk, again.Tests[0].Counterexample!.Shrunk);
        Assert.Equal(test.Counterexample.After.Confidence, again.Tests[0].Counterexample!.After.Confidence);

        using LexiconClassifier mended = new(new Dictionary<string, double>(), bias: -1);
        Assert.Equal(Verdict.Passed, (await SuiteRunner.ReplayAsync(spec, replay, mended, cancellation: Stop)).Verdict);
    }

    [Fact]
    public async Task What_cannot_be_perturbed_is_not_judged()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SuiteReport report = await Run(
            Spec("  - {id: t, type: invariance, perturbations: [contraction], min_pass_rate: 0.5}"),
            model
        );
        TestResult test = report.Tests[0];
        Assert.Equal((Verdict.Inconclusive, 0, 200), (test.Verdict, test.N, test.NotApplicable));
        Assert.Null(test.Rate);
    }

    [Fact]
    public async Task Casing_passes_on_a_model_that_folds_case()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SpecFile spec = Spec("  - {id: t, type: invariance, perturbations: [casing, whitespace], min_pass_rate: 0.95}");
        TestResult test = (await Run(spec, model)).Tests[0];
        Assert.Equal((Verdict.Passed, 1.0, 200), (test.Verdict, test.Rate!.Value, test.N));
        Assert.Equal(Math.Pow(0.05, 1 / 200.0), test.Interval!.Value.Lower, 9);
        Assert.Null(test.Counterexample);
        Assert.Null(test.Replay);
        // 200 rows once, and four draws each.
        Assert.InRange(model.Texts, 600, 1000);
    }

    [Fact]
    public async Task Holm_takes_back_what_many_tests_would_find_by_chance()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        string tests = string.Join(
            '\n',
            Enumerable.Range(0, 10).Select(i => $"  - {{id: t{i}, type: metric, metric: accuracy, min_score: 0.85}}")
        );
        // One test alone passes with p = .024; ten of them do not.
        Assert.All(
            (await Run(Spec(tests, wrong: 20), model)).Tests,
            t => Assert.Equal(Verdict.Inconclusive, t.Verdict)
        );
        SuiteReport uncorrected = await Run(Spec(tests, wrong: 20, extra: "statistics: {correction: none}"), model);
        Assert.All(uncorrected.Tests, t => Assert.Equal(Verdict.Passed, t.Verdict));
        Assert.Equal(200, model.Texts / 2);
    }

    [Theory]
    [InlineData("none", 400)]
    [InlineData("confidence_sequence", 150)]
    [InlineData("sprt", 70)]
    public async Task Sequential_rules_stop_early(string rule, int most)
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SpecFile spec = Spec(
            "  - {id: t, type: invariance, perturbations: [whitespace], min_pass_rate: 0.9, indifference: 0.08}",
            rows: 400,
            extra: $"statistics: {{sequential: {rule}}}"
        );
        TestResult test = (await Run(spec, model)).Tests[0];
        Assert.Equal(Verdict.Passed, test.Verdict);
        Assert.InRange(test.N, 20, most);
        Assert.Contains(
            rule switch
            {
                "none" => "clopper_pearson",
                "sprt" => "unadjusted",
                _ => rule,
            },
            test.IntervalMethod,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Directional_functionality_calibration_and_consistency_are_judged()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SpecFile spec = Spec(
            """
              - {id: praise, type: directional, perturbations: [{name: append, text: " great"}], expect: {confidence: non_decreasing, label: positive}}
              - {id: blame, type: directional, perturbations: [{name: append, text: " awful"}], expect: {confidence: non_decreasing, label: positive}}
              - {id: negation, type: minimum_functionality, min_pass_rate: 1, examples: [{text: good, label: positive}, {text: not good, label: negative}]}
              - {id: ece, type: calibration, max_score: 0.3}
              - {id: repeat, type: consistency, kind: repeat}
              - {id: batch, type: consistency, kind: batch}
              - {id: contrast, type: consistency, kind: contrast_set, group: set, min_pass_rate: 0.9}
              - {id: paraphrase, type: consistency, kind: paraphrase_set, group: set, min_pass_rate: 0.9}
            """
        );
        SuiteReport report = await Run(spec, model);
        Assert.Equal(
            [
                Verdict.Passed,
                Verdict.Failed,
                Verdict.Failed,
                Verdict.Passed,
                Verdict.Passed,
                Verdict.Passed,
                Verdict.Passed,
                Verdict.Failed,
            ],
            report.Tests.Select(t => t.Verdict)
        );
        Assert.Equal("not good", report.Tests[2].Counterexample!.Shrunk.Text);
        ReplayCase replay = ReplayCase.Decode(report.Tests[2].Replay!);
        Assert.Equal("negative", replay.Label);
        Assert.Equal(Verdict.Failed, (await SuiteRunner.ReplayAsync(spec, replay, model, cancellation: Stop)).Verdict);
        // |confidence - accuracy| by hand: every row is right with confidence e/(e + 1/e).
        Assert.Equal(1 - 1 / (1 + Math.Exp(-2)), report.Tests[3].Score!.Value, 9);
    }

    [Fact]
    public async Task Snapshots_are_received_accepted_and_held()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SpecFile spec = Spec("  - {id: shot, type: snapshot, texts: [good film, bad film], method: shapley}");
        string verified = Path.Combine(_folder, "snapshots", "s.shot.verified.json");
        string received = Path.Combine(_folder, "snapshots", "s.shot.received.json");
        SuiteReport first = await Run(spec, model);
        Assert.Equal((Verdict.Failed, true, false), (first.Verdict, File.Exists(received), File.Exists(verified)));
        Assert.SkipWhen(
            new Whylight.Harness.Snapshots.SnapshotOptions().BuildServer,
            "nothing is accepted on a build server"
        );
        Assert.Equal(Verdict.Passed, (await Run(spec, model, new SuiteOptions { Accept = true })).Verdict);
        Assert.Equal((false, true), (File.Exists(received), File.Exists(verified)));
        Assert.Equal(Verdict.Passed, (await Run(spec, model)).Verdict);
        await File.WriteAllTextAsync(verified.Replace("s.shot", "s.gone", StringComparison.Ordinal), "{}", Stop);
        using LexiconClassifier other = new(new Dictionary<string, double> { ["good"] = 2.5 });
        SuiteReport changed = await Run(spec, other);
        Assert.Equal(Verdict.Failed, changed.Verdict);
        Assert.Contains("probabilities.positive", changed.Tests[0].Message, StringComparison.Ordinal);
        Assert.Equal(
            "no test makes the snapshot s.gone.verified.json any more; delete it",
            Assert.Single(changed.Notices)
        );
    }

    [Fact]
    public async Task Failures_are_remembered_and_forgotten_once_mended()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SpecFile spec = Spec(
            "  - {id: t, type: invariance, perturbations: [keyboard_typo], min_pass_rate: 0.9}",
            rows: 60
        );
        SuiteOptions options = new() { StateFolder = Path.Combine(_folder, ".whylight"), Timing = false };
        string file = Path.Combine(_folder, ".whylight", "regressions.jsonl");
        SuiteReport first = await Run(spec, model, options);
        string line = Assert.Single(await File.ReadAllLinesAsync(file, Stop));
        Assert.Contains(first.Tests[0].Replay!, line, StringComparison.Ordinal);
        await File.AppendAllTextAsync(file, "not json\n", Stop);
        SuiteReport second = await Run(spec, model, options);
        Assert.Equal(first.Tests[0].Replay, second.Tests[0].Replay);
        Assert.Equal(first.Tests[0].Rate, second.Tests[0].Rate);
        Assert.Single(await File.ReadAllLinesAsync(file, Stop));
    }

    [Fact]
    public async Task Limits_end_in_inconclusive_and_errors_in_error()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SpecFile limited = Spec(
            "  - {id: t, type: invariance, perturbations: [whitespace]}",
            extra: "limits: {model_calls: 400}"
        );
        SuiteReport report = await Run(limited, model);
        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.StartsWith(
            "the suite's limit of model calls was reached",
            report.Tests[0].Message,
            StringComparison.Ordinal
        );
        Assert.InRange(model.Texts, 1, 400);
        Assert.Equal(64, report.Tests[0].N);

        using LexiconClassifier spam = new(new Dictionary<string, double>(), labels: ["ham", "spam"]);
        SuiteReport broken = await Run(Spec("  - {id: t, type: metric, metric: accuracy, min_score: 0.5}"), spam);
        Assert.Equal((Verdict.Error, 2), (broken.Verdict, broken.ExitCode()));
        Assert.Contains(
            "d.tsv:2: label 'positive' is none of the model's labels (ham, spam)",
            broken.Tests[0].Message,
            StringComparison.Ordinal
        );

        SpecFile missing = Spec("  - {id: t, type: metric, metric: accuracy, min_score: 0.5}");
        File.Delete(Path.Combine(_folder, "d.tsv"));
        Assert.Equal(2, (await Run(missing, model)).ExitCode());
    }

    [Fact]
    public async Task A_warning_that_fails_leaves_the_suite_passed_and_a_filter_skips()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SpecFile spec = Spec(
            """
              - {id: soft, type: metric, metric: accuracy, min_score: 0.99, severity: warning}
              - {id: hard, type: metric, metric: macro_f1, min_score: 0.5}
            """,
            wrong: 100
        );
        SuiteReport report = await Run(spec, model, new SuiteOptions { Filter = "SOFT" });
        Assert.Equal([Verdict.Failed, Verdict.Skipped], report.Tests.Select(t => t.Verdict));
        Assert.Equal((Verdict.Passed, 0), (report.Verdict, report.ExitCode(strict: true)));
    }

    [Fact]
    public async Task Same_bytes_whatever_the_jobs_and_another_seed_draws_otherwise()
    {
        SpecFile spec = Spec(
            """
              - {id: a, type: invariance, perturbations: [swap_adjacent, keyboard_typo], min_pass_rate: 0.5}
              - {id: b, type: invariance, perturbations: [{name: keyboard_typo, rate: 0.1}], draws: 2, min_pass_rate: 0.5}
              - {id: c, type: metric, metric: macro_f1, min_score: 0.9}
            """,
            wrong: 10
        );
        string one = await Json(new SuiteOptions { Timing = false });
        Assert.Equal(one, await Json(new SuiteOptions { Timing = false, Jobs = 3 }));
        Assert.NotEqual(one, await Json(new SuiteOptions { Timing = false, Seed = 2 }));

        async Task<string> Json(SuiteOptions options)
        {
            using LexiconClassifier model = LexiconClassifier.Sentiment();
            return SuiteFormats
                .Json([new SuiteOutcome(spec, await Run(spec, model, options))])
                .Replace("\"modelCalls\": 1000", "\"modelCalls\": 800", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_replay_string_is_refused()
    {
        ReplayCase replay = new()
        {
            Suite = "s",
            Test = "t",
            SpecHash = "1",
            ModelHash = "2",
            Seed = ulong.MaxValue,
        };
        string text = replay.Encode();
        Assert.Equal(replay, ReplayCase.Decode(text));
        foreach (string bad in (string[])["", "hello", "wl1.", "wl1.AAAA", text[..^2], text[..8] + "x" + text[9..]])
        {
            Assert.Throws<ReplayException>(() => ReplayCase.Decode(bad));
        }
    }

    [Fact]
    public async Task Reports_say_the_same_in_every_format()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SpecFile spec = Spec(
            """
              - {id: typos, type: invariance, capability: robustness, perturbations: [swap_adjacent], min_pass_rate: 0.9}
              - {id: accuracy, type: metric, metric: accuracy, min_score: 0.5}
              - {id: close, type: metric, metric: accuracy, min_score: 0.9}
            """,
            wrong: 20
        );
        SuiteOutcome outcome = new(spec, await Run(spec, model));

        JsonElement json = JsonDocument.Parse(SuiteFormats.Json([outcome])).RootElement;
        Assert.Equal(
            (1, "s", "failed"),
            (
                json.GetProperty("schemaVersion").GetInt32(),
                json.GetProperty("suite").GetString(),
                json.GetProperty("verdict").GetString()
            )
        );
        JsonElement typos = json.GetProperty("tests")[0];
        foreach (
            string key in (string[])
                ["id", "type", "verdict", "rate", "interval", "n", "counterexample", "replay", "message"]
        )
        {
            Assert.NotEqual(JsonValueKind.Null, typos.GetProperty(key).ValueKind);
        }
        Assert.Equal(2, typos.GetProperty("interval").GetArrayLength());
        Assert.Equal(
            2,
            JsonDocument.Parse(SuiteFormats.Json([outcome, outcome])).RootElement.GetProperty("suites").GetArrayLength()
        );

        XElement junit = XDocument.Parse(SuiteFormats.JUnit([outcome])).Root!.Element("testsuite")!;
        Assert.Equal(
            ("3", "1", "1", "0"),
            (
                (string?)junit.Attribute("tests"),
                (string?)junit.Attribute("failures"),
                (string?)junit.Attribute("skipped"),
                (string?)junit.Attribute("errors")
            )
        );
        Assert.Equal(
            ["typos", "accuracy", "close"],
            junit.Elements("testcase").Select(c => (string?)c.Attribute("name"))
        );
        Assert.Equal($"replay: {outcome.Report.Tests[0].Replay}", junit.Element("testcase")!.Element("failure")!.Value);

        JsonElement sarif = JsonDocument.Parse(SuiteFormats.Sarif([outcome])).RootElement.GetProperty("runs")[0];
        Assert.Equal(
            ["error", "note"],
            sarif.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("level").GetString())
        );
        string github = SuiteFormats.GitHub([outcome]);
        Assert.Equal(2, github.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains(",line=5,col=10,title=s/typos failed::", github, StringComparison.Ordinal);
        Assert.Contains("| ✗ | typos | failed |", SuiteFormats.Markdown([outcome]), StringComparison.Ordinal);
        string html = SuiteFormats.Write("html", [outcome]);
        Assert.Contains("<ins>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);

        string console = ConsoleReport.Write(outcome.Report);
        Assert.EndsWith("s failed: 1 passed, 1 failed, 1 inconclusive\n", console, StringComparison.Ordinal);
        Assert.Contains($"replay: {outcome.Report.Tests[0].Replay}", console, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', console);
        TestContext.Current.SendDiagnosticMessage("{0}", ConsoleReport.Write(outcome.Report, color: true));
        TestContext.Current.TestOutputHelper!.WriteLine(console);
    }
}
