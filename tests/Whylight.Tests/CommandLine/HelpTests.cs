using System.CommandLine;
using System.CommandLine.Parsing;
using Whylight.Explanations.Rendering;

namespace Whylight.Tests.CommandLine;

/// <summary>What a new user reads first.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Verbs() => [.. HelpText.Examples.Keys];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_has_examples_that_the_parser_takes(string verb)
    {
        Command help =
            verb == "whylight" ? await Command.RunAsync("", "--help") : await Command.RunAsync("", verb, "--help");
        Assert.Equal((0, ""), (help.ExitCode, help.Error));
        Assert.Contains("Examples:\n", help.Out, StringComparison.Ordinal);
        Assert.All(
            help.Out.Split('\n').TakeWhile(l => l != "Examples:"),
            l => Assert.True(l.TrimEnd().Length <= 80, l)
        );
        RootCommand root = Whylight.CommandLine.Build(
            new Streams(Stream.Null, TextWriter.Null, TextWriter.Null, Stream.Null, TerminalColour.None, null, false)
        );
        foreach (string example in HelpText.Examples[verb])
        {
            Assert.Contains("  " + example + "\n", help.Out, StringComparison.Ordinal);
            // What a shell does with pipes and redirections is not the parser's.
            string own = example[example.IndexOf("whylight", StringComparison.Ordinal)..].Split(" > ")[0];
            ParseResult parsed = root.Parse([.. CommandLineParser.SplitCommandLine(own).Skip(1)]);
            Assert.Empty(parsed.Errors.Select(e => e.Message));
            Assert.NotSame(root, parsed.CommandResult.Command);
        }
    }

    [Fact]
    public async Task Help_is_a_verb_too()
    {
        Command asked = await Command.RunAsync("", "help", "explain");
        Command option = await Command.RunAsync("", "explain", "--help");
        Assert.Equal(option, asked);
        Assert.Contains("--method", asked.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "there is no format 'xml' (known: text, json, markdown, html, svg)",
        "explain",
        "--text",
        "x",
        "--format",
        "xml"
    )]
    [InlineData("there is no format 'htm'; did you mean 'html'?", "explain", "--text", "x", "--format", "htm")]
    [InlineData("--budget takes a whole number, not 'ten'", "explain", "--text", "x", "--budget", "ten")]
    [InlineData("--format needs a value", "predict", "--format")]
    [InlineData("--dataset is missing, and this verb needs it", "evaluate")]
    [InlineData("there is no verb 'explian'; did you mean 'explain'?", "explian", "--text", "x")]
    [InlineData("there is no option '--metod'; did you mean '--method'?", "explain", "--text", "x", "--metod", "lime")]
    [InlineData(
        "there is no method 'shaply'; did you mean 'shapley'?",
        "explain",
        "--model",
        "DATA/model",
        "--text",
        "x",
        "--method",
        "shaply"
    )]
    public async Task A_slip_is_answered_in_one_plain_line(string says, params string[] arguments)
    {
        Command command = await Command.RunAsync("", arguments);
        Assert.Equal(2, command.ExitCode);
        Assert.Equal("", command.Out);
        Assert.StartsWith("whylight: error: " + says, command.Error, StringComparison.Ordinal);
        Assert.Equal(1, command.Error.Count(c => c == '\n'));
        Assert.DoesNotContain("System.", command.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_are_a_table_with_a_head()
    {
        Command command = await Command.RunAsync("", "models");
        string[] lines = command.Out.TrimEnd('\n').Split('\n');
        Assert.Matches("^name +family +tokens +hash +labels$", lines[0]);
        int labels = lines[0].IndexOf("labels", StringComparison.Ordinal);
        Assert.All(lines.Skip(1), l => Assert.Equal(' ', l[labels - 1]));
        Assert.Contains(
            lines,
            l =>
                l.StartsWith("builtin:sentiment ", StringComparison.Ordinal)
                && l.EndsWith("negative, positive", StringComparison.Ordinal)
        );
    }
}
