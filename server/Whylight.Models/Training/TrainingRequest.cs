namespace Whylight.Models.Training;

/// <summary>Where training data came from, for the model card.</summary>
/// <param name="Name">What the data is called.</param>
/// <param name="Licence">Under what terms it is given.</param>
/// <param name="Use">What it was used for: training, pretraining or report.</param>
/// <param name="Rows">Number of texts.</param>
public sealed record DataSource(string Name, string Licence, string Use, int Rows);

/// <summary>A simple rule that a model is compared with on the dev set.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Predict">The label index it gives a text.</param>
public sealed record Baseline(string Name, Func<string, int> Predict);

/// <summary>A text that only reports.</summary>
/// <param name="Set">The set it is of, such as "dev".</param>
/// <param name="Text">The text.</param>
public sealed record ReportText(string Set, string Text);

/// <summary>Sizes of a network to train.</summary>
public sealed record NetworkSize
{
    /// <summary>Most vocabulary entries.</summary>
    public int VocabularySize { get; init; } = 8000;

    /// <summary>Width of embeddings and, for transformers, of the layers.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Transformer layers.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Width inside a feed-forward block, an LSTM direction, or filters of each convolution width.</summary>
    public int Inner { get; init; } = 256;

    /// <summary>Most tokens a text keeps, special tokens included.</summary>
    public int MaxTokens { get; init; } = 128;
}

/// <summary>What to train, on what, and how.</summary>
public sealed record TrainingRequest
{
    /// <summary>linear, cnn, lstm, bert or lm.</summary>
    public required string Family { get; init; }

    /// <summary>Name of the model, for its card.</summary>
    public required string Name { get; init; }

    /// <summary>The labels in index order; empty for a language model.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The training data; a tenth of its sentences is held out of it for early stopping and temperature.</summary>
    public required IReadOnlyList<TrainingExample> Examples { get; init; }

    /// <summary>Texts of another kind whose labels are taken for what they are (weak labels): learnt from, never held out.</summary>
    public IReadOnlyList<TrainingExample> Weak { get; init; } = [];

    /// <summary>Unlabelled texts that are learnt as the teachers answer them; needs a teacher.</summary>
    public IReadOnlyList<string> Transfer { get; init; } = [];

    /// <summary>Texts recombined of the training part (<see cref="Recombination"/>) that are learnt as the teachers answer them too.</summary>
    public int Recombined { get; init; }

    /// <summary>Data that only reports: nothing is chosen by it. Empty for none.</summary>
    public IReadOnlyList<TrainingExample> Dev { get; init; } = [];

    /// <summary>
    /// Folds of a cross-validation that reports on the examples with a <see cref="TrainingExample.Set"/>: each is answered by a model
    /// that learnt neither from it nor from anything of its group. The model that is kept learns from all. 0 for none.
    /// </summary>
    public int Folds { get; init; }

    /// <summary>The set of examples, all of label 0, on which another answer is a false alarm; null for none.</summary>
    public string? FalseAlarmSet { get; init; }

    /// <summary>A rule to compare with on the reported texts, or null.</summary>
    public Baseline? Baseline { get; init; }

    /// <summary>A model (a folder or <c>builtin:NAME</c>) to compare with on the reported texts, or null.</summary>
    public string? ComparedWith { get; init; }

    /// <summary>Unlabelled texts: masked-language-model pretraining for bert, the training text for lm.</summary>
    public IReadOnlyList<string> Unlabelled { get; init; } = [];

    /// <summary>Texts that only report how well a language model foretells them, by the set they are of.</summary>
    public IReadOnlyList<ReportText> ReportTexts { get; init; } = [];

    /// <summary>Folder the model is written to.</summary>
    public required string Output { get; init; }

    /// <summary>Decides the split, the first weights, the order and what is dropped.</summary>
    public int Seed { get; init; } = 1729;

    /// <summary>Decides the split alone, so that teachers hold out what their student does; null for <see cref="Seed"/>.</summary>
    public int? SplitSeed { get; init; }

    /// <summary>Share of the sentences held out.</summary>
    public double HoldOutShare { get; init; } = 0.1;

    /// <summary>How long and how hard to learn; null for the family's defaults.</summary>
    public FitSettings? Fit { get; init; }

    /// <summary>Passes of pretraining over <see cref="Unlabelled"/>.</summary>
    public int PretrainEpochs { get; init; } = 5;

    /// <summary>Sizes; null for the family's defaults.</summary>
    public NetworkSize? Size { get; init; }

    /// <summary>Sizes and penalty of the linear family.</summary>
    public LinearSettings Linear { get; init; } = new();

    /// <summary>Whether texts come apart as a treebank writes them and should also be learnt as people write (<see cref="Training.NaturalSpelling"/>).</summary>
    public bool NaturalSpelling { get; init; }

    /// <summary>Models whose averaged answers are learnt along with the labels (Hinton, Vinyals and Dean 2015).</summary>
    public IReadOnlyList<ITextClassifier> Teachers { get; init; } = [];

    /// <summary>Models that are trained first on the same held-out split, teach along with <see cref="Teachers"/> and are then let go.</summary>
    public IReadOnlyList<TrainingRequest> Ensemble { get; init; } = [];

    /// <summary>Share of the teachers' answer in what is learnt, in [0, 1].</summary>
    public double TeacherShare { get; init; } = 0.5;

    /// <summary>Names of perturbations of which one is drawn for half of the texts of each pass; empty for none.</summary>
    public IReadOnlyList<string> Augment { get; init; } = [];

    /// <summary>Weight of the attribution-stability term; 0 for none.</summary>
    public double Stability { get; init; }

    /// <summary>
    /// Whether the card says what <see cref="Augment"/> and <see cref="Stability"/> changed, which takes the same training once more without them.
    /// </summary>
    public bool MeasureEffect { get; init; } = true;

    /// <summary>
    /// With <see cref="Augment"/> or <see cref="Stability"/>: the model trained without them to compare with (a folder or
    /// <c>builtin:NAME</c>); null to train it first.
    /// </summary>
    public string? Against { get; init; }

    /// <summary>Whether to train nothing, measure the model that lies in <see cref="Output"/> and write its card again.</summary>
    public bool MeasureOnly { get; init; }

    /// <summary>Whether to take up an interrupted run in <see cref="Output"/>.</summary>
    public bool Resume { get; init; }

    /// <summary>Where the data came from.</summary>
    public IReadOnlyList<DataSource> Sources { get; init; } = [];

    /// <summary>What the model is not good for, in sentences.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];
}
