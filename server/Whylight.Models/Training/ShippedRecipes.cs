using Whylight.Documents;

namespace Whylight.Models.Training;

/// <summary>How each shipped model was trained, so that anyone who has the data can do it again.</summary>
public static class ShippedRecipes
{
    private static readonly string[] s_sentiment = ["negative", "positive"];

    private const string SstLicence = "SST (Socher et al. 2013), distributed for research, no explicit licence";

    /// <summary>Names of the shipped models in the order in which they are trained: teachers come before the taught.</summary>
    public static IReadOnlyList<string> Names { get; } = ["sentiment-linear", "sentiment"];

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
                Teachers = [await ModelLoader.LoadAsync(Path.Combine(shipped, "sentiment-linear"), null, cancellation)],
            },
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
            ],
        };
    }
}
