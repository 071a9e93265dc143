using System.Text.Json;
using System.Text.Json.Nodes;
using Whylight.LanguageServer;
using Whylight.Models;

namespace Whylight.Tests.LanguageServer;

public class DiagnosticsTests
{
    private const string Wrong = "sentence\tlabel\nan awful awful film\tpositive\na great great film\tpositive\n";
    private const string Right = "sentence\tlabel\nan awful awful film\tnegative\na great great film\tpositive\n";

    /// <summary>The cheap findings alone, which are known by heart.</summary>
    private const string Configuration = """
        files:
          - {glob: "*.tsv", model: builtin:sentiment, text: sentence, label: label}
        explain: {method: occlusion}
        diagnostics: {unstable-prediction: {severity: off}}
        """;

    private static readonly object Pulls = new
    {
        textDocument = new { diagnostic = new { } },
        workspace = new { diagnostics = new { refreshSupport = true } },
    };

    [Fact]
    public async Task FindingsAreSentWithTheirVersion()
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Wrong, version: 7);
        JsonElement published = await FinalAsync(editor, 1);
        Assert.Equal(uri, published.GetProperty("uri").GetString());
        Assert.Equal(7, published.GetProperty("version").GetInt32());
        JsonElement diagnostic = Assert.Single(published.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal("label-disagreement", diagnostic.GetProperty("code").GetString());
        Assert.Equal("whylight", diagnostic.GetProperty("source").GetString());
        Assert.Equal(
            """{"start":{"line":1,"character":20},"end":{"line":1,"character":28}}""",
            diagnostic.GetProperty("range").ToString()
        );
    }

    [Fact]
    public async Task AnEditThatMendsTheFileClearsItsFindings()
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Wrong);
        await FinalAsync(editor, 1);
        editor.Change(uri, 2, new { text = Right });
        JsonElement published = await FinalAsync(editor, 0);
        Assert.Equal(2, published.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task WhatWasFoundForAnOldVersionIsNeverSent()
    {
        using TestWorkspace workspace = new(Configuration);
        TaskCompletionSource begun = new();
        TaskCompletionSource release = new();
        LexiconClassifier model = new()
        {
            // Deaf to cancellation, as native work is between its checks.
            Before = (text, _) =>
            {
                begun.TrySetResult();
                return text.Contains("old", StringComparison.Ordinal) ? release.Task : Task.CompletedTask;
            },
        };
        await using TestEditor editor = TestServers.Start(model);
        await editor.InitializeAsync();
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, "sentence\tlabel\nan old awful film\tpositive\n");
        await begun.Task.WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken);
        editor.Change(uri, 2, new { text = Wrong });
        JsonElement published = await FinalAsync(editor, 1);
        release.SetResult();
        Assert.Equal(2, published.GetProperty("version").GetInt32());
        await editor.ResultAsync("shutdown", null);
        Assert.DoesNotContain(
            editor.PassedOver,
            message =>
                message.GetProperty("params").TryGetProperty("version", out JsonElement v)
                && v.GetInt32() == 1
                && message.GetProperty("params").GetProperty("diagnostics").GetArrayLength() > 0
        );
    }

    [Fact]
    public async Task AClosedDocumentIsCleared()
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Wrong);
        await FinalAsync(editor, 1);
        editor.Notify("textDocument/didClose", new { textDocument = new { uri } });
        JsonElement published = await FinalAsync(editor, 0);
        Assert.False(published.TryGetProperty("version", out _));
    }

    [Fact]
    public async Task AnEditorThatPullsIsAnsweredAndToldWhenNothingChanged()
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(Pulls);
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Wrong);
        JsonElement full = await CompleteAsync(editor, uri, 1);
        Assert.Equal("full", full.GetProperty("kind").GetString());
        JsonElement again = await editor.ResultAsync(
            "textDocument/diagnostic",
            new { textDocument = new { uri }, previousResultId = full.GetProperty("resultId").GetString() }
        );
        Assert.Equal("unchanged", again.GetProperty("kind").GetString());
        Assert.False(again.TryGetProperty("items", out _));
        Assert.DoesNotContain(
            editor.PassedOver,
            message => message.GetProperty("method").GetString() == "textDocument/publishDiagnostics"
        );
    }

    [Fact]
    public async Task UnstablePredictionsAreFoundWithTheirSmallestEdit()
    {
        using TestWorkspace workspace = new(
            """
            files:
              - {glob: "*.tsv", model: builtin:sentiment, text: sentence}
            diagnostics: {unstable-prediction: {perturbations: [casing], samples: 64}}
            """
        );
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(
            new { textDocument = new { publishDiagnostics = new { relatedInformation = true } } }
        );
        string uri = workspace.Uri("reviews.tsv");
        // "good" outweighs nothing once its case changes: the lexicon knows it in lower case only.
        editor.Open(uri, "sentence\na good bad good film\n");
        JsonElement published = await FinalAsync(editor, 1);
        JsonElement diagnostic = published.GetProperty("diagnostics")[0];
        Assert.Equal("unstable-prediction", diagnostic.GetProperty("code").GetString());
        Assert.Equal(2, diagnostic.GetProperty("severity").GetInt32());
        Assert.NotEmpty(diagnostic.GetProperty("relatedInformation").EnumerateArray());
    }

    [Fact]
    public async Task AConfigurationWithAnErrorIsMarkedAtItsPlace()
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        editor.Open(workspace.Uri("whylight.yaml"), "version: 1\nmodles: {}\n");
        JsonElement published = await FinalAsync(editor, 1);
        JsonElement diagnostic = published.GetProperty("diagnostics")[0];
        Assert.Equal(1, diagnostic.GetProperty("range").GetProperty("start").GetProperty("line").GetInt32());
        Assert.Equal(1, diagnostic.GetProperty("severity").GetInt32());
        Assert.Contains("models", diagnostic.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASpecWithAnErrorIsMarkedAtItsPlace()
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        editor.Open(workspace.Uri("a.spec.yaml"), "version: 1\nname: a\ntests:\n  - {id: x, type: no_such_type}\n");
        JsonElement published = await FinalAsync(editor, 1);
        JsonElement diagnostic = published.GetProperty("diagnostics")[0];
        Assert.Equal(3, diagnostic.GetProperty("range").GetProperty("start").GetProperty("line").GetInt32());
        Assert.Contains("no_such_type", diagnostic.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AConfigurationSavedIsHonouredAtOnce()
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Wrong);
        await FinalAsync(editor, 1);
        workspace.Write(
            "whylight.yaml",
            Configuration.Replace(
                "severity: off}}",
                "severity: off}, label-disagreement: {severity: off}}",
                StringComparison.Ordinal
            )
        );
        editor.Notify(
            "workspace/didChangeWatchedFiles",
            new { changes = new[] { new { uri = workspace.Uri("whylight.yaml"), type = 2 } } }
        );
        await FinalAsync(editor, 0);
    }

    [Fact]
    public async Task SettingsOfTheEditorAreAskedForAndHonoured()
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        bool enabled = true;
        editor.Answers["workspace/configuration"] = _ => new JsonArray(
            new JsonObject { ["diagnostics"] = new JsonObject { ["enable"] = enabled } }
        );
        await editor.InitializeAsync(new { workspace = new { configuration = true } });
        string uri = workspace.Uri("reviews.tsv");
        editor.Open(uri, Wrong);
        await FinalAsync(editor, 1);
        enabled = false;
        editor.Notify("workspace/didChangeConfiguration", new { settings = (object?)null });
        await FinalAsync(editor, 0);
    }

    [Fact]
    public async Task AModelThatCannotBeLoadedIsOneDiagnostic()
    {
        using TestWorkspace workspace = new(Configuration);
        LanguageServerOptions options = TestServers.Options() with
        {
            LoadModel = (_, _, _) => throw new ModelException("cannot load 'models/x': it has no config.json"),
        };
        await using TestEditor editor = TestEditor.Start(options);
        await editor.InitializeAsync();
        editor.Open(workspace.Uri("reviews.tsv"), Wrong);
        JsonElement published = await FinalAsync(editor, 1);
        Assert.Equal(
            "cannot load 'models/x': it has no config.json",
            published.GetProperty("diagnostics")[0].GetProperty("message").GetString()
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("sentence\tlabel\n\"never closed\tpositive\n")]
    [InlineData("text\tlabel\na film\tpositive\n")]
    [InlineData("sentence\tlabel\na film\tgood\n")]
    public async Task BadFilesAreOneClearDiagnosticAtLeastAndTheServerLivesOn(string content)
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        editor.Open(workspace.Uri("reviews.tsv"), content);
        JsonElement published = await editor.NextAsync("textDocument/publishDiagnostics");
        while (published.GetProperty("diagnostics").GetArrayLength() == 0)
        {
            published = await editor.NextAsync("textDocument/publishDiagnostics");
        }
        string message = published.GetProperty("diagnostics")[0].GetProperty("message").GetString()!;
        Assert.DoesNotContain("Exception", message, StringComparison.Ordinal);
        await editor.ResultAsync("shutdown", null);
    }

    [Fact]
    public async Task DocumentsThatNothingServesHaveNoDiagnostics()
    {
        using TestWorkspace workspace = new(Configuration);
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync(Pulls);
        string uri = workspace.Uri("settings.json");
        editor.Open(uri, "{\"a\": }");
        Assert.Equal(0, (await CompleteAsync(editor, uri, 0)).GetProperty("items").GetArrayLength());
    }

    /// <summary>The next publication with a number of diagnostics; earlier, partial ones are passed over.</summary>
    private static async Task<JsonElement> FinalAsync(TestEditor editor, int count)
    {
        while (true)
        {
            JsonElement published = await editor.NextAsync("textDocument/publishDiagnostics");
            if (published.GetProperty("diagnostics").GetArrayLength() == count)
            {
                return published;
            }
        }
    }

    /// <summary>Pulls as an editor does, again whenever the server asks, until there are so many items.</summary>
    private static async Task<JsonElement> CompleteAsync(TestEditor editor, string uri, int count)
    {
        while (true)
        {
            JsonElement report = await editor.ResultAsync(
                "textDocument/diagnostic",
                new { textDocument = new { uri } }
            );
            if (report.GetProperty("items").GetArrayLength() == count)
            {
                return report;
            }
            await editor.NextAsync("workspace/diagnostic/refresh");
        }
    }
}
