using System.Text.Json;
using System.Text.RegularExpressions;
using Whylight.Harness.Snapshots;
using Whylight.Tests.LanguageServer;

namespace Whylight.Tests.CommandLine;

/// <summary>What each verb writes, held against verified snapshots: tools parse it.</summary>
/// <remarks>To accept new output, run these tests with WHYLIGHT_ACCEPT=1 and look at the difference before committing it.</remarks>
public sealed class ContractTests
{
    private const string Text = "The movie was not good, awful!";

    public static TheoryData<string, string, string[]> Commands =>
        new()
        {
            { "predict-text", "txt", ["predict", "--model", "DATA/model", "--text", Text] },
            { "predict-json", "json", ["predict", "--model", "DATA/model", "--text", Text, "--format", "json"] },
            { "predict-file", "json", ["predict", "DATA/reviews.tsv", "--format", "json"] },
            { "predict-file-text", "txt", ["predict", "DATA/reviews.tsv"] },
            {
                "predict-ids",
                "json",
                [
                    "predict",
                    "--model",
                    "DATA/model",
                    "--input-ids",
                    "[2,5,6,7,8,3,0,0]",
                    "--attention-mask",
                    "[1,1,1,1,1,1,0,0]",
                    "--format",
                    "json",
                ]
            },
            { "tokenize-text", "txt", ["tokenize", "--model", "DATA/model", "--text", "The film's badly 👍"] },
            { "tokenize-json", "json", ["tokenize", "--model", "DATA/model", "--text", "films", "--format", "json"] },
            { "explain-text", "txt", Explain("shapley", "text") },
            { "explain-json", "json", Explain("shapley", "json") },
            { "explain-markdown", "txt", Explain("shapley", "markdown") },
            { "explain-html", "html", Explain("shapley", "html") },
            { "explain-svg", "svg", Explain("shapley", "svg") },
            { "explain-gradient-x-input", "json", Explain("gradient-x-input", "json") },
            { "explain-integrated-gradients", "json", Explain("integrated-gradients", "json") },
            { "explain-occlusion", "json", Explain("occlusion", "json") },
            { "explain-attnlrp", "json", Explain("attnlrp", "json") },
            {
                "explain-line",
                "json",
                ["explain", "DATA/reviews.tsv:3", "--method", "occlusion", "--format", "json", "--no-timing"]
            },
            { "explain-auto", "json", Explain("auto", "json") },
            { "explain-lime", "json", Explain("lime", "json") },
            { "explain-anchors", "json", Explain("anchors", "json") },
            { "explain-counterfactual", "json", Explain("counterfactual", "json") },
            { "explain-interactions", "json", Explain("interactions", "json") },
            { "explain-evaluate", "json", [.. Explain("shapley", "json"), "--evaluate"] },
            { "evaluate-text", "txt", ["evaluate", "--dataset", "DATA/reviews.tsv"] },
            {
                "evaluate-json",
                "json",
                ["evaluate", "--dataset", "DATA/reviews.tsv", "--model", "tiny", "--model", "tiny", "--format", "json"]
            },
            {
                "evaluate-explanations",
                "json",
                ["evaluate", "--dataset", "DATA/reviews.tsv", "--explanations", "occlusion,attnlrp", "--format", "json"]
            },
            {
                "evaluate-ladder",
                "json",
                [
                    "evaluate",
                    "--dataset",
                    "DATA/reviews.tsv",
                    "--model",
                    "tiny",
                    "--model",
                    "tiny",
                    "--ladder",
                    "--no-timing",
                    "--format",
                    "json",
                ]
            },
            {
                "evaluate-ladder-markdown",
                "txt",
                [
                    "evaluate",
                    "--dataset",
                    "DATA/reviews.tsv",
                    "--model",
                    "tiny",
                    "--model",
                    "tiny",
                    "--ladder",
                    "--no-timing",
                    "--format",
                    "markdown",
                ]
            },
            { "models-json", "json", ["models", "--format", "json"] },
            { "check-text", "txt", ["check", "DATA/tiny.spec.yaml", "--no-timing"] },
            { "check-json", "json", ["check", "DATA/tiny.spec.yaml", "--no-timing", "--format", "json"] },
            { "check-junit", "xml", ["check", "DATA/tiny.spec.yaml", "--no-timing", "--format", "junit"] },
            { "predict-lm-text", "txt", ["predict", "--model", "DATA/lm", "--text", "The film was not good"] },
            {
                "predict-lm-json",
                "json",
                ["predict", "--model", "DATA/lm", "--text", "The film was", "--format", "json"]
            },
            { "explain-lm-text", "txt", ExplainLm("shapley", "text") },
            { "explain-lm-json", "json", ExplainLm("attnlrp", "json") },
            { "explain-lm-layers", "json", [.. ExplainLm("cp-lrp", "json"), "--layers"] },
            { "explain-lm-probability", "json", [.. ExplainLm("occlusion", "json"), "--value", "probability"] },
            {
                "explain-lm-contrast",
                "json",
                [.. ExplainLm("shapley", "json"), "--target", "good", "--contrast", "bad"]
            },
            { "explain-lm-completion", "json", [.. ExplainLm("shapley", "json"), "--completion", "very good."] },
            {
                "explain-lm-completion-contrast",
                "txt",
                [.. ExplainLm("shapley", "text"), "--completion", "very good", "--contrast", "bad"]
            },
            {
                "explain-lm-own-continuation",
                "json",
                [.. ExplainLm("occlusion", "json"), "--value", "sequence_log_probability"]
            },
            { "explain-lm-at", "json", [.. ExplainLm("shapley", "json"), "--at", "10"] },
            { "explain-lm-token", "txt", [.. ExplainLm("shapley", "text"), "--token", "3"] },
            { "explain-lm-eos", "json", [.. ExplainLm("integrated-gradients", "json"), "--baseline", "eos"] },
            { "predict-choices-text", "txt", Choices("predict", "text") },
            { "predict-choices-json", "json", [.. Choices("predict", "json"), "--length-normalized"] },
            { "explain-choices-text", "txt", [.. Choices("explain", "text"), "--method", "shapley", "--calibrate"] },
            {
                "explain-choices-json",
                "json",
                [.. Choices("explain", "json"), "--method", "attnlrp", "--no-timing", "--calibrate=x"]
            },
            {
                "evaluate-choices",
                "json",
                [
                    "evaluate",
                    "--dataset",
                    "DATA/reviews.tsv",
                    "--model",
                    "DATA/lm",
                    "--model",
                    "tiny",
                    "--choices",
                    "NEGATIVE",
                    "--choices",
                    "POSITIVE",
                    "--format",
                    "json",
                ]
            },
            { "lint-text", "txt", ["lint", "DATA/reviews.tsv"] },
            { "lint-json", "json", ["lint", "DATA/reviews.tsv", "--format", "json"] },
            { "lint-sarif", "json", ["lint", "DATA/reviews.tsv", "--format", "sarif"] },
            { "lint-github", "txt", ["lint", "DATA/reviews.tsv", "--format", "github"] },
        };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Output_is_as_verified(string name, string extension, string[] arguments)
    {
        Command command = await Command.RunAsync("", arguments);

        string expectedError = name switch
        {
            "predict-file" or "predict-file-text" =>
                "whylight: warning: DATA/reviews.tsv:4: longer than the 16 tokens the model reads; cut at character 61\n",
            _ => "",
        };
        Assert.Equal(expectedError, command.Error);
        bool fails =
            name.StartsWith("lint", StringComparison.Ordinal) || name.StartsWith("check", StringComparison.Ordinal);
        Assert.Equal(fails ? 1 : 0, command.ExitCode);
        Verify(name, command.Out, extension);
    }

    [Fact]
    public async Task Tokenize_answers_a_line_for_each_line()
    {
        Command command = await Command.RunAsync(
            "{\"text\": \"good\"}\n\n{\"text\": \"bad film\"}\n",
            "tokenize",
            "--model",
            "DATA/model",
            "-",
            "--format",
            "jsonl"
        );

        Assert.Equal(0, command.ExitCode);
        Assert.Equal(
            """
            {"schemaVersion":1,"tokens":[{"text":"[CLS]","id":2,"start":0,"end":0,"special":true},{"text":"good","id":8,"start":0,"end":4,"special":false},{"text":"[SEP]","id":3,"start":4,"end":4,"special":true}],"truncated":false}
            {"schemaVersion":1,"tokens":[{"text":"[CLS]","id":2,"start":0,"end":0,"special":true},{"text":"bad","id":9,"start":0,"end":3,"special":false},{"text":"film","id":13,"start":4,"end":8,"special":false},{"text":"[SEP]","id":3,"start":8,"end":8,"special":true}],"truncated":false}

            """,
            command.Out
        );
    }

    [Fact]
    public async Task Training_writes_a_model_that_predicts_and_prints_its_card()
    {
        string folder = Directory.CreateTempSubdirectory("whylight-").FullName;
        try
        {
            string data = Path.Combine(Shared.Repository, "specs", "data", "reviews.tsv");

            Command trained = await Command.RunAsync(
                "",
                ["train", "--family", "linear", "--dataset", data, "--output", Path.Combine(folder, "mine")]
            );
            Command predicted = await Command.RunAsync(
                "",
                ["predict", "--model", Path.Combine(folder, "mine"), "--text", "a warm and lovely film"]
            );

            Assert.Equal(0, trained.ExitCode);
            // Figures and times are the training tests' business; here it is the card's form.
            Verify("train-card", Regex.Replace(trained.Out, "[0-9]+(\\.[0-9]+)?", "#"), "txt");
            Assert.Equal(
                ["README.md", "card.json", "config.json", "model.safetensors", "vocab.txt"],
                Directory
                    .EnumerateFiles(Path.Combine(folder, "mine"))
                    .Select(Path.GetFileName)
                    .Order(StringComparer.Ordinal)
            );
            Assert.Equal(0, predicted.ExitCode);
            Assert.Matches("^(positive|negative)  0\\.[0-9]{3}  a warm and lovely film\n$", predicted.Out);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_language_server_announces_what_it_can_do()
    {
        await using TestEditor editor = TestServers.Start();

        JsonElement answer = await editor.ResultAsync("initialize", new { capabilities = new { } });

        Verify("lsp-initialize", answer.GetRawText(), "json");
    }

    [Fact]
    public void No_verified_output_is_left_over()
    {
        HashSet<string> known =
        [
            "train-card.verified.txt",
            "lsp-initialize.verified.json",
            .. Commands.Select(row => $"{row.Data.Item1}.verified.{row.Data.Item2}"),
        ];

        Assert.DoesNotContain(
            Directory.EnumerateFiles(Command.Snapshots, "*.verified.*").Select(path => Path.GetFileName(path)),
            file => !known.Contains(file)
        );
    }

    private static string[] ExplainLm(string method, string format) =>
        [
            "explain",
            "--model",
            "DATA/lm",
            "--text",
            "The film was not good",
            "--method",
            method,
            "--format",
            format,
            "--no-timing",
        ];

    private static string[] Choices(string verb, string format) =>
        [
            verb,
            "--model",
            "DATA/lm",
            "--text",
            "Review: not good. Sentiment:",
            "--choices",
            "negative,positive",
            "--format",
            format,
        ];

    private static string[] Explain(string method, string format) =>
        ["explain", "--model", "DATA/model", "--text", Text, "--method", method, "--format", format, "--no-timing"];

    private static void Verify(string name, string content, string extension)
    {
        bool accept = Environment.GetEnvironmentVariable("WHYLIGHT_ACCEPT") == "1";
        // A model that is trained again keeps its name and labels, not its hash or temperature; a build carries its commit.
        SnapshotRules rules = new() { Ignored = ["hash", "temperature", "serverInfo.version"] };
        SnapshotStore store = new(Command.Snapshots, new SnapshotOptions { Accept = accept, Rules = rules });
        SnapshotResult result = store.Check(name, content, extension);
        Assert.True(result.Holds, result.Message + "\n" + result.Diff);
    }
}
