using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Whylight.Explanations.Rendering;

namespace Whylight.Tests.CommandLine;

/// <summary>Runs the command in this process and keeps what it wrote.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Out">Standard output, with this machine's paths taken out.</param>
/// <param name="Error">Standard error, likewise.</param>
internal sealed record Command(int ExitCode, string Out, string Error)
{
    /// <summary>Folder of the tests' own model and files.</summary>
    public static string Data { get; } = Path.Combine(Folder(), "Data");

    /// <summary>Folder of the verified snapshots.</summary>
    public static string Snapshots { get; } = Path.Combine(Folder(), "Snapshots");

    // Relative, so that what is laid out by the length of a name is the same wherever the checkout lies.
    private static readonly string s_relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), Data);

    /// <summary>Runs a command line; <c>DATA</c> in an argument stands for <see cref="Data"/>.</summary>
    public static async Task<Command> RunAsync(string input, params string[] arguments)
    {
        using MemoryStream standardInput = new(Encoding.UTF8.GetBytes(input));
        using MemoryStream raw = new();
        StringWriter output = new() { NewLine = "\n" };
        StringWriter error = new() { NewLine = "\n" };
        using Streams streams = new(standardInput, output, error, raw, TerminalColour.None, null, Interactive: false);
        string[] args = [.. arguments.Select(a => a.Replace("DATA", s_relative, StringComparison.Ordinal))];
        int code = await Whylight.CommandLine.RunAsync(args, streams, TestContext.Current.CancellationToken);
        return new Command(code, Scrub(output.ToString()), Scrub(error.ToString()));
    }

    private static string Scrub(string text) =>
        Written(Data).Replace(Written(s_relative).Replace(text, "DATA"), "DATA");

    // Markdown writes some of a path's marks as character references.
    private static Regex Written(string path) =>
        new(
            string.Concat(
                path.Select(c => char.IsAsciiLetterOrDigit(c) ? $"{c}" : $"(?:{Regex.Escape($"{c}")}|&#{(int)c};)")
            )
        );

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
