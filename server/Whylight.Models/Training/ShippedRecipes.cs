using Whylight.Documents;

namespace Whylight.Models.Training;

/// <summary>How each shipped model was trained, so that anyone who has the data can do it again.</summary>
public static class ShippedRecipes
{
    private static readonly string[] s_sentiment = ["negative", "positive"];

    private const string SstLicence = "SST (Socher et al. 2013), distributed for research, no explicit licence";

    /// <summary>Names of the shipped models in the order in which they are trained: teachers come before the taught.</summary>
    public static IReadOnlyList<string> Names { get; } =
    ["sentiment-linear", "sentiment-cnn", "sentiment-lstm", "sentiment", "sentiment-zh", "injection", "lm"];

    /// <summary>The request that trains a shipped model.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="data">Folder with the data sets, each in a folder of its own (sst2, cad-imdb, zh, prompt-injection, prompts).</param>
    /// <param name="shipped">Folder that holds the shipped models (teachers among them); the model is written to the folder <paramref name="name"/> in it.</param>
    /// <param name="cancellation">Checked between files.</param>
    /// <exception cref="ModelException">There is no such recipe.</exception>
    /// <exception cref="DocumentException">A data file is missing or unsound.</exception>
    public static async Task<TrainingRequest> CreateAsync(
        string name,
        string data,
        string shipped,
        CancellationToken cancellation = default
    )
    {
        string output = Path.Combine(shipped, name);
        return name switch
        {
            "sentiment-linear" => Sentiment("linear", name, data, output, cancellation),
            "sentiment" => Sentiment("bert", name, data, output, cancellation) with
            {
                Fit = new()
                {
                    Epochs = 4,
                    LearningRate = 7e-4,
                    Dropout = 0.2,
                    WordDropout = 0.2,
                    WeightDecay = 0.05,
                },
                Teachers =
                [
                    await ModelLoader.LoadAsync(Path.Combine(shipped, "sentiment-linear"), null, cancellation),
                    await ModelLoader.LoadAsync(Path.Combine(shipped, "sentiment-cnn"), null, cancellation),
                    await ModelLoader.LoadAsync(Path.Combine(shipped, "sentiment-lstm"), null, cancellation),
                ],
                TeacherShare = 0.7,
            },
            "sentiment-cnn" => Sentiment("cnn", name, data, output, cancellation) with
            {
                Size = new()
                {
                    VocabularySize = 10_000,
                    Width = 64,
                    Inner = 64,
                },
                Fit = new()
                {
                    Epochs = 4,
                    LearningRate = 1e-3,
                    Dropout = 0.5,
                    WordDropout = 0.1,
                },
            },
            "sentiment-lstm" => Sentiment("lstm", name, data, output, cancellation) with
            {
                Size = new()
                {
                    VocabularySize = 10_000,
                    Width = 64,
                    Inner = 64,
                },
                Fit = new()
                {
                    Epochs = 3,
                    LearningRate = 1e-3,
                    Dropout = 0.4,
                    WordDropout = 0.1,
                },
            },
            "sentiment-zh" => Chinese(name, data, output, cancellation),
            "lm" => LanguageModel(name, data, output, cancellation),
            "injection" => Injection(name, data, output, cancellation),
            _ => throw new ModelException($"no recipe for '{name}'; recipes: {string.Join(", ", Names)}"),
        };
    }

    private static TrainingRequest Sentiment(
        string family,
        string name,
        string data,
        string output,
        CancellationToken cancellation
    )
    {
        List<TrainingExample> sentences = TrainingData.Read(
            Path.Combine(data, "sst2", "train.tsv"),
            new()
            {
                Header = false,
                TextColumn = "0",
                LabelColumn = "1",
            },
            ["0", "1"],
            cancellation
        );
        List<TrainingExample> phrases = TrainingData.Read(
            Path.Combine(data, "sst2", "phrases.tsv"),
            new() { TextColumn = "s", LabelColumn = "l" },
            ["0", "1"],
            cancellation
        );
        List<TrainingExample> dev = TrainingData.Read(
            Path.Combine(data, "sst2", "dev.tsv"),
            new()
            {
                Header = false,
                TextColumn = "0",
                LabelColumn = "1",
            },
            ["0", "1"],
            cancellation
        );
        return new TrainingRequest
        {
            Family = family,
            Name = name,
            Labels = s_sentiment,
            Examples = [.. sentences, .. phrases],
            Dev = dev,
            Output = output,
            NaturalSpelling = true,
            Sources =
            [
                new("SST-2 training sentences", SstLicence, "training", sentences.Count),
                new("SST-2 training phrases (GLUE)", SstLicence, "training", phrases.Count),
                new("SST-2 dev sentences", SstLicence, "report", dev.Count),
            ],
            Limits =
            [
                "English film reviews, sentence by sentence: other domains, long documents and mixed feelings are less sure.",
                "Two labels only: a neutral text is forced onto one of them.",
                "Irony, comparison and what lies outside the text are not understood.",
                "The dev figures flatter a little: settings were changed between runs that had shown them, the rule for early stopping among them.",
            ],
        };
    }

    private static TrainingRequest Chinese(string name, string data, string output, CancellationToken cancellation)
    {
        List<TrainingExample> reviews = TrainingData.Read(
            Path.Combine(data, "zh", "waimai_10k.csv"),
            new() { TextColumn = "review", LabelColumn = "label" },
            ["0", "1"],
            cancellation
        );
        // The data has no split of its own: a tenth is set apart for the report before anything else is done.
        HoldOut apart = HoldOut.Split(reviews, 0.1, 10_000);
        const string licence = "waimai_10k (SophonPlus/ChineseNlpCorpus), licence unspecified";
        return new TrainingRequest
        {
            Family = "bert",
            Name = name,
            Labels = s_sentiment,
            Examples = apart.Training,
            Dev = apart.Held,
            Output = output,
            Size = new()
            {
                VocabularySize = 4000,
                Width = 96,
                Inner = 192,
            },
            Fit = new()
            {
                Epochs = 6,
                LearningRate = 1e-3,
                Dropout = 0.2,
                WordDropout = 0.15,
                WeightDecay = 0.05,
            },
            Sources =
            [
                new("waimai_10k reviews, our own split (seed 10000)", licence, "training", apart.Training.Count),
                new("waimai_10k reviews, our own split (seed 10000)", licence, "report", apart.Held.Count),
            ],
            Limits =
            [
                "Chinese reviews of food deliveries: other subjects are less sure.",
                "The labels of the data are noisy, and two thirds are negative.",
            ],
        };
    }

    private static TrainingRequest LanguageModel(
        string name,
        string data,
        string output,
        CancellationToken cancellation
    )
    {
        List<string> Column(string[] file, string text, string label, bool header) =>
            [
                .. DocumentReader
                    .ReadFile(
                        Path.Combine([data, .. file]),
                        new()
                        {
                            Header = header,
                            TextColumn = text,
                            LabelColumn = label,
                        },
                        cancellation
                    )
                    .Examples.Select(e => e.Text.Trim())
                    .Where(text => text.Length > 0),
            ];
        List<string> Reviews(string kind, string part) =>
            Column(["cad-imdb", kind, part + ".tsv"], "Text", "Sentiment", true);
        static string WithoutTags(string text) => text.Replace("<br /><br />", " ", StringComparison.Ordinal);

        // Reviews come with the line-break tags of the web page; each is learnt once with them and, as its edited twin, once without.
        List<string> original = Reviews("orig", "train");
        List<string> edited = [.. Reviews("new", "train").Select(WithoutTags)];
        List<string> sentences = [.. Column(["sst2", "train.tsv"], "0", "1", false).Select(NaturalSpelling.Of)];
        List<string> messages =
        [
            .. File.ReadLines(Path.Combine(data, "sms-spam", "SMSSpamCollection"))
                .Where(line => line.StartsWith("ham\t", StringComparison.Ordinal))
                .Select(line => line[4..].Trim())
                .Where(line => line.Length > 0),
        ];
        List<string> questions =
        [
            .. File.ReadLines(Path.Combine(data, "trec", "train_5500.label"), System.Text.Encoding.Latin1)
                .Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]),
        ];
        (List<string> prompts, List<string> keptPrompts) = Prompts(Path.Combine(data, "prompts"), cancellation);
        List<string> dev = Reviews("orig", "dev");
        List<string> editedDev = Reviews("new", "dev");
        List<string> sentencesDev = [.. Column(["sst2", "dev.tsv"], "0", "1", false).Select(NaturalSpelling.Of)];
        // Messages and questions are there for breadth: a third of them is enough.
        List<string> learntMessages = [.. messages.Where((_, i) => i % 3 == 0)];
        List<string> keptMessages = [.. messages.Where((_, i) => i % 15 == 7)];
        List<string> learntQuestions = [.. questions.Where((_, i) => i % 3 == 0)];
        List<string> keptQuestions = [.. questions.Where((_, i) => i % 15 == 7)];
        IEnumerable<ReportText> Set(string set, IEnumerable<string> texts) =>
            texts.Select(text => new ReportText(set, text));
        const string imdb = "CAD-IMDb reviews";
        const string licence = "Apache-2.0 (counterfactually-augmented-data); reviews from IMDb";
        const string sms = "SMS Spam Collection, wanted messages";
        const string promptSource = "prompts of github/awesome-copilot and microsoft/prompty";
        return new TrainingRequest
        {
            Family = "lm",
            Name = name,
            Labels = [],
            Examples = [],
            Unlabelled = [.. original, .. edited, .. sentences, .. learntMessages, .. learntQuestions, .. prompts],
            ReportTexts =
            [
                .. Set("CAD-IMDb dev, original", dev),
                .. Set("the same without line-break tags", dev.Select(WithoutTags)),
                .. Set("CAD-IMDb dev, edited", editedDev),
                .. Set("SST-2 dev sentences", sentencesDev),
                .. Set("SMS, every fifteenth", keptMessages),
                .. Set("TREC questions, every fifteenth", keptQuestions),
                .. Set("prompts kept apart", keptPrompts),
            ],
            Output = output,
            HoldOutShare = 0.05,
            Size = new()
            {
                VocabularySize = 3000,
                Width = 192,
                Layers = 3,
                Heads = 3,
                Inner = 512,
                MaxTokens = 256,
            },
            Fit = new()
            {
                Epochs = 5,
                BatchSize = 10,
                LearningRate = 4e-3,
                Dropout = 0.1,
                WeightDecay = 0.1,
                AverageDecay = 0.98,
                Orthogonal = true,
                Brief = true,
                Threads = 1,
            },
            Sources =
            [
                new(imdb + ", original, train", licence, "training", original.Count),
                new(imdb + ", edited, train", licence, "training", edited.Count),
                new("SST-2 training sentences", SstLicence, "training", sentences.Count),
                new(sms, "CC BY 4.0", "training", learntMessages.Count),
                new("TREC questions", "free for research", "training", learntQuestions.Count),
                new(promptSource, "MIT", "training", prompts.Count),
                new(imdb + ", original and edited, dev", licence, "report", dev.Count + editedDev.Count),
                new("SST-2 dev sentences", SstLicence, "report", sentencesDev.Count),
                new(sms, "CC BY 4.0", "report", keptMessages.Count),
                new("TREC questions", "free for research", "report", keptQuestions.Count),
                new(promptSource + " and of promptfoo, kept apart", "MIT", "report", keptPrompts.Count),
            ],
            Limits =
            [
                "A very small model of English film reviews: it shows how explanations of language models work; what it says of films, people or anything else is made up.",
                "It reads 256 tokens, and knows no language but English.",
                "Continued with the most probable token again and again, it soon repeats itself.",
                "It repeats the opinions, names and coarse words of its reviews and messages.",
            ],
        };
    }

    private static TrainingRequest Injection(string name, string data, string output, CancellationToken cancellation)
    {
        string[] raw = ["LEGIT", "INJECTION"];
        List<TrainingExample> deepset = TrainingData.Read(
            Path.Combine(data, "prompt-injection", "deepset.jsonl"),
            new() { TextColumn = "text", LabelColumn = "label" },
            raw,
            cancellation
        );
        HoldOut apart = HoldOut.Split(deepset, 0.25, 662);
        (List<string> learnt, List<string> kept) = Prompts(Path.Combine(data, "prompts"), cancellation);
        List<TrainingExample> questions =
        [
            .. File.ReadLines(Path.Combine(data, "trec", "train_5500.label"), System.Text.Encoding.Latin1)
                .Where((_, i) => i % 9 == 0)
                .Select(line => new TrainingExample(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..], 0)),
        ];
        List<TrainingExample> messages =
        [
            .. File.ReadLines(Path.Combine(data, "sms-spam", "SMSSpamCollection"))
                .Where(line => line.StartsWith("ham\t", StringComparison.Ordinal))
                .Where((_, i) => i % 12 == 0)
                .Select(line => new TrainingExample(line[4..], 0)),
        ];
        const string prompts = "prompts of github/awesome-copilot and microsoft/prompty";
        return new TrainingRequest
        {
            Family = "linear",
            Name = name,
            Labels = ["legitimate", "injection"],
            Examples = [.. apart.Training, .. learnt.Select(t => new TrainingExample(t, 0)), .. questions, .. messages],
            Dev = apart.Held,
            Legitimate = kept,
            Output = output,
            Linear = new()
            {
                VocabularySize = 30_000,
                MinimumCount = 2,
                Penalty = 2e-5,
            },
            Baseline = new("a list of keywords", text => IsKeyworded(text) ? 1 : 0),
            Sources =
            [
                new(
                    "deepset/prompt-injections, three quarters (seed 662)",
                    "Apache-2.0",
                    "training",
                    apart.Training.Count
                ),
                new("deepset/prompt-injections, the other quarter", "Apache-2.0", "report", apart.Held.Count),
                new(prompts + ", whole and by paragraph", "MIT", "training", learnt.Count),
                new(
                    "other prompts of github/awesome-copilot, microsoft/prompty and promptfoo",
                    "MIT",
                    "report",
                    kept.Count
                ),
                new("TREC questions, every ninth", "free for research", "training", questions.Count),
                new("SMS Spam Collection, every twelfth wanted message", "CC BY 4.0", "training", messages.Count),
            ],
            Limits =
            [
                "Learnt from 250 injections in English and German: it knows their wording, not the idea.",
                "A hint for the author of a prompt, no protection: whoever means to get past it will.",
                "The prompts behind the false-alarm count are not independent: some are near-duplicates of prompts learnt from, and their split was drawn twice. 0 of 35 leaves a rate of up to 10 % possible.",
                "The load time includes starting libtorch, and the times were measured on a busy machine.",
                "The dev figures flatter a little: settings were changed between runs that had shown them, the rule for early stopping among them.",
            ],
        };
    }

    /// <summary>The keyword list the injection model is compared with: phrases that the literature on injections names.</summary>
    internal static bool IsKeyworded(string text)
    {
        string[] keywords =
        [
            "ignore",
            "disregard",
            "forget",
            "previous instructions",
            "system prompt",
            "jailbreak",
            "developer mode",
            "pretend",
            "act as",
            "you are now",
            "vergiss",
            "ignoriere",
        ];
        return keywords.Any(k => text.Contains(k, StringComparison.OrdinalIgnoreCase));
    }

    // Every second prompt of awesome-copilot, promptfoo's, and prompty's of the web, TypeScript and VS Code are kept for the report; the rest is learnt from.
    private static (List<string> Learnt, List<string> Kept) Prompts(string folder, CancellationToken cancellation)
    {
        List<string> learnt = [];
        List<string> kept = [];
        foreach (string source in new[] { "awesome-copilot", "prompty", "promptfoo" })
        {
            string[] files =
            [
                .. Directory
                    .EnumerateFiles(Path.Combine(folder, source))
                    .Where(f => DocumentReader.IsPrompt(DocumentReader.KindOf(f)))
                    .Order(StringComparer.Ordinal),
            ];
            for (int i = 0; i < files.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                ParsedDocument document = DocumentReader.Parse(
                    files[i],
                    File.ReadAllText(files[i]),
                    null,
                    cancellation
                );
                string[] texts = [.. document.Examples.Select(e => e.Text).Where(t => !string.IsNullOrWhiteSpace(t))];
                string file = Path.GetFileName(files[i]);
                bool apart =
                    source == "promptfoo"
                    || (source == "awesome-copilot" && i % 2 == 0)
                    || file.StartsWith("web_", StringComparison.Ordinal)
                    || file.StartsWith("runtime_typescript", StringComparison.Ordinal)
                    || file.StartsWith("vscode_", StringComparison.Ordinal);
                if (apart)
                {
                    kept.AddRange(texts);
                    continue;
                }
                foreach (string text in texts)
                {
                    learnt.Add(text);
                    learnt.AddRange(
                        text.Split("\n\n").Select(p => p.Trim()).Where(p => p.Length > 40 && p.Length < text.Length)
                    );
                }
            }
        }
        return (learnt, kept);
    }
}
