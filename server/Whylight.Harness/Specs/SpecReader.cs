using System.Globalization;
using Whylight.Documents;
using Whylight.Documents.Configuration;
using Whylight.Documents.Yaml;
using Whylight.Explanations;
using Whylight.Harness.Findings;
using Whylight.Harness.Search;
using Whylight.Harness.Snapshots;

namespace Whylight.Harness.Specs;

/// <summary>Reads <c>*.spec.yaml</c>; whatever is wrong is told with line, column and, for names, a suggestion.</summary>
public static class SpecReader
{
    /// <summary>Ending of spec files.</summary>
    public const string Ending = ".spec.yaml";

    /// <summary>The test types.</summary>
    public static IReadOnlyList<string> Types { get; } =
    ["minimum_functionality", "invariance", "directional", "metric", "calibration", "consistency", "snapshot"];

    /// <summary>Whether a path names a spec.</summary>
    public static bool IsSpec(string path) =>
        path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".spec.yml", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a spec from disk.</summary>
    /// <exception cref="DocumentException">It cannot be read or holds an error; the first is told with its place.</exception>
    public static SpecFile Load(string path)
    {
        SpecFile spec = Parse(path, YamlReader.ReadFile(path).Source);
        return spec.Problems.Count == 0 ? spec : throw new DocumentException(spec.Describe(spec.Problems[0]));
    }

    /// <summary>Reads a spec's text; nothing is thrown for content, problems are in the answer.</summary>
    /// <param name="path">Where it is; relative paths in it are relative to its folder.</param>
    /// <param name="text">Its text.</param>
    public static SpecFile Parse(string path, string text)
    {
        YamlDocument document = YamlReader.Parse(path, text);
        List<DocumentProblem> problems = [.. document.Problems];
        SpecFile spec = new()
        {
            Path = path,
            Source = text,
            Lines = document.Lines,
            Name = NameOf(path),
        };
        if (document.Root is null && problems.Count == 0)
        {
            problems.Add(
                new DocumentProblem(
                    0,
                    0,
                    ProblemSeverity.Error,
                    "empty-file",
                    "the spec is empty; it needs the key 'tests'"
                )
            );
        }
        if (YamlKeys.Of(document.Root, "a spec", problems) is { } keys)
        {
            spec = ReadSuite(spec, keys, problems);
        }
        problems.Sort((a, b) => a.Start.CompareTo(b.Start));
        return spec with { Problems = problems };
    }

    private static string NameOf(string path)
    {
        string name = Path.GetFileName(path);
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 ? name[..dot] : name;
    }

    private static SpecFile ReadSuite(SpecFile spec, YamlKeys keys, List<DocumentProblem> problems)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(spec.Path))!;
        if (keys.OptionalInteger("version") is { } version && version != 1)
        {
            keys.Report(keys.Mapping["version"]!, $"this Whylight reads version 1, not {version}");
        }
        string? name = keys.OptionalString("name");
        if (name is not null && !IsName(name))
        {
            keys.Report(keys.Mapping["name"]!, NameRule("name", name));
        }
        spec = spec with
        {
            Name = name ?? spec.Name,
            Description = keys.OptionalString("description"),
            Seed = (ulong)(keys.OptionalInteger("seed", 0) ?? 1729),
            Model = ModelOf(keys.OptionalString("model"), folder),
            Datasets = ReadDatasets(keys.OptionalMapping("datasets"), folder, problems),
            Limits = ReadLimits(keys.OptionalMapping("limits")),
            Statistics = ReadStatistics(keys.OptionalMapping("statistics")),
        };
        keys.OptionalStrings("tags");
        (double minPassRate, FindingSeverity severity) = (0.95, FindingSeverity.Error);
        if (keys.OptionalMapping("defaults") is { } defaults)
        {
            minPassRate = defaults.OptionalNumber("min_pass_rate", 0, 1) ?? minPassRate;
            severity = SeverityOf(defaults) ?? severity;
            defaults.Close();
        }
        List<SpecTest> tests = [];
        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach (YamlNode item in keys.RequiredSequence("tests") ?? [])
        {
            if (
                YamlKeys.Of(item, "a test", problems) is { } test
                && ReadTest(test, spec, minPassRate, severity, problems) is { } read
            )
            {
                if (!ids.Add(read.Id))
                {
                    test.Report(
                        test.Mapping["id"]!,
                        $"there is another test '{read.Id}'; ids are unique",
                        "duplicate-id"
                    );
                }
                tests.Add(read);
            }
        }
        keys.Close();
        return spec with { Tests = tests };
    }

    private static string ModelOf(string? model, string folder)
    {
        if (model is null || model.StartsWith("builtin:", StringComparison.Ordinal))
        {
            return model ?? "builtin:sentiment";
        }
        // A name without a separator may be one that whylight.yaml gives.
        string? configured = WorkspaceConfiguration.FindFor(Path.Combine(folder, "x"));
        if (
            configured is not null
            && WorkspaceConfiguration.Load(configured).Models.TryGetValue(model, out string? path)
        )
        {
            return path;
        }
        return Path.GetFullPath(model, folder);
    }

    private static List<DatasetSpec> ReadDatasets(YamlKeys? keys, string folder, List<DocumentProblem> problems)
    {
        List<DatasetSpec> datasets = [];
        foreach (YamlEntry entry in keys?.Mapping.Entries ?? [])
        {
            if (YamlKeys.Of(entry.Value, "a dataset", problems) is not { } dataset)
            {
                continue;
            }
            string? path = dataset.RequiredString("path");
            string? delimiter = dataset.OptionalString("delimiter");
            char? parsed = delimiter is null ? null : ReadOptions.ParseDelimiter(delimiter);
            if (delimiter is not null && parsed is null)
            {
                dataset.Report(
                    dataset.Mapping["delimiter"]!,
                    $"'delimiter' is one character, or tab, comma, semicolon, pipe or space, not '{delimiter}'"
                );
            }
            ReadOptions options = new()
            {
                TextColumn = dataset.OptionalString("text"),
                LabelColumn = dataset.OptionalString("label"),
                Labels = dataset
                    .OptionalStringMap("labels")
                    ?.ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal),
                Header = dataset.OptionalBoolean("header"),
                Delimiter = parsed,
                Encoding = dataset.OptionalString("encoding"),
                Limit = (int?)dataset.OptionalInteger("limit", 1, int.MaxValue),
            };
            dataset.Close();
            if (path is not null)
            {
                datasets.Add(
                    new DatasetSpec(
                        entry.Key.Value,
                        Path.GetFullPath(path, folder),
                        options,
                        entry.Key.Start,
                        entry.Key.End
                    )
                );
            }
        }
        return datasets;
    }

    private static SuiteLimits ReadLimits(YamlKeys? keys)
    {
        if (keys is null)
        {
            return new SuiteLimits();
        }
        long? calls = keys.OptionalInteger("model_calls", 1);
        TimeSpan? time = null;
        if (keys.OptionalString("time") is { } text)
        {
            time = DurationOf(text);
            if (time is null)
            {
                keys.Report(keys.Mapping["time"]!, $"'time' is a duration such as 90s, 5m or 1h, not '{text}'");
            }
        }
        keys.Close();
        return new SuiteLimits { ModelCalls = calls, Time = time };
    }

    private static TimeSpan? DurationOf(string text)
    {
        (string number, double unit) =
            text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 0.001)
            : text.EndsWith('s') ? (text[..^1], 1)
            : text.EndsWith('m') ? (text[..^1], 60)
            : text.EndsWith('h') ? (text[..^1], 3600)
            : (text, 1.0);
        return
            double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value > 0
            && value * unit < 1e7
            ? TimeSpan.FromSeconds(value * unit)
            : null;
    }

    private static SuiteStatistics ReadStatistics(YamlKeys? keys)
    {
        SuiteStatistics defaults = new();
        if (keys is null)
        {
            return defaults;
        }
        SuiteStatistics statistics = new()
        {
            Confidence = keys.OptionalNumber("confidence", 0.5, 0.999999) ?? defaults.Confidence,
            Interval = keys.OptionalOneOf("interval", ["clopper_pearson", "wilson"]) ?? defaults.Interval,
            Sequential = keys.OptionalOneOf("sequential", ["none", "confidence_sequence", "sprt"]) switch
            {
                "confidence_sequence" => SequentialRule.ConfidenceSequence,
                "sprt" => SequentialRule.Sprt,
                _ => SequentialRule.None,
            },
            Correction =
                keys.OptionalOneOf("correction", ["holm", "benjamini_hochberg", "none"]) ?? defaults.Correction,
        };
        keys.Close();
        return statistics;
    }

    private static SpecTest? ReadTest(
        YamlKeys keys,
        SpecFile spec,
        double minPassRate,
        FindingSeverity severity,
        List<DocumentProblem> problems
    )
    {
        string? id = keys.RequiredString("id");
        if (id is not null && !IsName(id))
        {
            keys.Report(keys.Mapping["id"]!, NameRule("id", id));
        }
        string? type = keys.RequiredOneOf("type", Types);
        string? description = keys.OptionalString("description");
        string? capability = keys.OptionalString("capability");
        severity = SeverityOf(keys) ?? severity;
        if (id is null || type is null)
        {
            return null;
        }
        SpecTest test = type switch
        {
            "metric" => ReadMetric(keys, id, type, MetricNames.Metrics, null),
            "calibration" => ReadMetric(keys, id, type, MetricNames.Calibration, "ece"),
            "minimum_functionality" => ReadMinimumFunctionality(keys, id, type, minPassRate, problems),
            "invariance" or "directional" => ReadPerturbation(keys, id, type, minPassRate, problems),
            "consistency" => ReadConsistency(keys, id, type),
            _ => ReadSnapshot(keys, id, type),
        };
        bool own = test is MinimumFunctionalityTest { Examples.Count: > 0 } or SnapshotTest { Texts.Count: > 0 };
        string? dataset = ReadDataset(keys, spec, needed: !own);
        keys.Close();
        YamlNode at = keys.Mapping["id"]!;
        return test with
        {
            Description = description,
            Capability = capability,
            Severity = severity,
            Dataset = dataset,
            Start = at.Start,
            End = at.End,
        };
    }

    private static string? ReadDataset(YamlKeys keys, SpecFile spec, bool needed)
    {
        string[] names = spec.Datasets.Select(d => d.Name).ToArray();
        string? dataset = keys.OptionalString("dataset");
        if (dataset is null)
        {
            if (needed && names.Length != 1)
            {
                keys.Required("dataset");
            }
            return needed ? names.FirstOrDefault() : null;
        }
        if (!names.Contains(dataset))
        {
            string meant = Suggestion.For(dataset, names) is { } near ? $" (did you mean '{near}'?)" : "";
            keys.Report(keys.Mapping["dataset"]!, $"the spec names no dataset '{dataset}'{meant}", "unknown-dataset");
        }
        return dataset;
    }

    private static MetricTest ReadMetric(
        YamlKeys keys,
        string id,
        string type,
        IReadOnlyList<string> names,
        string? standard
    )
    {
        string? metric = standard is null
            ? keys.RequiredOneOf("metric", names)
            : keys.OptionalOneOf("metric", names) ?? standard;
        double? min = keys.OptionalNumber("min_score");
        double? max = keys.OptionalNumber("max_score");
        if (min is null && max is null)
        {
            keys.Report(keys.Mapping["id"]!, "the test needs 'min_score' or 'max_score'", "missing-key");
        }
        return new MetricTest
        {
            Id = id,
            Type = type,
            Metric = metric ?? names[0],
            MinScore = min,
            MaxScore = max,
            Bins = standard is null ? 15 : (int)(keys.OptionalInteger("bins", 1, 1000) ?? 15),
        };
    }

    private static MinimumFunctionalityTest ReadMinimumFunctionality(
        YamlKeys keys,
        string id,
        string type,
        double minPassRate,
        List<DocumentProblem> problems
    )
    {
        List<SpecExample> examples = [];
        foreach (YamlNode item in keys.OptionalSequence("examples") ?? [])
        {
            if (YamlKeys.Of(item, "an example", problems) is { } example)
            {
                string? text = example.RequiredString("text");
                string? label = example.RequiredString("label");
                example.Close();
                if (text is not null && label is not null)
                {
                    examples.Add(new SpecExample(text, label));
                }
            }
        }
        return new MinimumFunctionalityTest
        {
            Id = id,
            Type = type,
            Examples = examples,
            MinPassRate = PassRate(keys, minPassRate),
            Indifference = keys.OptionalNumber("indifference", 0.0001, 1) ?? 0.05,
        };
    }

    private static PerturbationTest ReadPerturbation(
        YamlKeys keys,
        string id,
        string type,
        double minPassRate,
        List<DocumentProblem> problems
    )
    {
        List<PerturbationSetting> settings = [];
        foreach (YamlNode item in keys.RequiredSequence("perturbations") ?? [])
        {
            if (PerturbationSetting.Read(item, problems) is { } setting)
            {
                settings.Add(setting);
            }
        }
        if (keys.Mapping["perturbations"] is YamlSequence { Items.Count: 0 } empty)
        {
            keys.Report(empty, "'perturbations' names at least one");
        }
        Expectation expect = new PredictionUnchanged(0);
        YamlKeys? expected =
            type == "directional"
                ? keys.RequiredMapping("expect", "'expect'")
                : keys.OptionalMapping("expect", "'expect'");
        if (expected is not null)
        {
            double tolerance = expected.OptionalNumber("tolerance", 0, 1) ?? 0;
            string? prediction = type == "invariance" ? expected.OptionalOneOf("prediction", ["unchanged"]) : null;
            string? confidence = expected.OptionalOneOf(
                "confidence",
                type == "invariance" ? ["unchanged"] : ["non_decreasing", "non_increasing"]
            );
            string? label = expected.OptionalString("label");
            if (type == "directional" && confidence is null && expected.Mapping["confidence"] is null)
            {
                expected.Required("confidence");
            }
            if (prediction is not null && confidence is not null)
            {
                expected.Report(expected.Mapping, "'expect' says 'prediction' or 'confidence', not both");
            }
            expected.Close();
            expect = confidence is null
                ? new PredictionUnchanged(tolerance)
                : new ConfidenceMoves(
                    confidence switch
                    {
                        "non_decreasing" => ConfidenceChange.NonDecreasing,
                        "non_increasing" => ConfidenceChange.NonIncreasing,
                        _ => ConfidenceChange.Unchanged,
                    },
                    label,
                    tolerance
                );
        }
        return new PerturbationTest
        {
            Id = id,
            Type = type,
            Perturbations = PerturbationChoices.From(settings, problems),
            Draws = (int)(keys.OptionalInteger("draws", 1, 1000) ?? 4),
            Expect = expect,
            MinPassRate = PassRate(keys, minPassRate),
            Indifference = keys.OptionalNumber("indifference", 0.0001, 1) ?? 0.05,
        };
    }

    private static ConsistencyTest ReadConsistency(YamlKeys keys, string id, string type)
    {
        ConsistencyKind kind = keys.RequiredOneOf("kind", ["repeat", "batch", "paraphrase_set", "contrast_set"]) switch
        {
            "batch" => ConsistencyKind.Batch,
            "paraphrase_set" => ConsistencyKind.ParaphraseSet,
            "contrast_set" => ConsistencyKind.ContrastSet,
            _ => ConsistencyKind.Repeat,
        };
        bool sets = kind is ConsistencyKind.ParaphraseSet or ConsistencyKind.ContrastSet;
        return new ConsistencyTest
        {
            Id = id,
            Type = type,
            Kind = kind,
            Repeats = (int)(kind == ConsistencyKind.Repeat ? keys.OptionalInteger("repeats", 2, 1000) ?? 2 : 2),
            // A batch may round differently; a repeated call may not.
            Tolerance = sets ? 0 : keys.OptionalNumber("tolerance", 0, 1) ?? (kind == ConsistencyKind.Batch ? 1e-5 : 0),
            Group = sets ? keys.RequiredString("group") : null,
            MinPassRate = PassRate(keys, sets ? 0.95 : 1),
            Indifference = sets ? keys.OptionalNumber("indifference", 0.0001, 1) ?? 0.05 : 0.05,
        };
    }

    private static SnapshotTest ReadSnapshot(YamlKeys keys, string id, string type)
    {
        NumericTolerance tolerance = NumericTolerance.AcrossMachines;
        Dictionary<string, NumericTolerance> fields = new(StringComparer.Ordinal);
        if (keys.OptionalMapping("tolerance") is { } numbers)
        {
            tolerance = ReadTolerance(numbers, tolerance);
        }
        if (keys.OptionalMapping("fields") is { } byField)
        {
            foreach (YamlEntry entry in byField.Mapping.Entries)
            {
                if (byField.OptionalMapping(entry.Key.Value) is { } field)
                {
                    fields[entry.Key.Value] = ReadTolerance(field, NumericTolerance.AcrossMachines);
                }
            }
        }
        string? method = keys.OptionalOneOf("method", Explainer.Default.Methods);
        return new SnapshotTest
        {
            Id = id,
            Type = type,
            Texts = keys.OptionalStrings("texts") ?? [],
            Method = method,
            Budget = (int)(keys.OptionalInteger("budget", 1, int.MaxValue) ?? 256),
            Limit = (int)(keys.OptionalInteger("limit", 1, 100_000) ?? 10),
            Rules = new SnapshotRules { Tolerance = tolerance, Fields = fields },
        };
    }

    private static NumericTolerance ReadTolerance(YamlKeys keys, NumericTolerance standard)
    {
        NumericTolerance tolerance = new(
            keys.OptionalNumber("absolute", 0) ?? standard.Absolute,
            keys.OptionalNumber("relative", 0) ?? standard.Relative
        );
        keys.Close();
        return tolerance;
    }

    private static double PassRate(YamlKeys keys, double standard)
    {
        double rate = keys.OptionalNumber("min_pass_rate", 0, 1) ?? standard;
        if (rate == 0)
        {
            keys.Report(
                keys.Mapping["min_pass_rate"] ?? keys.Mapping["id"]!,
                "'min_pass_rate' is more than 0, or the test says nothing"
            );
        }
        return rate;
    }

    private static FindingSeverity? SeverityOf(YamlKeys keys) =>
        keys.OptionalOneOf("severity", ["error", "warning", "information"]) switch
        {
            "error" => FindingSeverity.Error,
            "warning" => FindingSeverity.Warning,
            "information" => FindingSeverity.Information,
            _ => null,
        };

    // Names become file names and report ids.
    private static bool IsName(string name) =>
        name.Length is > 0 and <= 100
        && name[0] != '.'
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static string NameRule(string key, string name) =>
        $"'{key}' has letters, digits, dots, hyphens and underscores, unlike '{(name.Length > 40 ? name[..40] + "…" : name)}'";
}
