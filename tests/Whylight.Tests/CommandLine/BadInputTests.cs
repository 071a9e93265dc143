using System.Text;

namespace Whylight.Tests.CommandLine;

/// <summary>Bad input of each kind: one clear sentence on standard error, exit code 2, nothing on standard output.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("whylight-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task An_empty_file() => FailsAsync(Write("empty.tsv", ""), "empty.tsv", "empty");

    [Fact]
    public Task A_file_that_is_not_UTF_8() =>
        FailsAsync(
            Write("latin.tsv", [.. Encoding.UTF8.GetBytes("sentence\tlabel\nna"), 0xEF, 0x76, 0x65, 0x0A]),
            "UTF-8 at byte",
            "--encoding"
        );

    [Fact]
    public async Task A_file_in_a_named_encoding_is_read()
    {
        string file = Write("latin.tsv", [.. Encoding.Latin1.GetBytes("sentence\tlabel\nfilm naïve\tPOSITIVE\n")]);

        Command command = await Command.RunAsync("", "predict", "--model", "DATA/model", file, "--encoding", "latin1");

        Assert.Equal("", command.Error);
        Assert.Contains("film naïve", command.Out, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_column_that_does_not_exist() =>
        FailsAsync(Write("a.tsv", "sentence\tlabel\nx\ty\n"), "sentense", "sentence", ["--text-column", "sentense"]);

    [Fact]
    public Task A_delimiter_of_two_characters() =>
        FailsAsync(Write("a.tsv", "sentence\tlabel\nx\ty\n"), "--delimiter", ";;", ["--delimiter", ";;"]);

    [Fact]
    public async Task A_model_folder_without_weights()
    {
        File.Copy(Path.Combine(Command.Data, "model", "config.json"), Path.Combine(_folder, "config.json"));
        File.Copy(Path.Combine(Command.Data, "model", "vocab.txt"), Path.Combine(_folder, "vocab.txt"));

        Command command = await Command.RunAsync("", "predict", "--model", _folder, "--text", "good");

        AssertOneSentence(command, "model.safetensors", Path.GetFileName(_folder));
    }

    [Fact]
    public async Task A_folder_that_does_not_exist() =>
        AssertOneSentence(
            await Command.RunAsync("", "predict", "--model", "no/such/folder", "--text", "good"),
            "no model folder",
            "no/such/folder"
        );

    [Fact]
    public async Task An_unknown_key_in_the_configuration()
    {
        Write("whylight.yaml", "version: 1\nmodles: {}\n");

        Command command = await Command.RunAsync("", "predict", Write("a.tsv", "sentence\tlabel\nx\ty\n"));

        AssertOneSentence(command, "whylight.yaml:2:1", "modles", "models");
    }

    [Fact]
    public async Task A_label_that_the_model_does_not_have()
    {
        string file = Write("a.tsv", "sentence\tlabel\nthe film was good\tpositiv\n");

        Command command = await Command.RunAsync("", "lint", "--model", "DATA/model", file);

        Assert.Equal(2, command.ExitCode);
        Assert.Contains("a.tsv:2:19: error unknown-label", command.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_the_model_does_not_have() =>
        AssertOneSentence(
            await Command.RunAsync("", "explain", "--model", "DATA/model", "--text", "good", "--target", "happy"),
            "happy",
            "NEGATIVE, POSITIVE"
        );

    [Theory]
    [InlineData("shaply", "shapley")]
    [InlineData("atnlrp", "attnlrp")]
    public async Task A_method_that_does_not_exist(string wrong, string right) =>
        AssertOneSentence(
            await Command.RunAsync("", "explain", "--model", "DATA/model", "--text", "good", "--method", wrong),
            wrong,
            $"did you mean '{right}'"
        );

    [Fact]
    public async Task An_exact_answer_beyond_the_budget_is_refused_with_the_budget_that_would_do() =>
        AssertOneSentence(
            await Command.RunAsync(
                "",
                "explain",
                "--model",
                "DATA/model",
                "--text",
                "the film was very good and not bad",
                "--method",
                "shapley",
                "--budget",
                "100",
                "--exact"
            ),
            "256"
        );

    [Theory]
    [InlineData("0")]
    [InlineData("-3")]
    public async Task A_budget_that_buys_nothing(string budget) =>
        AssertOneSentence(
            await Command.RunAsync("", "explain", "--model", "DATA/model", "--text", "good", "--budget", budget),
            budget
        );

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public async Task An_empty_text_cannot_be_explained(string text) =>
        AssertOneSentence(await Command.RunAsync("", "explain", "--model", "DATA/model", "--text", text), "empty");

    [Theory]
    [InlineData("predict --modle x", "--modle", "did you mean '--model'")]
    [InlineData("predikt", "predikt", "did you mean 'predict'")]
    [InlineData("predict", "--text", "file")]
    [InlineData("predict --format xml --text a", "xml", "json")]
    [InlineData("predict --input-ids [1,x] --model DATA/model", "--input-ids", "whole numbers")]
    [InlineData("predict --input-ids [999] --model DATA/model", "999", "0..23")]
    [InlineData("predict --text a DATA/reviews.tsv", "--text", "not both")]
    [InlineData("explain DATA/reviews.tsv", "3 examples", "reviews.tsv:2")]
    [InlineData("explain DATA/reviews.tsv:99", "line 99", "lines 2 to 4")]
    [InlineData("predict no-such-file.tsv", "no-such-file.tsv", "")]
    public async Task A_command_line_that_cannot_be_carried_out(string line, string part, string other) =>
        AssertOneSentence(await Command.RunAsync("", line.Split(' ')), part, other);

    [Fact]
    public async Task A_line_of_ten_megabytes_is_read_and_its_cut_is_a_warning()
    {
        string file = Write(
            "long.tsv",
            "sentence\tlabel\n" + string.Concat(Enumerable.Repeat("good film ", 1_000_000)) + "\tPOSITIVE\n"
        );

        Command command = await Command.RunAsync("", "predict", "--model", "DATA/model", file);

        Assert.Equal(0, command.ExitCode);
        Assert.Matches(
            "^whylight: warning: .*long.tsv:2: longer than the 16 tokens the model reads; cut at character [0-9]+\n$",
            command.Error
        );
        Assert.True(command.Out.Length < 400, "one line, cut for the terminal");
    }

    private Task FailsAsync(string file, string part, string other) => FailsAsync(file, part, other, []);

    private async Task FailsAsync(string file, string part, string other, params string[] more)
    {
        Command command = await Command.RunAsync("", ["predict", "--model", "DATA/model", file, .. more]);

        AssertOneSentence(command, part, other);
    }

    private static void AssertOneSentence(Command command, params string[] parts)
    {
        Assert.Equal("", command.Out);
        Assert.Equal(2, command.ExitCode);
        Assert.StartsWith("whylight: error: ", command.Error, StringComparison.Ordinal);
        Assert.Equal(command.Error.Length - 1, command.Error.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", command.Error, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, command.Error, StringComparison.Ordinal));
    }

    private string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
