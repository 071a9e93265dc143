using System.Text.Json;
using Whylight.Tests.Tokenization;

namespace Whylight.Tests.CommandLine;

/// <summary>The verb <c>tokenize</c>: folders of tokenizer files alone, pairs, windows, lines, and what is refused.</summary>
public sealed class TokenizeTests
{
    private const string Vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\n";

    [Fact]
    public async Task A_folder_with_a_vocabulary_alone_and_one_with_a_tokenizer_json_alone()
    {
        using TemporaryFolder vocab = new TemporaryFolder().With("vocab.txt", Vocab);
        Assert.Equal("2 5 6 3", Ids(await JsonAsync("", "--model", vocab.Path, "--text", "A b")));
        using TemporaryFolder json = new TemporaryFolder().With(
            "tokenizer.json",
            """{"pre_tokenizer":{"type":"WhitespaceSplit"},"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0,"b":1}}}"""
        );
        JsonElement document = await JsonAsync("", "--model", json.Path, "--text", "b  \uD83D\uDC4D b");
        Assert.Equal("1 0 1", Ids(document));
        Assert.Equal(
            ["0..1", "3..5", "6..7"],
            document
                .GetProperty("tokens")
                .EnumerateArray()
                .Select(t => $"{t.GetProperty("start")}..{t.GetProperty("end")}")
        );
        Assert.False(document.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public async Task A_pair_is_cut_and_its_ranges_are_those_of_each_text()
    {
        using TemporaryFolder folder = new TemporaryFolder().With("vocab.txt", Vocab);
        JsonElement whole = await JsonAsync("", "--model", folder.Path, "--text", "a b", "--pair", "c d e");
        Assert.Equal("2 5 6 3 7 8 9 3", Ids(whole));
        Assert.Equal(
            "0:0-0/0 0:0-1/0 0:2-3/0 0:3-3/0 1:0-1/1 1:2-3/1 1:4-5/1 1:5-5/1",
            string.Join(
                ' ',
                whole
                    .GetProperty("tokens")
                    .EnumerateArray()
                    .Select(t =>
                        $"{t.GetProperty("sequence")}:{t.GetProperty("start")}-{t.GetProperty("end")}/{t.GetProperty("typeId")}"
                    )
            )
        );
        JsonElement cut = await JsonAsync(
            "",
            [
                "--model",
                folder.Path,
                "--text",
                "a b",
                "--pair",
                "c d e",
                "--max-tokens",
                "6",
                "--truncation",
                "only_second",
            ],
            "whylight: warning: the text was cut to the tokens allowed\n"
        );
        Assert.Equal("2 5 6 3 7 3", Ids(cut));
        Assert.True(cut.GetProperty("truncated").GetBoolean());
        Assert.False(cut.TryGetProperty("overflow", out _));
    }

    [Fact]
    public async Task Windows_overlap_by_the_stride_and_are_padded()
    {
        using TemporaryFolder folder = new TemporaryFolder().With("vocab.txt", Vocab);
        JsonElement document = await JsonAsync(
            "",
            ["--model", folder.Path, "--text", "a b c d e", "--max-tokens", "5", "--stride", "1", "--pad-to", "6"],
            "whylight: warning: the text was cut to the tokens allowed\n"
        );
        Assert.Equal("2 5 6 7 3 0", Ids(document));
        Assert.Equal(["2 7 8 9 3 0"], document.GetProperty("overflow").EnumerateArray().Select(Ids));
        JsonElement last = document.GetProperty("tokens").EnumerateArray().Last();
        Assert.True(last.GetProperty("padding").GetBoolean() && last.GetProperty("special").GetBoolean());
    }

    [Fact]
    public async Task A_declared_truncation_is_followed_unless_the_command_line_says_otherwise()
    {
        using TemporaryFolder folder = new TemporaryFolder().With(
            "tokenizer.json",
            """
            {"truncation":{"direction":"Right","max_length":2,"strategy":"LongestFirst","stride":0},
             "pre_tokenizer":{"type":"WhitespaceSplit"},"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0,"b":1}}}
            """
        );
        JsonElement cut = await JsonAsync(
            "",
            ["--model", folder.Path, "--text", "a b a"],
            "whylight: warning: the text was cut to the tokens allowed\n"
        );
        Assert.Equal("0 1", Ids(cut));
        Assert.Equal("0 1 0", Ids(await JsonAsync("", "--model", folder.Path, "--text", "a b a", "--max-tokens", "3")));
    }

    [Fact]
    public async Task Each_line_gets_a_line()
    {
        using TemporaryFolder folder = new TemporaryFolder().With("vocab.txt", Vocab);
        Command command = await Command.RunAsync(
            "{\"text\":\"a\"}\n\n{\"text\":\"\"}\r\n{\"text\":\"b\\u0000 c\",\"other\":1}\n",
            "tokenize",
            "--model",
            folder.Path,
            "-",
            "--format",
            "jsonl"
        );
        Assert.Equal("", command.Error);
        Assert.Equal(
            ["2 5 3", "2 3", "2 6 7 3"],
            command.Out.TrimEnd().Split('\n').Select(l => Ids(JsonDocument.Parse(l).RootElement))
        );
    }

    [Theory]
    [InlineData("{\"text\":\"a\"}\n{\"text\":1}\n", "line 2", "every line must be a JSON object")]
    [InlineData("{\"text\":\"a\"}\n\n{\"text\":\n", "line 3", "every line must be a JSON object")]
    [InlineData("{\"text\":\"a\"}\n{\"text\":\"\\ud83d\"}\n", "line 2", "half a surrogate pair")]
    public async Task A_bad_line_is_named(string input, string line, string cause)
    {
        using TemporaryFolder folder = new TemporaryFolder().With("vocab.txt", Vocab);
        Command command = await Command.RunAsync(input, "tokenize", "--model", folder.Path, "-", "--format", "jsonl");
        AssertRefused(command, line, cause);
    }

    [Theory]
    [InlineData("--max-tokens", "1", "leaves no room")]
    [InlineData("--max-tokens", "-1", "--max-tokens must be between")]
    [InlineData("--truncation", "shortest", "longest_first, only_first, only_second")]
    [InlineData("--padding-side", "top", "--padding-side is left or right")]
    public async Task Options_out_of_range_are_refused(string option, string value, string cause)
    {
        using TemporaryFolder folder = new TemporaryFolder().With("vocab.txt", Vocab);
        AssertRefused(
            await Command.RunAsync("", "tokenize", "--model", folder.Path, "--text", "a b", option, value),
            cause
        );
    }

    [Fact]
    public async Task A_stride_as_long_as_the_window_and_padding_without_a_padding_token_are_refused()
    {
        using TemporaryFolder folder = new TemporaryFolder().With(
            "vocab.txt",
            Vocab.Replace("[PAD]", "[X]", StringComparison.Ordinal)
        );
        AssertRefused(
            await Command.RunAsync(
                "",
                "tokenize",
                "--model",
                folder.Path,
                "--text",
                "a b c",
                "--max-tokens",
                "4",
                "--stride",
                "2"
            ),
            "stride 2 must be less"
        );
        AssertRefused(
            await Command.RunAsync("", "tokenize", "--model", folder.Path, "--text", "a", "--pad-to", "9"),
            "no padding token"
        );
    }

    private static void AssertRefused(Command command, params string[] causes)
    {
        Assert.Equal(2, command.ExitCode);
        Assert.Equal("", command.Out);
        Assert.StartsWith("whylight: error: ", command.Error, StringComparison.Ordinal);
        Assert.Single(command.Error.TrimEnd('\n').Split('\n'));
        Assert.All(causes, cause => Assert.Contains(cause, command.Error, StringComparison.Ordinal));
    }

    private static Task<JsonElement> JsonAsync(string input, params string[] arguments) =>
        JsonAsync(input, arguments, expectedError: "");

    private static async Task<JsonElement> JsonAsync(string input, string[] arguments, string expectedError)
    {
        Command command = await Command.RunAsync(input, ["tokenize", .. arguments, "--format", "json"]);
        Assert.Equal(expectedError, command.Error);
        Assert.Equal(0, command.ExitCode);
        return JsonDocument.Parse(command.Out).RootElement;
    }

    private static string Ids(JsonElement document) =>
        string.Join(' ', document.GetProperty("tokens").EnumerateArray().Select(t => t.GetProperty("id").GetInt32()));
}
