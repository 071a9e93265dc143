using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>A sequence classifier over GPT-2 or LLaMA: a linear layer on the state of the last token.</summary>
/// <remarks>
/// Follows the reference implementation: of token ids given directly, the answer is read at the last that is not the padding
/// id. With tokens absent it is read at the last present one, as causal language models do.
/// </remarks>
public sealed class DecoderClassifier : INetworkClassifier
{
    private const int Block = 64;
    private readonly CausalLanguageModel _model;
    private readonly int? _pad;

    /// <summary>Puts a classifier together; it then owns the model.</summary>
    /// <param name="model">Runs the graph, whose logits are one a label.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="pad">The padding id, or null where there is none.</param>
    internal DecoderClassifier(CausalLanguageModel model, IReadOnlyList<string> labels, int? pad)
    {
        _model = model;
        _pad = pad;
        Info = model.Info with { Labels = labels };
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Absence> Absences => _model.Absences;

    /// <inheritdoc/>
    public Network Network => _model.Network;

    /// <inheritdoc/>
    public InferenceScheduler Scheduler => _model.Scheduler;

    /// <inheritdoc/>
    public string? PieceOf(int id) => _model.Tokenizer.TokenOf(id);

    /// <inheritdoc/>
    public TokenizedText Tokenize(string text) => _model.Tokenize(text);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        List<Prediction> predictions = [];
        foreach (string[] block in texts.Chunk(Block))
        {
            TokenizedText[] tokens = [.. block.Select(Tokenize)];
            IReadOnlyList<double[]> logits = await _model
                .NextLogitsAsync(tokens, priority, cancellation)
                .ConfigureAwait(false);
            predictions.AddRange(
                block.Select(
                    (text, i) =>
                        Prediction.FromLogits(text, Info.Labels, logits[i], Info.Temperature, tokens[i].TruncatedAt)
                )
            );
        }
        return predictions;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Prediction>> PredictEncodedAsync(
        IReadOnlyList<EncodedInput> inputs,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        IReadOnlyList<double[]> logits = await _model
            .NextLogitsAsync([.. inputs.Select(UpToReadOut)], priority, cancellation)
            .ConfigureAwait(false);
        return
        [
            .. inputs.Select(
                (input, i) =>
                    Prediction.FromLogits(_model.Tokenizer.Decode(input.Ids), Info.Labels, logits[i], Info.Temperature)
            ),
        ];
    }

    // A causal graph's answer does not depend on what follows the place it is read at.
    private EncodedInput UpToReadOut(EncodedInput input)
    {
        int length = input.Ids.Count;
        while (length > 1 && input.Ids[length - 1] == _pad)
        {
            length--;
        }
        return length == input.Ids.Count
            ? input
            : new EncodedInput
            {
                Ids = [.. input.Ids.Take(length)],
                AttentionMask = input.AttentionMask is null ? null : [.. input.AttentionMask.Take(length)],
                TypeIds = input.TypeIds is null ? null : [.. input.TypeIds.Take(length)],
            };
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<double[]>> EvaluateAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    ) => _model.EvaluateNextAsync(text, present, null, absence, priority, cancellation);

    /// <inheritdoc/>
    public NetworkInput Prepare(TokenizedText text) => _model.Prepare(text);

    /// <inheritdoc/>
    public Tensor? BaselineIds(TokenizedText text, bool keepSpecial) =>
        _pad is not int pad || text.Tokens.Count == 0
            ? null
            : tensor(
                text.Tokens.Select(t => (long)(keepSpecial && t.Special ? t.Id : pad)).ToArray(),
                1,
                text.Tokens.Count,
                device: Network.Device
            );

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
