using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>
/// A user's own TorchSharp module as a text classifier that can be explained and tested: give it a tokenizer, labels, a
/// function from ids to embeddings and one from embeddings to logits.
/// </summary>
/// <remarks>
/// Everything that asks for predictions works, and so do gradient methods; relevance rules (LRP, AttnLRP) need the graph
/// itself and are refused.
/// </remarks>
public sealed class ModuleClassifier : RowClassifier, INetworkClassifier
{
    private readonly ModuleNetwork _network;

    private ModuleClassifier(
        ModelInfo info,
        ModuleNetwork network,
        ITokenizer tokenizer,
        bool masks,
        InferenceScheduler? scheduler
    )
        : base(info, tokenizer, masks, scheduler) => _network = network;

    /// <summary>Wraps a module, which the classifier then owns.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="labels">One label a logit, in order.</param>
    /// <param name="tokenizer">Cuts texts into ids, such as <see cref="TokenizerLoader"/> loads.</param>
    /// <param name="module">The module: its parameters are hashed, put into evaluation mode and stop requiring gradients.</param>
    /// <param name="embed">Ids [batch, length] (int64) to embeddings [batch, length, width].</param>
    /// <param name="logits">Embeddings and a mask [batch, length] (bool, true: present) to logits [batch, labels].</param>
    /// <param name="masks">Whether <paramref name="logits"/> ignores tokens that the mask hides; else absent tokens are deleted.</param>
    /// <param name="maxTokens">Most tokens the module reads.</param>
    /// <param name="scheduler">The owner of native work; null for the shared one.</param>
    /// <param name="cancellation">Stops the preparation.</param>
    /// <exception cref="ModelException">The functions make tensors of other shapes.</exception>
    public static async Task<ModuleClassifier> CreateAsync(
        string name,
        IReadOnlyList<string> labels,
        ITokenizer tokenizer,
        nn.Module module,
        Func<Tensor, Tensor> embed,
        Func<Tensor, Tensor, Tensor> logits,
        bool masks = false,
        int maxTokens = 512,
        InferenceScheduler? scheduler = null,
        CancellationToken cancellation = default
    )
    {
        (ModuleNetwork network, string hash) = await (scheduler ?? InferenceScheduler.Shared)
            .RunAsync(
                WorkPriority.Visible,
                _ =>
                {
                    NativeRuntime.Use(1);
                    module.eval();
                    foreach ((string _, TorchSharp.Modules.Parameter parameter) in module.named_parameters())
                    {
                        parameter.requires_grad_(false);
                    }
                    ModuleNetwork made = new(module, embed, logits, tokenizer.VocabularySize, labels.Count);
                    return (made, Hash(name, labels, made));
                },
                cancellation
            )
            .ConfigureAwait(false);
        ModelInfo info = new()
        {
            Name = name,
            Family = "module",
            Hash = hash,
            Labels = labels,
            MaxTokens = maxTokens,
        };
        return new ModuleClassifier(info, network, tokenizer, masks, scheduler);
    }

    private static string Hash(string name, IReadOnlyList<string> labels, ModuleNetwork network)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', [name, .. labels])));
        foreach ((string key, Tensor value) in network.Parameters)
        {
            using DisposeScope scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{key}[{string.Join(",", value.shape)}]"));
            hash.AppendData(value.detach().cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public Network Network => _network;

    private protected override Device Device => _network.Device;

    private protected override Tensor Logits(NetworkInput input, CancellationToken cancellation) =>
        _network.Forward(input, PropagationRules.Plain, cancellation);

    /// <inheritdoc/>
    public NetworkInput Prepare(TokenizedText text) => TokenRow.ToInput([Row(text)], 0, _network.Device);

    /// <inheritdoc/>
    public Tensor? BaselineIds(TokenizedText text, bool keepSpecial)
    {
        if (Tokenizer.Special.Pad is not int pad || text.Tokens.Count == 0)
        {
            return null;
        }
        long[] ids = [.. text.Tokens.Select(t => (long)(keepSpecial && t.Special ? t.Id : pad))];
        return tensor(ids, 1, ids.Length, device: _network.Device);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _network.Dispose();
        }
    }
}
