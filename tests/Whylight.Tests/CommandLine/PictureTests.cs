using System.Text.RegularExpressions;

namespace Whylight.Tests.CommandLine;

/// <summary>The picture at the top of the README is what the command draws.</summary>
/// <remarks>
/// Drawn again, after the shipped model is trained again or the picture's looks change, with:
/// <code>dotnet run --project server/Whylight -c Release -- explain --method shapley --text "Not a great film, but a warm and honest one." --format svg > extension/images/explanation.svg</code>
/// </remarks>
public sealed partial class PictureTests
{
    private const string Text = "Not a great film, but a warm and honest one.";

    [Fact]
    public async Task The_readme_shows_what_the_command_draws()
    {
        string kept = await File.ReadAllTextAsync(
            Path.Combine(Shared.Repository, "extension", "images", "explanation.svg"),
            TestContext.Current.CancellationToken
        );
        Command drawn = await Command.RunAsync("", "explain", "--method", "shapley", "--text", Text, "--format", "svg");

        Assert.Equal(("", 0), (drawn.Error, drawn.ExitCode));
        // Figures belong to the model, which may be trained again; looks and text are the picture's.
        Assert.Equal(Style().Match(drawn.Out).Value, Style().Match(kept).Value);
        Assert.NotEmpty(Style().Match(kept).Value);
        foreach (string word in Text.Split(' ', ',', '.').Where(w => w.Length > 0))
        {
            Assert.Contains($">{word}</text>", kept, StringComparison.Ordinal);
            Assert.Contains($">{word}</text>", drawn.Out, StringComparison.Ordinal);
        }
        string readme = await File.ReadAllTextAsync(
            Path.Combine(Shared.Repository, "README.md"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains("](extension/images/explanation.svg)", readme, StringComparison.Ordinal);
    }

    [GeneratedRegex("<style>.*?</style>")]
    private static partial Regex Style();
}
