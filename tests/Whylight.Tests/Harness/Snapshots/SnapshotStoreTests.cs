using Whylight.Harness.Snapshots;

namespace Whylight.Tests.Harness.Snapshots;

public sealed class SnapshotStoreTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "whylight-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void A_first_run_keeps_the_output_as_received_and_says_how_to_accept_it()
    {
        SnapshotResult result = Store().Check("predictions", """{"p": 0.5}""");

        Assert.Equal(SnapshotOutcome.Missing, result.Outcome);
        Assert.False(result.Holds);
        Assert.Equal("{\"p\": 0.5}\n", File.ReadAllText(Received("predictions")));
        Assert.False(File.Exists(Verified("predictions")));
        Assert.Contains("--accept", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_accepted_output_matches_from_then_on()
    {
        Assert.Equal(SnapshotOutcome.Accepted, Store(accept: true).Check("p", "{\"p\": 0.5}\r\n").Outcome);
        Assert.Equal("{\"p\": 0.5}\n", File.ReadAllText(Verified("p")));

        Assert.Equal(SnapshotOutcome.Matched, Store().Check("p", """{ "p": 0.500001 }""").Outcome);
        // The verified file keeps the value that was looked at, not the one that came near it.
        Assert.Equal("{\"p\": 0.5}\n", File.ReadAllText(Verified("p")));
    }

    [Fact]
    public void A_match_removes_the_received_file_of_an_earlier_mismatch()
    {
        Store(accept: true).Check("p", """{"p": 0.5}""");
        Assert.Equal(SnapshotOutcome.Mismatched, Store().Check("p", """{"p": 0.6}""").Outcome);
        Assert.True(File.Exists(Received("p")));

        Store().Check("p", """{"p": 0.5}""");

        Assert.False(File.Exists(Received("p")));
    }

    [Fact]
    public void A_mismatch_names_the_field_both_values_and_the_tolerance()
    {
        Store(accept: true).Check("p", """{"predictions": [{"label": "a", "logits": [1, 2]}]}""");

        SnapshotResult result = Store().Check("p", """{"predictions": [{"label": "b", "logits": [1, 2.5]}]}""");

        Assert.Contains(
            "predictions[0].label: verified \"a\", received \"b\"",
            result.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "predictions[0].logits[1]: verified 2, received 2.5 (tolerance 1E-05 + 0.0001 relative)",
            result.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("-{\"predictions\"", result.Diff, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_and_added_keys_and_lengths_are_differences()
    {
        Store(accept: true).Check("p", """{"a": 1, "b": [1, 2]}""");

        string message = Store().Check("p", """{"b": [1], "c": null}""").Message;

        Assert.Contains("a: verified 1, received nothing", message, StringComparison.Ordinal);
        Assert.Contains("c: verified nothing, received null", message, StringComparison.Ordinal);
        Assert.Contains("b: verified 2 entries, received 1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_has_its_own_tolerance_and_an_ignored_field_none()
    {
        SnapshotRules rules = new()
        {
            Tolerance = NumericTolerance.Exact,
            Fields = new Dictionary<string, NumericTolerance>
            {
                ["score"] = new(0.1, 0),
                ["features[*].score"] = new(0.5, 0),
            },
            Ignored = ["elapsedMs"],
        };
        SnapshotOptions options = new() { BuildServer = false, Rules = rules };
        new SnapshotStore(_folder, options with { Accept = true }).Check(
            "p",
            """{"score": 1, "features": [{"score": 1}], "elapsedMs": 3, "n": 7}"""
        );
        SnapshotStore store = new(_folder, options);

        Assert.True(
            store.Check("p", """{"score": 1.09, "features": [{"score": 1.49}], "elapsedMs": 9, "n": 7}""").Holds
        );
        Assert.False(store.Check("p", """{"score": 1.11, "features": [{"score": 1}], "elapsedMs": 3, "n": 7}""").Holds);
        Assert.False(store.Check("p", """{"score": 1, "features": [{"score": 1.51}], "elapsedMs": 3, "n": 7}""").Holds);
        Assert.False(
            store.Check("p", """{"score": 1, "features": [{"score": 1}], "elapsedMs": 3, "n": 7.0001}""").Holds
        );
        Assert.True(store.Check("p", """{"score": 1, "features": [{"score": 1}], "n": 7}""").Holds);
    }

    [Fact]
    public void On_a_build_server_nothing_is_accepted()
    {
        SnapshotOptions options = new() { Accept = true, BuildServer = true };

        SnapshotResult result = new SnapshotStore(_folder, options).Check("p", "{}");

        Assert.Equal(SnapshotOutcome.Missing, result.Outcome);
        Assert.False(File.Exists(Verified("p")));
        Assert.True(File.Exists(Received("p")));
    }

    [Fact]
    public void A_verified_file_that_nothing_asks_for_is_dangling()
    {
        Store(accept: true).Check("kept", "{}");
        Store(accept: true).Check("gone", "{}");
        SnapshotStore store = Store();
        store.Check("kept", "{}");

        Assert.Equal([Verified("gone")], store.Dangling());
    }

    [Theory]
    [InlineData("positive  0.974  good", "positive  0.973  good", true)]
    [InlineData("positive  0.974  good", "positive  0.972  good", false)]
    [InlineData("positive  0.974  good", "negative  0.974  good", false)]
    [InlineData("line 12", "line 13", false)]
    [InlineData("0.97", "0.974", false)]
    [InlineData("a\nb", "a", false)]
    public void Text_lines_agree_by_words_and_by_the_last_place_of_their_numbers(
        string verified,
        string received,
        bool same
    )
    {
        Store(accept: true).Check("t", verified, "txt");

        Assert.Equal(same, Store().Check("t", received, "txt").Holds);
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    public void A_name_that_is_no_plain_file_name_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => Store().Check(name, "{}"));

    [Theory]
    [InlineData(double.NaN, double.NaN, true)]
    [InlineData(double.NaN, 1, false)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity, true)]
    [InlineData(double.PositiveInfinity, double.NegativeInfinity, false)]
    [InlineData(double.PositiveInfinity, 1e300, false)]
    [InlineData(1, 1.0001, true)]
    [InlineData(1, 1.0002, false)]
    [InlineData(0, 1e-5, true)]
    [InlineData(0, 1.2e-5, false)]
    public void A_number_that_is_not_finite_equals_only_itself(double a, double b, bool same) =>
        Assert.Equal(same, NumericTolerance.AcrossMachines.Holds(a, b));

    private SnapshotStore Store(bool accept = false) =>
        new(_folder, new SnapshotOptions { Accept = accept, BuildServer = false });

    private string Verified(string name) => Path.Combine(_folder, name + ".verified.json");

    private string Received(string name) => Path.Combine(_folder, name + ".received.json");
}
