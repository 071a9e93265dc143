using System.Text.Json;
using Whylight.Tests.Explanations.Attribution;
using Whylight.Tests.Explanations.Game;
using Whylight.Tests.Explanations.Local;

namespace Whylight.Tests.Explanations;

/// <summary>No golden case of this room's files is left without a test.</summary>
public sealed class GoldenCoverageTests
{
    [Theory]
    [InlineData("gradient_attribution")]
    [InlineData("lrp")]
    [InlineData("attnlrp")]
    [InlineData("tiny_models")]
    [InlineData("noise_infidelity_tokens")]
    [InlineData("shapley")]
    [InlineData("lime")]
    [InlineData("anchors")]
    [InlineData("counterfactuals_rules")]
    public void Every_case_has_its_test(string file)
    {
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllBytes(Shared.Require($"golden/explanations/{file}.json"))
        );
        JsonElement[] cases = [.. document.RootElement.GetProperty("cases").EnumerateArray()];
        HashSet<string> consumed = [.. Consumed(file, cases)];
        Assert.NotEmpty(cases);
        Assert.Empty(
            cases
                .Where(c => !consumed.Contains(c.GetProperty("id").GetString()!))
                .Select(c => $"{c.GetProperty("kind").GetString()}: {c.GetProperty("id").GetString()}")
        );
    }

    private static IEnumerable<string> Consumed(string file, JsonElement[] cases) =>
        file switch
        {
            "shapley" =>
            [
                .. Of(GoldenShapleyTests.ExactGames()),
                .. Of(GoldenShapleyTests.Kernels()),
                .. Of(GoldenShapleyTests.Leverages()),
                .. Of(GoldenShapleyTests.Regressions()),
                .. Of(GoldenShapleyTests.Trees()),
                .. Of(GoldenShapleyTests.TextTrees()),
                // Facts of one case each.
                "shap_kernelexplainer_nonlinear4",
                "shap_l1_reg_default_truncates",
            ],
            "lime" =>
            [
                .. Of(GoldenLocalTests.LimeFits()),
                .. Of(GoldenLocalTests.LimeIndexes()),
                "lime_text_seed_stability",
            ],
            "anchors" =>
            [
                .. Of(GoldenLocalTests.Bounds()),
                .. Of(GoldenLocalTests.Betas()),
                .. Of(GoldenLocalTests.ExactAnchors()),
                .. Of(GoldenLocalTests.Beams()),
            ],
            // Association rules are patterns: the room Global holds them.
            "counterfactuals_rules" => [.. Of(GoldenLocalTests.Counterfactuals()), "association_rules"],
            _ =>
            [
                .. AttributionGoldenTests.Cases().Where(c => c.Data.Item1 == file).Select(c => c.Data.Item2),
                // Measures of explanations: the room Evaluation holds them.
                .. cases
                    .Where(c => c.GetProperty("kind").GetString() is "infidelity" or "max_sensitivity")
                    .Select(c => c.GetProperty("id").GetString()!),
            ],
        };

    private static IEnumerable<string> Of(TheoryData<string> data) => data.Select(row => row.Data);
}
