using System.Text;

namespace Whylight;

/// <summary>Where a verb reads and writes; tests give their own.</summary>
/// <param name="In">Standard input as bytes: datasets and the protocol decode it themselves.</param>
/// <param name="Out">Results, and nothing else.</param>
/// <param name="Error">Progress, warnings and errors.</param>
/// <param name="RawOut">Standard output as bytes, for the language server.</param>
/// <param name="Color">Whether <paramref name="Out"/> is a terminal that shows colour.</param>
/// <param name="Interactive">Whether <paramref name="Error"/> is a terminal on which a progress line may be redrawn.</param>
internal sealed record Streams(Stream In, TextWriter Out, TextWriter Error, Stream RawOut, bool Color, bool Interactive)
    : IDisposable
{
    /// <summary>The streams of this process: UTF-8 without a byte order mark, whatever the locale says.</summary>
    public static Streams OfProcess()
    {
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        Stream output = Console.OpenStandardOutput();
        bool noColor = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        bool forced = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("FORCE_COLOR"));
        return new Streams(
            Console.OpenStandardInput(),
            new StreamWriter(output, utf8) { AutoFlush = false, NewLine = "\n" },
            new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true, NewLine = "\n" },
            output,
            Color: !noColor && (forced || !Console.IsOutputRedirected),
            Interactive: !Console.IsErrorRedirected
        );
    }

    /// <summary>Flushes what was written.</summary>
    public void Dispose()
    {
        Out.Flush();
        Error.Flush();
    }
}
