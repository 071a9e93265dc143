using Whylight.Models.Checkpoints;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>
/// A TorchScript module in a folder with config.json (<c>model_type: torchscript</c>, <c>id2label</c>), <c>model.pt</c> and
/// tokenizer files: forward(input_ids, attention_mask) in int64 gives logits [batch, labels].
/// </summary>
/// <remarks>A TorchScript file is a program; it is loaded for a workspace that the user trusts and for no other.</remarks>
internal sealed class ScriptClassifier : RowClassifier
{
    /// <summary>model_type of config.json.</summary>
    public const string ModelType = "torchscript";
    private const string File = "model.pt";

    private readonly jit.ScriptModule<Tensor, Tensor, Tensor> _module;

    private ScriptClassifier(
        ModelInfo info,
        jit.ScriptModule<Tensor, Tensor, Tensor> module,
        ITokenizer tokenizer,
        InferenceScheduler? scheduler
    )
        : base(info, tokenizer, masks: true, scheduler) => _module = module;

    private protected override Device Device => CPU;

    /// <summary>Loads a folder.</summary>
    /// <exception cref="ModelException">Not trusted, or no TorchScript module of that form.</exception>
    public static async Task<IModel> LoadAsync(
        ModelFolder folder,
        ConfigFile config,
        ModelLoadOptions options,
        CancellationToken cancellation
    )
    {
        if (!options.Trusted)
        {
            throw new ModelException(
                $"{File} is a TorchScript program, which is run only in a workspace that you trust: trust it, or convert the model to safetensors"
            );
        }
        if (!folder.Has(File))
        {
            throw new ModelException($"no {File} in the model folder");
        }
        List<string> notices = [];
        IReadOnlyList<string> labels = config.Labels(notices);
        int maxTokens = config.Integer(512, 1, "max_position_embeddings");
        Tokenizer tokenizer = TokenizerLoader.Load(folder.FolderPath);
        string hash = folder.Hash([File], cancellation);
        jit.ScriptModule<Tensor, Tensor, Tensor> module = await (options.Scheduler ?? InferenceScheduler.Shared)
            .RunAsync(
                WorkPriority.Visible,
                _ =>
                {
                    NativeRuntime.Use(1);
                    jit.ScriptModule<Tensor, Tensor, Tensor> loaded = jit.load<Tensor, Tensor, Tensor>(
                        folder.File(File)
                    );
                    loaded.eval();
                    return loaded;
                },
                cancellation
            )
            .ConfigureAwait(false);
        ModelInfo info = new()
        {
            Name = options.Name ?? folder.Name,
            Family = ModelType,
            Hash = hash,
            Labels = labels,
            MaxTokens = Math.Min(maxTokens, tokenizer.ModelMaxLength ?? int.MaxValue),
            Temperature = config.Object("whylight")?.Number("temperature", positive: true) ?? 1,
            Notices = [.. notices, .. tokenizer.Notes],
        };
        return new ScriptClassifier(info, module, tokenizer, options.Scheduler);
    }

    private protected override Tensor Logits(NetworkInput input, CancellationToken cancellation)
    {
        Tensor mask = input.Mask is null ? ones_like(input.Ids!) : input.Mask.to_type(ScalarType.Int64);
        return _module.forward(input.Ids!, mask);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _module.Dispose();
        }
    }
}
