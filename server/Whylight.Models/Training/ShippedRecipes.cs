using Whylight.Documents;

namespace Whylight.Models.Training;

/// <summary>How each shipped model was trained, so that anyone who has the data can do it again.</summary>
public static class ShippedRecipes
{
    private static readonly string[] s_sentiment = ["negative", "positive"];

    private const string SstLicence = "SST (Socher et al. 2013), distributed for research, no explicit licence";

    private const string DevSeen =
        "The dev figures were seen: in earlier sessions settings were changed between runs that had shown them. In the last one all was chosen on the held-out part, and each model's dev figures were read after its training alone.";

    private const string ReviewLicence = "Apache-2.0 (counterfactually-augmented-data); reviews from IMDb";

    private static readonly NetworkSize s_baselineSize = new()
    {
        VocabularySize = 10_000,
        Width = 64,
        Inner = 64,
    };

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
            "sentiment" => await StudentAsync(name, data, shipped, cancellation),
            "sentiment-cnn" => WithContrast(Sentiment("cnn", name, data, output, cancellation), data, cancellation) with
            {
                Size = s_baselineSize,
                Fit = new()
                {
                    Epochs = 3,
                    LearningRate = 1e-3,
                    Dropout = 0.5,
                    WordDropout = 0.1,
                    Threads = 1,
                },
            },
            "sentiment-lstm" => Recurrent(name, data, output, cancellation),
            "sentiment-zh" => Chinese(name, data, output, cancellation),
            "lm" => LanguageModel(name, data, output, cancellation),
            "injection" => Injection(name, data, output, cancellation),
            _ => throw new ModelException(
                $"no recipe for '{name}'{Suggestion.Phrase(name, Names)}; recipes: {string.Join(", ", Names)}"
            ),
        };
    }

    // What the sentences of reviews that turn a review's label say is worth to a network; the linear rung does without, because on
    // its held-out part it did better without.
    private static TrainingRequest WithContrast(TrainingRequest request, string data, CancellationToken cancellation)
    {
        ContrastPairs pairs = Contrast(data, cancellation);
        return request with
        {
            Weak = pairs.Changed,
            Sources =
            [
                .. request.Sources,
                new(
                    "CAD-IMDb train: sentences of reviews that differ from their counterfactual revision",
                    ReviewLicence,
                    "training (weak labels)",
                    pairs.Changed.Count
                ),
            ],
        };
    }

    private static ContrastPairs Contrast(string data, CancellationToken cancellation) =>
        ContrastPairs.Of(
            Reviews(Path.Combine(data, "cad-imdb", "orig", "train.tsv"), cancellation),
            Reviews(Path.Combine(data, "cad-imdb", "new", "train.tsv"), cancellation)
        );

    private static List<TrainingExample> Reviews(string file, CancellationToken cancellation) =>
        [
            .. TrainingData
                .Read(
                    file,
                    new() { TextColumn = "Text", LabelColumn = "Sentiment" },
                    ["Negative", "Positive"],
                    cancellation
                )
                .Select(e => e with { Text = e.Text.Replace("<br />", " ", StringComparison.Ordinal) }),
        ];

    private static TrainingRequest Recurrent(string name, string data, string output, CancellationToken cancellation) =>
        WithContrast(Sentiment("lstm", name, data, output, cancellation), data, cancellation) with
        {
            Size = s_baselineSize,
            Fit = new()
            {
                Epochs = 4,
                BatchSize = 128,
                LearningRate = 2e-3,
                Dropout = 0.4,
                WordDropout = 0.1,
                Threads = 1,
            },
        };

    // The transformer learns what the labels and the three smaller rungs together say: the linear rung is steady, the others see order and negation
    // sooner than it would by itself from so little text.
    private static async Task<TrainingRequest> StudentAsync(
        string name,
        string data,
        string shipped,
        CancellationToken cancellation
    )
    {
        string output = Path.Combine(shipped, name);
        TrainingRequest request = WithContrast(Sentiment("bert", name, data, output, cancellation), data, cancellation);
        IReadOnlyList<string> kept = Contrast(data, cancellation).Kept;
        string linear = Path.Combine(shipped, "sentiment-linear");
        return request with
        {
            Size = new() { VocabularySize = 10_000 },
            Fit = new()
            {
                Epochs = 6,
                LearningRate = 7e-4,
                Dropout = 0.15,
                WordDropout = 0.05,
                WeightDecay = 0.05,
                Patience = 6,
                ByLoss = true,
                Threads = 2,
            },
            Teachers =
            [
                await ModelLoader.LoadAsync(linear, null, cancellation),
                await ModelLoader.LoadAsync(Path.Combine(shipped, "sentiment-cnn"), null, cancellation),
                await ModelLoader.LoadAsync(Path.Combine(shipped, "sentiment-lstm"), null, cancellation),
            ],
            TeacherShare = 0.8,
            Limits =
            [
                .. request.Limits.Take(request.Limits.Count - 1),
                DevSeen
                    + " Three students were trained and read so; the one shipped has the lowest held-out log loss, a rule set before its dev figures were known.",
            ],
            Transfer = kept,
            Recombined = 60_000,
            Augment = ["swap_adjacent", "keyboard_typo"],
            MeasureEffect = false,
            ComparedWith = linear,
            Sources =
            [
                .. request.Sources,
                new(
                    "CAD-IMDb train: sentences that a review and its revision share",
                    ReviewLicence,
                    "training (teachers' answers)",
                    kept.Count
                ),
            ],
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
                DevSeen,
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
                Threads = 1,
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
        List<string> prompts = AllPrompts(Path.Combine(data, "prompts"), cancellation);
        // No near-duplicate of a text may help to answer it, across the sets as well.
        int[] group = NearDuplicates.Of([.. deepset.Select(e => e.Text), .. prompts]);
        const string Deepset = "deepset/prompt-injections";
        const string Prompts = "real prompts";
        List<TrainingExample> questions =
        [
            .. File.ReadLines(Path.Combine(data, "trec", "train_5500.label"), System.Text.Encoding.Latin1)
                .Where((_, i) => i % 27 == 0)
                .Select(line => new TrainingExample(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..], 0)),
        ];
        List<TrainingExample> messages =
        [
            .. File.ReadLines(Path.Combine(data, "sms-spam", "SMSSpamCollection"))
                .Where(line => line.StartsWith("ham\t", StringComparison.Ordinal))
                .Where((_, i) => i % 36 == 0)
                .Select(line => new TrainingExample(line[4..], 0)),
        ];
        IReadOnlyList<string> composed = InjectionPhrases.Compose(
            Composed,
            [.. questions.Concat(messages).Select(e => e.Text)],
            662
        );
        IReadOnlyList<string> ordinary = InjectionPhrases.ComposeOrdinary(Composed, 662);
        return new TrainingRequest
        {
            Family = "linear",
            Name = name,
            Labels = ["legitimate", "injection"],
            Examples =
            [
                .. deepset.Select((e, i) => e with { Group = $"near {group[i]}", Set = Deepset }),
                .. prompts.SelectMany(
                    (text, i) =>
                        Paragraphs(text)
                            .Select(p => new TrainingExample(p, 0) { Group = $"near {group[deepset.Count + i]}" })
                            .Prepend(
                                new TrainingExample(text, 0)
                                {
                                    Group = $"near {group[deepset.Count + i]}",
                                    Set = Prompts,
                                }
                            )
                ),
                .. questions,
                .. messages,
            ],
            Weak =
            [
                .. composed.Select(text => new TrainingExample(text, 1)),
                .. ordinary.Select(text => new TrainingExample(text, 0)),
            ],
            Folds = 10,
            FalseAlarmSet = Prompts,
            Output = output,
            Linear = new()
            {
                VocabularySize = 30_000,
                MinimumCount = 2,
                Penalty = 5e-6,
            },
            Baseline = new("a list of keywords", text => InjectionPhrases.IsKeyworded(text) ? 1 : 0),
            Sources =
            [
                new(Deepset, "Apache-2.0", "training and report (cross-validated)", deepset.Count),
                new(
                    "prompts of github/awesome-copilot, microsoft/prompty and promptfoo, whole and by paragraph",
                    "MIT",
                    "training and report (cross-validated)",
                    prompts.Count
                ),
                new("TREC questions, every 27th", "free for research", "training", questions.Count),
                new("SMS Spam Collection, every 36th wanted message", "CC BY 4.0", "training", messages.Count),
                new(
                    "injections composed by rule, in English and German",
                    "MIT",
                    "training (weak labels)",
                    composed.Count
                ),
                new("ordinary prompts composed by rule", "MIT", "training (weak labels)", ordinary.Count),
            ],
            Limits =
            [
                "Learnt from 207 injections in English and German and from sentences composed by rule: it knows their wording, not the idea.",
                "About eight settings (features, penalties, composed texts) were compared by the same ten folds, so the cross-validated figures flatter; false alarms are too few to show that their rate is below 2 %.",
                "The data's injections include requests to play a role or to write code, which are harmless elsewhere; prompts that ask for either may be flagged.",
                "A hint for the author of a prompt, no protection: whoever means to get past it will.",
                "A text that holds a run of words of a held-out text was left out of training, but texts of one author remain on both sides of the folds.",
            ],
        };
    }

    private const int Composed = 300;

    private static IEnumerable<string> Paragraphs(string text) =>
        text.Split("\n\n").Select(p => p.Trim()).Where(p => p.Length > 40 && p.Length < text.Length);

    private static List<string> AllPrompts(string folder, CancellationToken cancellation)
    {
        List<string> prompts = [];
        foreach (
            string file in new[] { "awesome-copilot", "prompty", "promptfoo" }.SelectMany(source =>
                Directory
                    .EnumerateFiles(Path.Combine(folder, source))
                    .Where(f => DocumentReader.IsPrompt(DocumentReader.KindOf(f)))
                    .Order(StringComparer.Ordinal)
            )
        )
        {
            ParsedDocument document = DocumentReader.Parse(file, File.ReadAllText(file), null, cancellation);
            prompts.AddRange(document.Examples.Select(e => e.Text).Where(t => !string.IsNullOrWhiteSpace(t)));
        }
        return prompts;
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
