using System.CommandLine;
using Whylight.Documents;
using Whylight.Models;
using Whylight.Models.Training;

namespace Whylight.Options;

/// <summary>The options that say what is trained, on what, and how.</summary>
internal sealed class TrainOptions
{
    private readonly Option<string?> _family = new("--family")
    {
        Description = "Rung of the ladder: " + string.Join(", ", ModelTrainer.Families),
        HelpName = "NAME",
    };

    private readonly Option<string[]> _dataset = new("--dataset")
    {
        Description = "Labelled texts to learn from (lm: any texts); may be given more than once",
        HelpName = "FILE",
    };

    private readonly Option<string?> _dev = new("--dev")
    {
        Description = "Labelled texts (lm: any texts) that only report: nothing is chosen by them",
        HelpName = "FILE",
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "Folder the model is written to",
        HelpName = "DIR",
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Decides the split, the first weights and the order",
        HelpName = "N",
        DefaultValueFactory = _ => 1729,
    };

    private readonly Option<int?> _epochs = new("--epochs")
    {
        Description = "Most passes over the training part",
        HelpName = "N",
    };

    private readonly Option<string[]> _pretrain = new("--pretrain")
    {
        Description = "Texts without labels to read first (bert: masked words; lm: the text itself)",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _teacher = new("--teacher")
    {
        Description = "A model whose answers are learnt along with the labels; several are averaged",
        HelpName = "M",
    };

    private readonly Option<string[]> _augment = new("--augment")
    {
        Description = "Perturbations drawn for half of the texts of each pass, such as swap_adjacent",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<double> _stability = new("--stability")
    {
        Description = "Weight of the attribution-stability term",
        HelpName = "X",
    };

    private readonly Option<string?> _against = new("--against")
    {
        Description =
            "With --augment or --stability: the model trained without, to compare with; trained first when not given",
        HelpName = "M",
    };

    private readonly Option<bool> _resume = new("--resume") { Description = "Take up an interrupted run in --output" };

    private readonly Option<bool> _measure = new("--measure")
    {
        Description = "Train nothing: measure the model in --output again and rewrite its card",
    };

    private readonly Option<string?> _recipe = new("--recipe")
    {
        Description =
            "Train a shipped model again, from the folder of its data: " + string.Join(", ", ShippedRecipes.Names),
        HelpName = "NAME",
    };

    private readonly DatasetOptions _files = new();

    public void AddTo(Command command)
    {
        command.Options.Add(_family);
        command.Options.Add(_dataset);
        command.Options.Add(_dev);
        command.Options.Add(_output);
        command.Options.Add(_seed);
        command.Options.Add(_epochs);
        command.Options.Add(_pretrain);
        command.Options.Add(_teacher);
        command.Options.Add(_augment);
        command.Options.Add(_stability);
        command.Options.Add(_against);
        command.Options.Add(_resume);
        command.Options.Add(_measure);
        command.Options.Add(_recipe);
        _files.AddTo(command);
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="UsageException">Something needed is not given.</exception>
    /// <exception cref="DocumentException">A file is unsound.</exception>
    /// <exception cref="ModelException">A label is not known, or a teacher cannot be loaded.</exception>
    public async Task<TrainingRequest> RequestAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string output =
            parsed.GetValue(_output) ?? throw new UsageException("name the folder to write the model to: --output DIR");
        string[] datasets = parsed.GetValue(_dataset) ?? [];
        if (parsed.GetValue(_recipe) is { } recipe)
        {
            if (datasets is not [string data])
            {
                throw new UsageException("--recipe takes the folder of its data sets as --dataset DIR");
            }
            return await ShippedRecipes.CreateAsync(recipe, data, output, cancellation) with
            {
                Seed = parsed.GetValue(_seed),
                Resume = parsed.GetValue(_resume),
                MeasureOnly = parsed.GetValue(_measure),
            };
        }
        string family =
            parsed.GetValue(_family)
            ?? throw new UsageException($"name the family: --family {string.Join('|', ModelTrainer.Families)}");
        string[] texts = parsed.GetValue(_pretrain) ?? [];
        if (datasets.Length == 0 && (family != "lm" || texts.Length == 0))
        {
            throw new UsageException("name the texts to learn from: --dataset FILE");
        }
        if (family == "lm")
        {
            return LanguageModel(parsed, datasets, texts, output, cancellation);
        }
        List<string> labels = Labels(datasets, parsed, cancellation);
        List<TrainingExample> examples = Examples(datasets, labels, parsed, cancellation);
        List<TrainingExample> dev = parsed.GetValue(_dev) is { } file
            ? Examples([file], labels, parsed, cancellation)
            : [];
        List<string> unlabelled = [.. texts.SelectMany(f => Texts(f, parsed, cancellation))];
        List<ITextClassifier> teachers = [];
        foreach (string teacher in parsed.GetValue(_teacher) ?? [])
        {
            teachers.Add(await ModelLoader.LoadAsync(teacher, null, cancellation));
        }
        return new TrainingRequest
        {
            Family = family,
            Name = NameOf(output),
            Labels = labels,
            Examples = examples,
            Dev = dev,
            Unlabelled = unlabelled,
            Output = output,
            Seed = parsed.GetValue(_seed),
            Fit = parsed.GetValue(_epochs) is { } epochs ? new FitSettings { Epochs = Positive(epochs) } : null,
            Teachers = teachers,
            Augment = parsed.GetValue(_augment) ?? [],
            Stability = parsed.GetValue(_stability),
            Against = parsed.GetValue(_against),
            Resume = parsed.GetValue(_resume),
            MeasureOnly = parsed.GetValue(_measure),
            Sources = Sources(parsed, datasets, examples.Count, dev.Count),
        };
    }

    // Needs no labels: every text of the files, --pretrain's as well, is learnt from.
    private TrainingRequest LanguageModel(
        ParseResult parsed,
        string[] datasets,
        string[] more,
        string output,
        CancellationToken cancellation
    )
    {
        foreach (Option option in new Option[] { _teacher, _augment, _stability })
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} is for classifiers; a language model learns no labels");
            }
        }
        string[] files = [.. datasets, .. more];
        List<string> texts = [.. files.SelectMany(f => Texts(f, parsed, cancellation))];
        List<string> reporting = parsed.GetValue(_dev) is { } dev ? [.. Texts(dev, parsed, cancellation)] : [];
        return new TrainingRequest
        {
            Family = "lm",
            Name = NameOf(output),
            Labels = [],
            Examples = [],
            Unlabelled = texts,
            ReportTexts = [.. reporting.Select(text => new ReportText("dev", text))],
            Output = output,
            Seed = parsed.GetValue(_seed),
            Fit = parsed.GetValue(_epochs) is { } epochs
                ? LanguageModelTrainer.DefaultFit with
                {
                    Epochs = Positive(epochs),
                }
                : null,
            Resume = parsed.GetValue(_resume),
            Sources = Sources(parsed, files, texts.Count, reporting.Count),
        };
    }

    private static string NameOf(string output) =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)));

    private List<string> Labels(string[] datasets, ParseResult parsed, CancellationToken cancellation) =>
        [
            .. datasets
                .SelectMany(file => TrainingData.LabelsOf(file, Read(file, parsed), cancellation))
                .Distinct(StringComparer.Ordinal),
        ];

    private List<TrainingExample> Examples(
        string[] files,
        List<string> labels,
        ParseResult parsed,
        CancellationToken cancellation
    ) => [.. files.SelectMany(file => TrainingData.Read(file, Read(file, parsed), labels, cancellation))];

    // A text file is a text a line, or a text a paragraph where blank lines part it.
    private IEnumerable<string> Texts(string file, ParseResult parsed, CancellationToken cancellation)
    {
        ReadOptions options = Read(file, parsed);
        if ((options.Kind ?? DocumentReader.KindOf(file)) is DocumentKind.TextLines or DocumentKind.Unknown)
        {
            ParsedDocument lines = DocumentReader.ReadFile(
                file,
                options with
                {
                    Kind = DocumentKind.TextLines,
                },
                cancellation
            );
            return Paragraphs(lines.Source.ReplaceLineEndings("\n").Split('\n'));
        }
        return DocumentReader.ReadFile(file, options, cancellation).Examples.Select(example => example.Text);
    }

    private static IEnumerable<string> Paragraphs(string[] lines)
    {
        int last = Array.FindLastIndex(lines, line => !string.IsNullOrWhiteSpace(line));
        bool parted = lines.Take(last + 1).Any(string.IsNullOrWhiteSpace);
        List<string> open = [];
        foreach (string line in lines.Append(""))
        {
            bool blank = string.IsNullOrWhiteSpace(line);
            if (!blank)
            {
                open.Add(line);
            }
            if (open.Count > 0 && (blank || !parted))
            {
                yield return string.Join('\n', open);
                open.Clear();
            }
        }
    }

    private ReadOptions Read(string file, ParseResult parsed) =>
        _files.Over(ModelReference.Resolve(null, file).Files, parsed);

    // The card names the files; their licence is for who trains to add.
    private List<DataSource> Sources(ParseResult parsed, string[] datasets, int examples, int dev)
    {
        const string Licence = "not stated";
        List<DataSource> sources = [];
        if (datasets.Length > 0)
        {
            sources.Add(
                new DataSource(string.Join(", ", datasets.Select(Path.GetFileName)), Licence, "training", examples)
            );
        }
        if (parsed.GetValue(_dev) is { } file)
        {
            sources.Add(new DataSource(Path.GetFileName(file), Licence, "report", dev));
        }
        return sources;
    }

    private static int Positive(int epochs) =>
        epochs > 0 ? epochs : throw new UsageException($"--epochs wants 1 or more, found {epochs}");
}
