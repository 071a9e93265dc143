using System.Text.Json;
using Whylight.Explanations.Global;
using Whylight.Harness.Snapshots;

namespace Whylight.Tests.CommandLine;

/// <summary><c>explain --dataset</c> and <c>evaluate --explanations</c>, held to verified snapshots.</summary>
/// <remarks>To accept new output, run these tests with WHYLIGHT_ACCEPT=1 and look at the difference before committing it.</remarks>
public sealed class GlobalExplanationTests : IDisposable
{
    private static readonly string s_snapshots = Path.Combine(
        Path.GetDirectoryName(Command.Snapshots)!,
        "GlobalSnapshots"
    );

    private readonly string _folder = Directory.CreateTempSubdirectory("whylight-").FullName;

    public static TheoryData<string, string, string[]> Commands
    {
        get
        {
            TheoryData<string, string, string[]> commands = [];
            foreach (string method in GlobalExplainer.Methods)
            {
                commands.Add(method, "json", Global(method, "json"));
            }
            commands.Add("tree-text", "txt", Global("tree", "text"));
            commands.Add("tree-markdown", "txt", Global("tree", "markdown"));
            commands.Add("tree-svg", "svg", Global("tree", "svg"));
            commands.Add("tree-html", "html", Global("tree", "html"));
            commands.Add("rules-text", "txt", Global("rules", "text"));
            commands.Add("logistic-text", "txt", Global("logistic", "text"));
            commands.Add("logistic-svg", "svg", Global("logistic", "svg"));
            commands.Add("forest-text", "txt", Global("forest", "text"));
            commands.Add("patterns-markdown", "txt", Global("patterns", "markdown"));
            commands.Add("representatives-text", "txt", Global("representatives", "text"));
            commands.Add("aggregate-html", "html", Global("aggregate", "html"));
            commands.Add("evaluate-text", "txt", Evaluate("text"));
            commands.Add("evaluate-markdown", "txt", Evaluate("markdown"));
            commands.Add("evaluate-json", "json", [.. Evaluate("json"), "--randomise-layers"]);
            commands.Add(
                "anchors-dataset",
                "json",
                [
                    "explain",
                    "--model",
                    "DATA/model",
                    "--text",
                    "the movie was not good",
                    "--method",
                    "anchors",
                    "--dataset",
                    "DATA/many.tsv",
                    "--format",
                    "json",
                    "--no-timing",
                ]
            );
            return commands;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Output_is_as_verified_and_repeats_to_the_byte(string name, string extension, string[] arguments)
    {
        Command first = await Command.RunAsync("", arguments);
        Command second = await Command.RunAsync("", arguments);

        Assert.Equal("", first.Error);
        Assert.Equal(0, first.ExitCode);
        Assert.Equal(first.Out, second.Out);
        bool accept = Environment.GetEnvironmentVariable("WHYLIGHT_ACCEPT") == "1";
        SnapshotRules rules = new() { Ignored = ["hash"] };
        SnapshotStore store = new(s_snapshots, new SnapshotOptions { Accept = accept, Rules = rules });
        SnapshotResult result = store.Check(name, first.Out, extension);
        Assert.True(result.Holds, result.Message + "\n" + result.Diff);
    }

    [Fact]
    public void No_verified_output_is_left_over() =>
        Assert.Equal(
            Commands.Select(row => $"{row.Data.Item1}.verified.{row.Data.Item2}").Order(),
            Directory.EnumerateFiles(s_snapshots, "*.verified.*").Select(path => Path.GetFileName(path)).Order()
        );

    [Theory]
    [InlineData("a.csv", "id,sentence\n{0},\"{1}\"\n")]
    [InlineData("a.tsv", "id\tsentence\n{0}\t{1}\n")]
    [InlineData("a.jsonl", "{{\"id\": {0}, \"sentence\": \"{1}\"}}\n")]
    [InlineData("a.json", "{{\"id\": {0}, \"sentence\": \"{1}\"}}")]
    [InlineData("a.txt", "{1}\n")]
    public async Task Every_format_of_a_dataset_gives_the_same_explanation(string name, string form)
    {
        string[] texts =
        [
            .. (
                await File.ReadAllLinesAsync(
                    Path.Combine(Command.Data, "many.tsv"),
                    TestContext.Current.CancellationToken
                )
            )
                .Skip(1)
                .Select(l => l.Split('\t')[1]),
        ];
        string[] parts = form.Split('\n');
        string header = parts.Length > 2 ? parts[0] + "\n" : "";
        string row = parts.Length > 2 ? parts[1] + "\n" : form;
        string content =
            name == "a.json"
                ? "["
                    + string.Join(
                        ",\n",
                        texts.Select(
                            (t, i) => string.Format(System.Globalization.CultureInfo.InvariantCulture, form, i, t)
                        )
                    )
                    + "]"
                : header
                    + string.Concat(
                        texts.Select(
                            (t, i) => string.Format(System.Globalization.CultureInfo.InvariantCulture, row, i, t)
                        )
                    );
        string file = Write(name, content);
        string[] column = name == "a.txt" ? [] : ["--text-column", "sentence"];

        Command command = await Command.RunAsync(
            "",
            [
                "explain",
                "--model",
                "DATA/linear",
                "--dataset",
                file,
                "--method",
                "tree",
                "--format",
                "json",
                "--no-timing",
                .. column,
            ]
        );
        Command other = await Command.RunAsync("", Global("tree", "json"));

        Assert.Equal("", command.Error);
        using JsonDocument a = JsonDocument.Parse(command.Out);
        using JsonDocument b = JsonDocument.Parse(other.Out);
        Assert.Equal(b.RootElement.GetProperty("tree").GetRawText(), a.RootElement.GetProperty("tree").GetRawText());
        Assert.Equal(
            b.RootElement.GetProperty("fidelity").GetRawText(),
            a.RootElement.GetProperty("fidelity").GetRawText()
        );
    }

    [Fact]
    public async Task A_limit_reads_so_many_texts_and_another_seed_splits_otherwise()
    {
        Command limited = await Command.RunAsync("", [.. Global("patterns", "json"), "--limit", "15"]);
        Command seeded = await Command.RunAsync("", [.. Global("tree", "json"), "--seed", "7"]);
        Command usual = await Command.RunAsync("", Global("tree", "json"));

        using JsonDocument document = JsonDocument.Parse(limited.Out);
        Assert.Equal(15, document.RootElement.GetProperty("texts").GetInt32());
        Assert.NotEqual(usual.Out, seeded.Out);
    }

    [Fact]
    public async Task Chinese_readers_read_Chinese()
    {
        using MemoryStream input = new();
        StringWriter output = new() { NewLine = "\n" };
        using Streams streams = new(
            input,
            output,
            TextWriter.Null,
            input,
            Whylight.Explanations.Rendering.TerminalColour.Ansi256,
            "zh_CN.UTF-8",
            false
        );
        string[] arguments =
        [
            .. Global("tree", "text").Select(a => a.Replace("DATA", Command.Data, StringComparison.Ordinal)),
        ];

        int code = await Whylight.CommandLine.RunAsync(arguments, streams, TestContext.Current.CancellationToken);

        Assert.Equal(0, code);
        Assert.Contains("决策树", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("含有“", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("explain --method tree", "'tree' explains the model over many texts", "--dataset FILE")]
    [InlineData("explain --dataset DATA/many.tsv", "--method tree, rules", "aggregate")]
    [InlineData("explain --dataset DATA/many.tsv --method shapley", "'shapley' explains one text", "--text T")]
    [InlineData("explain --dataset DATA/many.tsv --method tres", "did you mean 'tree'", "")]
    [InlineData("explain --dataset DATA/many.tsv --method tree --text good", "leave out the single text", "")]
    [InlineData(
        "explain --dataset DATA/many.tsv --method tree --target POSITIVE",
        "'tree' has no use for --target",
        ""
    )]
    [InlineData("explain --dataset DATA/many.tsv --method tree --evaluate", "no use for --evaluate", "")]
    [InlineData(
        "explain --dataset DATA/many.tsv --method tree --explanations lime",
        "representatives and aggregate",
        ""
    )]
    [InlineData("explain --dataset DATA/many.tsv --method lime --text good", "--method anchors", "'lime'")]
    [InlineData("explain --text good --limit 3", "--limit needs --dataset FILE", "")]
    [InlineData("explain --dataset DATA/many.tsv --method tree --limit 0", "--limit", "1 or more")]
    [InlineData("explain --dataset DATA/many.tsv --method tree --limit 9", "at least 10 texts", "there are 9")]
    [InlineData("explain --dataset DATA/many.tsv --method tree --text-column sentense", "sentense", "sentence")]
    [InlineData("explain --dataset DATA/none.tsv --method tree", "none.tsv", "")]
    [InlineData(
        "explain --dataset DATA/many.tsv --method aggregate --explanations anchors",
        "gives no scores to gather",
        ""
    )]
    [InlineData(
        "explain --dataset DATA/many.tsv --method aggregate --explanations shaply",
        "did you mean 'shapley'",
        ""
    )]
    [InlineData("explain --dataset DATA/many.tsv --method aggregate --target happy", "happy", "POSITIVE")]
    [InlineData("explain --text good --words DATA/many.tsv", "--method counterfactual", "'auto'")]
    [InlineData("explain --text good --method counterfactual --words DATA/none.txt", "there is no file", "none.txt")]
    [InlineData("evaluate --dataset DATA/many.tsv --explanations shaply", "did you mean 'shapley'", "")]
    [InlineData("evaluate --dataset DATA/many.tsv --explanations anchors", "no score", "")]
    [InlineData(
        "evaluate --dataset DATA/many.tsv --explanations occlusion --rationale-column x",
        "no column 'x'",
        "reasons"
    )]
    public async Task What_makes_no_sense_is_refused_in_one_sentence(string line, string part, string other)
    {
        Command command = await Command.RunAsync("", [.. line.Split(' '), "--model", "DATA/model"]);

        AssertOneSentence(command, part, other);
    }

    [Fact]
    public async Task One_label_everywhere_an_empty_file_and_texts_alike_are_refused()
    {
        string same = Write("same.txt", string.Concat(Enumerable.Repeat("good film\n", 12)));
        string empty = Write("empty.tsv", "");
        string header = Write("header.tsv", "sentence\tlabel\n");
        foreach (string method in (string[])["tree", "patterns"])
        {
            AssertOneSentence(await Run(same, method), "for all 12 texts", "nothing to tell apart");
        }
        AssertOneSentence(await Run(empty, "tree"), "empty.tsv is empty", "");
        AssertOneSentence(await Run(header, "tree"), "header.tsv", "there are 0");
        AssertOneSentence(await Run(header, "aggregate"), "header.tsv", "no text to explain");

        static Task<Command> Run(string file, string method) =>
            Command.RunAsync("", "explain", "--model", "DATA/model", "--dataset", file, "--method", method);
    }

    [Theory]
    [InlineData("words.txt", "awful\nbad\n")]
    [InlineData("words.json", "[\"awful\", \"bad\"]")]
    [InlineData("map.json", "{\"GOOD\": [\"awful\", \"bad\"], \"movie\": \"bad\"}")]
    public async Task A_users_words_are_what_counterfactuals_put_in(string name, string content)
    {
        string file = Write(name, content);

        Command command = await Command.RunAsync(
            "",
            "explain",
            "--model",
            "DATA/linear",
            "--text",
            "The movie was Good",
            "--method",
            "counterfactual",
            "--words",
            file,
            "--format",
            "json",
            "--no-timing"
        );

        Assert.Equal(0, command.ExitCode);
        using JsonDocument document = JsonDocument.Parse(command.Out);
        JsonElement[] flips = [.. document.RootElement.GetProperty("counterfactuals").EnumerateArray()];
        Assert.Contains(
            flips,
            f =>
                f.GetProperty("edits")
                    .EnumerateArray()
                    .Any(e => e.GetProperty("replacement").GetString() is "Awful" or "Bad")
        );
        foreach (JsonElement flip in flips)
        {
            foreach (JsonElement edit in flip.GetProperty("edits").EnumerateArray())
            {
                string put = edit.GetProperty("replacement").GetString()!;
                Assert.Contains(put.ToLowerInvariant(), (string[])["", "awful", "bad", "film"]);
                Assert.Equal(
                    "The movie was Good"[edit.GetProperty("start").GetInt32()..edit.GetProperty("end").GetInt32()],
                    edit.GetProperty("text").GetString()
                );
            }
        }
    }

    [Theory]
    [InlineData("[]", "no words")]
    [InlineData("{\"a\": 3}", "JSON map")]
    [InlineData("[\"a\", 3]", "JSON array")]
    [InlineData("\n \n", "no words")]
    public async Task A_file_of_no_words_is_refused(string content, string part) =>
        AssertOneSentence(
            await Command.RunAsync(
                "",
                "explain",
                "--model",
                "DATA/model",
                "--text",
                "good",
                "--method",
                "counterfactual",
                "--words",
                Write("w.json", content)
            ),
            part,
            "w.json"
        );

    [Theory]
    [InlineData("good movie", 2)]
    [InlineData("[\"movie\"]", 1)]
    [InlineData("[[4, 9]]", 1)]
    [InlineData("0 0 0 1", 1)]
    [InlineData("[1,1,0,0]", 2)]
    public async Task Rationales_come_in_several_forms(string cell, int marked)
    {
        string text = cell == "good movie" ? "the good movie was" : "the movie was good";
        string file = Write("r.tsv", $"sentence\tlabel\twhy\n{text}\tPOSITIVE\t{cell}\n");

        Command command = await Command.RunAsync(
            "",
            "evaluate",
            "--model",
            "DATA/model",
            "--dataset",
            file,
            "--text-column",
            "sentence",
            "--explanations",
            "occlusion",
            "--rationale-column",
            "why",
            "--format",
            "json"
        );

        Assert.Equal(0, command.ExitCode);
        using JsonDocument document = JsonDocument.Parse(command.Out);
        JsonElement pointing = document
            .RootElement.GetProperty("explanations")
            .EnumerateArray()
            .Single(r => r.GetProperty("measure").GetString() == "plausibility_pointing");
        Assert.Equal(1, pointing.GetProperty("texts").GetInt32());
        Assert.InRange(marked, 1, 2);
    }

    private static string[] Global(string method, string format) =>
        [
            "explain",
            "--model",
            "DATA/linear",
            "--dataset",
            "DATA/many.tsv",
            "--text-column",
            "sentence",
            "--method",
            method,
            "--format",
            format,
            "--no-timing",
        ];

    private static string[] Evaluate(string format) =>
        [
            "evaluate",
            "--model",
            "DATA/model",
            "--dataset",
            "DATA/many.tsv",
            "--text-column",
            "sentence",
            "--explanations",
            "occlusion,attnlrp,lime",
            "--budget",
            "64",
            "--limit",
            "8",
            "--rationale-column",
            "reasons",
            "--format",
            format,
        ];

    private static void AssertOneSentence(Command command, params string[] parts)
    {
        Assert.Equal("", command.Out);
        Assert.Equal(2, command.ExitCode);
        string[] lines = command.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("whylight: error: ", lines[^1], StringComparison.Ordinal);
        Assert.All(lines[..^1], l => Assert.StartsWith("whylight: warning: ", l, StringComparison.Ordinal));
        Assert.All(parts, part => Assert.Contains(part, lines[^1], StringComparison.Ordinal));
    }

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
