using System.Globalization;
using Whylight.Models.Checkpoints;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Models;

/// <summary>Loads models from folders in the Hugging Face format, and the shipped ones as <c>builtin:NAME</c>.</summary>
public static class ModelLoader
{
    /// <summary>Names of the shipped models without <c>builtin:</c>, in ordinal order.</summary>
    public static IReadOnlyList<string> ShippedNames => ModelFolder.ShippedNames();

    /// <summary>Loads a text classifier.</summary>
    /// <param name="model">A folder, or <c>builtin:NAME</c>.</param>
    /// <param name="options">How to load it; null for the defaults.</param>
    /// <param name="cancellation">Checked between files and tensors.</param>
    /// <exception cref="ModelException">The folder holds no sound classifier; one sentence says why and what to do.</exception>
    public static async Task<ITextClassifier> LoadAsync(
        string model,
        ModelLoadOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        IModel loaded = await LoadAnyAsync(model, options, cancellation).ConfigureAwait(false);
        if (loaded is ITextClassifier classifier)
        {
            return classifier;
        }
        loaded.Dispose();
        throw new ModelException(
            loaded is ICausalLanguageModel
                ? $"{FileText.Quote(model)} is a language model, not a classifier: name the choices it is to choose from"
            : loaded is TextEncoder
                ? $"{FileText.Quote(model)} is an encoder without a head and predicts nothing: train a classifier on it first"
            : $"{FileText.Quote(model)} is no text classifier (family {loaded.Info.Family})"
        );
    }

    /// <summary>Loads a model of whatever task its configuration names.</summary>
    /// <inheritdoc cref="LoadAsync"/>
    public static async Task<IModel> LoadAnyAsync(
        string model,
        ModelLoadOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        ModelFolder folder = ModelFolder.Open(model);
        try
        {
            return await Task.Run(() => LoadFolderAsync(folder, options ?? new(), cancellation), cancellation)
                .ConfigureAwait(false);
        }
        catch (ModelException exception)
        {
            throw new ModelException($"cannot load {FileText.Quote(model)}: {exception.Message}", exception);
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or UnauthorizedAccessException
                        or OutOfMemoryException
                        or System.Runtime.InteropServices.ExternalException
            )
        {
            throw new ModelException(
                $"cannot load {FileText.Quote(model)}: {exception.Message.Split('\n')[0]}",
                exception
            );
        }
    }

    /// <summary>
    /// What cuts texts into a model's tokens, whole texts uncut. A folder with tokenizer files alone will do, and no weights
    /// are read unless the family keeps its tokens with them.
    /// </summary>
    /// <param name="model">A folder, or <c>builtin:NAME</c>.</param>
    /// <param name="cancellation">Checked between files.</param>
    /// <exception cref="ModelException">The folder holds no sound tokenizer.</exception>
    public static async Task<LoadedTokenizer> LoadTokenizerAsync(string model, CancellationToken cancellation = default)
    {
        ModelFolder folder = ModelFolder.Open(model);
        bool ownTokens =
            folder.Has("config.json")
            && ConfigFile.Read(folder.File("config.json")).Text("model_type") is { } type
            && type.StartsWith("whylight-", StringComparison.Ordinal);
        if (!ownTokens)
        {
            Tokenizer tokenizer = TokenizerLoader.Load(folder.FolderPath);
            return new LoadedTokenizer(text => tokenizer.Encode(text), tokenizer);
        }
        ITextClassifier classifier = await LoadAsync(model, null, cancellation).ConfigureAwait(false);
        return new LoadedTokenizer(classifier.Tokenize, null);
    }

    private static async Task<IModel> LoadFolderAsync(
        ModelFolder folder,
        ModelLoadOptions options,
        CancellationToken cancellation
    )
    {
        bool cpu = CheckDeviceName(options.Device);
        ConfigFile config = ConfigFile.Read(folder.File("config.json"));
        string? architecture = config.FirstText("architectures");
        string type = config.Text("model_type") ?? ModelFamilies.TypeOf(architecture);
        if (ModelFamilies.Find(type) is ModelFamilies.Entry entry)
        {
            List<string> notices = [];
            CheckChanged(config, notices);
            return await (
                entry.Encoder is EncoderFamily family
                    ? LoadEncoderAsync(folder, config, entry, family, architecture, notices, options, cancellation)
                    : LoadDecoderAsync(folder, config, entry, architecture, notices, options, cancellation)
            ).ConfigureAwait(false);
        }
        if (!cpu)
        {
            throw new ModelException(
                $"a model of type {FileText.Quote(type)} runs on the cpu only, not on {FileText.Quote(options.Device)}"
            );
        }
        return type switch
        {
            SequenceConfig.Convolutional or SequenceConfig.Recurrent => await SequenceClassifier
                .LoadAsync(folder, config, type, options, cancellation)
                .ConfigureAwait(false),
            LinearClassifier.ModelType => await LinearClassifier
                .LoadAsync(folder, config, options, cancellation)
                .ConfigureAwait(false),
            ScriptClassifier.ModelType => await ScriptClassifier
                .LoadAsync(folder, config, options, cancellation)
                .ConfigureAwait(false),
            _ => throw new ModelException(
                $"config.json: model_type {FileText.Quote(type)}{(architecture is null ? "" : $" ({FileText.Quote(architecture)[1..^1]})")} is not supported; supported: {ModelFamilies.Supported}"
            ),
        };
    }

    // What a configuration says was done to the weights, where that makes another graph of them.
    private static void CheckChanged(ConfigFile config, List<string> notices)
    {
        if (config.Object("quantization_config") is ConfigFile quantization)
        {
            throw new ModelException(
                $"config.json: quantization_config ({FileText.Quote(quantization.Text("quant_method") ?? "unnamed")}) is not supported; save the model with weights in F32, F16 or BF16"
            );
        }
        if (config.Object("pruned_heads")?.Root.EnumerateObject().Any() == true)
        {
            throw new ModelException("config.json: pruned_heads is not supported; save the model with all its heads");
        }
        if (config.Find("auto_map") is not null)
        {
            notices.Add("config.json names code of its own (auto_map), which is never run; the model type decides");
        }
    }

    private static async Task<IModel> LoadEncoderAsync(
        ModelFolder folder,
        ConfigFile config,
        ModelFamilies.Entry entry,
        EncoderFamily family,
        string? architecture,
        List<string> notices,
        ModelLoadOptions options,
        CancellationToken cancellation
    )
    {
        EncoderHead head = ModelFamilies.EncoderHead(entry, architecture);
        // RoBERTa's own default is another than that of its namesakes.
        EncoderConfig encoder = EncoderConfig.Read(
            config,
            family,
            head,
            notices,
            entry.Type == entry.Graph ? null : 30522
        );
        if (head == EncoderHead.Classifier)
        {
            NoteProblemType(config, encoder.Labels.Count, notices);
        }
        Tokenizer tokenizer = TokenizerLoader.Load(folder.FolderPath);
        using Checkpoint checkpoint = OpenCheckpoint(folder, options);
        CheckVocabulary(tokenizer, encoder.VocabularySize, notices);
        if (head == EncoderHead.None)
        {
            encoder = encoder with
            {
                HasPooler = checkpoint.Names.Any(n => n.EndsWith("pooler.dense.weight", StringComparison.Ordinal)),
            };
        }
        string hash = folder.Hash(checkpoint.FileNames, cancellation);
        InferenceScheduler scheduler = options.Scheduler ?? InferenceScheduler.Shared;
        EncoderNetwork network = await scheduler
            .RunAsync(
                WorkPriority.Visible,
                token =>
                    EncoderNetwork.Load(
                        encoder,
                        checkpoint,
                        architecture ?? $"{encoder.ModelType} classifier",
                        () => Target(options),
                        token
                    ),
                cancellation
            )
            .ConfigureAwait(false);
        ModelInfo info = new()
        {
            Name = options.Name ?? folder.Name,
            Family = encoder.ModelType,
            Hash = hash,
            Labels = head switch
            {
                EncoderHead.Classifier => encoder.Labels,
                EncoderHead.MaskedLanguageModel => Vocabulary(tokenizer, encoder.VocabularySize),
                _ => [],
            },
            MaxTokens = Math.Min(encoder.MaxTokens, tokenizer.ModelMaxLength ?? int.MaxValue),
            Temperature = TemperatureOf(config),
            Notices = [.. notices, .. tokenizer.Notes, .. checkpoint.Notices],
        };
        return head == EncoderHead.None
            ? new TextEncoder(info, network, tokenizer, scheduler)
            : new TransformerClassifier(info, network, tokenizer, scheduler);
    }

    private static async Task<IModel> LoadDecoderAsync(
        ModelFolder folder,
        ConfigFile config,
        ModelFamilies.Entry entry,
        string? architecture,
        List<string> notices,
        ModelLoadOptions options,
        CancellationToken cancellation
    )
    {
        bool classifier = ModelFamilies.IsDecoderClassifier(entry, architecture);
        Gpt2Config? gpt2 = entry.Graph == "gpt2" ? Gpt2Config.Read(config, classifier, notices) : null;
        LlamaConfig? llama = gpt2 is null ? LlamaConfig.Read(config, entry.Type, classifier, notices) : null;
        if (classifier)
        {
            NoteProblemType(config, (gpt2?.Labels ?? llama!.Labels).Count, notices);
            if (options.Choices is not null)
            {
                throw new ModelException(
                    "the model is a classifier with labels of its own; choices are for a language model"
                );
            }
        }
        int rows = gpt2?.VocabularySize ?? llama!.VocabularySize;
        int positions = gpt2?.MaxPositions ?? llama!.MaxPositions;
        if (llama?.RopeScaling.Type == "dynamic")
        {
            // Dynamic scaling exists to read further than the trained length.
            positions = (int)Math.Min(positions * Math.Max(1, llama.RopeScaling.Factor), int.MaxValue);
        }
        positions = Math.Min(positions, llama?.Window ?? int.MaxValue);
        Tokenizer tokenizer = TokenizerLoader.Load(folder.FolderPath);
        using Checkpoint checkpoint = OpenCheckpoint(folder, options);
        CheckVocabulary(tokenizer, rows, notices);
        string needing = architecture ?? $"{entry.Classes[0]}{(gpt2 is null ? "ForCausalLM" : "LMHeadModel")}";
        string hash = folder.Hash(checkpoint.FileNames, cancellation);
        InferenceScheduler scheduler = options.Scheduler ?? InferenceScheduler.Shared;
        DecoderNetwork network = await scheduler
            .RunAsync<DecoderNetwork>(
                WorkPriority.Visible,
                token =>
                    gpt2 is not null
                        ? Gpt2Network.Load(gpt2, checkpoint, needing, () => Target(options), token)
                        : LlamaNetwork.Load(llama!, checkpoint, needing, () => Target(options), token),
                cancellation
            )
            .ConfigureAwait(false);
        ModelInfo info = new()
        {
            Name = options.Name ?? folder.Name,
            Family = entry.Graph,
            Hash = hash,
            Labels = [],
            MaxTokens = Math.Min(positions, tokenizer.ModelMaxLength ?? int.MaxValue),
            Temperature = TemperatureOf(config),
            Notices = [.. notices, .. tokenizer.Notes, .. checkpoint.Notices],
        };
        CausalLanguageModel model = new(info, network, tokenizer, scheduler);
        if (classifier)
        {
            return new DecoderClassifier(
                model,
                gpt2?.Labels ?? llama!.Labels,
                gpt2 is null ? llama!.PadTokenId : gpt2.PadTokenId
            );
        }
        if (options.Choices is null)
        {
            return model;
        }
        try
        {
            return await ChoiceClassifier
                .CreateAsync(model, options.Choices, options.ChoiceScoring, cancellation)
                .ConfigureAwait(false);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static string[] Vocabulary(Tokenizer tokenizer, int rows) =>
        [.. Enumerable.Range(0, rows).Select(i => tokenizer.TokenOf(i) ?? $"[row {i}]")];

    private static void NoteProblemType(ConfigFile config, int labels, List<string> notices)
    {
        string? type = config.Text("problem_type");
        if (type is "multi_label_classification" or "regression" || labels == 1)
        {
            notices.Add(
                $"config.json describes {(type == "multi_label_classification" ? "multi-label classification" : "regression")}: logits are the model's, probabilities are their softmax and mean little"
            );
        }
        else if (type is not (null or "single_label_classification"))
        {
            throw new ModelException($"config.json: problem_type {FileText.Quote(type)} is not known");
        }
    }

    private static double TemperatureOf(ConfigFile config) =>
        config.Object("whylight")?.Number("temperature", positive: true) ?? 1;

    private static void CheckVocabulary(Tokenizer tokenizer, int rows, List<string> notices)
    {
        int tokens = tokenizer.VocabularySize;
        if (tokens > rows)
        {
            throw new ModelException(
                $"{tokenizer.Source} has {tokens} tokens but the embedding has {rows} rows: ids {rows}..{tokens - 1} would be out of range"
            );
        }
        // Embeddings are padded to round sizes; a vocabulary cut short looks the same.
        if (tokens < rows)
        {
            notices.Add(
                $"{tokenizer.Source} has {tokens} tokens and the embedding {rows} rows: rows {tokens}..{rows - 1} are never read"
            );
        }
    }

    private static Checkpoint OpenCheckpoint(ModelFolder folder, ModelLoadOptions options) =>
        Checkpoint.Open(folder, options.Weights == WeightStorage.Mapped && CheckDeviceName(options.Device));

    // True for the cpu; whether there is a GPU is known only once libtorch is loaded.
    private static bool CheckDeviceName(string name)
    {
        bool gpu =
            name == "cuda"
            || (
                name.StartsWith("cuda:", StringComparison.Ordinal)
                && byte.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            );
        return gpu || name == "cpu"
            ? !gpu
            : throw new ModelException($"device {FileText.Quote(name)} is not known; use cpu, cuda or cuda:N");
    }

    // Called on the scheduler's thread: the first thing here that touches libtorch.
    private static (ScalarType, Device) Target(ModelLoadOptions options)
    {
        NativeRuntime.Use(1);
        if (!CheckDeviceName(options.Device))
        {
            int devices = cuda.is_available() ? cuda.device_count() : 0;
            int wanted = options.Device == "cuda" ? 0 : int.Parse(options.Device[5..], CultureInfo.InvariantCulture);
            if (wanted >= devices)
            {
                throw new ModelException(
                    devices == 0
                        ? $"device {FileText.Quote(options.Device)} is not available: the libtorch here has no CUDA or finds no GPU; use cpu"
                        : $"device {FileText.Quote(options.Device)} is not available: there are cuda:0 to cuda:{devices - 1}"
                );
            }
        }
        return (
            options.Precision == Precision.Bits64 ? ScalarType.Float64 : ScalarType.Float32,
            device(options.Device)
        );
    }
}
