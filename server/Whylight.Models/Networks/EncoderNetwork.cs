using TorchSharp;
using Whylight.Models.Checkpoints;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>BERT, DistilBERT, RoBERTa and ELECTRA: one graph, told apart by names, offsets and heads.</summary>
/// <remarks>
/// Follows the reference implementations of Hugging Face transformers: post-layer normalisation, explicit attention.
/// Observed activations: "embeddings" (after normalisation), "layer.I.attention" (probabilities [batch, heads, query, key]),
/// "layer.I" (hidden states). Without an observer the last layer computes the read-out position only, which is exact.
/// </remarks>
public sealed class EncoderNetwork : Network
{
    private const string Pooler = "pooler.dense";
    private readonly WeightSet _weights;
    private readonly Func<Tensor, Tensor> _activation;
    private readonly Tensor _words;
    private readonly Tensor _positions;
    private readonly Tensor? _types;
    private readonly Norm _embeddingNorm;
    private readonly Dense? _projection;
    private readonly Layer[] _layers;

    private EncoderNetwork(EncoderConfig config, WeightSet weights)
    {
        Config = config;
        _weights = weights;
        _activation = ActivationFunctions.Find(config.Activation)!;
        string p = config.Prefix;
        _words = weights[p + "embeddings.word_embeddings.weight"];
        _positions = weights[p + "embeddings.position_embeddings.weight"];
        _types = config.TypeVocabularySize > 0 ? weights[p + "embeddings.token_type_embeddings.weight"] : null;
        _embeddingNorm = NormOf(p + "embeddings.LayerNorm");
        _projection = config.EmbeddingSize == config.HiddenSize ? null : DenseOf(p + "embeddings_project");
        _layers =
        [
            .. Enumerable
                .Range(0, config.Layers)
                .Select(i =>
                {
                    LayerNames n = LayerNames.Of(config.Family, p, i);
                    return new Layer(
                        DenseOf(n.Query),
                        DenseOf(n.Key),
                        DenseOf(n.Value),
                        DenseOf(n.Output),
                        NormOf(n.AttentionNorm),
                        DenseOf(n.Up),
                        DenseOf(n.Down),
                        NormOf(n.OutputNorm)
                    );
                }),
        ];
    }

    /// <summary>Sizes and options.</summary>
    public EncoderConfig Config { get; }

    /// <inheritdoc/>
    public override int EmbeddingWidth => Config.EmbeddingSize;

    /// <inheritdoc/>
    public override int VocabularySize => Config.VocabularySize;

    /// <inheritdoc/>
    public override Device Device => _words.device;

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => _weights.All;

    /// <summary>A network with fresh random weights: the same configuration and seed give the same weights.</summary>
    public static EncoderNetwork Create(EncoderConfig config, ulong seed) =>
        new(config, WeightSet.Random(Specs(config), config.InitializerRange, seed));

    /// <summary>A network with the weights of a checkpoint.</summary>
    /// <exception cref="ModelException">The checkpoint does not fit the configuration.</exception>
    internal static EncoderNetwork Load(
        EncoderConfig config,
        Checkpoint checkpoint,
        string architecture,
        Func<(ScalarType Type, Device Device)> target,
        CancellationToken cancellation
    )
    {
        string layers =
            $"{(config.Family == EncoderFamily.DistilBert ? "n_layers" : "num_hidden_layers")}={config.Layers}";
        (ScalarType Type, Device Device) place = (ScalarType.Float32, null!);
        WeightSet weights = checkpoint.Load(
            Specs(config),
            config.Prefix,
            architecture,
            layers,
            name => config.Head == EncoderHead.MaskedLanguageModel && HeadNames.IsTiedDecoder(config.Family, name),
            () => (place = target()).Type,
            cancellation
        );
        if (config.Head == EncoderHead.MaskedLanguageModel && config.TieWordEmbeddings)
        {
            checkpoint.NoteOtherValues(
                HeadNames.MaskedLanguageModel(config.Family).Decoder,
                weights[config.Prefix + "embeddings.word_embeddings.weight"],
                place.Type
            );
        }
        weights.To(place.Type, place.Device);
        return new EncoderNetwork(config, weights);
    }

    /// <summary>The weights a configuration needs, by their checkpoint names.</summary>
    internal static IEnumerable<ParameterSpec> Specs(EncoderConfig config)
    {
        string p = config.Prefix;
        long hidden = config.HiddenSize;
        long width = config.EmbeddingSize;
        bool tied = config.Head == EncoderHead.MaskedLanguageModel && config.TieWordEmbeddings;
        yield return new(
            p + "embeddings.word_embeddings.weight",
            [config.VocabularySize, width],
            OtherName: tied ? HeadNames.MaskedLanguageModel(config.Family).Decoder : null
        );
        yield return new(p + "embeddings.position_embeddings.weight", [config.MaxPositions, width]);
        if (config.TypeVocabularySize > 0)
        {
            yield return new(p + "embeddings.token_type_embeddings.weight", [config.TypeVocabularySize, width]);
        }
        foreach (ParameterSpec spec in NormSpecs(p + "embeddings.LayerNorm", width))
        {
            yield return spec;
        }
        if (width != hidden)
        {
            foreach (ParameterSpec spec in DenseSpecs(p + "embeddings_project", width, hidden))
            {
                yield return spec;
            }
        }
        for (int i = 0; i < config.Layers; i++)
        {
            LayerNames n = LayerNames.Of(config.Family, p, i);
            IEnumerable<ParameterSpec> layer =
            [
                .. DenseSpecs(n.Query, hidden, hidden),
                .. DenseSpecs(n.Key, hidden, hidden),
                .. DenseSpecs(n.Value, hidden, hidden),
                .. DenseSpecs(n.Output, hidden, hidden),
                .. NormSpecs(n.AttentionNorm, hidden),
                .. DenseSpecs(n.Up, hidden, config.IntermediateSize),
                .. DenseSpecs(n.Down, config.IntermediateSize, hidden),
                .. NormSpecs(n.OutputNorm, hidden),
            ];
            foreach (ParameterSpec spec in layer)
            {
                yield return spec;
            }
        }
        foreach (ParameterSpec spec in HeadSpecs(config))
        {
            yield return spec;
        }
    }

    private static List<ParameterSpec> HeadSpecs(EncoderConfig config)
    {
        long hidden = config.HiddenSize;
        switch (config.Head)
        {
            case EncoderHead.Classifier:
                (string dense, string output) = HeadNames.Classifier(config.Family);
                return [.. DenseSpecs(dense, hidden, hidden), .. DenseSpecs(output, hidden, config.Labels.Count)];
            case EncoderHead.MaskedLanguageModel:
                HeadNames.Masked names = HeadNames.MaskedLanguageModel(config.Family);
                List<ParameterSpec> specs =
                [
                    .. DenseSpecs(names.Dense, hidden, config.EmbeddingSize),
                    .. NormSpecs(names.Norm, config.EmbeddingSize),
                    new(names.Bias, [config.VocabularySize], Initial.Zeros, names.DecoderBias),
                ];
                if (!config.TieWordEmbeddings)
                {
                    specs.Add(new(names.Decoder, [config.VocabularySize, config.EmbeddingSize]));
                }
                return specs;
            default:
                return config.HasPooler ? [.. DenseSpecs(config.Prefix + Pooler, hidden, hidden)] : [];
        }
    }

    private static ParameterSpec[] DenseSpecs(string name, long from, long to) =>
        [new(name + ".weight", [to, from]), new(name + ".bias", [to], Initial.Zeros)];

    private static ParameterSpec[] NormSpecs(string name, long width) =>
        [new(name + ".weight", [width], Initial.Ones), new(name + ".bias", [width], Initial.Zeros)];

    private Dense DenseOf(string name) => new(_weights[name + ".weight"], _weights[name + ".bias"]);

    private Norm NormOf(string name) => new(_weights[name + ".weight"], _weights[name + ".bias"]);

    /// <inheritdoc/>
    public override Tensor Embed(Tensor ids) =>
        _words.index_select(0, ids.flatten()).view(ids.shape[0], ids.shape[1], EmbeddingWidth);

    /// <inheritdoc/>
    public override Tensor Forward(NetworkInput input, PropagationRules rules, CancellationToken cancellation)
    {
        using DisposeScope? scope = ScopeUnlessObserved(input);
        Tensor logits = Read(Encode(input, rules, cancellation), rules);
        return scope is null ? logits : logits.MoveToOuterDisposeScope();
    }

    /// <summary>All hidden states of the last layer [batch, length, hidden].</summary>
    public Tensor HiddenStates(NetworkInput input, PropagationRules rules, CancellationToken cancellation)
    {
        using DisposeScope? scope = ScopeUnlessObserved(input);
        Tensor hidden = Embedded(input, rules);
        Tensor? absent = AbsentKeys(input.Mask);
        for (int i = 0; i < _layers.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            hidden = RunLayer(i, hidden, null, absent, input.Observe, rules);
        }
        return scope is null ? hidden : hidden.MoveToOuterDisposeScope();
    }

    /// <summary>tanh of the pooler's linear layer on the first token of hidden states, [batch, hidden]; null without a pooler.</summary>
    public Tensor? Pool(Tensor hidden, PropagationRules rules)
    {
        if (!Config.HasPooler)
        {
            return null;
        }
        Dense dense = DenseOf(Config.Prefix + Pooler);
        return rules.Activation(
            rules.Linear(AtReadOut(hidden, null).squeeze(1), dense.Weight, dense.Bias),
            t => t.tanh()
        );
    }

    // Observed tensors outlive the call; otherwise what it made goes when it is done.
    private static DisposeScope? ScopeUnlessObserved(NetworkInput input) =>
        input.Observe is null ? NewDisposeScope() : null;

    /// <summary>The head over every position of hidden states [batch, length, hidden], for training a masked language model.</summary>
    public Tensor Decode(Tensor hidden, PropagationRules rules)
    {
        HeadNames.Masked names = HeadNames.MaskedLanguageModel(Config.Family);
        Func<Tensor, Tensor> activation = Config.Family is EncoderFamily.Bert or EncoderFamily.DistilBert
            ? _activation
            : ActivationFunctions.Gelu;
        Dense dense = DenseOf(names.Dense);
        Norm norm = NormOf(names.Norm);
        Tensor x = rules.Activation(rules.Linear(hidden, dense.Weight, dense.Bias), activation);
        x = rules.LayerNorm(x, norm.Weight, norm.Bias, Config.LayerNormEpsilon);
        Tensor decoder = Config.TieWordEmbeddings ? _words : _weights[names.Decoder];
        return rules.Linear(x, decoder, _weights[names.Bias]);
    }

    // The read-out's hidden state [batch, hidden]; the last layer runs that one query unless someone watches.
    private Tensor Encode(NetworkInput input, PropagationRules rules, CancellationToken cancellation)
    {
        Tensor hidden = Embedded(input, rules);
        Tensor? absent = AbsentKeys(input.Mask);
        for (int i = 0; i < _layers.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor? query = i == _layers.Length - 1 && input.Observe is null ? AtReadOut(hidden, input.ReadOut) : null;
            hidden = RunLayer(i, hidden, query, absent, input.Observe, rules);
        }
        return (input.Observe is null ? hidden : AtReadOut(hidden, input.ReadOut)).squeeze(1);
    }

    private static Tensor AtReadOut(Tensor hidden, Tensor? readOut)
    {
        if (readOut is null)
        {
            return hidden.narrow(1, 0, 1);
        }
        long[] shape = [hidden.shape[0], 1, hidden.shape[2]];
        return hidden.gather(1, readOut.view(-1, 1, 1).expand(shape));
    }

    private Tensor Read(Tensor hidden, PropagationRules rules)
    {
        if (Config.Head == EncoderHead.None)
        {
            return hidden;
        }
        if (Config.Head == EncoderHead.MaskedLanguageModel)
        {
            return Decode(hidden, rules);
        }
        (string denseName, string outputName) = HeadNames.Classifier(Config.Family);
        Dense dense = DenseOf(denseName);
        Dense output = DenseOf(outputName);
        bool bert = Config.Family == EncoderFamily.Bert;
        bool distil = Config.Family == EncoderFamily.DistilBert;
        Tensor x = bert || distil ? hidden : rules.Dropout(hidden, Config.ClassifierDropout);
        x = rules.Activation(
            rules.Linear(x, dense.Weight, dense.Bias),
            Config.Family switch
            {
                EncoderFamily.DistilBert => t => t.relu(),
                EncoderFamily.Electra => ActivationFunctions.Gelu,
                _ => t => t.tanh(),
            }
        );
        x = rules.Dropout(x, Config.ClassifierDropout);
        return rules.Linear(x, output.Weight, output.Bias);
    }

    private Tensor Embedded(NetworkInput input, PropagationRules rules)
    {
        Tensor words =
            input.Embeddings
            ?? Embed(input.Ids ?? throw new ArgumentException("ids or embeddings are needed", nameof(input)));
        long batch = words.shape[0];
        long length = words.shape[1];
        if (words.shape[2] != EmbeddingWidth || input.Positions.shape[1] != length)
        {
            throw new ModelException(
                $"embeddings {FileText.Shape(words.shape)} and positions {FileText.Shape(input.Positions.shape)} do not fit a width of {EmbeddingWidth}"
            );
        }
        Tensor x = words;
        if (_types is not null)
        {
            // The reference adds types before positions; addition is not associative in floating point.
            Tensor types = input.TypeIds is null
                ? _types[0]
                : _types.index_select(0, input.TypeIds.flatten()).view(batch, length, EmbeddingWidth);
            x = rules.Add(x, types);
        }
        Tensor index = input.Positions.flatten();
        index = Config.PositionOffset == 0 ? index : index.Plus((long)Config.PositionOffset);
        x = rules.Add(x, _positions.index_select(0, index).view(input.Positions.shape[0], length, EmbeddingWidth));
        x = rules.LayerNorm(x, _embeddingNorm.Weight, _embeddingNorm.Bias, Config.LayerNormEpsilon);
        x = rules.Dropout(x, Config.HiddenDropout);
        if (_projection is not null)
        {
            x = rules.Linear(x, _projection.Weight, _projection.Bias);
        }
        input.Observe?.Invoke("embeddings", x);
        return x;
    }

    private static Tensor? AbsentKeys(Tensor? mask) => mask?.logical_not().unsqueeze(1).unsqueeze(1);

    private Tensor RunLayer(
        int index,
        Tensor hidden,
        Tensor? query,
        Tensor? absent,
        Action<string, Tensor>? observe,
        PropagationRules rules
    )
    {
        using DisposeScope? scope = observe is null ? NewDisposeScope() : null;
        Layer layer = _layers[index];
        Tensor from = query ?? hidden;
        double scale = 1 / Math.Sqrt(Config.HiddenSize / Config.Heads);
        Tensor q = Heads(rules.Linear(from, layer.Query.Weight, layer.Query.Bias).Times(scale));
        Tensor k = Heads(rules.Linear(hidden, layer.Key.Weight, layer.Key.Bias));
        Tensor v = Heads(rules.Linear(hidden, layer.Value.Weight, layer.Value.Bias));
        Tensor scores = rules.AttentionScores(q, k);
        if (absent is not null)
        {
            scores = scores.Masked(absent, Lowest(scores.dtype));
        }
        Tensor probabilities = rules.Softmax(scores);
        observe?.Invoke($"layer.{index}.attention", probabilities);
        probabilities = rules.Dropout(probabilities, Config.AttentionDropout);
        Tensor context = rules.Attend(probabilities, v).transpose(1, 2).reshape(from.shape);
        Tensor attended = rules.Dropout(
            rules.Linear(context, layer.Output.Weight, layer.Output.Bias),
            Config.HiddenDropout
        );
        Tensor x = rules.LayerNorm(
            rules.Add(attended, from),
            layer.AttentionNorm.Weight,
            layer.AttentionNorm.Bias,
            Config.LayerNormEpsilon
        );
        Tensor inner = rules.Activation(rules.Linear(x, layer.Up.Weight, layer.Up.Bias), _activation);
        Tensor outer = rules.Dropout(rules.Linear(inner, layer.Down.Weight, layer.Down.Bias), Config.HiddenDropout);
        x = rules.LayerNorm(
            rules.Add(outer, x),
            layer.OutputNorm.Weight,
            layer.OutputNorm.Bias,
            Config.LayerNormEpsilon
        );
        observe?.Invoke($"layer.{index}", x);
        return scope is null ? x : x.MoveToOuterDisposeScope();
    }

    private Tensor Heads(Tensor x) =>
        x.view(x.shape[0], x.shape[1], Config.Heads, Config.HiddenSize / Config.Heads).transpose(1, 2);

    /// <summary>The lowest finite number of a type: a masked key's score, whose weight is then exactly zero.</summary>
    internal static double Lowest(ScalarType type) =>
        type == ScalarType.Float64 ? double.MinValue
        : type == ScalarType.BFloat16 ? -3.3895313892515355e38
        : float.MinValue;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _weights.Dispose();
        }
    }

    private sealed record Layer(
        Dense Query,
        Dense Key,
        Dense Value,
        Dense Output,
        Norm AttentionNorm,
        Dense Up,
        Dense Down,
        Norm OutputNorm
    );

    private sealed record LayerNames(
        string Query,
        string Key,
        string Value,
        string Output,
        string AttentionNorm,
        string Up,
        string Down,
        string OutputNorm
    )
    {
        public static LayerNames Of(EncoderFamily family, string prefix, int index)
        {
            if (family == EncoderFamily.DistilBert)
            {
                string d = $"{prefix}transformer.layer.{index}.";
                return new(
                    d + "attention.q_lin",
                    d + "attention.k_lin",
                    d + "attention.v_lin",
                    d + "attention.out_lin",
                    d + "sa_layer_norm",
                    d + "ffn.lin1",
                    d + "ffn.lin2",
                    d + "output_layer_norm"
                );
            }
            string l = $"{prefix}encoder.layer.{index}.";
            return new(
                l + "attention.self.query",
                l + "attention.self.key",
                l + "attention.self.value",
                l + "attention.output.dense",
                l + "attention.output.LayerNorm",
                l + "intermediate.dense",
                l + "output.dense",
                l + "output.LayerNorm"
            );
        }
    }

    private static class HeadNames
    {
        public sealed record Masked(string Dense, string Norm, string Bias, string Decoder, string DecoderBias);

        public static (string Dense, string Output) Classifier(EncoderFamily family) =>
            family switch
            {
                EncoderFamily.Bert => ($"bert.{Pooler}", "classifier"),
                EncoderFamily.DistilBert => ("pre_classifier", "classifier"),
                _ => ("classifier.dense", "classifier.out_proj"),
            };

        public static Masked MaskedLanguageModel(EncoderFamily family) =>
            family switch
            {
                EncoderFamily.Bert => new(
                    "cls.predictions.transform.dense",
                    "cls.predictions.transform.LayerNorm",
                    "cls.predictions.bias",
                    "cls.predictions.decoder.weight",
                    "cls.predictions.decoder.bias"
                ),
                EncoderFamily.DistilBert => new(
                    "vocab_transform",
                    "vocab_layer_norm",
                    "vocab_projector.bias",
                    "vocab_projector.weight",
                    "vocab_projector.bias"
                ),
                EncoderFamily.Roberta => new(
                    "lm_head.dense",
                    "lm_head.layer_norm",
                    "lm_head.bias",
                    "lm_head.decoder.weight",
                    "lm_head.decoder.bias"
                ),
                _ => new(
                    "generator_predictions.dense",
                    "generator_predictions.LayerNorm",
                    "generator_lm_head.bias",
                    "generator_lm_head.weight",
                    "generator_lm_head.bias"
                ),
            };

        public static bool IsTiedDecoder(EncoderFamily family, string name)
        {
            Masked names = MaskedLanguageModel(family);
            return name == names.Decoder || name == names.DecoderBias || name == names.Bias;
        }
    }
}

/// <summary>A linear layer's weight [out, in] and bias.</summary>
internal sealed record Dense(Tensor Weight, Tensor? Bias);

/// <summary>A normalisation's weight and bias.</summary>
internal sealed record Norm(Tensor Weight, Tensor Bias);
