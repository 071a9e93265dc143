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
    private const string Supported =
        "bert, distilbert, roberta, electra, gpt2, llama, whylight-linear, whylight-cnn, whylight-lstm";

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
    public static async Task<Func<string, TokenizedText>> LoadTokenizerAsync(
        string model,
        CancellationToken cancellation = default
    )
    {
        ModelFolder folder = ModelFolder.Open(model);
        bool ownTokens =
            folder.Has("config.json")
            && ConfigFile.Read(folder.File("config.json")).Text("model_type") is { } type
            && type.StartsWith("whylight-", StringComparison.Ordinal);
        if (!ownTokens)
        {
            Tokenizer tokenizer = TokenizerLoader.Load(folder.FolderPath);
            return text => tokenizer.Encode(text);
        }
        ITextClassifier classifier = await LoadAsync(model, null, cancellation).ConfigureAwait(false);
        return classifier.Tokenize;
    }

    private static async Task<IModel> LoadFolderAsync(
        ModelFolder folder,
        ModelLoadOptions options,
        CancellationToken cancellation
    )
    {
        ConfigFile config = ConfigFile.Read(folder.File("config.json"));
        string? architecture = config.FirstText("architectures");
        string type = config.Text("model_type") ?? TypeOf(architecture);
        return type switch
        {
            "bert" => await EncoderAsync(EncoderFamily.Bert).ConfigureAwait(false),
            "distilbert" => await EncoderAsync(EncoderFamily.DistilBert).ConfigureAwait(false),
            "roberta" => await EncoderAsync(EncoderFamily.Roberta).ConfigureAwait(false),
            "electra" => await EncoderAsync(EncoderFamily.Electra).ConfigureAwait(false),
            "gpt2" or "llama" => await LoadDecoderAsync(folder, config, type, architecture, options, cancellation)
                .ConfigureAwait(false),
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
                $"config.json: model_type {FileText.Quote(type)}{(architecture is null ? "" : $" ({FileText.Quote(architecture)[1..^1]})")} is not supported; supported: {Supported}"
            ),
        };
        Task<IModel> EncoderAsync(EncoderFamily family) =>
            LoadEncoderAsync(folder, config, family, architecture, options, cancellation);
    }

    private static string TypeOf(string? architecture)
    {
        string[] known = ["DistilBert", "Roberta", "Electra", "Bert", "GPT2", "Llama"];
        return known.FirstOrDefault(k => architecture?.StartsWith(k, StringComparison.Ordinal) == true) is string found
            ? found.ToLowerInvariant()
            : throw new ModelException(
                $"config.json names no model_type{(architecture is null ? "" : $" and the architecture {FileText.Quote(architecture)} is not known")}; supported: {Supported}"
            );
    }

    private static async Task<IModel> LoadEncoderAsync(
        ModelFolder folder,
        ConfigFile config,
        EncoderFamily family,
        string? architecture,
        ModelLoadOptions options,
        CancellationToken cancellation
    )
    {
        List<string> notices = [];
        EncoderHead head = HeadOf(architecture);
        EncoderConfig encoder = EncoderConfig.Read(config, family, head, notices);
        if (head == EncoderHead.Classifier)
        {
            NoteProblemType(config, encoder.Labels.Count, notices);
        }
        Tokenizer tokenizer = TokenizerLoader.Load(folder.FolderPath);
        using Checkpoint checkpoint = Checkpoint.Open(folder);
        CheckVocabulary(folder, tokenizer, encoder.VocabularySize);
        string hash = folder.Hash(checkpoint.FileNames, cancellation);
        InferenceScheduler scheduler = options.Scheduler ?? InferenceScheduler.Shared;
        EncoderNetwork network = await scheduler
            .RunAsync(
                WorkPriority.Visible,
                token =>
                {
                    (ScalarType type, Device device) = Target(options);
                    return EncoderNetwork.Load(
                        encoder,
                        checkpoint,
                        architecture ?? $"{encoder.ModelType} classifier",
                        type,
                        device,
                        token
                    );
                },
                cancellation
            )
            .ConfigureAwait(false);
        ModelInfo info = new()
        {
            Name = options.Name ?? folder.Name,
            Family = encoder.ModelType,
            Hash = hash,
            Labels = head == EncoderHead.Classifier ? encoder.Labels : Vocabulary(tokenizer, encoder.VocabularySize),
            MaxTokens = Math.Min(encoder.MaxTokens, tokenizer.ModelMaxLength ?? int.MaxValue),
            Temperature = TemperatureOf(config),
            Notices = [.. notices, .. tokenizer.Notes, .. checkpoint.Notices],
        };
        return new TransformerClassifier(info, network, tokenizer, scheduler);
    }

    private static async Task<IModel> LoadDecoderAsync(
        ModelFolder folder,
        ConfigFile config,
        string type,
        string? architecture,
        ModelLoadOptions options,
        CancellationToken cancellation
    )
    {
        if (architecture is not (null or "GPT2LMHeadModel" or "GPT2Model" or "LlamaForCausalLM" or "LlamaModel"))
        {
            throw new ModelException(
                $"config.json: architecture {FileText.Quote(architecture)} is not supported; supported: GPT2LMHeadModel, LlamaForCausalLM"
            );
        }
        Gpt2Config? gpt2 = type == "gpt2" ? Gpt2Config.Read(config) : null;
        LlamaConfig? llama = type == "llama" ? LlamaConfig.Read(config) : null;
        int rows = gpt2?.VocabularySize ?? llama!.VocabularySize;
        int positions = gpt2?.MaxPositions ?? llama!.MaxPositions;
        if (llama?.RopeScaling.DependsOnLength == true)
        {
            // Dynamic scaling exists to read further than the trained length.
            positions = (int)Math.Min(positions * Math.Max(1, llama.RopeScaling.Factor), int.MaxValue);
        }
        Tokenizer tokenizer = TokenizerLoader.Load(folder.FolderPath);
        using Checkpoint checkpoint = Checkpoint.Open(folder);
        CheckVocabulary(folder, tokenizer, rows);
        string hash = folder.Hash(checkpoint.FileNames, cancellation);
        InferenceScheduler scheduler = options.Scheduler ?? InferenceScheduler.Shared;
        DecoderNetwork network = await scheduler
            .RunAsync<DecoderNetwork>(
                WorkPriority.Visible,
                token =>
                {
                    (ScalarType scalar, Device device) = Target(options);
                    return gpt2 is not null
                        ? Gpt2Network.Load(gpt2, checkpoint, scalar, device, token)
                        : LlamaNetwork.Load(llama!, checkpoint, scalar, device, token);
                },
                cancellation
            )
            .ConfigureAwait(false);
        ModelInfo info = new()
        {
            Name = options.Name ?? folder.Name,
            Family = type,
            Hash = hash,
            Labels = [],
            MaxTokens = Math.Min(positions, tokenizer.ModelMaxLength ?? int.MaxValue),
            Temperature = TemperatureOf(config),
            Notices = [.. tokenizer.Notes, .. checkpoint.Notices],
        };
        CausalLanguageModel model = new(info, network, tokenizer, scheduler);
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

    private static EncoderHead HeadOf(string? architecture) =>
        architecture switch
        {
            null => EncoderHead.Classifier,
            _ when architecture.EndsWith("ForSequenceClassification", StringComparison.Ordinal) =>
                EncoderHead.Classifier,
            _ when architecture.EndsWith("ForMaskedLM", StringComparison.Ordinal) => EncoderHead.MaskedLanguageModel,
            "BertForPreTraining" => EncoderHead.MaskedLanguageModel,
            _ => throw new ModelException(
                $"config.json: architecture {FileText.Quote(architecture)} has no head that is read; supported: …ForSequenceClassification, …ForMaskedLM"
            ),
        };

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

    private static void CheckVocabulary(ModelFolder folder, Tokenizer tokenizer, int rows)
    {
        if (tokenizer.VocabularySize > rows)
        {
            string file =
                folder.Has("vocab.txt") ? "vocab.txt"
                : folder.Has("tokenizer.json") ? "tokenizer.json"
                : folder.Has("vocab.json") ? "vocab.json"
                : "tokenizer.model";
            throw new ModelException(
                $"{file} has {tokenizer.VocabularySize} tokens but the embedding has {rows} rows: ids {rows}..{tokenizer.VocabularySize - 1} would be out of range"
            );
        }
    }

    // Called on the scheduler's thread: the first thing here that touches libtorch.
    private static (ScalarType, Device) Target(ModelLoadOptions options)
    {
        NativeRuntime.Use(1);
        if (!options.Device.StartsWith("cpu", StringComparison.Ordinal))
        {
            bool isCuda = options.Device == "cuda" || options.Device.StartsWith("cuda:", StringComparison.Ordinal);
            if (!isCuda || !cuda.is_available())
            {
                throw new ModelException(
                    $"device {FileText.Quote(options.Device)} is not available here; use cpu{(cuda.is_available() ? " or cuda" : "")}"
                );
            }
        }
        return (
            options.Precision == Precision.Bits64 ? ScalarType.Float64 : ScalarType.Float32,
            device(options.Device)
        );
    }
}
