using Whylight.Documents;
using Whylight.Harness.Specs;
using Whylight.Harness.Xunit;

namespace Whylight.Tests.Harness;

public class SpecFileDataTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [SpecFileData("lexicon.spec.yaml")]
    public async Task A_spec_file_is_a_theory(string spec, string test)
    {
        Assert.Contains(test, (string[])["praise", "blame"]);
        using LexiconClassifier model = LexiconClassifier.Sentiment();
        SuiteReport report = await SpecAssert.HoldsAsync(spec, test, model, null, Stop);
        Assert.Equal(Verdict.Passed, report.Verdict);
        Assert.Equal(1, model.Texts);
    }

    [Fact]
    public async Task A_failing_test_throws_its_report()
    {
        using LexiconClassifier model = new(new Dictionary<string, double>());
        string spec = Path.Combine(Shared.Repository, "tests/Whylight.Tests/Harness/lexicon.spec.yaml");
        SpecFailedException e = await Assert.ThrowsAsync<SpecFailedException>(() =>
            SpecAssert.HoldsAsync(spec, "praise", model, null, Stop)
        );
        Assert.Contains(
            "\"a great film\" is 'positive', but the model says 'negative'",
            e.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("replay: wl1.", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SpecFailedException>(() => SpecAssert.HoldsAsync(spec, "prase", model, null, Stop));
    }

    [Fact]
    public async Task A_spec_that_is_not_there_is_named()
    {
        DocumentException e = await Assert.ThrowsAsync<DocumentException>(async () =>
            await new SpecFileDataAttribute("nowhere.spec.yaml").GetData(
                typeof(SpecFileDataTests).GetMethod(nameof(A_spec_file_is_a_theory))!,
                new()
            )
        );
        Assert.Equal("there is no spec 'nowhere.spec.yaml' beside the test or in a folder above it", e.Message);
    }
}
