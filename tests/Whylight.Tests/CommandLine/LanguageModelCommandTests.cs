using System.Text.Json;

namespace Whylight.Tests.CommandLine;

/// <summary>Prompts, choices and refusals of language models through the command line.</summary>
public sealed class LanguageModelCommandTests : IDisposable
{
    private const string Prompt = """
        ---
        sample:
          review: the film was not good
          tone: very bad
        ---
        Review: {{review}}, {{tone}}. Sentiment:
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("whylight-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Fields_of_a_prompt_carry_the_scores_with_and_without_choices()
    {
        string file = Write("review.prompt.md", Prompt);
        foreach (
            string[] more in (string[][])
                [
                    [],
                    ["--choices", "positive,negative"],
                    ["--completion", "very bad"],
                ]
        )
        {
            JsonElement explanation = await JsonAsync([
                "explain",
                "--model",
                "DATA/lm",
                file,
                "--features",
                "field",
                "--method",
                "shapley",
                .. more,
            ]);
            JsonElement[] features = [.. explanation.GetProperty("features").EnumerateArray()];
            Assert.Equal(["review", "tone"], features.Select(f => f.GetProperty("name").GetString()));
            Assert.Equal(
                ["the film was not good", "very bad"],
                features.Select(f => f.GetProperty("text").GetString())
            );
            Assert.Equal(4, explanation.GetProperty("modelCalls").GetInt32());
            double sum = features.Sum(f => f.GetProperty("score").GetDouble());
            Assert.Equal(
                explanation.GetProperty("value").GetDouble() - explanation.GetProperty("baseValue").GetDouble(),
                sum,
                1e-9
            );
        }
    }

    [Fact]
    public async Task The_command_line_and_the_configuration_score_choices_alike()
    {
        string file = Write("review.prompt.md", Prompt);
        JsonElement named = await JsonAsync([
            "predict",
            "--model",
            "DATA/lm",
            file,
            "--choices",
            "positive",
            "--choices",
            "negative",
            "--length-normalized",
            "--calibrate",
        ]);
        Write(
            "whylight.yaml",
            $$"""
            version: 1
            files:
              - {glob: "*.prompt.md", model: "{{Path.Combine(
                Command.Data,
                "lm"
            )}}", choices: [positive, negative], length_normalized: true, calibrate: true}
            """
        );
        JsonElement configured = await JsonAsync(["predict", file]);
        Assert.Equal(
            "mean log-probability a token, calibrated on the content-free prompt \"N/A\"",
            configured.GetProperty("scoring").GetString()
        );
        Assert.Equal(named.GetProperty("scoring").GetString(), configured.GetProperty("scoring").GetString());
        Assert.Equal(named.GetProperty("predictions").GetRawText(), configured.GetProperty("predictions").GetRawText());
        // The command line beats the file.
        JsonElement other = await JsonAsync(["predict", file, "--choices", "good,bad", "--calibrate=x"]);
        Assert.Contains("\"x\"", other.GetProperty("scoring").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            ["good", "bad"],
            other.GetProperty("predictions")[0].GetProperty("probabilities").EnumerateObject().Select(p => p.Name)
        );
        Command lint = await Command.RunAsync("", "lint", file, "--format", "json");
        Assert.Equal("", lint.Error);
        Assert.InRange(lint.ExitCode, 0, 1);
    }

    [Fact]
    public async Task A_long_prompt_says_that_its_beginning_was_cut()
    {
        string text = string.Concat(Enumerable.Repeat("The film was good. ", 20)) + "Sentiment:";
        foreach (string verb in (string[])["explain", "predict"])
        {
            string[] method = verb == "explain" ? ["--method", "gradient-x-input"] : [];
            Command command = await Command.RunAsync(
                "",
                [
                    verb,
                    "--model",
                    "DATA/lm",
                    "--text",
                    text,
                    "--choices",
                    "positive,negative",
                    "--format",
                    "json",
                    .. method,
                ]
            );
            Assert.Equal(0, command.ExitCode);
            Assert.Contains("the beginning was cut, up to character", command.Error, StringComparison.Ordinal);
            Assert.Contains("\"truncated\": true", command.Out, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, string[]> Refusals() =>
        new()
        {
            { "name them with --choices", ["predict", "--model", "DATA/lm", "--text", "x", "--calibrate"] },
            { "name them with --choices", ["explain", "--model", "DATA/lm", "--text", "x", "--length-normalized"] },
            { "at least two different", ["predict", "--model", "DATA/lm", "--text", "x", "--choices", "good"] },
            { "at least two different", ["predict", "--model", "DATA/lm", "--text", "x", "--choices", "a,a"] },
            { "labels of its own", ["predict", "--model", "DATA/model", "--text", "good", "--choices", "a,b"] },
            { "causal language models", ["explain", "--model", "DATA/model", "--text", "good", "--completion", "bad"] },
            {
                "for one token use --target",
                ["explain", "--model", "DATA/lm", "--text", "The", "--completion", "bad", "--value", "logit"]
            },
            {
                "--contrast goes with --value contrast",
                ["explain", "--model", "DATA/lm", "--text", "The", "--contrast", "bad", "--value", "probability"]
            },
            { "choices (--choices A,B", ["evaluate", "--model", "DATA/lm", "--dataset", "DATA/reviews.tsv"] },
        };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_makes_no_sense_is_refused_in_a_sentence(string part, string[] arguments)
    {
        Command command = await Command.RunAsync("", arguments);
        Assert.Equal(2, command.ExitCode);
        Assert.Equal("", command.Out);
        Assert.StartsWith("whylight: error: ", command.Error, StringComparison.Ordinal);
        Assert.Contains(part, command.Error, StringComparison.Ordinal);
        Assert.Single(command.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Scoring_keys_without_choices_are_a_problem_of_the_configuration()
    {
        Write(
            "whylight.yaml",
            "version: 1\nfiles:\n  - {glob: \"*.tsv\", model: builtin:sentiment, calibrate: true}\n"
        );
        Command command = await Command.RunAsync("", "predict", Write("a.tsv", "sentence\tlabel\nx\ty\n"));
        Assert.Equal(2, command.ExitCode);
        Assert.Contains("'calibrate' says how choices are scored", command.Error, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(string[] arguments)
    {
        Command command = await Command.RunAsync("", [.. arguments, "--format", "json"]);
        Assert.Equal("", command.Error);
        Assert.Equal(0, command.ExitCode);
        return JsonDocument.Parse(command.Out).RootElement;
    }

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
