using System.Text;
using Whylight.Explanations.Rendering;

namespace Whylight;

/// <summary>Where a verb reads and writes; tests give their own.</summary>
/// <param name="In">Standard input as bytes: datasets and the protocol decode it themselves.</param>
/// <param name="Out">Results, and nothing else.</param>
/// <param name="Error">Progress, warnings and errors.</param>
/// <param name="RawOut">Standard output as bytes, for the language server.</param>
/// <param name="Colour">What colours the terminal behind <paramref name="Out"/> shows, if it is one.</param>
/// <param name="Locale">Language of the sentences, such as zh_CN.UTF-8; null for English.</param>
/// <param name="Interactive">Whether <paramref name="Error"/> is a terminal on which a progress line may be redrawn.</param>
internal sealed record Streams(
    Stream In,
    TextWriter Out,
    TextWriter Error,
    Stream RawOut,
    TerminalColour Colour,
    string? Locale,
    bool Interactive
) : IDisposable
{
    /// <summary>Columns of the terminal behind <see cref="Out"/>, or as many as text is set for where there is none.</summary>
    public int Width { get; init; } = TerminalRenderer.DefaultWidth;

    /// <summary>The streams of this process: UTF-8 without a byte order mark, whatever the locale says.</summary>
    public static Streams OfProcess()
    {
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        Stream output = Console.OpenStandardOutput();
        return new Streams(
            Console.OpenStandardInput(),
            new StreamWriter(output, utf8) { AutoFlush = false, NewLine = "\n" },
            new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true, NewLine = "\n" },
            output,
            TerminalRenderer.Detect(Environment.GetEnvironmentVariable, Console.IsOutputRedirected),
            LocaleOfProcess(),
            Interactive: !Console.IsErrorRedirected
        )
        {
            Width = TerminalRenderer.DetectWidth(
                Environment.GetEnvironmentVariable,
                Console.IsOutputRedirected ? null : WidthOfTerminal()
            ),
        };
    }

    private static int? WidthOfTerminal()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            // A terminal that does not say.
            return null;
        }
    }

    // POSIX: LC_ALL beats LC_MESSAGES beats LANG.
    private static string? LocaleOfProcess() =>
        new[] { "LC_ALL", "LC_MESSAGES", "LANG" }
            .Select(Environment.GetEnvironmentVariable)
            .FirstOrDefault(value => !string.IsNullOrEmpty(value));

    /// <summary>Flushes what was written.</summary>
    public void Dispose()
    {
        Out.Flush();
        Error.Flush();
    }
}
