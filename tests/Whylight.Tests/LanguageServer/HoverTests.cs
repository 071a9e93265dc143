using System.Text;
using System.Text.Json;
using Whylight.LanguageServer;
using Whylight.Models;

namespace Whylight.Tests.LanguageServer;

public class HoverTests
{
    private const string Reviews = "sentence\tlabel\na good film\tpositive\nan awful film\tpositive\n";
    private const int ContentModified = -32801;
    private const int RequestCancelled = -32800;

    private static readonly object VsCode = new
    {
        general = new { markdown = new { parser = "marked", allowedTags = new[] { "span", "img", "strong" } } },
        textDocument = new { hover = new { contentFormat = new[] { "markdown", "plaintext" } } },
    };

    private static readonly object Neovim = new
    {
        textDocument = new { hover = new { contentFormat = new[] { "markdown", "plaintext" } } },
    };

    [Fact]
    public async Task AHoverShowsPredictionShadedWordsReasonAndChart()
    {
        using TestWorkspace workspace = new();
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(VsCode);
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Reviews);
        JsonElement hover = await editor.HoverAsync(uri, 1, 3);
        string text = hover.GetProperty("contents").GetProperty("value").GetString()!;
        Assert.Equal("markdown", hover.GetProperty("contents").GetProperty("kind").GetString());
        Assert.StartsWith("**positive, probability 88 %**", text, StringComparison.Ordinal);
        Assert.Matches(
            "<span style=\"background-color:#[0-9a-f]{8};border-radius:3px;\" title=\"[^\"]+\">[^<]*good</span>",
            text
        );
        Assert.DoesNotContain(">film</span>", text, StringComparison.Ordinal);
        Assert.Contains("src=\"data:image/svg+xml;base64,", text, StringComparison.Ordinal);
        Assert.Equal(
            """{"start":{"line":1,"character":0},"end":{"line":1,"character":11}}""",
            hover.GetProperty("range").ToString()
        );
    }

    [Fact]
    public async Task AWrongLabelIsSaid()
    {
        using TestWorkspace workspace = new();
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(VsCode);
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Reviews);
        string text = Value(await editor.HoverAsync(uri, 2, 3));
        Assert.Contains("negative, probability 95 %, but labelled positive", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEditorWithoutHtmlGetsMarkdownWithoutIt()
    {
        using TestWorkspace workspace = new();
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(Neovim);
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Reviews);
        string text = Value(await editor.HoverAsync(uri, 1, 3));
        Assert.DoesNotContain('<', text);
        Assert.Contains("**positive, probability 88 %**", text, StringComparison.Ordinal);
        Assert.Contains("- `good` +1.00", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEditorWithoutMarkdownGetsPlainText()
    {
        using TestWorkspace workspace = new();
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(
            new { textDocument = new { hover = new { contentFormat = new[] { "plaintext" } } } }
        );
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Reviews);
        JsonElement hover = await editor.HoverAsync(uri, 1, 3);
        Assert.Equal("plaintext", hover.GetProperty("contents").GetProperty("kind").GetString());
        Assert.StartsWith("positive, probability 88 %\n", Value(hover), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script> good")]
    [InlineData("[good](command:workbench.action.quit)")]
    [InlineData("![x](https://evil.example/x.png) good")]
    [InlineData("good `code` **bold** # heading $(bug) http://evil.example <https://evil.example>")]
    [InlineData("good </span><img src=x onerror=alert(1)>")]
    public async Task TextFromAFileNeverActs(string hostile)
    {
        using TestWorkspace workspace = new();
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(VsCode);
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, $"sentence\tlabel\n{hostile}\tpositive\n");
        string text = Value(await editor.HoverAsync(uri, 1, 3));
        string[] ours = ["<span style=\"", "</span>", "<img alt=\""];
        string rest = ours.Aggregate(text, (left, tag) => left.Replace(tag, "", StringComparison.Ordinal));
        Assert.DoesNotContain('<', rest);
        Assert.DoesNotContain("](", text, StringComparison.Ordinal);
        Assert.DoesNotContain("$(", text, StringComparison.Ordinal);
        Assert.DoesNotContain("http://evil", text, StringComparison.Ordinal);
        Assert.DoesNotContain("https://evil", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingIsSaidOutsideExamplesAndServedFiles()
    {
        using TestWorkspace workspace = new();
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(VsCode);
        string reviews = workspace.Uri("reviews.tsv");
        string notes = workspace.Uri("notes.md");
        editor.Open(reviews, Reviews);
        editor.Open(notes, "a good film");
        Assert.Equal(JsonValueKind.Null, (await editor.HoverAsync(reviews, 0, 0)).ValueKind);
        Assert.Equal(JsonValueKind.Null, (await editor.HoverAsync(notes, 0, 3)).ValueKind);
        Assert.Equal(JsonValueKind.Null, (await editor.HoverAsync("file:///not/open.tsv", 1, 0)).ValueKind);
    }

    [Fact]
    public async Task EachHoverSeesTheEditsBeforeItAndNoOther()
    {
        using TestWorkspace workspace = new();
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(Neovim);
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, "label\tsentence\n\tgood\n");
        List<(string Expected, Task<JsonElement> Hover)> hovers = [];
        for (int version = 2; version < 300; version++)
        {
            string word = version % 2 == 0 ? "awful" : "great";
            object range = new { start = new { line = 1, character = 1 }, end = new { line = 1, character = 99 } };
            editor.Change(uri, version, new { range, text = word });
            hovers.Add(
                (
                    version % 2 == 0 ? "negative" : "positive",
                    editor.RequestAsync("textDocument/hover", TestEditor.At(uri, 1, 1))
                )
            );
        }
        int answered = 0;
        foreach ((string expected, Task<JsonElement> hover) in hovers)
        {
            JsonElement response = await hover;
            // A hover overtaken by the next edit is dropped; one that is answered is answered rightly.
            if (response.TryGetProperty("error", out JsonElement error))
            {
                Assert.Equal(ContentModified, error.GetProperty("code").GetInt32());
                continue;
            }
            answered++;
            Assert.Contains($"**{expected},", Value(response.GetProperty("result")), StringComparison.Ordinal);
        }
        Assert.True(answered >= 1, "the last hover follows the last edit");
    }

    [Fact]
    public async Task AHoverThatTheEditorCancelsStopsTheModel()
    {
        using TestWorkspace workspace = new();
        TaskCompletionSource begun = new();
        TaskCompletionSource stopped = new();
        LexiconClassifier model = new()
        {
            Before = async (text, token) =>
            {
                begun.TrySetResult();
                token.Register(() => stopped.TrySetResult());
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        await using TestEditor editor = TestServers.Start(model);
        await editor.InitializeAsync(new { textDocument = new { diagnostic = new { } } });
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Reviews);
        (int id, Task<JsonElement> response) = editor.Begin("textDocument/hover", TestEditor.At(uri, 1, 3));
        await begun.Task.WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken);
        editor.Notify("$/cancelRequest", new { id });
        Assert.Equal(RequestCancelled, (await response).GetProperty("error").GetProperty("code").GetInt32());
        await stopped.Task.WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AHoverOvertakenByAnEditIsContentModified()
    {
        using TestWorkspace workspace = new();
        TaskCompletionSource begun = new();
        LexiconClassifier model = new()
        {
            Before = async (text, token) =>
            {
                begun.TrySetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        await using TestEditor editor = TestServers.Start(model);
        await editor.InitializeAsync(new { textDocument = new { diagnostic = new { } } });
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Reviews);
        (_, Task<JsonElement> response) = editor.Begin("textDocument/hover", TestEditor.At(uri, 1, 3));
        await begun.Task.WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken);
        editor.Change(uri, 2, new { text = Reviews + "more\tpositive\n" });
        Assert.Equal(ContentModified, (await response).GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task AModelThatCannotBeLoadedIsSaidInASentence()
    {
        using TestWorkspace workspace = new();
        LanguageServerOptions options = TestServers.Options() with
        {
            LoadModel = (_, _, _) => throw new ModelException("cannot load 'models/x': it has no *config.json*"),
        };
        await using TestEditor editor = TestEditor.Start(options);
        await editor.InitializeAsync(Neovim);
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Reviews);
        string text = Value(await editor.HoverAsync(uri, 1, 3));
        Assert.StartsWith("cannot load ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("*config", text, StringComparison.Ordinal);
        await editor.ResultAsync("shutdown", null);
    }

    [Fact]
    public async Task AWorkspaceThatIsNotTrustedGetsShippedModelsOnly()
    {
        using TestWorkspace workspace = new(
            """
            models:
              mine: {path: models/mine}
            files:
              - {glob: "own.tsv", model: mine, text: sentence}
              - {glob: "shipped.tsv", model: builtin:sentiment, text: sentence}
            explain: {method: occlusion}
            """
        );
        int loads = 0;
        LanguageServerOptions options = TestServers.Options() with
        {
            LoadModel = (file, trusted, _) =>
            {
                Assert.False(trusted);
                Assert.True(file.Shipped);
                Interlocked.Increment(ref loads);
                return Task.FromResult<ITextClassifier>(new LexiconClassifier());
            },
        };
        await using TestEditor editor = TestEditor.Start(options);
        await editor.InitializeAsync(Neovim, new { trusted = false });
        editor.Open(workspace.Uri("own.tsv"), "sentence\ngood\n");
        editor.Open(workspace.Uri("shipped.tsv"), "sentence\ngood\n");
        Assert.Contains(
            "not trusted",
            Value(await editor.HoverAsync(workspace.Uri("own.tsv"), 1, 1)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "positive",
            Value(await editor.HoverAsync(workspace.Uri("shipped.tsv"), 1, 1)),
            StringComparison.Ordinal
        );
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task PositionsInUtf8AreUnderstoodAndAnswered()
    {
        using TestWorkspace workspace = new();
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(
            new
            {
                general = new { positionEncodings = new[] { "utf-8" } },
                textDocument = new { hover = new { contentFormat = new[] { "markdown" } } },
            }
        );
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, "label\tsentence\nпо\t漢😀 good\n");
        JsonElement hover = await editor.HoverAsync(uri, 1, Encoding.UTF8.GetByteCount("по\t漢😀 g"));
        int start = Encoding.UTF8.GetByteCount("по\t");
        int end = start + Encoding.UTF8.GetByteCount("漢😀 good");
        Assert.Equal(
            $$$"""{"start":{"line":1,"character":{{{start}}}},"end":{"line":1,"character":{{{end}}}}}""",
            hover.GetProperty("range").ToString()
        );
    }

    [Fact]
    public async Task ALineOfTenMegabytesIsServed()
    {
        using TestWorkspace workspace = new();
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(new { textDocument = new { diagnostic = new { } } });
        string uri = workspace.Uri("long.txt");
        editor.Open(uri, new string('a', 10_000_000));
        object end = new { line = 0, character = 10_000_000 };
        editor.Change(uri, 2, new { range = new { start = end, end }, text = "b" });
        await editor.HoverAsync(uri, 0, 5);
        await editor.ResultAsync("shutdown", null);
    }

    private static string Value(JsonElement hover) => hover.GetProperty("contents").GetProperty("value").GetString()!;
}
