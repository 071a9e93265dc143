using System.CommandLine;
using Whylight.Harness.Reports;
using Whylight.Harness.Specs;

namespace Whylight.Options;

/// <summary>The options that say which suites are run, and how.</summary>
internal sealed class CheckOptions
{
    private readonly Argument<string[]> _specs = new("SPEC")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Spec files, or folders of *.spec.yaml [default: the current folder]",
    };

    private readonly Option<string[]> _reports = new("--report")
    {
        Description = "Also write a report: KIND is one of " + string.Join(", ", SuiteFormats.Kinds),
        HelpName = "KIND=FILE",
    };

    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Seed instead of the spec's",
        HelpName = "N",
    };

    private readonly Option<string?> _replay = new("--replay")
    {
        Description = "Reproduce one failure from the string that it printed",
        HelpName = "R",
    };

    private readonly Option<string?> _filter = new("--filter")
    {
        Description = "Run only tests whose id, type or capability contains this",
        HelpName = "F",
    };

    private readonly Option<bool> _accept = new("--accept")
    {
        Description = "Keep received snapshots as verified; never on a build server",
    };

    private readonly Option<bool> _strict = new("--strict")
    {
        Description = "Exit with 3 where a verdict is inconclusive",
    };

    private readonly Option<int> _jobs = new("--jobs")
    {
        Description = "Tests run at a time",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<bool> _noTiming = new("--no-timing")
    {
        Description = "Leave times out, for output that repeats to the byte",
    };

    private readonly FormatOption _format = new("text", "json", "junit", "sarif", "markdown", "github");

    public void AddTo(Command command)
    {
        command.Arguments.Add(_specs);
        command.Options.Add(_reports);
        command.Options.Add(_seed);
        command.Options.Add(_replay);
        command.Options.Add(_filter);
        command.Options.Add(_accept);
        command.Options.Add(_strict);
        command.Options.Add(_jobs);
        command.Options.Add(_noTiming);
        _format.AddTo(command);
    }

    public string Format(ParseResult parsed) => _format.Value(parsed);

    public string? Replay(ParseResult parsed) => parsed.GetValue(_replay);

    public bool Strict(ParseResult parsed) => parsed.GetValue(_strict);

    /// <summary>The spec files named, those of a folder in ordinal order of their paths.</summary>
    /// <exception cref="UsageException">A path does not exist, or a folder holds no spec.</exception>
    public IReadOnlyList<string> SpecPaths(ParseResult parsed)
    {
        string[] named = parsed.GetValue(_specs) is { Length: > 0 } given ? given : ["."];
        List<string> paths = [];
        foreach (string path in named)
        {
            if (File.Exists(path))
            {
                paths.Add(path);
                continue;
            }
            if (!Directory.Exists(path))
            {
                throw new UsageException($"there is no spec file or folder '{path}'");
            }
            string[] found =
            [
                .. Directory
                    .EnumerateFiles(path, "*" + SpecReader.Ending, SearchOption.AllDirectories)
                    .Order(StringComparer.Ordinal),
            ];
            paths.AddRange(
                found.Length > 0
                    ? found
                    : throw new UsageException($"the folder '{path}' holds no *{SpecReader.Ending}; name a spec")
            );
        }
        return paths;
    }

    /// <summary>The reports asked for.</summary>
    /// <exception cref="UsageException">A value is not KIND=FILE with a known kind.</exception>
    public IReadOnlyList<(string Kind, string File)> Reports(ParseResult parsed)
    {
        List<(string, string)> reports = [];
        foreach (string value in parsed.GetValue(_reports) ?? [])
        {
            int equals = value.IndexOf('=', StringComparison.Ordinal);
            string kind = equals < 0 ? value : value[..equals];
            if (equals <= 0 || equals == value.Length - 1 || !SuiteFormats.Kinds.Contains(kind))
            {
                throw new UsageException(
                    $"--report wants KIND=FILE with a kind of {string.Join(", ", SuiteFormats.Kinds)}, found '{value}'"
                );
            }
            reports.Add((kind, value[(equals + 1)..]));
        }
        return reports;
    }

    public SuiteOptions Suite(ParseResult parsed, SpecFile spec) =>
        new()
        {
            Filter = parsed.GetValue(_filter),
            Seed = parsed.GetValue(_seed),
            Accept = parsed.GetValue(_accept),
            Interactive = !Console.IsOutputRedirected,
            Jobs = Math.Max(1, parsed.GetValue(_jobs)),
            Timing = !parsed.GetValue(_noTiming),
            StateFolder = SuiteRunner.StateFolderFor(spec.Path),
        };
}
