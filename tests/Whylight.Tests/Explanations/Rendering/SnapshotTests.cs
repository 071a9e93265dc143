using Whylight.Explanations;
using Whylight.Explanations.Rendering;
using Whylight.Harness.Snapshots;

namespace Whylight.Tests.Explanations.Rendering;

/// <summary>What each form of a few fixed records looks like. They are made by hand: no model's training touches them.</summary>
/// <remarks>To accept new output, run these tests with WHYLIGHT_ACCEPT=1 and look at the pictures before committing it.</remarks>
public sealed class SnapshotTests
{
    private static readonly string s_folder = Path.Combine(
        Shared.Repository,
        "tests",
        "Whylight.Tests",
        "Explanations",
        "Rendering",
        "Snapshots"
    );

    public static TheoryData<string, string> Views()
    {
        TheoryData<string, string> views = [];
        foreach (string record in Samples.All.Keys)
        {
            views.Add(record, "text");
            views.Add(record, "svg");
        }
        foreach (string record in new[] { "review", "evil", "flips", "labels" })
        {
            views.Add(record, "markdown");
            views.Add(record, "html");
            views.Add(record, "hover");
            views.Add(record, "zh");
        }
        views.Add("review", "narrow");
        views.Add("labels", "narrow");
        views.Add("review", "colour");
        views.Add("flips", "colour");
        views.Add("review", "json");
        return views;
    }

    [Theory]
    [MemberData(nameof(Views))]
    public void A_record_looks_as_verified(string record, string view)
    {
        Explanation e = Samples.All[record];
        Messages english = Messages.English;
        (string content, string extension) = view switch
        {
            "svg" => (ExplanationPicture.Draw(e, english, record == "review" ? Samples.Quality : null), "svg"),
            "html" => (HtmlRenderer.Page(e, english, record == "review" ? Samples.Quality : null), "html"),
            "markdown" => (MarkdownRenderer.Render(e, english, quality: Samples.Quality), "md"),
            "hover" => (
                HoverRenderer.Render(e, english, HoverForm.Markdown)
                    + "----\n"
                    + HoverRenderer.Render(e, english, HoverForm.PlainText),
                "txt"
            ),
            "zh" => (Terminal(e, Messages.In(Language.SimplifiedChinese), 80), "txt"),
            "narrow" => (Terminal(e, english, 40), "txt"),
            "colour" => (
                TerminalRenderer
                    .Render(e, english, TerminalColour.TrueColour)
                    .Replace("\u001b", "\\e", StringComparison.Ordinal),
                "txt"
            ),
            "json" => (ExplanationJson.Write(e), "json"),
            _ => (Terminal(e, english, 80), "txt"),
        };
        SnapshotStore store = new(
            s_folder,
            new SnapshotOptions { Accept = Environment.GetEnvironmentVariable("WHYLIGHT_ACCEPT") == "1" }
        );
        SnapshotResult result = store.Check($"{record}-{view}", content, extension);
        Assert.True(result.Holds, result.Message + "\n" + result.Diff);
    }

    [Fact]
    public void No_verified_output_is_left_over()
    {
        HashSet<string> known = [.. Views().Select(row => $"{row.Data.Item1}-{row.Data.Item2}")];

        Assert.DoesNotContain(
            Directory.EnumerateFiles(s_folder, "*.verified.*").Select(f => Path.GetFileName(f).Split('.')[0]),
            name => !known.Contains(name)
        );
    }

    private static string Terminal(Explanation e, Messages messages, int width) =>
        TerminalRenderer.Render(e, messages, TerminalColour.None, expected: "negative", width: width);
}
