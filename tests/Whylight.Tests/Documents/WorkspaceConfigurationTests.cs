using Whylight.Documents;
using Whylight.Documents.Configuration;

namespace Whylight.Tests.Documents;

public sealed class WorkspaceConfigurationTests
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(Path.GetTempPath(), "workspace"));

    private static WorkspaceConfiguration Parse(string text) =>
        WorkspaceConfiguration.Parse(Path.Combine(Folder, "whylight.yaml"), text);

    private const string Example = """
        version: 1
        models:
          reviews: {path: models/reviews-bert}
          tiny: {path: "builtin:sentiment-linear"}
        files:
          - {glob: "data/**/*.tsv", model: reviews, text: sentence, label: label, labels: {"0": negative, "1": positive}}
          - {glob: "raw/*.tsv", model: tiny, header: false, text: 0, label: 1, delimiter: ";", encoding: gb18030}
          - {glob: "prompts/**/*.prompt.md", model: builtin:injection}
          - {glob: "prompts/classify/**/*.prompty", model: builtin:lm, choices: [positive, negative]}
          - {glob: "*.skip.csv", model: none}
          - {glob: "data/special/x.{tsv,csv}", model: ./models/other}
        explain: {method: shapley, budget: 512}
        diagnostics:
          unstable-prediction: {severity: warning, perturbations: [casing, {name: keyboard_typo, rate: 0.05, text: q}], samples: 64}
          shortcut: {enabled: false}
          low-confidence: {severity: off, threshold: 0.6}
        """;

    [Fact]
    public void Reads_every_part()
    {
        WorkspaceConfiguration c = Parse(Example);
        Assert.Empty(c.Problems);
        Assert.Equal(Path.Combine(Folder, "models", "reviews-bert"), c.Models["reviews"]);
        Assert.Equal(("shapley", 512), (c.Explain.Method, c.Explain.Budget));
        DiagnosticSettings unstable = c.Diagnostics["unstable-prediction"];
        Assert.Equal(("warning", 64, true), (unstable.Severity, unstable.Samples, unstable.Enabled));
        Assert.Equal(["casing", "keyboard_typo"], unstable.Perturbations!.Select(p => p.Name));
        Assert.Equal(0.05, unstable.Perturbations![1].Rate);
        Assert.Equal(
            new KeyValuePair<string, string>("text", "q"),
            Assert.Single(unstable.Perturbations[1].Parameters)
        );
        Assert.False(c.Diagnostics["shortcut"].Enabled);
        Assert.False(c.Diagnostics["low-confidence"].Enabled);
        Assert.Equal(0.6, c.Diagnostics["low-confidence"].Threshold);
    }

    [Theory]
    [InlineData("data/a.tsv", "PATH:models/reviews-bert")]
    [InlineData("data/deep/er/a.tsv", "PATH:models/reviews-bert")]
    [InlineData("data/special/x.tsv", "PATH:models/other")]
    [InlineData("data/special/x.csv", "PATH:models/other")]
    [InlineData("raw/a.tsv", "builtin:sentiment-linear")]
    [InlineData("raw/deep/a.tsv", "builtin:sentiment")]
    [InlineData("prompts/a.prompt.md", "builtin:injection")]
    [InlineData("prompts/classify/x/a.prompty", "builtin:lm")]
    [InlineData("prompts/a.prompty", "builtin:injection")]
    [InlineData("any/where/a.skip.csv", null)]
    [InlineData("a.skip.csv", null)]
    [InlineData("a.jsonl", "builtin:sentiment")]
    [InlineData("../outside/data/a.tsv", "builtin:sentiment")]
    [InlineData("notes.txt", null)]
    [InlineData("Program.cs", null)]
    public void The_last_rule_that_matches_wins(string file, string? model)
    {
        FileResolution resolution = Parse(Example).Resolve(Path.Combine(Folder, file));
        string? expected =
            model?.StartsWith("PATH:", StringComparison.Ordinal) == true ? Path.GetFullPath(model[5..], Folder) : model;
        Assert.Equal(expected, resolution.Model);
    }

    [Fact]
    public void Options_reach_the_reader()
    {
        WorkspaceConfiguration c = Parse(Example);
        ReadOptions data = c.Resolve("data/a.tsv").Options;
        Assert.Equal(("sentence", "label", "negative"), (data.TextColumn, data.LabelColumn, data.Labels!["0"]));
        ReadOptions raw = c.Resolve("raw/a.tsv").Options;
        Assert.Equal(
            ("0", "1", false, ';', "gb18030"),
            (raw.TextColumn, raw.LabelColumn, raw.Header, raw.Delimiter, raw.Encoding)
        );
        Assert.Equal(["positive", "negative"], c.Resolve("prompts/classify/a.prompty").Choices);
    }

    [Theory]
    [InlineData("text,label\na,b\n", "a.csv", true)]
    [InlineData("id,value\n1,2\n", "a.csv", false)]
    [InlineData("{\"name\": \"x\", \"files\": [\"a\", \"b\"]}", "package.json", false)]
    [InlineData("{\"compilerOptions\": {}}", "tsconfig.json", false)]
    [InlineData("[{\"text\": \"a\"}]", "a.json", true)]
    [InlineData("hello {{x}}", "a.prompt.md", true)]
    [InlineData("", "a.csv", false)]
    public void Defaults_serve_only_what_is_plainly_text(string source, string path, bool served)
    {
        FileResolution resolution = WorkspaceConfiguration.Default(Folder).Resolve(path);
        Assert.Equal(
            served,
            resolution.Serves(
                DocumentReader.Parse(path, source, resolution.Options, TestContext.Current.CancellationToken)
            )
        );
    }

    [Theory]
    [InlineData("version: 2\n", "this Whylight reads version 1, not 2", 0, 9)]
    [InlineData("modles: {}\n", "whylight.yaml has no key 'modles' (did you mean 'models'?)", 0, 0)]
    [InlineData("models:\n  a: {pth: x}\n", "a model needs the key 'path'", 1, 5)]
    [InlineData(
        "models: {reviews: {path: x}}\nfiles:\n  - {glob: '*.tsv', model: revews}\n",
        "there is no model 'revews' under 'models' (did you mean 'reviews'?)",
        2,
        27
    )]
    [InlineData("files: [{model: builtin:lm}]\n", "an entry of 'files' needs the key 'glob'", 0, 8)]
    [InlineData(
        "files: [{glob: /etc/*}]\n",
        "'/etc/*' is no file pattern: it is relative to the folder of whylight.yaml and begins with no slash or drive",
        0,
        15
    )]
    [InlineData("files: [{glob: 'a{b'}]\n", "'a{b' is no file pattern: a '{' is never closed", 0, 15)]
    [InlineData("files: [{glob: a, choices: [x]}]\n", "'choices' is a list of at least two different labels", 0, 27)]
    [InlineData(
        "files: [{glob: a, delimiter: ab}]\n",
        "'delimiter' is one character, or tab, comma, semicolon, pipe or space, not 'ab'",
        0,
        29
    )]
    [InlineData("explain: {method: shaply}\n", "'method' cannot be 'shaply' (did you mean 'shapley'?)", 0, 18)]
    [InlineData("explain: {budget: 0}\n", "'budget' is a number from 1 to 2147483647, not 0", 0, 18)]
    [InlineData(
        "diagnostics: {unstable-predictions: {}}\n",
        "'diagnostics' has no key 'unstable-predictions' (did you mean 'unstable-prediction'?)",
        0,
        14
    )]
    [InlineData("diagnostics: {shortcut: {severity: warn}}\n", null, 0, 35)]
    [InlineData("- a\n", "whylight.yaml is a mapping (key: value), not a list", 0, 0)]
    public void Mistakes_are_told_with_place_and_suggestion(string text, string? message, int line, int character)
    {
        WorkspaceConfiguration c = Parse(text);
        DocumentProblem problem = c.Problems[0];
        if (message is not null)
        {
            Assert.Equal(message, problem.Message);
        }
        Assert.Equal(ProblemSeverity.Error, problem.Severity);
        Assert.Equal(new LinePosition(line, character), new LineIndex(text).PositionOf(problem.Start));
    }

    [Fact]
    public void Found_upwards_and_loaded_from_disk()
    {
        string folder = Directory.CreateTempSubdirectory("whylight").FullName;
        try
        {
            string deep = Directory.CreateDirectory(Path.Combine(folder, "a", "b")).FullName;
            string file = Path.Combine(folder, "whylight.yaml");
            File.WriteAllText(file, "files: [{glob: '*.tsv', modle: builtin:lm}]\n");
            Assert.Equal(file, WorkspaceConfiguration.FindFor(Path.Combine(deep, "x.tsv")));
            DocumentException e = Assert.Throws<DocumentException>(() => WorkspaceConfiguration.Load(file));
            Assert.Equal($"{file}:1:25: an entry of 'files' has no key 'modle' (did you mean 'model'?)", e.Message);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }
}
