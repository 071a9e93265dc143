using Whylight.Documents;
using Whylight.Harness.Specs;

namespace Whylight.Tests.Harness;

public class SpecReaderTests
{
    private static SpecFile Read(string yaml) =>
        SpecReader.Parse("/specs/sentiment.spec.yaml", yaml.ReplaceLineEndings("\n"));

    [Fact]
    public void The_example_of_the_design_is_read_whole()
    {
        SpecFile spec = Read(
            """
            # yaml-language-server: $schema=../extension/schemas/spec.schema.json
            version: 1
            name: sentiment
            seed: 1729
            model: builtin:sentiment
            datasets:
              dev: {path: data/reviews.tsv, text: sentence, label: label, limit: 500}
            limits: {model_calls: 200000, time: 120s}
            statistics: {confidence: 0.95, interval: clopper_pearson, sequential: none, correction: holm}
            defaults: {min_pass_rate: 0.95, severity: error}
            tests:
              - {id: accuracy, type: metric, dataset: dev, metric: macro_f1, min_score: 0.72}
              - id: typos-do-not-flip
                type: invariance
                capability: robustness
                dataset: dev
                perturbations: [{name: swap_adjacent, max_edits: 1}, {name: keyboard_typo, rate: 0.05}]
                draws: 4
                expect: {prediction: unchanged, tolerance: 0.05}
                min_pass_rate: 0.90
            """
        );
        Assert.Empty(spec.Problems);
        Assert.Equal(("sentiment", 1729UL, "builtin:sentiment"), (spec.Name, spec.Seed, spec.Model));
        DatasetSpec dev = Assert.Single(spec.Datasets);
        Assert.Equal(Path.GetFullPath("/specs/data/reviews.tsv"), dev.Path);
        Assert.Equal(("sentence", "label", 500), (dev.Options.TextColumn, dev.Options.LabelColumn, dev.Options.Limit));
        Assert.Equal((200000, TimeSpan.FromMinutes(2)), (spec.Limits.ModelCalls, spec.Limits.Time));
        MetricTest metric = Assert.IsType<MetricTest>(spec.Tests[0]);
        Assert.Equal(("macro_f1", 0.72, null), (metric.Metric, metric.MinScore, metric.MaxScore));
        PerturbationTest invariance = Assert.IsType<PerturbationTest>(spec.Tests[1]);
        Assert.Equal(["swap_adjacent", "keyboard_typo"], invariance.Perturbations.Select(p => p.Perturbation.Name));
        Assert.Equal([1, null], invariance.Perturbations.Select(p => p.Budget.MaxEdits));
        Assert.Equal([null, 0.05], invariance.Perturbations.Select(p => p.Budget.Rate));
        Assert.Equal((4, 0.9, "robustness"), (invariance.Draws, invariance.MinPassRate, invariance.Capability));
        Assert.Equal(new PredictionUnchanged(0.05), invariance.Expect);
        Assert.Equal("typos-do-not-flip", spec.Source[invariance.Start..invariance.End]);
    }

    [Theory]
    [InlineData(
        "tests:\n  - {id: a, type: metrc, metric: accuracy, min_score: 1}\n",
        "2:19: 'type' cannot be 'metrc' (did you mean 'metric'?)"
    )]
    [InlineData("sead: 3\ntests: []\n", "1:1: a spec has no key 'sead' (did you mean 'seed'?)")]
    [InlineData(
        "datasets: {d: {path: d.tsv}}\ntests:\n  - {id: a, type: metric, metric: accuracy, min_scor: 1, min_score: 1}\n",
        "3:45: a test has no key 'min_scor'; its keys are"
    )]
    [InlineData(
        "datasets: {d: {path: d.tsv}}\ntests:\n  - {id: a, type: invariance, perturbations: [swop_adjacent]}\n",
        "3:47: there is no perturbation 'swop_adjacent' (did you mean 'swap_adjacent'?)"
    )]
    [InlineData(
        "datasets: {d: {path: d.tsv}}\ntests:\n  - {id: a, type: invariance, perturbations: [{name: casing, stile: upper}]}\n",
        "3:47: perturbation 'casing' takes no 'stile' (did you mean 'style'?)"
    )]
    [InlineData(
        "datasets: {dev: {path: d.tsv}}\ntests:\n  - {id: a, type: metric, dataset: dve, metric: accuracy, min_score: 0.5}\n",
        "3:36: the spec names no dataset 'dve' (did you mean 'dev'?)"
    )]
    [InlineData(
        "datasets: {d: {path: d.tsv}}\ntests:\n  - {id: a, type: metric, metric: accuracy}\n",
        "3:10: the test needs 'min_score' or 'max_score'"
    )]
    [InlineData(
        "datasets: {d: {path: d.tsv}}\ntests:\n  - {id: a, type: calibration, max_score: 0.1}\n  - {id: a, type: calibration, max_score: 0.1}\n",
        "4:10: there is another test 'a'; ids are unique"
    )]
    [InlineData(
        "tests:\n  - {id: ../up, type: snapshot, texts: [x]}\n",
        "2:10: 'id' has letters, digits, dots, hyphens and underscores, unlike '../up'"
    )]
    [InlineData("limits: {time: soon}\ntests: []\n", "1:16: 'time' is a duration such as 90s, 5m or 1h, not 'soon'")]
    [InlineData(
        "datasets: {d: {path: d.tsv}}\ntests:\n  - {id: a, type: invariance, perturbations: [casing], min_pass_rate: 1.5}\n",
        "'min_pass_rate' is a number from 0 to 1, not '1.5'"
    )]
    [InlineData("version: 2\ntests: []\n", "1:10: this Whylight reads version 1, not 2")]
    [InlineData("tests: {a: 1}\n", "'tests' is a list, not a mapping")]
    [InlineData("name: x\n", "1:1: a spec needs the key 'tests'")]
    [InlineData("", "1:1: the spec is empty; it needs the key 'tests'")]
    [InlineData("tests: [\n", "")]
    public void What_is_wrong_is_told_with_its_place(string yaml, string expected)
    {
        SpecFile spec = Read(yaml);
        Assert.NotEmpty(spec.Problems);
        Assert.Contains(expected, string.Join('\n', spec.Problems.Select(spec.Describe)), StringComparison.Ordinal);
        Assert.All(
            spec.Problems,
            p => Assert.StartsWith("/specs/sentiment.spec.yaml:", spec.Describe(p), StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_spec_with_problems_is_not_run()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        DocumentException e = await Assert.ThrowsAsync<DocumentException>(() =>
            SuiteRunner.RunAsync(
                Read("tests: []\nsead: 1\n"),
                model,
                cancellation: TestContext.Current.CancellationToken
            )
        );
        Assert.StartsWith(
            "/specs/sentiment.spec.yaml:2:1: a spec has no key 'sead'",
            e.Message,
            StringComparison.Ordinal
        );
    }
}
