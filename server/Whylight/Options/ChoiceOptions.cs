using System.CommandLine;
using Whylight.Documents.Configuration;

namespace Whylight.Options;

/// <summary>The options that make a classifier of a prompt over a causal language model: its choices and their scoring.</summary>
internal sealed class ChoiceOptions
{
    /// <summary>The option that may stand without a value; see <see cref="WithValues"/>.</summary>
    private const string Calibrate = "--calibrate";

    private readonly Option<string[]> _choices = new("--choices")
    {
        Description =
            "Language models: the answers to choose from, which become the labels; with commas between them, or given again",
        HelpName = "A,B",
    };

    private readonly Option<bool> _lengthNormalized = new("--length-normalized")
    {
        Description = "Score a choice by the mean log-probability of its tokens, not their sum",
    };

    private readonly Option<string?> _calibrate = new(Calibrate)
    {
        Description =
            "Subtract the scores after a content-free text (contextual calibration); --calibrate alone takes N/A, --calibrate=TEXT another",
        HelpName = "=TEXT",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_choices);
        command.Options.Add(_lengthNormalized);
        command.Options.Add(_calibrate);
    }

    /// <summary>
    /// The arguments with a value for every option that may stand without one, so that none takes the argument after it
    /// for its own.
    /// </summary>
    public static string[] WithValues(IEnumerable<string> args) =>
        [.. args.Select(arg => arg == Calibrate ? $"{Calibrate}={FileRule.UsualContentFreeText}" : arg)];

    /// <summary>What whylight.yaml says of choices, and above it what the command line says.</summary>
    /// <param name="reference">The model as whylight.yaml serves it.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="strict">Whether a model that the choices do not fit is an error.</param>
    /// <exception cref="UsageException">Scoring without choices, or no two different ones.</exception>
    public ModelReference Over(ModelReference reference, ParseResult parsed, bool strict = true)
    {
        string[] given =
        [
            .. (parsed.GetValue(_choices) ?? []).SelectMany(list =>
                list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            ),
        ];
        bool named = parsed.GetResult(_choices) is not null;
        if (named && (given.Length < 2 || given.Distinct(StringComparer.Ordinal).Count() != given.Length))
        {
            throw new UsageException(
                "--choices takes at least two different answers, as in --choices positive,negative"
            );
        }
        string? calibrate = parsed.GetValue(_calibrate);
        bool normalized = parsed.GetValue(_lengthNormalized);
        if (!named && reference.Choices.Count == 0 && (calibrate is not null || normalized))
        {
            throw new UsageException(
                $"{(normalized ? "--length-normalized" : Calibrate)} says how choices are scored: name them with --choices A,B"
            );
        }
        return reference with
        {
            Choices = named ? given : reference.Choices,
            ChoicesNamed = named && strict,
            Scoring = reference.Scoring with
            {
                LengthNormalized = normalized || reference.Scoring.LengthNormalized,
                ContentFreePrompt = calibrate ?? reference.Scoring.ContentFreePrompt,
            },
        };
    }
}
