using Whylight.Documents.Yaml;

namespace Whylight.Documents.Configuration;

/// <summary>
/// whylight.yaml: which model serves which files, and how explanations and diagnostics behave. Everything is optional.
/// </summary>
/// <remarks>Of the entries under <c>files:</c> that match a file the last wins, so that special cases follow the general one.</remarks>
public sealed record WorkspaceConfiguration
{
    /// <summary>The file's name.</summary>
    public const string FileName = "whylight.yaml";

    /// <summary>Serves prompts where nothing else is said.</summary>
    public const string DefaultPromptModel = "builtin:injection";

    /// <summary>Serves datasets where nothing else is said.</summary>
    public const string DefaultDatasetModel = "builtin:sentiment";

    /// <summary>Codes of the diagnostics that can be set.</summary>
    public static IReadOnlyList<string> DiagnosticCodes { get; } =
    [
        "unstable-prediction",
        "label-disagreement",
        "low-confidence",
        "contradicting-duplicates",
        "truncated-input",
        "unknown-tokens",
        "unstable-explanation",
        "shortcut",
        "injection-risk",
    ];

    /// <summary>Method names of explanations.</summary>
    public static IReadOnlyList<string> Methods { get; } =
    [
        "auto",
        "gradient-x-input",
        "integrated-gradients",
        "deeplift",
        "smoothgrad",
        "expected-gradients",
        "lrp",
        "attnlrp",
        "cp-lrp",
        "occlusion",
        "rollout",
        "shapley",
        "permutation-shapley",
        "owen",
        "interactions",
        "lime",
        "anchors",
        "counterfactual",
        "prime-implicants",
    ];

    /// <summary>Path of the file, or null for the defaults.</summary>
    public string? Path { get; private init; }

    /// <summary>Full path of the folder that patterns and model paths are relative to.</summary>
    public required string Folder { get; init; }

    /// <summary>Models by name: <c>builtin:NAME</c> or a full path.</summary>
    public IReadOnlyDictionary<string, string> Models { get; private init; } = new Dictionary<string, string>();

    /// <summary>The entries under <c>files:</c>, in file order.</summary>
    public IReadOnlyList<FileRule> Files { get; private init; } = [];

    /// <summary>How explanations are made.</summary>
    public ExplainSettings Explain { get; private init; } = new();

    /// <summary>Diagnostics by code; those not named keep their defaults.</summary>
    public IReadOnlyDictionary<string, DiagnosticSettings> Diagnostics { get; private init; } =
        new Dictionary<string, DiagnosticSettings>();

    /// <summary>What is wrong with the file; what could be read holds nevertheless.</summary>
    public IReadOnlyList<DocumentProblem> Problems { get; private init; } = [];

    /// <summary>The configuration of a folder without whylight.yaml.</summary>
    public static WorkspaceConfiguration Default(string folder) =>
        new() { Folder = System.IO.Path.GetFullPath(folder) };

    /// <summary>Reads the text of whylight.yaml; what is wrong with it becomes problems, nothing is thrown for content.</summary>
    /// <param name="path">Where it is; relative paths in it are relative to its folder.</param>
    /// <param name="text">Its text.</param>
    public static WorkspaceConfiguration Parse(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(path);
        YamlDocument document = YamlReader.Parse(path, text);
        List<DocumentProblem> problems = [.. document.Problems];
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        WorkspaceConfiguration configuration = new() { Folder = folder, Path = path };
        if (YamlKeys.Of(document.Root, FileName, problems) is { } keys)
        {
            if (keys.OptionalInteger("version") is { } version && version != 1)
            {
                keys.Report(keys.Mapping["version"]!, $"this Whylight reads version 1, not {version}");
            }
            Dictionary<string, string> models = ReadModels(keys.OptionalMapping("models"), folder, problems);
            configuration = configuration with
            {
                Models = models,
                Files = ReadFiles(keys.OptionalSequence("files"), models, folder, problems),
                Explain = ReadExplain(keys.OptionalMapping("explain")),
                Diagnostics = ReadDiagnostics(keys.OptionalMapping("diagnostics"), problems),
            };
            keys.Close();
        }
        problems.Sort((a, b) => a.Start.CompareTo(b.Start));
        return configuration with { Problems = problems };
    }

    /// <summary>Reads a whylight.yaml from disk.</summary>
    /// <exception cref="DocumentException">It cannot be read, or holds an error; the first is told with its place.</exception>
    public static WorkspaceConfiguration Load(string path)
    {
        string text = TextDecoder.ReadFile(path, null);
        WorkspaceConfiguration configuration = Parse(path, text);
        foreach (DocumentProblem problem in configuration.Problems)
        {
            LinePosition at = new LineIndex(text).PositionOf(problem.Start);
            throw new DocumentException($"{path}:{at.Line + 1}:{at.Character + 1}: {problem.Message}");
        }
        return configuration;
    }

    /// <summary>Path of the whylight.yaml that governs a file: in its folder or the nearest one above; null where there is none.</summary>
    public static string? FindFor(string filePath)
    {
        ArgumentNullException.ThrowIfNull(filePath);
        string? folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(filePath));
        for (; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            string candidate = System.IO.Path.Combine(folder, FileName);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }
        return null;
    }

    /// <summary>Which model serves a file, and how it is read: the last entry that matches, else the defaults.</summary>
    public FileResolution Resolve(string filePath)
    {
        ArgumentNullException.ThrowIfNull(filePath);
        string full = System.IO.Path.GetFullPath(filePath, Folder);
        string relative = System.IO.Path.GetRelativePath(Folder, full).Replace('\\', '/');
        for (int i = Files.Count - 1; i >= 0; i--)
        {
            FileRule rule = Files[i];
            if (rule.Pattern?.Matches(relative) == true)
            {
                string? model = rule.Excluded ? null : rule.Model ?? DefaultModelFor(full, named: true);
                return new FileResolution(model, rule.Options, rule.Choices, rule);
            }
        }
        return new FileResolution(DefaultModelFor(full, named: false), new ReadOptions(), [], null);
    }

    private static string? DefaultModelFor(string path, bool named) =>
        DocumentReader.KindOf(path) switch
        {
            DocumentKind.TextLines when !named => null,
            DocumentKind kind when DocumentReader.IsPrompt(kind) => DefaultPromptModel,
            DocumentKind kind when DocumentReader.IsDataset(kind) => DefaultDatasetModel,
            _ => null,
        };

    private static Dictionary<string, string> ReadModels(YamlKeys? keys, string folder, List<DocumentProblem> problems)
    {
        Dictionary<string, string> models = [];
        foreach (YamlEntry entry in keys?.Mapping.Entries ?? [])
        {
            if (YamlKeys.Of(entry.Value, "a model", problems) is { } model)
            {
                if (model.RequiredString("path") is { } path)
                {
                    models[entry.Key.Value] = ResolveModel(path, folder);
                }
                model.Close();
            }
        }
        return models;
    }

    private static string ResolveModel(string path, string folder) =>
        path.StartsWith("builtin:", StringComparison.Ordinal) ? path : System.IO.Path.GetFullPath(path, folder);

    private static List<FileRule> ReadFiles(
        IReadOnlyList<YamlNode>? items,
        Dictionary<string, string> models,
        string folder,
        List<DocumentProblem> problems
    )
    {
        List<FileRule> rules = [];
        foreach (YamlNode item in items ?? [])
        {
            if (YamlKeys.Of(item, "an entry of 'files'", problems) is not { } keys)
            {
                continue;
            }
            string? glob = keys.RequiredString("glob");
            Glob? pattern = null;
            if (glob is not null)
            {
                pattern = Configuration.Glob.Parse(glob, out string reason);
                if (pattern is null)
                {
                    keys.Report(keys.Mapping["glob"]!, $"'{glob}' is no file pattern: {reason}");
                }
            }
            string? model = ReadModel(keys, models, folder, out bool excluded);
            IReadOnlyList<string> choices = ReadChoices(keys);
            rules.Add(
                new FileRule
                {
                    Glob = glob ?? "",
                    Pattern = pattern,
                    Model = model,
                    Excluded = excluded,
                    Options = ReadOptionsOf(keys),
                    Choices = choices,
                    LengthNormalized = keys.OptionalBoolean("length_normalized") ?? false,
                    ContentFreeText = ReadContentFree(keys),
                    Start = item.Start,
                    End = item.End,
                }
            );
            keys.Close();
        }
        return rules;
    }

    private static string? ReadModel(YamlKeys keys, Dictionary<string, string> models, string folder, out bool excluded)
    {
        string? name = keys.OptionalString("model");
        excluded = name == "none" && !models.ContainsKey("none");
        if (name is null || excluded)
        {
            return null;
        }
        if (models.TryGetValue(name, out string? path))
        {
            return path;
        }
        if (name.StartsWith("builtin:", StringComparison.Ordinal) || name.Contains('/') || name.Contains('\\'))
        {
            return ResolveModel(name, folder);
        }
        string suggestion = Suggestion.Phrase(name, [.. models.Keys, "none"]);
        keys.Report(
            keys.Mapping["model"]!,
            $"there is no model '{name}' under 'models'"
                + (
                    suggestion.Length > 0
                        ? suggestion
                        : "; add it there, or write builtin:NAME or a path such as ./models/NAME"
                ),
            "unknown-model"
        );
        return null;
    }

    private static ReadOptions ReadOptionsOf(YamlKeys keys)
    {
        IReadOnlyList<KeyValuePair<string, string>>? labels = keys.OptionalStringMap("labels");
        string? delimiter = keys.OptionalString("delimiter");
        char? parsed = null;
        if (delimiter is not null)
        {
            parsed = ReadOptions.ParseDelimiter(delimiter);
            if (parsed is null)
            {
                keys.Report(
                    keys.Mapping["delimiter"]!,
                    $"'delimiter' is one character, or tab, comma, semicolon, pipe or space, not '{delimiter}'"
                );
            }
        }
        return new ReadOptions
        {
            TextColumn = keys.OptionalString("text"),
            LabelColumn = keys.OptionalString("label"),
            Labels = labels?.ToDictionary(),
            Header = keys.OptionalBoolean("header"),
            Delimiter = parsed,
            Encoding = keys.OptionalString("encoding"),
        };
    }

    private static IReadOnlyList<string> ReadChoices(YamlKeys keys)
    {
        IReadOnlyList<string>? choices = keys.OptionalStrings("choices");
        if (choices is null)
        {
            return [];
        }
        if (choices.Count < 2 || choices.Distinct().Count() != choices.Count)
        {
            keys.Report(keys.Mapping["choices"]!, "'choices' is a list of at least two different labels");
            return [];
        }
        return choices;
    }

    // How choices are scored means nothing where there are none.
    private static string? ReadContentFree(YamlKeys keys)
    {
        foreach (string key in (string[])["length_normalized", "calibrate"])
        {
            if (keys.Mapping[key] is { } node && keys.Mapping["choices"] is null)
            {
                keys.Report(node, $"'{key}' says how choices are scored, and there are no 'choices' here");
            }
        }
        return keys.Optional("calibrate") switch
        {
            YamlScalar { AsBoolean: { } wanted } => wanted ? FileRule.UsualContentFreeText : null,
            null => null,
            _ => keys.OptionalString("calibrate"),
        };
    }

    private static ExplainSettings ReadExplain(YamlKeys? keys)
    {
        ExplainSettings settings = new();
        if (keys is null)
        {
            return settings;
        }
        settings = new ExplainSettings
        {
            Method = keys.OptionalOneOf("method", Methods) ?? settings.Method,
            Budget = (int?)keys.OptionalInteger("budget", 1, int.MaxValue) ?? settings.Budget,
            Features = keys.OptionalOneOf("features", ["word", "token", "phrase", "sentence", "field"]),
            Value = keys.OptionalOneOf(
                "value",
                ["logit", "probability", "log_odds", "contrast", "sequence_log_probability"]
            ),
            Absence = keys.OptionalOneOf(
                "absence",
                ["attention_masked", "deleted", "padding", "mask_token", "unknown_token", "ngrams_removed"]
            ),
            Seed = (ulong?)keys.OptionalInteger("seed", 0),
        };
        keys.Close();
        return settings;
    }

    private static Dictionary<string, DiagnosticSettings> ReadDiagnostics(
        YamlKeys? keys,
        List<DocumentProblem> problems
    )
    {
        Dictionary<string, DiagnosticSettings> settings = [];
        if (keys is null)
        {
            return settings;
        }
        foreach (string code in DiagnosticCodes)
        {
            if (keys.OptionalMapping(code) is not { } diagnostic)
            {
                continue;
            }
            string? severity = diagnostic.OptionalOneOf("severity", ["error", "warning", "information", "hint", "off"]);
            bool? enabled = diagnostic.OptionalBoolean("enabled");
            List<PerturbationSetting>? perturbations = null;
            foreach (YamlNode item in diagnostic.OptionalSequence("perturbations") ?? [])
            {
                if (PerturbationSetting.Read(item, problems) is { } perturbation)
                {
                    (perturbations ??= []).Add(perturbation);
                }
            }
            settings[code] = new DiagnosticSettings
            {
                Severity = severity,
                Enabled = enabled ?? severity != "off",
                Perturbations = perturbations,
                Samples = (int?)diagnostic.OptionalInteger("samples", 1, 1_000_000),
                MaxEdits = (int?)diagnostic.OptionalInteger("max_edits", 1, 1000),
                Threshold = diagnostic.OptionalNumber("threshold", 0, 1),
                Seed = (ulong?)diagnostic.OptionalInteger("seed", 0),
            };
            diagnostic.Close();
        }
        keys.Close();
        return settings;
    }
}
