using System.Globalization;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>
/// Which token of the vocabulary stands at one place, as a text classifier: the next token of a causal language model, or
/// the one at the first mask token of a masked language model.
/// </summary>
/// <remarks>
/// The labels are some tokens, the best of the others, and all the rest together, so that a handful of numbers stands for
/// a vocabulary of any size: logits are the model's own, probabilities are those over the whole vocabulary, and the label is
/// kept exactly when the token stays the most probable of all. The language model stays its owner's.
/// </remarks>
public sealed class TokenClassifier : INetworkClassifier
{
    /// <summary>Label of the most probable token without a label of its own.</summary>
    public const string Another = "(another token)";

    /// <summary>Label of all tokens without a label of their own, but for the most probable of them.</summary>
    public const string Rest = "(all other tokens)";

    private readonly Inner _inner;
    private readonly TokenizedText _prompt;
    private readonly double[] _whole;
    private readonly int[] _ids;
    private readonly TokenNetwork _network;

    private TokenClassifier(Inner inner, TokenizedText prompt, double[] whole, IReadOnlyList<int> ids)
    {
        _inner = inner;
        _prompt = prompt;
        _whole = whole;
        _ids = [.. ids];
        Info = inner.Info with
        {
            Labels = [.. Names(inner.TextOf, ids), Another, Rest],
            RestIndex = ids.Count + 1,
            Question = "tokens " + string.Join(',', ids),
            // Probabilities are those that the model's own scores of texts have.
            Temperature = 1,
        };
        _network = new TokenNetwork(inner.Network, _ids);
    }

    /// <summary>The token after a prompt.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="prompt">The prompt as the model reads it; other texts are tokenized by themselves.</param>
    /// <param name="whole">Logits of the whole vocabulary after the whole prompt.</param>
    /// <param name="ids">The tokens with a label, each once; at least two tokens of the vocabulary must be left.</param>
    public static TokenClassifier Next(
        CausalLanguageModel model,
        TokenizedText prompt,
        double[] whole,
        IReadOnlyList<int> ids
    ) =>
        new(
            new Inner(
                model.Info,
                model.Network,
                model.Scheduler,
                model.Absences,
                text => model.TokenizeEnd(text),
                model.Prepare,
                model.BaselineIds,
                model.ReadNextAsync,
                model.TextOf,
                model.Tokenizer.TokenOf,
                model.EndTokenId,
                model.Tokenizer.Special.Mask
            ),
            prompt,
            whole,
            ids
        );

    /// <summary>The token at the first mask token of a text.</summary>
    /// <param name="model">A masked language model.</param>
    /// <param name="prompt">The text as <see cref="TokenizeMasked"/> returned it.</param>
    /// <param name="whole">Logits of the whole vocabulary at the mask.</param>
    /// <param name="ids">The tokens with a label, each once; at least two tokens of the vocabulary must be left.</param>
    public static TokenClassifier AtMask(
        TransformerClassifier model,
        TokenizedText prompt,
        double[] whole,
        IReadOnlyList<int> ids
    ) =>
        new(
            new Inner(
                model.Info,
                model.Network,
                model.Scheduler,
                model.Absences,
                text => TokenizeMasked(model, text),
                model.Prepare,
                model.BaselineIds,
                async (text, present, read, absence, priority, cancellation) =>
                    [
                        .. (
                            await model
                                .EvaluateAsync(text, present, absence, priority, cancellation)
                                .ConfigureAwait(false)
                        ).Select(read),
                    ],
                id => model.Info.Labels[id],
                model.PieceOf,
                null,
                model.Tokenizer.Special.Mask
            ),
            prompt,
            whole,
            ids
        );

    /// <summary>The tokens of a text in which the mask token belongs to no feature: the answer is read there.</summary>
    public static TokenizedText TokenizeMasked(TransformerClassifier model, string text)
    {
        TokenizedText tokens = model.Tokenize(text);
        return tokens with
        {
            Tokens =
            [
                .. tokens.Tokens.Select(t => t.Id == model.Tokenizer.Special.Mask ? t with { Special = true } : t),
            ],
        };
    }

    /// <summary>Texts of tokens, with their ids where a text alone would not tell them apart.</summary>
    public static IReadOnlyList<string> Names(Func<int, string> textOf, IReadOnlyList<int> ids)
    {
        string[] texts = [.. ids.Select(textOf)];
        return
        [
            .. texts.Select(
                (t, i) =>
                    texts.Count(other => other == t) == 1 && t.Length > 0 && t is not (Another or Rest)
                        ? t
                        : string.Create(CultureInfo.InvariantCulture, $"{t} (id {ids[i]})")
            ),
        ];
    }

    /// <summary>Logits of some tokens, of the best of the others, and of the rest together (log of summed exponentials).</summary>
    internal static double[] Summary(double[] logits, IReadOnlyList<int> ids)
    {
        double[] others = (double[])logits.Clone();
        foreach (int id in ids)
        {
            others[id] = double.NegativeInfinity;
        }
        int best = Array.IndexOf(others, others.Max());
        double most = others[best];
        others[best] = double.NegativeInfinity;
        double max = others.Max();
        double sum = 0;
        foreach (double logit in double.IsFinite(max) ? others : [])
        {
            sum += Math.Exp(logit - max);
        }
        return
        [
            .. ids.Select(i => logits[i]),
            double.IsFinite(most) ? most : TokenNetwork.Absent,
            sum > 0 ? max + Math.Log(sum) : TokenNetwork.Absent,
        ];
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Absence> Absences => _inner.Absences;

    /// <inheritdoc/>
    public Network Network => _network;

    /// <inheritdoc/>
    public InferenceScheduler Scheduler => _inner.Scheduler;

    /// <inheritdoc/>
    public int? EndTokenId => _inner.EndTokenId;

    /// <inheritdoc/>
    public int? MaskTokenId => _inner.MaskTokenId;

    /// <inheritdoc/>
    public string? PieceOf(int id) => _inner.PieceOf(id);

    /// <inheritdoc/>
    public TokenizedText Tokenize(string text) => text == _prompt.Text ? _prompt : _inner.Tokenize(text);

    /// <summary>Predicts texts; the label is the most probable token of the whole vocabulary, by its own text.</summary>
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
            int best = 0;
            IReadOnlyList<double[]> rows = await _inner
                .Evaluate(
                    tokens,
                    [
                        [.. tokens.Tokens.Select(_ => true)],
                    ],
                    row =>
                    {
                        best = Array.IndexOf(row, row.Max());
                        return Summary(row, _ids);
                    },
                    Absences[0],
                    priority,
                    cancellation
                )
                .ConfigureAwait(false);
            // Where the best token has no label of its own, it takes the place kept for it.
            IReadOnlyList<string> named = Names(_inner.TextOf, [.. _ids, best]);
            string[] labels = [.. Info.Labels];
            labels[_ids.Length] = _ids.Contains(best) ? Another : named[^1];
            predictions.Add(
                Prediction.FromLogits(text, labels, rows[0], 1, tokens.TruncatedAt, tokens.ReadFrom, Info.RestIndex)
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
        double[]?[] answers = new double[]?[present.Count];
        List<int> asked = [];
        for (int i = 0; i < present.Count; i++)
        {
            // The whole prompt was asked when this question was put.
            bool known = ReferenceEquals(text, _prompt) && Array.TrueForAll(present[i], p => p);
            answers[i] = known ? Summary(_whole, _ids) : null;
            if (!known)
            {
                asked.Add(i);
            }
        }
        if (asked.Count > 0)
        {
            IReadOnlyList<double[]> found = await _inner
                .Evaluate(
                    text,
                    [.. asked.Select(i => present[i])],
                    row => Summary(row, _ids),
                    absence,
                    priority,
                    cancellation
                )
                .ConfigureAwait(false);
            for (int k = 0; k < asked.Count; k++)
            {
                answers[asked[k]] = found[k];
            }
        }
        return answers!;
    }

    /// <inheritdoc/>
    public NetworkInput Prepare(TokenizedText text) => _inner.Prepare(text);

    /// <inheritdoc/>
    public Tensor? BaselineIds(TokenizedText text, bool keepSpecial) => _inner.BaselineIds(text, keepSpecial);

    /// <summary>Nothing: the language model is its owner's.</summary>
    public void Dispose() { }

    /// <summary>Coalitions of a text to numbers read off each one's logits over the vocabulary.</summary>
    private delegate Task<IReadOnlyList<double[]>> Evaluation(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Func<double[], double[]> read,
        Absence absence,
        WorkPriority priority,
        CancellationToken cancellation
    );

    /// <summary>What the two kinds of language model have in common here.</summary>
    private sealed record Inner(
        ModelInfo Info,
        Network Network,
        InferenceScheduler Scheduler,
        IReadOnlyList<Absence> Absences,
        Func<string, TokenizedText> Tokenize,
        Func<TokenizedText, NetworkInput> Prepare,
        Func<TokenizedText, bool, Tensor?> BaselineIds,
        Evaluation Evaluate,
        Func<int, string> TextOf,
        Func<int, string?> PieceOf,
        int? EndTokenId,
        int? MaskTokenId
    );
}
