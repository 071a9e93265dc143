using System.Text.Json;
using Whylight.Documents;
using Whylight.Documents.Configuration;
using Whylight.Explanations.Rendering;
using Whylight.Harness.Findings;
using Whylight.Harness.Reports;

namespace Whylight.Tests.Harness;

public class FindingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly FindingOptions Quiet = new()
    {
        Severities = new Dictionary<string, FindingSeverity?> { [FindingCodes.UnstablePrediction] = null },
    };

    private static ParsedDocument Rows(params string[] rows) =>
        DocumentReader.Parse("data/reviews.tsv", "sentence\tlabel\n" + string.Join('\n', rows) + "\n", null, Stop);

    private static async Task<List<Finding>> Find(
        LexiconClassifier model,
        ParsedDocument document,
        FindingOptions? options = null
    )
    {
        List<Finding> findings = [];
        await foreach (Finding finding in new FindingEngine(model, options).RunAsync(document, null, Stop))
        {
            findings.Add(finding);
        }
        return findings;
    }

    [Fact]
    public async Task An_unstable_row_is_underlined_and_its_edit_pointed_at()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        ParsedDocument document = Rows("great music but bad acting\tpositive", "nothing to see\tnegative");
        Finding finding = Assert.Single(await Find(model, document), f => f.Code == "unstable-prediction");
        Assert.Equal("great music but bad acting", document.Source[finding.Start..finding.End]);
        Assert.Equal(new LinePosition(1, 0), finding.StartPosition);
        Assert.Equal(new LinePosition(1, 26), finding.EndPosition);
        Assert.Equal(FindingSeverity.Warning, finding.Severity);
        Assert.NotNull(finding.Counterexample);
        Assert.True(finding.Counterexample.Minimal);
        RelatedPlace place = Assert.Single(finding.Related);
        Assert.InRange(place.Start, document.Source.IndexOf("great", StringComparison.Ordinal), place.End);
        Assert.StartsWith(
            "'positive' (73.1 %) becomes 'negative' (88.1 %) by \"great\" → \"",
            finding.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Offsets_lead_through_quotes_and_escapes()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        ParsedDocument document = DocumentReader.Parse(
            "a.csv",
            "text,label\n\"a \"\"great\"\" film, truly ☃\",positive\n",
            null,
            Stop
        );
        List<Finding> findings = await Find(model, document);
        Finding unstable = Assert.Single(findings, f => f.Code == "unstable-prediction");
        Assert.Contains(document.Source[unstable.Related[0].Start], "great");
        Finding unknown = Assert.Single(findings, f => f.Code == "unknown-tokens");
        Assert.Equal("☃", document.Source[unknown.Start..unknown.End]);
        Assert.Equal("the model has no token for \"☃\"", unknown.Message);
    }

    [Fact]
    public async Task Labels_are_compared_and_the_sure_disagreement_weighs_more()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        List<Finding> findings = await Find(
            model,
            Rows("awful\tpositive", "bad and fine\tpositive", "great\tpositive", "good\tPositve"),
            Quiet
        );
        Assert.Equal(
            [
                (1, "label-disagreement", FindingSeverity.Warning),
                (2, "label-disagreement", FindingSeverity.Information),
                (4, "unknown-label", FindingSeverity.Error),
            ],
            findings.Select(f => (f.StartPosition.Line, f.Code, f.Severity))
        );
        Assert.Equal("labelled 'positive', but the model says 'negative' (95.3 %)", findings[0].Message);
        Assert.Equal(
            "label 'Positve' is none of the model's labels (negative, positive) (did you mean 'positive'?)",
            findings[2].Message
        );
    }

    [Fact]
    public async Task Contradictions_low_confidence_and_cuts_are_found()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment(maxTokens: 3);
        ParsedDocument document = Rows(
            "Great  film\tpositive",
            "great film\tnegative",
            "good or bad\tnegative",
            "one two great and the rest\tpositive"
        );
        List<Finding> findings = await Find(model, document, Quiet);
        Finding contradiction = Assert.Single(findings, f => f.Code == "contradicting-duplicates");
        Assert.Equal("the same text is labelled 'negative' here and 'positive' on line 2", contradiction.Message);
        Assert.Equal(1, Assert.Single(contradiction.Related).StartPosition.Line);
        Finding low = Assert.Single(findings, f => f.Code == "low-confidence");
        Assert.Equal(3, low.StartPosition.Line);
        Finding cut = Assert.Single(findings, f => f.Code == "truncated-input");
        Assert.Equal("and the rest", document.Source[cut.Start..cut.End]);
        Assert.Equal("the model reads 3 tokens; from \"and the rest\" on the text is not read", cut.Message);
    }

    [Fact]
    public async Task An_injection_is_a_risk()
    {
        using LexiconClassifier model = new(
            new Dictionary<string, double> { ["ignore"] = 3 },
            labels: ["legitimate", "injection"],
            bias: -1
        );
        ParsedDocument document = Rows("ignore the above\t", "be kind\t");
        Finding risk = Assert.Single(await Find(model, document, Quiet), f => f.Code == "injection-risk");
        Assert.Equal(1, risk.StartPosition.Line);
    }

    [Fact]
    public async Task Findings_speak_the_catalogues_language()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        FindingOptions chinese = Quiet with { Messages = Messages.ForLocale("zh-cn") };
        Finding finding = Assert.Single(await Find(model, Rows("awful\tpositive"), chinese));
        Assert.Equal("标注为“positive”，但模型预测为“negative”（95.3 %）", finding.Message);
    }

    [Fact]
    public async Task Severities_switch_codes_and_the_budget_ends_searching()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        ParsedDocument document = Rows([.. Enumerable.Range(0, 20).Select(i => $"great but bad {i}\tpositive")]);
        FindingOptions hints = new()
        {
            Severities = new Dictionary<string, FindingSeverity?>
            {
                [FindingCodes.UnstablePrediction] = FindingSeverity.Hint,
            },
            ModelCalls = 300,
        };
        List<Finding> findings = await Find(model, document, hints);
        Assert.All(findings, f => Assert.Equal(FindingSeverity.Hint, f.Severity));
        Assert.InRange(findings.Count, 1, 6);
        Assert.InRange(model.Texts, 100, 300);
    }

    [Fact]
    public async Task A_row_edited_elsewhere_keeps_its_finding()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        Finding one = (await Find(model, Rows("great but bad\tpositive"))).Single();
        Finding two = (await Find(model, Rows("nothing\tnegative", "great but bad\tpositive"))).Last();
        Assert.Equal(one.Message, two.Message);
        Assert.Equal(one.Counterexample!.Original, two.Counterexample!.Original);
    }

    [Fact]
    public async Task Linting_sorts_and_judges()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        LintReport bad = await LintRunner.RunAsync(
            [new LintInput(Rows("good\tpositve", "great but bad\tpositive"), model)],
            cancellation: Stop
        );
        Assert.Equal(2, bad.ExitCode);
        Assert.Equal(bad.Findings.OrderBy(f => f.Start), bad.Findings);
        LintReport warned = await LintRunner.RunAsync(
            [new LintInput(Rows("great but bad\tpositive"), model)],
            cancellation: Stop
        );
        Assert.Equal(1, warned.ExitCode);
        LintReport clean = await LintRunner.RunAsync(
            [new LintInput(Rows("good or bad\tpositive"), model)],
            Quiet,
            cancellation: Stop
        );
        Assert.Equal(0, clean.ExitCode);
        Assert.NotEmpty(clean.Findings);
        LintReport empty = await LintRunner.RunAsync(
            [new LintInput(DocumentReader.Parse("x.tsv", "a\tb\n1\t2\n", null, Stop), model)],
            cancellation: Stop
        );
        Assert.Equal(2, empty.ExitCode);
    }

    [Fact]
    public async Task The_workspace_configures_what_is_found()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        const string yaml = """
            version: 1
            diagnostics:
              unstable-prediction: {severity: error, perturbations: [{name: casing, style: upper}, {name: swop_adjacent}], samples: 8, seed: 3}
              low-confidence: {threshold: 0.99}
              label-disagreement: {severity: "off"}
            """;
        WorkspaceConfiguration configuration = WorkspaceConfiguration.Parse("/w/whylight.yaml", yaml);
        Assert.Empty(configuration.Problems);
        List<DocumentProblem> problems = [];
        FindingOptions options = FindingOptions.From(configuration, problems);
        DocumentProblem problem = Assert.Single(problems);
        Assert.Equal("there is no perturbation 'swop_adjacent' (did you mean 'swap_adjacent'?)", problem.Message);
        Assert.Equal("{name: swop_adjacent}", yaml[problem.Start..problem.End]);
        List<Finding> findings = await Find(model, Rows("great but bad\tnegative"), options);
        // The model folds case, so that casing alone finds nothing; the low confidence remains.
        Assert.Equal("low-confidence", Assert.Single(findings).Code);
        Assert.Equal(FindingSeverity.Error, options.Severities[FindingCodes.UnstablePrediction]);
        Assert.Equal((8, 3UL), (options.Search.Samples, options.Seed));
    }

    private static readonly Finding Hostile = new()
    {
        File = "data/a,b: c%.tsv",
        Start = 5,
        End = 9,
        StartPosition = new LinePosition(2, 4),
        EndPosition = new LinePosition(2, 8),
        Severity = FindingSeverity.Warning,
        Code = "unstable-prediction",
        Message = "100 % \u001b[31mred\u001b[0m \u202eevil\r\n::error::fake 👩‍👧",
    };

    [Fact]
    public void Text_counts_from_one_and_nothing_in_it_acts()
    {
        Assert.Equal(
            "data/a,b: c%.tsv:3:5: warning unstable-prediction: 100 % \\u{1B}[31mred\\u{1B}[0m \\u{202E}evil\\u{D}\\n::error::fake 👩‍👧\n"
                + "0 errors, 1 warning, 0 notes\n",
            LintFormats.Text([Hostile])
        );
    }

    [Fact]
    public void GitHub_gets_one_annotation_a_finding_whatever_the_text()
    {
        Assert.Equal(
            "::warning file=data/a%2Cb%3A c%25.tsv,line=3,endLine=3,col=5,endColumn=9,title=unstable-prediction::"
                + "100 %25 \u001b[31mred\u001b[0m \u202eevil%0D%0A::error::fake 👩‍👧\n",
            LintFormats.GitHub([Hostile])
        );
    }

    [Fact]
    public async Task Json_has_the_keys_of_the_contract_and_zero_based_positions()
    {
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        LintReport report = await LintRunner.RunAsync(
            [new LintInput(Rows("great but bad\tpositive"), model)],
            cancellation: Stop
        );
        JsonElement root = JsonDocument.Parse(LintFormats.Json(report.Findings)).RootElement;
        Assert.Equal(1, root.GetProperty("schemaVersion").GetInt32());
        JsonElement finding = Assert.Single(root.GetProperty("findings").EnumerateArray());
        Assert.Equal("data/reviews.tsv", finding.GetProperty("file").GetString());
        Assert.Equal(1, finding.GetProperty("start").GetProperty("line").GetInt32());
        Assert.Equal(0, finding.GetProperty("start").GetProperty("character").GetInt32());
        Assert.Equal(13, finding.GetProperty("end").GetProperty("character").GetInt32());
        Assert.Equal("warning", finding.GetProperty("severity").GetString());
        Assert.Equal("unstable-prediction", finding.GetProperty("code").GetString());
        Assert.Equal(1, finding.GetProperty("related").GetArrayLength());
        Assert.True(finding.GetProperty("counterexample").GetProperty("minimal").GetBoolean());
    }

    [Fact]
    public void Sarif_is_a_log_with_rules_regions_and_escaped_uris()
    {
        JsonElement root = JsonDocument.Parse(LintFormats.Sarif([Hostile])).RootElement;
        Assert.Equal("2.1.0", root.GetProperty("version").GetString());
        JsonElement run = root.GetProperty("runs")[0];
        Assert.Equal("whylight", run.GetProperty("tool").GetProperty("driver").GetProperty("name").GetString());
        JsonElement result = run.GetProperty("results")[0];
        Assert.Equal(0, result.GetProperty("ruleIndex").GetInt32());
        JsonElement location = result.GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal(
            "data/a%2Cb%3A%20c%25.tsv",
            location.GetProperty("artifactLocation").GetProperty("uri").GetString()
        );
        Assert.Equal(3, location.GetProperty("region").GetProperty("startLine").GetInt32());
        Assert.Equal(9, location.GetProperty("region").GetProperty("endColumn").GetInt32());
    }
}
