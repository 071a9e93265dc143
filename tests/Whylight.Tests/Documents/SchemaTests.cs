using System.Text.Json.Nodes;
using NJsonSchema;
using Whylight.Documents.Configuration;
using Whylight.Documents.Yaml;
using Whylight.Harness.Specs;
using Whylight.Perturbations;

namespace Whylight.Tests.Documents;

/// <summary>The schemas that editors use say the same as the readers.</summary>
public sealed class SchemaTests
{
    private static readonly string Folder = Path.Combine(Shared.Repository, "extension", "schemas");

    private static async Task<bool> AcceptsAsync(string schema, string yaml)
    {
        JsonSchema read = await JsonSchema.FromFileAsync(
            Path.Combine(Folder, schema + ".schema.json"),
            TestContext.Current.CancellationToken
        );
        YamlDocument document = YamlReader.Parse("x.yaml", yaml);
        Assert.Empty(document.Problems);
        return read.Validate(Json(document.Root)?.ToJsonString() ?? "null").Count == 0;
    }

    private static JsonNode? Json(YamlNode? node) =>
        node switch
        {
            YamlMapping mapping => new JsonObject(
                mapping.Entries.Select(e => new KeyValuePair<string, JsonNode?>(e.Key.Value, Json(e.Value)))
            ),
            YamlSequence sequence => new JsonArray([.. sequence.Items.Select(Json)]),
            YamlScalar { IsNull: true } => null,
            YamlScalar { AsBoolean: { } value } => value,
            YamlScalar { AsInteger: { } value } => value,
            YamlScalar { AsNumber: { } value } => value,
            YamlScalar scalar => scalar.Value,
            _ => null,
        };

    [Theory]
    [InlineData("version: 1\n", true)]
    [InlineData(
        """
            version: 1
            models:
              reviews: {path: models/reviews-bert}
            files:
              - {glob: "data/**/*.tsv", model: reviews, text: sentence, label: label, labels: {"0": negative, "1": positive}}
              - {glob: "raw/*.tsv", model: reviews, header: false, text: 0, label: 1}
              - {glob: "prompts/**/*.prompt.md", model: builtin:injection}
              - {glob: "prompts/classify/**/*.prompty", model: builtin:lm, choices: [positive, negative]}
              - {glob: "*.csv", delimiter: semicolon, encoding: gb18030}
            explain: {method: auto, budget: 256}
            diagnostics: {unstable-prediction: {severity: warning, perturbations: [casing, {name: keyboard_typo, rate: 0.05}], samples: 64}}
            """,
        true
    )]
    [InlineData("version: 2\n", false)]
    [InlineData("modles: {}\n", false)]
    [InlineData("models: {a: {}}\n", false)]
    [InlineData("models: {a: {path: x, kind: bert}}\n", false)]
    [InlineData("files: {}\n", false)]
    [InlineData("files: [{model: builtin:lm}]\n", false)]
    [InlineData("files: [{glob: a, header: 1}]\n", false)]
    [InlineData("files: [{glob: a, delimiter: ab}]\n", false)]
    [InlineData("files: [{glob: a, choices: [x]}]\n", false)]
    [InlineData("files: [{glob: a, choices: [x, x]}]\n", false)]
    [InlineData("files: [{glob: a, txt: x}]\n", false)]
    [InlineData("explain: {method: shaply}\n", false)]
    [InlineData("explain: {budget: 0}\n", false)]
    [InlineData("explain: {budget: 1.5}\n", false)]
    [InlineData("explain: {absence: masked}\n", false)]
    [InlineData("diagnostics: {unstable: {}}\n", false)]
    [InlineData("diagnostics: {shortcut: {severity: warn}}\n", false)]
    [InlineData("diagnostics: {low-confidence: {threshold: 2}}\n", false)]
    [InlineData("diagnostics: {unstable-prediction: {samples: 0}}\n", false)]
    [InlineData("diagnostics: {unstable-prediction: {perturbations: [{rate: 0.1}]}}\n", false)]
    [InlineData("diagnostics: {unstable-prediction: {perturbations: [{name: casing, rate: 0}]}}\n", false)]
    [InlineData("- a\n", false)]
    public async Task The_schema_of_whylight_yaml_agrees_with_its_reader(string yaml, bool valid)
    {
        Assert.Equal(valid, await AcceptsAsync("whylight", yaml));
        Assert.Equal(valid, WorkspaceConfiguration.Parse("/w/whylight.yaml", yaml).Problems.Count == 0);
    }

    public const string Spec = """
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
            type: invariance                 # CheckList's INV; minimum_functionality (MFT) and directional (DIR) likewise
            capability: robustness
            dataset: dev
            perturbations: [{name: swap_adjacent, max_edits: 1}, {name: keyboard_typo, rate: 0.05}, casing]
            draws: 4                         # seeded draws an example
            expect: {prediction: unchanged, tolerance: 0.05}
            min_pass_rate: 0.90
          - {id: praise, type: directional, perturbations: [{name: append, text: " Superb!"}], expect: {confidence: non_decreasing, label: positive}}
          - {id: plain, type: minimum_functionality, examples: [{text: a fine film, label: positive}], min_pass_rate: 1}
          - {id: honest, type: calibration, metric: ece, bins: 15, max_score: 0.08, severity: warning}
          - {id: again, type: consistency, kind: repeat, repeats: 3}
          - {id: twins, type: consistency, kind: contrast_set, group: pair}
          - {id: why, type: snapshot, texts: [a fine film], method: shapley, tolerance: {absolute: 1.0e-5}, fields: {score: {relative: 0.01}}}
        """;

    [Theory]
    [InlineData("", "", true)]
    [InlineData("tests:", "tets:", false)]
    [InlineData("id: accuracy, ", "", false)]
    [InlineData("id: accuracy", "id: 'a b'", false)]
    [InlineData("type: metric", "type: metrik", false)]
    [InlineData("macro_f1", "macro_f2", false)]
    [InlineData(", min_score: 0.72", "", false)]
    [InlineData("min_score: 0.72", "threshold: 0.72", false)]
    [InlineData(
        "perturbations: [{name: swap_adjacent, max_edits: 1}, {name: keyboard_typo, rate: 0.05}, casing]",
        "perturbations: []",
        false
    )]
    [InlineData("name: swap_adjacent", "name: swap_adjacents", false)]
    [InlineData("rate: 0.05", "rate: 5", false)]
    [InlineData("draws: 4", "draws: 0", false)]
    [InlineData("prediction: unchanged", "prediction: same", false)]
    [InlineData("min_pass_rate: 0.90", "min_pass_rate: 0", false)]
    [InlineData("confidence: non_decreasing, ", "", false)]
    [InlineData("severity: warning", "severity: fatal", false)]
    [InlineData("kind: repeat", "kind: again", false)]
    [InlineData("correction: holm", "correction: bonferroni", false)]
    [InlineData("{path: data/reviews.tsv, ", "{", false)]
    [InlineData("method: shapley", "method: shap", false)]
    public async Task The_schema_of_specs_takes_good_ones_and_refuses_bad_ones(string from, string to, bool valid)
    {
        string yaml = from.Length == 0 ? Spec : Spec.Replace(from, to, StringComparison.Ordinal);
        Assert.Equal(from.Length > 0, yaml != Spec);
        Assert.Equal(valid, await AcceptsAsync("spec", yaml));
        Assert.Equal(valid, SpecReader.Parse("/w/x.spec.yaml", yaml).Problems.Count == 0);
    }

    [Fact]
    public void Names_in_the_schemas_are_those_of_the_code()
    {
        JsonNode workspace = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "whylight.schema.json")))!;
        JsonNode spec = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "spec.schema.json")))!;
        Assert.Equal(
            WorkspaceConfiguration.DiagnosticCodes,
            workspace["properties"]!["diagnostics"]!["properties"]!.AsObject().Select(p => p.Key)
        );
        Assert.Equal(
            WorkspaceConfiguration.Methods,
            Words(workspace["properties"]!["explain"]!["properties"]!["method"])
        );
        foreach (JsonNode schema in (JsonNode[])[workspace, spec])
        {
            JsonNode mapping = schema["definitions"]!["perturbation"]!["anyOf"]![1]!["properties"]!;
            Assert.Equal(PerturbationRegistry.Names, Words(mapping["name"]));
            Assert.Equal(
                PerturbationRegistry.Names.Where(n => PerturbationRegistry.Parameters(n).All(p => !p.Required)),
                Words(schema["definitions"]!["perturbation"]!["anyOf"]![0])
            );
            Assert.Equal(
                PerturbationRegistry
                    .Names.SelectMany(PerturbationRegistry.Parameters)
                    .Select(p => p.Name)
                    .Concat(["max_edits", "name", "rate"])
                    .Distinct()
                    .Order(StringComparer.Ordinal),
                mapping.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal)
            );
        }
        Assert.Equal(WorkspaceConfiguration.Methods, Words(spec["definitions"]!["snapshot"]!["properties"]!["method"]));

        Assert.Equal(
            SpecReader.Types.Order(StringComparer.Ordinal),
            spec["properties"]!["tests"]!["items"]!["oneOf"]!
                .AsArray()
                .Select(t => t!["$ref"]!.GetValue<string>().Split('/')[^1])
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(MetricNames.Metrics, Words(spec["definitions"]!["metric"]!["properties"]!["metric"]));
        Assert.Equal(MetricNames.Calibration, Words(spec["definitions"]!["calibration"]!["properties"]!["metric"]));

        static string[] Words(JsonNode? node) => [.. node!["enum"]!.AsArray().Select(w => w!.GetValue<string>())];
    }
}
