using TorchSharp;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>
/// What classifiers over someone else's graph have in common: rows of like length run together, so that no padding arises
/// and nothing need be known of how the graph treats it.
/// </summary>
public abstract class RowClassifier : ITextClassifier
{
    private const int Block = 64;
    private const int BlockTokens = 2048;
    private readonly bool _masks;

    /// <summary>Puts the parts together.</summary>
    /// <param name="info">What the model is.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="masks">Whether the graph ignores tokens that its mask hides.</param>
    /// <param name="scheduler">The owner of native work; null for the shared one.</param>
    private protected RowClassifier(ModelInfo info, ITokenizer tokenizer, bool masks, InferenceScheduler? scheduler)
    {
        Info = info;
        Tokenizer = tokenizer;
        Scheduler = scheduler ?? InferenceScheduler.Shared;
        _masks = masks;
        List<Absence> absences = masks ? [Absence.AttentionMasked, Absence.Deleted] : [Absence.Deleted];
        if (tokenizer.Special.Mask is not null)
        {
            absences.Add(Absence.MaskToken);
        }
        if (tokenizer.Special.Unknown is not null)
        {
            absences.Add(Absence.UnknownToken);
        }
        if (tokenizer.Special.Pad is not null)
        {
            absences.Add(Absence.Padding);
        }
        Absences = absences;
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Absence> Absences { get; }

    /// <summary>The owner of native work.</summary>
    public InferenceScheduler Scheduler { get; }

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>Where input tensors go.</summary>
    private protected abstract Device Device { get; }

    /// <summary>Logits [batch, labels]; called on the scheduler's thread without gradients.</summary>
    private protected abstract Tensor Logits(NetworkInput input, CancellationToken cancellation);

    /// <inheritdoc/>
    public TokenizedText Tokenize(string text) => Tokenizer.Encode(text, Info.MaxTokens);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        Prediction[] predictions = new Prediction[texts.Count];
        for (int start = 0; start < texts.Count; start += Block)
        {
            TokenizedText[] block = [.. texts.Skip(start).Take(Block).Select(Tokenize)];
            double[][] logits = await RunAsync([.. block.Select(Row)], priority, cancellation).ConfigureAwait(false);
            for (int i = 0; i < block.Length; i++)
            {
                predictions[start + i] = Prediction.FromLogits(
                    block[i].Text,
                    Info.Labels,
                    logits[i],
                    Info.Temperature,
                    block[i].TruncatedAt
                );
            }
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
        if (!Absences.Contains(absence))
        {
            throw new ModelException(
                $"absence '{absence}' means nothing for {Info.Family}; use one of {string.Join(", ", Absences)}"
            );
        }
        CoalitionOrder.Check(present, text.Tokens.Count);
        bool[][] closed = [.. present.Select(p => p.Select((x, i) => x || text.Tokens[i].Special).ToArray())];
        (int[] order, int[] representative) = CoalitionOrder.Of(closed);
        TokenRow whole = Row(text);
        TokenRow[] rows = [.. order.Select(o => Absent(whole, closed[o], absence))];
        double[][] values = await RunAsync(rows, priority, cancellation, CoalitionBlocks.OfUnknownGraph)
            .ConfigureAwait(false);
        int[] place = new int[present.Count];
        for (int i = 0; i < order.Length; i++)
        {
            place[order[i]] = i;
        }
        return [.. representative.Select(r => (double[])values[place[r]].Clone())];
    }

    // A text without tokens still makes one row: of the padding or unknown token, or of the first row of the vocabulary.
    private protected TokenRow Row(TokenizedText text)
    {
        int[] ids = [.. text.Tokens.Select(t => t.Id)];
        ids = ids.Length == 0 ? [Tokenizer.Special.Pad ?? Tokenizer.Special.Unknown ?? 0] : ids;
        return new TokenRow(ids, [.. Enumerable.Range(0, ids.Length)]);
    }

    private TokenRow Absent(TokenRow whole, bool[] present, Absence absence)
    {
        switch (absence)
        {
            case Absence.AttentionMasked:
                return whole with { Mask = present };
            case Absence.Deleted:
                int[] kept = [.. Enumerable.Range(0, present.Length).Where(i => present[i])];
                int[] ids = [.. kept.Select(i => whole.Ids[i])];
                ids = ids.Length == 0 ? [Tokenizer.Special.Pad ?? Tokenizer.Special.Unknown ?? 0] : ids;
                return new TokenRow(ids, [.. Enumerable.Range(0, ids.Length)]);
            default:
                int instead = absence switch
                {
                    Absence.MaskToken => Tokenizer.Special.Mask!.Value,
                    Absence.UnknownToken => Tokenizer.Special.Unknown!.Value,
                    _ => Tokenizer.Special.Pad!.Value,
                };
                return whole with { Ids = [.. whole.Ids.Select((id, i) => present[i] ? id : instead)] };
        }
    }

    // Coalitions run in blocks of fixed shape; texts as many together as there are.
    private async Task<double[][]> RunAsync(
        TokenRow[] rows,
        WorkPriority priority,
        CancellationToken cancellation,
        CoalitionBlocks? blocks = null
    )
    {
        double[][] logits = new double[rows.Length][];
        foreach (
            IGrouping<int, int> alike in Enumerable
                .Range(0, rows.Length)
                .GroupBy(i => rows[i].Ids.Length)
                .OrderBy(g => g.Key)
        )
        {
            IEnumerable<int[]> slices =
                blocks?.Items(alike, alike.Key).SelectMany(item => item)
                ?? alike.Chunk(Math.Clamp(BlockTokens / alike.Key, 1, Block));
            foreach (int[] slice in slices)
            {
                cancellation.ThrowIfCancellationRequested();
                double[][] block = await Scheduler
                    .RunAsync(priority, token => RunSlice([.. slice.Select(i => rows[i])], token), cancellation)
                    .ConfigureAwait(false);
                for (int i = 0; i < slice.Length; i++)
                {
                    logits[slice[i]] = block[i];
                }
            }
        }
        return logits;
    }

    private double[][] RunSlice(TokenRow[] rows, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        NativeRuntime.Use(1);
        Tensor output;
        try
        {
            output = Logits(TokenRow.ToInput(rows, 0, Device), cancellation);
        }
        catch (System.Runtime.InteropServices.ExternalException exception)
        {
            throw new ModelException($"{Info.Name} failed: {exception.Message.Split('\n')[0]}", exception);
        }
        double[] flat = output.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        if (flat.Length != rows.Length * Info.Labels.Count || !Array.TrueForAll(flat, double.IsFinite))
        {
            throw new ModelException(
                $"{Info.Name} must answer one finite logit for each of {Info.Labels.Count} labels, it answered [{string.Join(",", output.shape)}]"
            );
        }
        return
        [
            .. Enumerable
                .Range(0, rows.Length)
                .Select(i => flat[(i * Info.Labels.Count)..((i + 1) * Info.Labels.Count)]),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the model.</summary>
    protected abstract void Dispose(bool disposing);
}
