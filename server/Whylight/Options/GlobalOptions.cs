using System.CommandLine;
using System.CommandLine.Parsing;
using Whylight.Documents;
using Whylight.Explanations;
using Whylight.Explanations.Global;

namespace Whylight.Options;

/// <summary>The options of <c>whylight explain</c> that concern a whole dataset.</summary>
internal sealed class GlobalOptions
{
    private readonly Option<string?> _dataset = new("--dataset")
    {
        Description =
            "Explain the model over a file of texts, with --method "
            + string.Join("|", GlobalExplainer.Methods)
            + "; with --method anchors and a text: count the anchor's coverage there too",
        HelpName = "FILE",
    };

    private readonly Option<string?> _local = new("--explanations")
    {
        Description =
            "With --method representatives or aggregate: the method that explains each text [default: occlusion]",
        HelpName = "METHOD",
    };

    private readonly Option<int?> _limit = new("--limit")
    {
        Description = "With --dataset: most texts to read",
        HelpName = "N",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_dataset);
        command.Options.Add(_local);
        command.Options.Add(_limit);
    }

    /// <summary>The file named, or null.</summary>
    public string? File(ParseResult parsed) => parsed.GetValue(_dataset);

    /// <summary>The local method behind a global one, or null.</summary>
    public string? Local(ParseResult parsed) => parsed.GetValue(_local);

    /// <summary>Whether the command line asks for a global explanation; refuses what is neither that nor a local one.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="method">The method named on it, or null.</param>
    /// <param name="hasText">Whether it names a text or a file with one.</param>
    /// <exception cref="UsageException">The parts contradict each other.</exception>
    public bool IsGlobal(ParseResult parsed, string? method, bool hasText)
    {
        bool global = method is not null && GlobalExplainer.Methods.Contains(method);
        string names = string.Join(", ", GlobalExplainer.Methods);
        if (File(parsed) is null)
        {
            if (global)
            {
                throw new UsageException(
                    $"'{method}' explains the model over many texts: name their file with --dataset FILE"
                );
            }
            foreach (Option option in (Option[])[_limit, _local])
            {
                if (parsed.GetResult(option) is OptionResult { Implicit: false })
                {
                    throw new UsageException($"{option.Name} needs --dataset FILE");
                }
            }
            return false;
        }
        if (parsed.GetValue(_limit) is < 1)
        {
            throw new UsageException("--limit wants 1 or more");
        }
        if (global && hasText)
        {
            throw new UsageException(
                $"'{method}' explains the model over the texts of --dataset: leave out the single text"
            );
        }
        if (!global && !hasText)
        {
            throw new UsageException(
                method is null ? $"--dataset without a text wants a method over many texts: --method {names}"
                : Explainer.Default.Knows(method)
                    ? $"'{method}' explains one text: give --text T or FILE:LINE, or choose a method over many texts ({names})"
                : Explanations.Names.Unknown("method over many texts", method, GlobalExplainer.Methods)
            );
        }
        if (parsed.GetValue(_local) is not null && (!global || !GlobalExplainer.GathersLocal(method!)))
        {
            throw new UsageException("--explanations is for --method representatives and aggregate");
        }
        if (!global && method != "anchors")
        {
            throw new UsageException(
                $"with a single text, --dataset is for --method anchors, which counts its coverage there; '{method ?? "auto"}' has no use for it"
            );
        }
        return global;
    }

    /// <summary>The examples of the file, one after the other; a prompt file is read whole.</summary>
    /// <exception cref="DocumentException">The file cannot be read; thrown when the reading comes to it.</exception>
    public IEnumerable<Example> Examples(
        ParseResult parsed,
        DatasetOptions columns,
        ReadOptions configured,
        CancellationToken cancellation
    )
    {
        string file = File(parsed)!;
        ReadOptions read = columns.Over(configured, parsed) with { Limit = parsed.GetValue(_limit) };
        return DocumentReader.IsDataset(read.Kind ?? DocumentReader.KindOf(file))
            ? DocumentReader.Stream(file, read, cancellation: cancellation)
            : DocumentReader.ReadFile(file, read, cancellation).Examples.Take(read.Limit ?? int.MaxValue);
    }
}
