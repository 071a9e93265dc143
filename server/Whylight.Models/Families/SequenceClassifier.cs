using TorchSharp;
using Whylight.Models.Checkpoints;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>The deep baselines, TextCNN and bidirectional LSTM: tokenizer, graph and scheduler together.</summary>
/// <remarks>
/// An absent token leaves its place to the padding embedding in the CNN (taking it out would invent n-grams), and is taken
/// out in the LSTM. Texts run in blocks of 64 in the order given, padding masked.
/// </remarks>
public sealed class SequenceClassifier : INetworkClassifier
{
    private const int Block = 64;

    private readonly SequenceNetwork _network;
    private readonly Tokenizer _tokenizer;
    private readonly CoalitionBlocks _blocks;

    internal SequenceClassifier(
        ModelInfo info,
        SequenceNetwork network,
        Tokenizer tokenizer,
        InferenceScheduler scheduler
    )
    {
        Info = info;
        _network = network;
        _tokenizer = tokenizer;
        Scheduler = scheduler;
        _blocks = new CoalitionBlocks(
            NativeRuntime.WorkPerToken(network),
            // A recurrent step costs about the same for one row as for many.
            network is RecurrentNetwork
                ? 32
                : 1,
            network.Config.EmbeddingSize,
            network.Config.HiddenSize
        );
        Absences =
            network is ConvolutionNetwork
                ? [Absence.Padding, Absence.UnknownToken, Absence.Deleted]
                : [Absence.Deleted, Absence.UnknownToken];
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Absence> Absences { get; }

    /// <inheritdoc/>
    public Network Network => _network;

    /// <inheritdoc/>
    public InferenceScheduler Scheduler { get; }

    /// <inheritdoc/>
    public string? PieceOf(int id) => _tokenizer.TokenOf(id);

    /// <inheritdoc/>
    public TokenizedText Tokenize(string text) => _tokenizer.Encode(text, Info.MaxTokens);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(texts);
        Prediction[] predictions = new Prediction[texts.Count];
        for (int start = 0; start < texts.Count; start += Block)
        {
            TokenizedText[] block = [.. texts.Skip(start).Take(Block).Select(Tokenize)];
            double[][] logits = await RunAsync([.. block.Select(Ids)], priority, cancellation).ConfigureAwait(false);
            for (int i = 0; i < block.Length; i++)
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

    /// <inheritdoc/>
    public async Task<IReadOnlyList<double[]>> EvaluateAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(present);
        if (!Absences.Contains(absence))
        {
            throw new ModelException(
                $"absence '{absence}' means nothing for {Info.Family}; use one of {string.Join(", ", Absences)}"
            );
        }
        CoalitionOrder.Check(present, text.Tokens.Count);
        bool[][] closed = [.. present.Select(p => p.Select((kept, i) => kept || text.Tokens[i].Special).ToArray())];
        (int[] order, int[] representative) = CoalitionOrder.Of(closed);
        double[][] values = new double[present.Count][];
        int[][] rows = [.. closed.Select(p => Absent(text, p, absence))];
        foreach (IGrouping<int, int> alike in order.GroupBy(o => rows[o].Length))
        {
            foreach (int[][] item in _blocks.Items(alike, alike.Key))
            {
                cancellation.ThrowIfCancellationRequested();
                double[][][] logits = await Scheduler
                    .RunAsync(
                        priority,
                        token => item.Select(block => Run([.. block.Select(i => rows[i])], token)).ToArray(),
                        cancellation
                    )
                    .ConfigureAwait(false);
                foreach ((int[] block, double[][] answers) in item.Zip(logits))
                {
                    for (int i = 0; i < block.Length; i++)
                    {
                        values[block[i]] = answers[i];
                    }
                }
            }
        }
        return [.. representative.Select(r => (double[])values[r].Clone())];
    }

    /// <inheritdoc/>
    public NetworkInput Prepare(TokenizedText text) => Input([Ids(text)]);

    /// <inheritdoc/>
    public Tensor? BaselineIds(TokenizedText text, bool keepSpecial) =>
        tensor(
            text.Tokens.Select(t => (long)(keepSpecial && t.Special ? t.Id : _tokenizer.Special.Pad!.Value)).ToArray(),
            1,
            text.Tokens.Count
        );

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    /// <summary>Reads a model folder of either deep baseline.</summary>
    internal static async Task<SequenceClassifier> LoadAsync(
        ModelFolder folder,
        ConfigFile config,
        string modelType,
        ModelLoadOptions options,
        CancellationToken cancellation
    )
    {
        List<string> notices = [];
        SequenceConfig sequence = SequenceConfig.Read(config, modelType, notices);
        Tokenizer tokenizer = TokenizerLoader.Load(folder.FolderPath);
        if (tokenizer.VocabularySize > sequence.VocabularySize || tokenizer.Special.Pad != 0)
        {
            throw new ModelException(
                $"vocab.txt has {tokenizer.VocabularySize} tokens for {sequence.VocabularySize} embedding rows, and its first must be the padding"
            );
        }
        using Checkpoint checkpoint = Checkpoint.Open(folder);
        string hash = folder.Hash(checkpoint.FileNames, cancellation);
        InferenceScheduler scheduler = options.Scheduler ?? InferenceScheduler.Shared;
        SequenceNetwork network = await scheduler
            .RunAsync(
                WorkPriority.Visible,
                token =>
                {
                    NativeRuntime.Use(1);
                    return SequenceNetwork.Load(
                        sequence,
                        checkpoint,
                        options.Precision == Precision.Bits64 ? ScalarType.Float64 : ScalarType.Float32,
                        CPU,
                        token
                    );
                },
                cancellation
            )
            .ConfigureAwait(false);
        ModelInfo info = new()
        {
            Name = options.Name ?? folder.Name,
            Family = modelType == SequenceConfig.Convolutional ? "cnn" : "lstm",
            Hash = hash,
            Labels = sequence.Labels,
            MaxTokens = Math.Min(sequence.MaxTokens, tokenizer.ModelMaxLength ?? int.MaxValue),
            Temperature = config.Object("whylight")?.Number("temperature", positive: true) ?? 1,
            Notices = [.. notices, .. tokenizer.Notes, .. checkpoint.Notices],
        };
        return new SequenceClassifier(info, network, tokenizer, scheduler);
    }

    private static int[] Ids(TokenizedText text) => [.. text.Tokens.Select(t => t.Id)];

    private int[] Absent(TokenizedText text, bool[] present, Absence absence)
    {
        int instead =
            absence == Absence.UnknownToken ? _tokenizer.Special.Unknown!.Value : _tokenizer.Special.Pad!.Value;
        return absence == Absence.Deleted
            ? [.. text.Tokens.Where((_, i) => present[i]).Select(t => t.Id)]
            : [.. text.Tokens.Select((t, i) => present[i] ? t.Id : instead)];
    }

    private NetworkInput Input(IReadOnlyList<int[]> rows) =>
        TokenRow.ToInput(
            [.. rows.Select(ids => new TokenRow(ids, [.. Enumerable.Range(0, ids.Length)]))],
            _tokenizer.Special.Pad!.Value,
            CPU
        );

    private Task<double[][]> RunAsync(int[][] rows, WorkPriority priority, CancellationToken cancellation) =>
        Scheduler.RunAsync(priority, token => Run(rows, token), cancellation);

    private double[][] Run(int[][] rows, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        NativeRuntime.Use(1);
        Tensor output = _network.Forward(Input(rows), PropagationRules.Plain, cancellation);
        double[] flat = output.to(ScalarType.Float64).data<double>().ToArray();
        if (!Array.TrueForAll(flat, double.IsFinite))
        {
            throw new ModelException($"the output of {Info.Name} is not a finite number; its weights may be damaged");
        }
        return [.. flat.Chunk(Info.Labels.Count)];
    }
}
