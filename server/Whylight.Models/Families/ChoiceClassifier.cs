using System.Security.Cryptography;
using System.Text;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>
/// A prompt with declared choices as a text classifier: the choices are its labels, scored by the log-probabilities that a
/// causal language model gives them after the prompt.
/// </summary>
/// <remarks>
/// A choice follows the prompt after one space, unless the prompt ends or the choice begins with white space. The logits
/// are the scores, so the probabilities are the choices' shares among each other.
/// </remarks>
public sealed class ChoiceClassifier : INetworkClassifier
{
    private readonly CausalLanguageModel _model;
    private readonly ChoiceScoring _scoring;
    private readonly IReadOnlyList<int[]>? _fixed;
    private readonly ChoiceNetwork _network;
    private readonly double[] _bias;
    private readonly TokenizedText? _prompt;

    private ChoiceClassifier(
        CausalLanguageModel model,
        IReadOnlyList<string> labels,
        IReadOnlyList<int[]>? continuations,
        ChoiceScoring scoring,
        double[] bias,
        TokenizedText? prompt = null
    )
    {
        _model = model;
        _prompt = prompt;
        _scoring = scoring;
        _fixed = continuations;
        _bias = bias;
        string key = string.Join('\n', [model.Info.Hash, scoring.ToString(), .. labels]);
        Info = continuations is null
            ? model.Info with
            {
                Labels = labels,
                Scoring = scoring.ToString(),
                // Other choices make another classifier: caches and reports must tell them apart.
                Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))),
            }
            : model.Info with
            {
                Labels = labels,
                Temperature = 1,
                Question = "continuations " + string.Join(';', continuations.Select(c => string.Join(',', c))),
            };
        _network = new ChoiceNetwork((DecoderNetwork)model.Network, scoring.LengthNormalized, bias);
    }

    /// <summary>Makes a classifier, which then owns the language model; calibration runs the model once a choice.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="choices">At least two different answers.</param>
    /// <param name="scoring">How they are scored.</param>
    /// <param name="cancellation">Stops the calibration.</param>
    /// <exception cref="ModelException">Fewer than two choices, repeated ones, or one without tokens.</exception>
    public static async Task<ChoiceClassifier> CreateAsync(
        CausalLanguageModel model,
        IReadOnlyList<string> choices,
        ChoiceScoring scoring,
        CancellationToken cancellation = default
    )
    {
        if (choices.Count < 2 || choices.Distinct(StringComparer.Ordinal).Count() != choices.Count)
        {
            throw new ModelException("choices must be at least two different answers");
        }
        ChoiceClassifier plain = new(model, choices, null, scoring, new double[choices.Count]);
        if (scoring.ContentFreePrompt is null)
        {
            return plain;
        }
        TokenizedText empty = plain.Tokenize(scoring.ContentFreePrompt);
        IReadOnlyList<double[]> bias = await plain
            .EvaluateAsync(
                empty,
                [
                    [.. empty.Tokens.Select(_ => true)],
                ],
                Absence.AttentionMasked,
                WorkPriority.Visible,
                cancellation
            )
            .ConfigureAwait(false);
        return new ChoiceClassifier(model, choices, null, scoring, bias[0]);
    }

    /// <summary>
    /// Given continuations of one prompt as labels, scored by the sum of their token log-probabilities. The language model
    /// stays the caller's; do not dispose the classifier before it.
    /// </summary>
    /// <param name="model">The language model.</param>
    /// <param name="prompt">The prompt as the model reads it; other texts are tokenized by themselves.</param>
    /// <param name="labels">A name for each continuation, all different.</param>
    /// <param name="continuations">Their ids, at least one each.</param>
    public static ChoiceClassifier OverContinuations(
        CausalLanguageModel model,
        TokenizedText prompt,
        IReadOnlyList<string> labels,
        IReadOnlyList<int[]> continuations
    ) => new(model, labels, continuations, new(), new double[labels.Count], prompt);

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <summary>The language model.</summary>
    public ICausalLanguageModel LanguageModel => _model;

    /// <inheritdoc/>
    public IReadOnlyList<Absence> Absences => _model.Absences;

    /// <inheritdoc/>
    public Network Network => _network;

    /// <inheritdoc/>
    public InferenceScheduler Scheduler => _model.Scheduler;

    /// <inheritdoc/>
    /// <remarks>Of a prompt longer than the model reads its end is kept: there the question stands.</remarks>
    public TokenizedText Tokenize(string text) =>
        _prompt is not null && text == _prompt.Text ? _prompt : _model.TokenizeEnd(text, PromptTokens());

    /// <inheritdoc/>
    public int? EndTokenId => _model.EndTokenId;

    /// <inheritdoc/>
    public string? PieceOf(int id) => _model.Tokenizer.TokenOf(id);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        List<Prediction> predictions = [];
        foreach (string text in texts)
        {
            TokenizedText tokens = Tokenize(text);
            IReadOnlyList<double[]> scores = await EvaluateAsync(
                    tokens,
                    [
                        [.. tokens.Tokens.Select(_ => true)],
                    ],
                    Absence.AttentionMasked,
                    priority,
                    cancellation
                )
                .ConfigureAwait(false);
            predictions.Add(
                Prediction.FromLogits(
                    text,
                    Info.Labels,
                    scores[0],
                    Info.Temperature,
                    tokens.TruncatedAt,
                    tokens.ReadFrom
                )
            );
        }
        return predictions;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<double[]>> EvaluateAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        IReadOnlyList<double[][]> read = await _model
            .EvaluateContinuationsAsync(text, present, Continuations(text), absence, priority, cancellation)
            .ConfigureAwait(false);
        return
        [
            .. read.Select(choices =>
                choices
                    .Select((tokens, c) => (_scoring.LengthNormalized ? tokens.Average() : tokens.Sum()) - _bias[c])
                    .ToArray()
            ),
        ];
    }

    /// <inheritdoc/>
    public NetworkInput Prepare(TokenizedText text)
    {
        IReadOnlyList<int[]> continuations = Continuations(text);
        _model.CheckContinuations(text, continuations);
        return _model.Prepare(text) with { Continuations = continuations };
    }

    /// <inheritdoc/>
    public Tensor? BaselineIds(TokenizedText text, bool keepSpecial) => _model.BaselineIds(text, keepSpecial);

    private int PromptTokens()
    {
        int longest = _fixed is not null
            ? _fixed.Max(c => c.Length)
            : Info.Labels.Max(l => _model.Tokenizer.Encode(" " + l).Tokens.Count(t => !t.Special));
        return Math.Max(1, _model.Info.MaxTokens - longest);
    }

    private IReadOnlyList<int[]> Continuations(TokenizedText prompt) =>
        _fixed
        ??
        [
            .. Info.Labels.Select(label =>
            {
                bool spaced =
                    prompt.Text.Length == 0 || char.IsWhiteSpace(prompt.Text[^1]) || char.IsWhiteSpace(label[0]);
                int[] ids = [.. _model.Continue(prompt, spaced ? label : " " + label)];
                return ids.Length > 0
                    ? ids
                    : throw new ModelException($"the choice '{label}' has no tokens in this vocabulary");
            }),
        ];

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
