using TorchSharp;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>An encoder without a head: the states of a text's tokens, and the pooler's answer where the checkpoint has one.</summary>
/// <remarks>It predicts nothing, so it is no classifier and there is nothing to explain.</remarks>
public sealed class TextEncoder : IModel
{
    private readonly EncoderNetwork _network;

    internal TextEncoder(ModelInfo info, EncoderNetwork network, ITokenizer tokenizer, InferenceScheduler scheduler)
    {
        Info = info;
        _network = network;
        Tokenizer = tokenizer;
        Scheduler = scheduler;
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The graph; touch it only inside <see cref="InferenceScheduler.RunAsync{T}"/>.</summary>
    public EncoderNetwork Network => _network;

    /// <summary>The owner of native work.</summary>
    public InferenceScheduler Scheduler { get; }

    /// <summary>The ids and segments of a text or a pair.</summary>
    public EncodedInput Encode(string text, string? second = null)
    {
        TokenizedText tokens = second is null
            ? Tokenizer.Encode(text, Info.MaxTokens)
            : Tokenizer.Encode(text, second, Info.MaxTokens);
        return new EncodedInput
        {
            Ids = [.. tokens.Tokens.Select(t => t.Id)],
            TypeIds = _network.Config.TypeVocabularySize > 1 ? tokens.TypeIds : null,
        };
    }

    /// <summary>Runs each input on its own, in their order.</summary>
    /// <param name="inputs">Token ids.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and inputs.</param>
    /// <exception cref="ModelException">Ids, mask or segments do not fit, or a state is not finite.</exception>
    public async Task<IReadOnlyList<TextEncoding>> EncodeAsync(
        IReadOnlyList<EncodedInput> inputs,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        EncoderConfig config = _network.Config;
        int? types = config.TypeVocabularySize > 0 ? config.TypeVocabularySize : null;
        List<TextEncoding> encodings = [];
        foreach (EncodedInput input in inputs)
        {
            input.Check(config.VocabularySize, config.MaxTokens, types);
            encodings.Add(
                await Scheduler.RunAsync(priority, token => Run(input, token), cancellation).ConfigureAwait(false)
            );
        }
        return encodings;
    }

    private TextEncoding Run(EncodedInput input, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        NativeRuntime.UseFor(NativeRuntime.WorkPerToken(_network), input.Ids.Count);
        NetworkInput network = TokenRow.ToInput(
            [TokenRow.Of(input, _network.Config)],
            _network.Config.PadTokenId,
            _network.Device
        );
        Tensor hidden = _network.HiddenStates(network, PropagationRules.Plain, cancellation);
        return new TextEncoding(
            [.. Rows(hidden[0])],
            _network.Pool(hidden, PropagationRules.Plain) is Tensor pooled ? Rows(pooled)[0] : null
        );
    }

    private double[][] Rows(Tensor states)
    {
        double[] flat = states.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        if (!Array.TrueForAll(flat, double.IsFinite))
        {
            throw new ModelException($"the output of {Info.Name} is not a finite number; its weights may be damaged");
        }
        return [.. flat.Chunk((int)states.shape[^1])];
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}

/// <summary>What an encoder makes of a text.</summary>
/// <param name="HiddenStates">The last layer's state of each token.</param>
/// <param name="Pooled">The pooler's answer, or null where there is no pooler.</param>
public sealed record TextEncoding(IReadOnlyList<double[]> HiddenStates, IReadOnlyList<double>? Pooled);
