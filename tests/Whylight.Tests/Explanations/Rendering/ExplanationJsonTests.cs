using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using NJsonSchema;
using Whylight.Explanations;
using Whylight.Explanations.Rendering;
using Whylight.Measures;

namespace Whylight.Tests.Explanations.Rendering;

public sealed class ExplanationJsonTests
{
    [Fact]
    public void The_keys_are_the_contracts_in_their_order()
    {
        using JsonDocument document = JsonDocument.Parse(ExplanationJson.Write(Samples.Review()));
        Assert.Equal(
            [
                "schemaVersion",
                "method",
                "estimator",
                "target",
                "valueKind",
                "prediction",
                "features",
                "value",
                "baseValue",
                "remainder",
                "completenessGap",
                "converged",
                "modelCalls",
                "seed",
                "absence",
                "baseline",
                "modelHash",
                "elapsedMs",
            ],
            Keys(document.RootElement)
        );
        Assert.Equal(
            ["text", "start", "end", "score", "standardError"],
            Keys(document.RootElement.GetProperty("features")[0])
        );
        Assert.Equal(
            ["text", "label", "probabilities", "logits", "truncated"],
            Keys(document.RootElement.GetProperty("prediction"))
        );
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("baseline").ValueKind);
        Assert.DoesNotContain(
            "elapsedMs",
            ExplanationJson.Write(Samples.Review(), timing: false),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_keys_of_each_method_are_the_contracts()
    {
        using JsonDocument rule = JsonDocument.Parse(ExplanationJson.Write(Samples.Rule()));
        Assert.Equal(
            [
                "features",
                "precision",
                "precisionInterval",
                "coverage",
                "neighbourhood",
                "datasetCoverage",
                "datasetTexts",
            ],
            Keys(rule.RootElement.GetProperty("anchor"))
        );
        using JsonDocument flips = JsonDocument.Parse(ExplanationJson.Write(Samples.Flips()));
        Assert.Equal(
            ["text", "edits", "prediction", "minimal"],
            Keys(flips.RootElement.GetProperty("counterfactuals")[0])
        );
        using JsonDocument pairs = JsonDocument.Parse(ExplanationJson.Write(Samples.Pairs()));
        Assert.Equal(["i", "j", "score", "standardError"], Keys(pairs.RootElement.GetProperty("interactions")[0]));
        using JsonDocument line = JsonDocument.Parse(ExplanationJson.Write(Samples.Line()));
        Assert.Equal(0.42, line.RootElement.GetProperty("fit").GetProperty("r2").GetDouble());
    }

    [Property(MaxTest = 300)]
    public void Records_come_back_as_they_were(int seed)
    {
        Explanation e = RandomRecords.Next(new SeededRandom((ulong)seed));
        string written = ExplanationJson.Write(e);
        Explanation read = ExplanationJson.Read(written);
        Assert.Equivalent(e, read, strict: true);
        Assert.Equal(written, ExplanationJson.Write(read));
        Assert.Equal(written, ExplanationJson.Write(ExplanationJson.Read(ExplanationJson.Write(e, indented: false))));
    }

    [Property(MaxTest = 100)]
    public void Every_document_is_of_the_schema(int seed)
    {
        Explanation drawn = RandomRecords.Next(new SeededRandom((ulong)seed));
        // The validator reads no integer above 2^63 - 1, which the schema allows.
        Explanation e = drawn with
        {
            Seed = drawn.Seed >> 1,
        };
        AssertOfSchema(ExplanationJson.Write(e));
    }

    [Fact]
    public void The_schema_names_every_key_and_refuses_what_is_not_an_explanation()
    {
        foreach (Explanation e in Samples.All.Values)
        {
            string written = ExplanationJson.Write(e);
            AssertOfSchema(written);
            JsonObject document = JsonNode.Parse(written)!.AsObject();
            Assert.All(document, p => Assert.Contains(p.Key, Schema.Properties.Keys));
            document.Remove("features");
            Assert.NotEmpty(Schema.Validate(document.ToJsonString()));
            Assert.NotEmpty(
                Schema.Validate(written.Replace("\"modelCalls\": ", "\"modelCalls\": -", StringComparison.Ordinal))
            );
        }
    }

    [Fact]
    public void What_is_undefined_is_null()
    {
        Explanation e = Samples.Review() with { Value = double.NaN, BaseValue = null };
        using JsonDocument document = JsonDocument.Parse(ExplanationJson.Write(e));
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("value").ValueKind);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("baseValue").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion": 2}""")]
    [InlineData("""{"schemaVersion": 1}""")]
    [InlineData("""{"schemaVersion": "1"}""")]
    [InlineData("""{"schemaVersion": 1, "prediction": 3}""")]
    public void What_is_no_explanation_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => ExplanationJson.Read(json));

    /// <summary>The schema that is shipped with the extension.</summary>
    private static JsonSchema Schema { get; } =
        JsonSchema
            .FromFileAsync(Path.Combine(Shared.Repository, "extension", "schemas", "explanation.schema.json"))
            .GetAwaiter()
            .GetResult();

    private static void AssertOfSchema(string json) =>
        Assert.Empty(Schema.Validate(json).Select(e => $"{e.Path}: {e.Kind}"));

    private static IEnumerable<string> Keys(JsonElement element) => element.EnumerateObject().Select(p => p.Name);
}
