using System.CommandLine;
using System.Text.RegularExpressions;
using Whylight.Documents;
using Whylight.Explanations;
using Whylight.Harness.Specs;
using Whylight.Models;
using Whylight.Verbs;

namespace Whylight;

/// <summary>The <c>whylight</c> command: finds the verb, runs it, and turns every failure into one line and an exit code.</summary>
internal static partial class CommandLine
{
    /// <summary>Exit code of bad input and of a run that could not be carried out.</summary>
    public const int BadInput = 2;

    /// <summary>Runs one command line.</summary>
    /// <returns>0 on success, 2 on bad input, otherwise what the verb says.</returns>
    public static async Task<int> RunAsync(string[] args, Streams streams, CancellationToken cancellation)
    {
        RootCommand root = Build(streams);
        if (args is ["help", .. var verbs])
        {
            args = [.. verbs, "--help"];
        }
        if (args.Length == 0)
        {
            await root.Parse("--help").InvokeAsync(new() { Output = streams.Error }, cancellation);
            return BadInput;
        }
        ParseResult parsed = root.Parse(ChoiceOptions.WithValues(args));
        if (parsed.Errors.Count > 0)
        {
            return Fail(streams, DescribeParseError(parsed));
        }
        try
        {
            InvocationConfiguration configuration = new()
            {
                Output = streams.Out,
                Error = streams.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Fail(streams, "interrupted");
        }
        catch (Exception exception) when (UserMessage(exception) is { } message)
        {
            return Fail(streams, message);
        }
        finally
        {
            await streams.Out.FlushAsync(CancellationToken.None);
        }
    }

    /// <summary>The command tree.</summary>
    public static RootCommand Build(Streams streams)
    {
        RootCommand root = new("Explains text-model predictions, and checks that they and their explanations hold.");
        foreach (Command verb in Verb.All(streams))
        {
            root.Subcommands.Add(verb);
        }
        HelpText.AddTo(root, streams.Width);
        return root;
    }

    private static int Fail(Streams streams, string message)
    {
        streams.Error.WriteLine("whylight: error: " + OneLine(message));
        return BadInput;
    }

    /// <summary>The sentence for the user, or null for a fault of ours, which may crash with its trace.</summary>
    private static string? UserMessage(Exception exception) =>
        exception switch
        {
            AggregateException { InnerException: { } inner } => UserMessage(inner),
            UsageException or ModelException or DocumentException or ExplanationException or ReplayException =>
                exception.Message,
            IOException or UnauthorizedAccessException => exception.Message,
            _ => null,
        };

    private static string DescribeParseError(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string verb = command is RootCommand ? "" : command.Name + " ";
        string message = InPlainWords(parsed.Errors[0].Message.TrimEnd('.').ReplaceLineEndings(" ").Replace('\t', ' '));
        // An unknown option is taken for an argument where one is allowed, and the complaint then names its value.
        string? unknown = parsed
            .CommandResult.Tokens.Select(token => token.Value)
            .Concat(parsed.UnmatchedTokens)
            .FirstOrDefault(token => token.StartsWith("--", StringComparison.Ordinal) || command is RootCommand);
        if (unknown is not null)
        {
            message = $"there is no {(command is RootCommand ? "verb" : "option")} '{unknown}'";
            message += Suggestion.For(unknown, Names(command)) is { } close ? $"; did you mean '{close}'?" : "";
        }
        return $"{message} (see: whylight {verb}--help)";
    }

    /// <summary>The parser's complaints without the names of types.</summary>
    private static string InPlainWords(string message)
    {
        if (CannotParse().Match(message) is { Success: true } parse)
        {
            string kind = parse.Groups["type"].Value switch
            {
                var t when t.Contains("Int", StringComparison.Ordinal) => "a whole number",
                var t when t.Contains("Double", StringComparison.Ordinal) => "a number",
                _ => "something else",
            };
            return $"{parse.Groups["option"].Value} takes {kind}, not '{parse.Groups["value"].Value}'";
        }
        return Missing().Match(message) is { Success: true } missing ? $"{missing.Groups["option"].Value} needs a value"
            : Required().Match(message) is { Success: true } required
                ? $"{required.Groups["option"].Value} is missing, and this verb needs it"
            : message;
    }

    [GeneratedRegex(
        "^Cannot parse argument '(?<value>.*)' for option '(?<option>[^']*)' as expected type '(?<type>.*)'$"
    )]
    private static partial Regex CannotParse();

    [GeneratedRegex("^Required argument missing for option: '(?<option>[^']*)'$")]
    private static partial Regex Missing();

    [GeneratedRegex("^Option '(?<option>[^']*)' is required$")]
    private static partial Regex Required();

    private static IEnumerable<string> Names(Command command) =>
        command
            .Subcommands.Select(sub => sub.Name)
            .Concat(command.Options.Select(option => option.Name))
            .Order(StringComparer.Ordinal);

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
}
