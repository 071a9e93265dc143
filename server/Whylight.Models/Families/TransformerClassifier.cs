using TorchSharp;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>A BERT, DistilBERT, RoBERTa or ELECTRA classifier: tokenizer, graph and scheduler together.</summary>
/// <remarks>
/// With a masked-language-model head it is a classifier too: the labels are the vocabulary, the answer is read at the first
/// mask token of the text, which is present in every coalition.
/// Texts are predicted in blocks of 64 in the order given; inside a block they are sorted by length and run in slices whose
/// padding is masked, so the shapes of native calls follow from the call alone. Coalitions are run on their present tokens
/// only, at the tokens' original positions, grouped by length, so no padding arises; a coalition's bits do not depend on
/// what was asked with it (<see cref="CoalitionBlocks"/>).
/// </remarks>
public sealed class TransformerClassifier : INetworkClassifier
{
    private const int Block = 64;
    private const int SliceTokens = 2048;

    private readonly EncoderNetwork _network;
    private readonly ITokenizer _tokenizer;
    private readonly int _pad;
    private readonly long _workPerToken;
    private readonly CoalitionBlocks _blocks;

    /// <summary>Puts a classifier together; it then owns the network.</summary>
    /// <param name="info">What the model is.</param>
    /// <param name="network">A network with a classification head.</param>
    /// <param name="tokenizer">Its tokenizer, whose ids are rows of the network's embedding.</param>
    /// <param name="scheduler">The owner of native work; null for the shared one.</param>
    /// <exception cref="ModelException">Tokenizer, labels and network do not fit.</exception>
    public TransformerClassifier(
        ModelInfo info,
        EncoderNetwork network,
        ITokenizer tokenizer,
        InferenceScheduler? scheduler = null
    )
    {
        int outputs = network.Config.Head switch
        {
            EncoderHead.Classifier => network.Config.Labels.Count,
            EncoderHead.MaskedLanguageModel => network.VocabularySize,
            _ => 0,
        };
        if (outputs == 0 || outputs != info.Labels.Count)
        {
            throw new ModelException($"the network has no classification head for {info.Labels.Count} labels");
        }
        if (tokenizer.VocabularySize > network.VocabularySize)
        {
            throw new ModelException(
                $"the tokenizer has {tokenizer.VocabularySize} tokens but the embedding has {network.VocabularySize} rows"
            );
        }
        Info = info;
        _network = network;
        _tokenizer = tokenizer;
        Scheduler = scheduler ?? InferenceScheduler.Shared;
        _pad = tokenizer.Special.Pad ?? network.Config.PadTokenId;
        _workPerToken = NativeRuntime.WorkPerToken(network);
        _blocks = new CoalitionBlocks(
            _workPerToken,
            1,
            network.Config.HiddenSize,
            network.Config.IntermediateSize,
            network.Config.EmbeddingSize
        );
        List<Absence> absences = [Absence.AttentionMasked];
        if (tokenizer.Special.Mask is not null)
        {
            absences.Add(Absence.MaskToken);
        }
        if (tokenizer.Special.Unknown is not null)
        {
            absences.Add(Absence.UnknownToken);
        }
        absences.Add(Absence.Deleted);
        Absences = absences;
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Absence> Absences { get; }

    /// <inheritdoc/>
    public Network Network => _network;

    /// <inheritdoc/>
    public string? PieceOf(int id) => _tokenizer.TokenOf(id);

    /// <inheritdoc/>
    public int? MaskTokenId => _tokenizer.Special.Mask;

    /// <inheritdoc/>
    public InferenceScheduler Scheduler { get; }

    /// <summary>Sizes and options of the network.</summary>
    public EncoderConfig Config => _network.Config;

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer => _tokenizer;

    /// <inheritdoc/>
    public TokenizedText Tokenize(string text) => _tokenizer.Encode(text, Info.MaxTokens);

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
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(Block, texts.Count - start);
            TokenizedText[] block = [.. Enumerable.Range(start, count).Select(i => Tokenize(texts[i]))];
            double[][] logits = await RunAsync([.. block.Select(Row)], priority, cancellation).ConfigureAwait(false);
            for (int i = 0; i < count; i++)
            {
                predictions[start + i] = Prediction.FromLogits(
                    texts[start + i],
                    Info.Labels,
                    logits[i],
                    Info.Temperature,
                    block[i].TruncatedAt
                );
            }
        }
        return predictions;
    }

    /// <summary>Predicts a pair of texts, as models for entailment or paraphrase read them.</summary>
    /// <param name="first">The first text.</param>
    /// <param name="second">The second.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers.</param>
    /// <exception cref="ModelException">The output is not finite.</exception>
    public async Task<Prediction> PredictPairAsync(
        string first,
        string second,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        TokenizedText pair = _tokenizer.Encode(first, second, Info.MaxTokens);
        double[][] logits = await RunAsync([Row(pair)], priority, cancellation).ConfigureAwait(false);
        return Prediction.FromLogits(pair.Text, Info.Labels, logits[0], Info.Temperature, pair.TruncatedAt);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Prediction>> PredictEncodedAsync(
        IReadOnlyList<EncodedInput> inputs,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        foreach (EncodedInput input in inputs)
        {
            input.Check(
                _network.VocabularySize,
                Config.MaxTokens,
                Config.TypeVocabularySize > 0 ? Config.TypeVocabularySize : null
            );
        }
        Prediction[] predictions = new Prediction[inputs.Count];
        for (int start = 0; start < inputs.Count; start += Block)
        {
            EncodedInput[] block = [.. inputs.Skip(start).Take(Block)];
            double[][] logits = await RunAsync([.. block.Select(Row)], priority, cancellation).ConfigureAwait(false);
            for (int i = 0; i < block.Length; i++)
            {
                string text = _tokenizer.Decode(block[i].Ids);
                predictions[start + i] = Prediction.FromLogits(text, Info.Labels, logits[i], Info.Temperature);
            }
        }
        return predictions;
    }

    /// <summary>What a masked language model expects at every mask token of a text, in their order.</summary>
    /// <param name="text">A text with at least one mask token.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers.</param>
    /// <exception cref="ModelException">The model is no masked language model, or the text has no mask token.</exception>
    public async Task<IReadOnlyList<Prediction>> PredictMasksAsync(
        string text,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        if (Config.Head != EncoderHead.MaskedLanguageModel)
        {
            throw new ModelException($"{Info.Name} is no masked language model");
        }
        TokenizedText tokens = Tokenize(text);
        TokenRow first = Row(tokens);
        TokenRow[] rows =
        [
            .. Enumerable
                .Range(0, first.Ids.Length)
                .Where(i => first.Ids[i] == _tokenizer.Special.Mask)
                .Select(i => first with { ReadOut = i }),
        ];
        double[][] logits = await RunAsync(rows, priority, cancellation).ConfigureAwait(false);
        return
        [
            .. logits.Select(l => Prediction.FromLogits(text, Info.Labels, l, Info.Temperature, tokens.TruncatedAt)),
        ];
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
        TokenRow whole = Row(text);
        bool[][] closed =
        [
            .. present.Select(p =>
                p.Select((kept, i) => kept || text.Tokens[i].Special || i == whole.ReadOut).ToArray()
            ),
        ];
        (int[] order, int[] representative) = CoalitionOrder.Of(closed);
        double[][] values = new double[present.Count][];
        // Canonical order goes by number of tokens, so rows of one length stand together.
        foreach (IGrouping<int, int> alike in order.GroupBy(o => Length(closed[o], absence)))
        {
            foreach (int[][] item in _blocks.Items(alike, alike.Key))
            {
                cancellation.ThrowIfCancellationRequested();
                await Scheduler
                    .RunAsync(
                        priority,
                        token =>
                        {
                            foreach (int[] block in item)
                            {
                                TokenRow[] rows = [.. block.Select(i => Absent(whole, closed[i], absence))];
                                RunSlice(rows, [.. Enumerable.Range(0, rows.Length)], block, values, token);
                            }
                            return true;
                        },
                        cancellation
                    )
                    .ConfigureAwait(false);
            }
        }
        return [.. representative.Select(r => (double[])values[r].Clone())];
    }

    /// <inheritdoc/>
    public NetworkInput Prepare(TokenizedText text) => TokenRow.ToInput([Row(text)], _pad, _network.Device);

    /// <inheritdoc/>
    public Tensor? BaselineIds(TokenizedText text, bool keepSpecial) =>
        tensor(
            text.Tokens.Select(t => (long)(keepSpecial && t.Special ? t.Id : _pad)).ToArray(),
            1,
            text.Tokens.Count,
            device: _network.Device
        );

    private TokenRow Row(TokenizedText text)
    {
        int[] ids = [.. text.Tokens.Select(t => t.Id)];
        // RoBERTa's table has one segment, whatever the tokenizer says of pairs.
        int[]? types = Config.TypeVocabularySize > 1 && text.TypeIds is not null ? [.. text.TypeIds] : null;
        return new TokenRow(ids, Positions(ids), types, ReadOut: ReadOut(ids));
    }

    // A masked language model answers at the first mask; a classifier at the graph's own place.
    private int? ReadOut(int[] ids)
    {
        if (Config.Head == EncoderHead.Classifier)
        {
            return null;
        }
        int at = _tokenizer.Special.Mask is int mask ? Array.IndexOf(ids, mask) : -1;
        return at >= 0
            ? at
            : throw new ModelException(
                $"{Info.Name} is a masked language model: the text needs the token {_tokenizer.TokenOf(_tokenizer.Special.Mask ?? -1) ?? "[MASK]"} within the first {Info.MaxTokens} tokens"
            );
    }

    private TokenRow Row(EncodedInput input)
    {
        TokenRow row = TokenRow.Of(input, Config);
        return row with { ReadOut = ReadOut(row.Ids) };
    }

    private int[] Positions(int[] ids) => TokenRow.EncoderPositions(ids, Config);

    private static int Length(bool[] present, Absence absence) =>
        absence is Absence.AttentionMasked or Absence.Deleted ? present.Count(p => p) : present.Length;

    private TokenRow Absent(TokenRow whole, bool[] present, Absence absence)
    {
        if (absence is Absence.AttentionMasked or Absence.Deleted)
        {
            TokenRow kept = whole.Keep([.. Enumerable.Range(0, present.Length).Where(i => present[i])]);
            return absence == Absence.Deleted ? kept with { Positions = Positions(kept.Ids) } : kept;
        }
        int instead = (absence == Absence.MaskToken ? _tokenizer.Special.Mask : _tokenizer.Special.Unknown)!.Value;
        return whole with { Ids = [.. whole.Ids.Select((id, i) => present[i] ? id : instead)] };
    }

    // One scheduler item: at most a block of rows, run in slices of like length.
    private Task<double[][]> RunAsync(TokenRow[] rows, WorkPriority priority, CancellationToken cancellation) =>
        Scheduler.RunAsync(
            priority,
            token =>
            {
                double[][] logits = new double[rows.Length][];
                int[] byLength = [.. Enumerable.Range(0, rows.Length).OrderBy(i => rows[i].Ids.Length)];
                for (int start = 0; start < byLength.Length; )
                {
                    int end = start + 1;
                    while (end < byLength.Length && FitsSlice(rows, byLength, start, end))
                    {
                        end++;
                    }
                    int[] slice = byLength[start..end];
                    RunSlice(rows, slice, slice, logits, token);
                    start = end;
                }
                return logits;
            },
            cancellation
        );

    // A slice holds at most 2,048 tokens, and no row is padded by more than a quarter.
    private static bool FitsSlice(TokenRow[] rows, int[] order, int start, int next)
    {
        int shortest = rows[order[start]].Ids.Length;
        int length = rows[order[next]].Ids.Length;
        return (next - start + 1) * length <= SliceTokens && length <= shortest + shortest / 4 + 2;
    }

    // Logits of rows[slice[i]] go to logits[place[i]].
    private void RunSlice(TokenRow[] rows, int[] slice, int[] place, double[][] logits, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        NetworkInput input = TokenRow.ToInput([.. slice.Select(i => rows[i])], _pad, _network.Device);
        NativeRuntime.UseFor(_workPerToken, input.Ids!.numel());
        Tensor output = _network.Forward(input, PropagationRules.Plain, cancellation);
        double[] flat = output.to(ScalarType.Float64).cpu().data<double>().ToArray();
        int labels = Info.Labels.Count;
        for (int i = 0; i < slice.Length; i++)
        {
            double[] row = flat[(i * labels)..((i + 1) * labels)];
            if (!Array.TrueForAll(row, double.IsFinite))
            {
                throw new ModelException(
                    $"the output of {Info.Name} is not a finite number; its weights may be damaged"
                );
            }
            logits[place[i]] = row;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
