using System.CommandLine;
using Whylight.Models.Tokenization;

namespace Whylight.Options;

/// <summary>How texts are paired, cut, overlapped and padded by <c>tokenize</c>; what is not given is as the tokenizer's files declare.</summary>
internal sealed class WindowingOptions
{
    private static readonly Dictionary<string, TruncationStrategy> Strategies = new(StringComparer.Ordinal)
    {
        ["longest_first"] = TruncationStrategy.LongestFirst,
        ["only_first"] = TruncationStrategy.OnlyFirst,
        ["only_second"] = TruncationStrategy.OnlySecond,
    };

    private readonly Option<string?> _pair = new("--pair")
    {
        Description = "The second text of a pair; --text is the first",
        HelpName = "T",
    };

    private readonly Option<int?> _maxTokens = new("--max-tokens")
    {
        Description = "Most tokens, special tokens included [default: as the files declare, else all]",
        HelpName = "N",
    };

    private readonly Option<int?> _stride = new("--stride")
    {
        Description = "Give the windows over the rest too, sharing so many tokens",
        HelpName = "N",
    };

    private readonly Option<string?> _truncation = new("--truncation")
    {
        Description = "Which text of a pair is cut: " + string.Join(", ", Strategies.Keys),
        HelpName = "STRATEGY",
    };

    private readonly Option<string?> _truncationSide = new("--truncation-side")
    {
        Description = "Cut at the right or the left",
        HelpName = "SIDE",
    };

    private readonly Option<int?> _padTo = new("--pad-to")
    {
        Description = "Fill up to so many tokens",
        HelpName = "N",
    };

    private readonly Option<string?> _paddingSide = new("--padding-side")
    {
        Description = "Pad at the right or the left",
        HelpName = "SIDE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_pair);
        command.Options.Add(_maxTokens);
        command.Options.Add(_stride);
        command.Options.Add(_truncation);
        command.Options.Add(_truncationSide);
        command.Options.Add(_padTo);
        command.Options.Add(_paddingSide);
    }

    /// <summary>The second text of a pair, or null.</summary>
    public string? Pair(ParseResult parsed) => parsed.GetValue(_pair);

    /// <summary>Whether the windows after the first are wanted.</summary>
    public bool Overflow(ParseResult parsed) => parsed.GetValue(_stride) is not null;

    /// <summary>Whether anything was asked for at all.</summary>
    public bool IsGiven(ParseResult parsed) =>
        Pair(parsed) is not null
        || parsed.GetValue(_maxTokens) is not null
        || Overflow(parsed)
        || parsed.GetValue(_truncation) is not null
        || parsed.GetValue(_truncationSide) is not null
        || parsed.GetValue(_padTo) is not null
        || parsed.GetValue(_paddingSide) is not null;

    /// <summary>What the files declare, and over it what the command line says.</summary>
    /// <exception cref="UsageException">A value is out of range or not known.</exception>
    public WindowOptions Over(WindowOptions declared, ParseResult parsed)
    {
        string? strategy = parsed.GetValue(_truncation);
        TruncationStrategy chosen = declared.Strategy;
        if (strategy is not null && !Strategies.TryGetValue(strategy, out chosen))
        {
            throw new UsageException(
                $"--truncation is one of {string.Join(", ", Strategies.Keys)}, found '{strategy}'"
            );
        }
        return declared with
        {
            MaxTokens = Count("--max-tokens", parsed.GetValue(_maxTokens)) ?? declared.MaxTokens,
            Stride = Count("--stride", parsed.GetValue(_stride)) ?? declared.Stride,
            Strategy = chosen,
            TruncateLeft = Left("--truncation-side", parsed.GetValue(_truncationSide)) ?? declared.TruncateLeft,
            PadTo = Count("--pad-to", parsed.GetValue(_padTo)) ?? declared.PadTo,
            PadLeft = Left("--padding-side", parsed.GetValue(_paddingSide)) ?? declared.PadLeft,
        };
    }

    private static int? Count(string option, int? value) =>
        value is < 0 or > 16_777_216
            ? throw new UsageException($"{option} must be between 0 and 16777216, found {value}")
            : value;

    private static bool? Left(string option, string? side) =>
        side switch
        {
            null => null,
            "left" => true,
            "right" => false,
            _ => throw new UsageException($"{option} is left or right, found '{side}'"),
        };
}
