using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Whylight.Tests.Models;

/// <summary>
/// The slow obvious twin of every transformer graph: loops over doubles, one text at a time, each configuration key read from
/// the raw JSON with the default of the reference implementation. Shares no code with the graphs.
/// </summary>
/// <remarks>
/// Weights are made up when first asked for, by the names and shapes that the reference gives them, and can then be written as
/// a folder: a loader that wants another name or shape refuses it.
/// </remarks>
internal sealed class SlowTransformer(JsonObject config, int seed, bool bare = false)
{
    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, (int[] Shape, double[] Values)> _weights = new(StringComparer.Ordinal);

    public JsonObject Config { get; } = config;

    private string Type => (string)Config["model_type"]!;

    private string Architecture => (string)Config["architectures"]![0]!;

    private int Int(string key, int fallback) => Config[key] is JsonValue v ? (int)v.GetValue<double>() : fallback;

    private double Real(string key, double fallback) => Config[key] is JsonValue v ? v.GetValue<double>() : fallback;

    private bool Is(string key, bool fallback) => Config[key] is JsonValue v ? v.GetValue<bool>() : fallback;

    private string Text(string key, string fallback) => Config[key] is JsonValue v ? v.GetValue<string>() : fallback;

    private int Labels => Config["id2label"] is JsonObject map ? map.Count : Int("num_labels", 2);

    /// <summary>Writes config.json, vocab.txt and the weights that runs so far asked for.</summary>
    public void Write(
        string folder,
        IReadOnlyList<string> words,
        Action<Dictionary<string, (int[], double[])>>? change = null
    )
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), Config.ToJsonString());
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Join('\n', words) + "\n");
        Dictionary<string, (int[] Shape, double[] Values)> weights = new(_weights, StringComparer.Ordinal);
        change?.Invoke(weights);
        SmallSafetensors.Write(Path.Combine(folder, "model.safetensors"), weights);
    }

    private double[] W(string name, params int[] shape)
    {
        if (!_weights.TryGetValue(name, out (int[] Shape, double[] Values) weight))
        {
            int count = shape.Aggregate(1, (a, b) => a * b);
            bool scale = shape.Length == 1 && name.EndsWith("weight", StringComparison.Ordinal);
            // Single precision holds each exactly, so that both sides compute with the same numbers.
            double[] values =
            [
                .. Enumerable.Range(0, count).Select(_ => (double)(float)((scale ? 1 : 0) + 0.3 * Normal())),
            ];
            _weights[name] = weight = (shape, values);
        }
        Assert.Equal(shape, weight.Shape);
        return weight.Values;
    }

    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private string P(string prefix) => bare ? "" : prefix + ".";

    // y = W x + b, W [out, in] in rows.
    private double[] Linear(double[] x, string name, int outputs, bool bias = true)
    {
        double[] w = W(name + ".weight", outputs, x.Length);
        double[]? b = bias ? W(name + ".bias", outputs) : null;
        return [.. Enumerable.Range(0, outputs).Select(o => Dot(w, o * x.Length, x) + (b?[o] ?? 0))];
    }

    private static double Dot(double[] w, int at, double[] x)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sum += w[at + i] * x[i];
        }
        return sum;
    }

    private double[] LayerNorm(double[] x, string name, double epsilon)
    {
        double[] w = W(name + ".weight", x.Length);
        double[] b = W(name + ".bias", x.Length);
        double mean = x.Average();
        double variance = x.Average(v => (v - mean) * (v - mean));
        return [.. x.Select((v, i) => (v - mean) / Math.Sqrt(variance + epsilon) * w[i] + b[i])];
    }

    private double[] RmsNorm(double[] x, string name, double epsilon)
    {
        double[] w = W(name + ".weight", x.Length);
        double square = x.Average(v => v * v);
        return [.. x.Select((v, i) => v / Math.Sqrt(square + epsilon) * w[i])];
    }

    private static double[] Row(double[] table, int row, int width) => table[(row * width)..((row + 1) * width)];

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Apply(double[] x, Func<double, double> f) => [.. x.Select(f)];

    // Softmax-weighted values: scores only where seen.
    private static double[] Attend(
        double[] query,
        double[][] keys,
        double[][] values,
        Func<int, bool> sees,
        double scale
    )
    {
        int[] seen = [.. Enumerable.Range(0, keys.Length).Where(sees)];
        double[] scores = [.. seen.Select(j => Dot(query, 0, keys[j]) * scale)];
        double max = scores.Max();
        double[] e = [.. scores.Select(s => Math.Exp(s - max))];
        double sum = e.Sum();
        double[] result = new double[values[0].Length];
        for (int s = 0; s < seen.Length; s++)
        {
            for (int d = 0; d < result.Length; d++)
            {
                result[d] += e[s] / sum * values[seen[s]][d];
            }
        }
        return result;
    }

    private static double[] Head(double[] x, int head, int width) => x[(head * width)..((head + 1) * width)];

    /// <summary>An encoder's answer: label logits, vocabulary logits at a place, or (no head) the pooler's output.</summary>
    public double[] Encoder(int[] ids, int[]? mask = null, int[]? types = null, int readOut = 0)
    {
        double[][] x = EncoderStates(ids, mask, types);
        bool distil = Type == "distilbert";
        bool roberta = Type is "roberta" or "xlm-roberta" or "camembert";
        int hidden = x[0].Length;
        int vocabulary = Int("vocab_size", 30522);
        double eps = distil ? 1e-12 : Real("layer_norm_eps", 1e-12);
        Func<double, double> act = Activation(Text(distil ? "activation" : "hidden_act", "gelu"));
        string p = P(roberta ? "roberta" : Type);
        if (Architecture.EndsWith("ForSequenceClassification", StringComparison.Ordinal))
        {
            return Type switch
            {
                "bert" => Linear(Apply(Linear(x[0], p + "pooler.dense", hidden), Math.Tanh), "classifier", Labels),
                "distilbert" => Linear(
                    Apply(Linear(x[0], "pre_classifier", hidden), v => Math.Max(v, 0)),
                    "classifier",
                    Labels
                ),
                "electra" => Linear(
                    Apply(Linear(x[0], "classifier.dense", hidden), Activation("gelu")),
                    "classifier.out_proj",
                    Labels
                ),
                _ => Linear(Apply(Linear(x[0], "classifier.dense", hidden), Math.Tanh), "classifier.out_proj", Labels),
            };
        }
        if (Architecture.EndsWith("ForMaskedLM", StringComparison.Ordinal))
        {
            (string dense, string norm, string decoder, string bias, Func<double, double> f) = Type switch
            {
                "bert" => (
                    "cls.predictions.transform.dense",
                    "cls.predictions.transform.LayerNorm",
                    "cls.predictions.decoder.weight",
                    "cls.predictions.bias",
                    act
                ),
                "distilbert" => (
                    "vocab_transform",
                    "vocab_layer_norm",
                    "vocab_projector.weight",
                    "vocab_projector.bias",
                    act
                ),
                "electra" => (
                    "generator_predictions.dense",
                    "generator_predictions.LayerNorm",
                    "generator_lm_head.weight",
                    "generator_lm_head.bias",
                    Activation("gelu")
                ),
                _ => (
                    "lm_head.dense",
                    "lm_head.layer_norm",
                    "lm_head.decoder.weight",
                    "lm_head.bias",
                    Activation("gelu")
                ),
            };
            int width = Type == "electra" ? Int("embedding_size", 128) : hidden;
            double[] h = LayerNorm(Apply(Linear(x[readOut], dense, width), f), norm, eps);
            double[] words = Is("tie_word_embeddings", true)
                ? W(p + "embeddings.word_embeddings.weight", vocabulary, width)
                : W(decoder, vocabulary, width);
            double[] b = W(bias, vocabulary);
            return [.. Enumerable.Range(0, vocabulary).Select(v => Dot(words, v * width, h) + b[v])];
        }
        return Apply(Linear(x[0], p + "pooler.dense", hidden), Math.Tanh);
    }

    /// <summary>Every token's last hidden state.</summary>
    public double[][] EncoderStates(int[] ids, int[]? mask, int[]? types)
    {
        bool distil = Type == "distilbert";
        bool roberta = Type is "roberta" or "xlm-roberta" or "camembert";
        int hidden = Int(distil ? "dim" : "hidden_size", 0);
        int width = Type == "electra" ? Int("embedding_size", 128) : hidden;
        int heads = Int(distil ? "n_heads" : "num_attention_heads", 12);
        int inner = Int(distil ? "hidden_dim" : "intermediate_size", 0);
        int maximum = Int("max_position_embeddings", 512);
        double eps = distil ? 1e-12 : Real("layer_norm_eps", 1e-12);
        Func<double, double> act = Activation(Text(distil ? "activation" : "hidden_act", "gelu"));
        string p = P(roberta ? "roberta" : Type);
        int pad = Int("pad_token_id", roberta ? 1 : 0);
        int counted = 0;
        double[][] x = new double[ids.Length][];
        for (int i = 0; i < ids.Length; i++)
        {
            int position =
                !roberta ? i
                : ids[i] == pad ? pad
                : pad + ++counted;
            double[] e = Row(W(p + "embeddings.word_embeddings.weight", Int("vocab_size", 0), width), ids[i], width);
            if (!distil)
            {
                int kinds = Int("type_vocab_size", 2);
                e = Sum(e, Row(W(p + "embeddings.token_type_embeddings.weight", kinds, width), types?[i] ?? 0, width));
            }
            e = Sum(e, Row(W(p + "embeddings.position_embeddings.weight", maximum, width), position, width));
            e = LayerNorm(e, p + "embeddings.LayerNorm", eps);
            x[i] = width == hidden ? e : Linear(e, p + "embeddings_project", hidden);
        }
        int headWidth = hidden / heads;
        for (int layer = 0; layer < Int(distil ? "n_layers" : "num_hidden_layers", 12); layer++)
        {
            string l = distil ? $"{p}transformer.layer.{layer}." : $"{p}encoder.layer.{layer}.";
            (string q, string k, string v, string o, string n1, string up, string down, string n2) = distil
                ? (
                    "attention.q_lin",
                    "attention.k_lin",
                    "attention.v_lin",
                    "attention.out_lin",
                    "sa_layer_norm",
                    "ffn.lin1",
                    "ffn.lin2",
                    "output_layer_norm"
                )
                : (
                    "attention.self.query",
                    "attention.self.key",
                    "attention.self.value",
                    "attention.output.dense",
                    "attention.output.LayerNorm",
                    "intermediate.dense",
                    "output.dense",
                    "output.LayerNorm"
                );
            double[][] queries = [.. x.Select(t => Linear(t, l + q, hidden))];
            double[][] keys = [.. x.Select(t => Linear(t, l + k, hidden))];
            double[][] values = [.. x.Select(t => Linear(t, l + v, hidden))];
            double[][] next = new double[x.Length][];
            for (int i = 0; i < x.Length; i++)
            {
                List<double> context = [];
                for (int h = 0; h < heads; h++)
                {
                    context.AddRange(
                        Attend(
                            Head(queries[i], h, headWidth),
                            [.. keys.Select(t => Head(t, h, headWidth))],
                            [.. values.Select(t => Head(t, h, headWidth))],
                            j => mask is null || mask[j] == 1,
                            1 / Math.Sqrt(headWidth)
                        )
                    );
                }
                double[] a = LayerNorm(Sum(Linear([.. context], l + o, hidden), x[i]), l + n1, eps);
                double[] f = Linear(Apply(Linear(a, l + up, inner), act), l + down, hidden);
                next[i] = LayerNorm(Sum(f, a), l + n2, eps);
            }
            x = next;
        }
        return x;
    }

    /// <summary>A decoder's logits after its last token: over the vocabulary, or over labels. No padding.</summary>
    public double[] Decoder(int[] ids, int[]? types = null)
    {
        bool gpt2 = Type == "gpt2";
        double[][] x = gpt2 ? Gpt2States(ids, types) : LlamaStates(ids);
        int hidden = x[0].Length;
        int vocabulary = Int("vocab_size", 0);
        double[] last = x[^1];
        if (Architecture.EndsWith("ForSequenceClassification", StringComparison.Ordinal))
        {
            return Linear(last, "score", Labels, bias: false);
        }
        double[] head = Is("tie_word_embeddings", gpt2)
            ? W(gpt2 ? P("transformer") + "wte.weight" : P("model") + "embed_tokens.weight", vocabulary, hidden)
            : W("lm_head.weight", vocabulary, hidden);
        return [.. Enumerable.Range(0, vocabulary).Select(v => Dot(head, v * hidden, last))];
    }

    private double[][] Gpt2States(int[] ids, int[]? types)
    {
        int hidden = Int("n_embd", 768);
        int heads = Int("n_head", 12);
        int inner = Int("n_inner", 4 * hidden);
        int width = hidden / heads;
        double eps = Real("layer_norm_epsilon", 1e-5);
        Func<double, double> act = Activation(Text("activation_function", "gelu_new"));
        string p = P("transformer");
        double[] words = W(p + "wte.weight", Int("vocab_size", 0), hidden);
        double[] positions = W(p + "wpe.weight", Int("n_positions", 1024), hidden);
        double[][] x =
        [
            .. ids.Select(
                (id, i) =>
                {
                    double[] e = Sum(Row(words, id, hidden), Row(positions, i, hidden));
                    return types is null ? e : Sum(e, Row(words, types[i], hidden));
                }
            ),
        ];
        for (int layer = 0; layer < Int("n_layer", 12); layer++)
        {
            string l = $"{p}h.{layer}.";
            double scale = Is("scale_attn_weights", true) ? 1 / Math.Sqrt(width) : 1;
            scale /= Is("scale_attn_by_inverse_layer_idx", false) ? layer + 1 : 1;
            double[][] qkv = [.. x.Select(t => Conv(LayerNorm(t, l + "ln_1", eps), l + "attn.c_attn", 3 * hidden))];
            double[][] next = new double[x.Length][];
            for (int i = 0; i < x.Length; i++)
            {
                List<double> context = [];
                for (int h = 0; h < heads; h++)
                {
                    context.AddRange(
                        Attend(
                            Head(qkv[i], h, width),
                            [.. qkv.Select(t => Head(t[hidden..], h, width))],
                            [.. qkv.Select(t => Head(t[(2 * hidden)..], h, width))],
                            j => j <= i,
                            scale
                        )
                    );
                }
                double[] a = Sum(Conv([.. context], l + "attn.c_proj", hidden), x[i]);
                double[] f = Apply(Conv(LayerNorm(a, l + "ln_2", eps), l + "mlp.c_fc", inner), act);
                next[i] = Sum(a, Conv(f, l + "mlp.c_proj", hidden));
            }
            x = next;
        }
        return [.. x.Select(t => LayerNorm(t, p + "ln_f", eps))];
    }

    // GPT-2 keeps its weights [in, out].
    private double[] Conv(double[] x, string name, int outputs)
    {
        double[] w = W(name + ".weight", x.Length, outputs);
        double[] b = W(name + ".bias", outputs);
        double[] y = [.. b];
        for (int i = 0; i < x.Length; i++)
        {
            for (int o = 0; o < outputs; o++)
            {
                y[o] += x[i] * w[i * outputs + o];
            }
        }
        return y;
    }

    private double[][] LlamaStates(int[] ids)
    {
        bool qwen = Type == "qwen2";
        int hidden = Int("hidden_size", 4096);
        int heads = Int("num_attention_heads", 32);
        int shared = Int("num_key_value_heads", Type == "mistral" ? 8 : heads);
        int width = Int("head_dim", hidden / heads);
        int inner = Int("intermediate_size", 0);
        double eps = Real("rms_norm_eps", 1e-6);
        bool bias = Type == "llama" && Is("attention_bias", false);
        bool mlpBias = Type == "llama" && Is("mlp_bias", false);
        Func<double, double> act = Activation(Text("hidden_act", "silu"));
        string p = P("model");
        double[] words = W(p + "embed_tokens.weight", Int("vocab_size", 0), hidden);
        double[][] x = [.. ids.Select(id => Row(words, id, hidden))];
        (double[] frequencies, double magnitude) = Rotary(width, ids.Length);
        for (int layer = 0; layer < Int("num_hidden_layers", 32); layer++)
        {
            string l = $"{p}layers.{layer}.";
            double[][] n = [.. x.Select(t => RmsNorm(t, l + "input_layernorm", eps))];
            double[][] queries = [.. n.Select(t => Linear(t, l + "self_attn.q_proj", heads * width, bias || qwen))];
            double[][] keys = [.. n.Select(t => Linear(t, l + "self_attn.k_proj", shared * width, bias || qwen))];
            double[][] values = [.. n.Select(t => Linear(t, l + "self_attn.v_proj", shared * width, bias || qwen))];
            double[][] next = new double[x.Length][];
            for (int i = 0; i < x.Length; i++)
            {
                List<double> context = [];
                for (int h = 0; h < heads; h++)
                {
                    int group = h / (heads / shared);
                    context.AddRange(
                        Attend(
                            Turn(Head(queries[i], h, width), i, frequencies, magnitude),
                            [.. keys.Select((t, j) => Turn(Head(t, group, width), j, frequencies, magnitude))],
                            [.. values.Select(t => Head(t, group, width))],
                            j => j <= i,
                            1 / Math.Sqrt(width)
                        )
                    );
                }
                double[] a = Sum(Linear([.. context], l + "self_attn.o_proj", hidden, bias), x[i]);
                double[] m = RmsNorm(a, l + "post_attention_layernorm", eps);
                double[] gate = Apply(Linear(m, l + "mlp.gate_proj", inner, mlpBias), act);
                double[] up = Linear(m, l + "mlp.up_proj", inner, mlpBias);
                double[] f = [.. gate.Zip(up, (g, u) => g * u)];
                next[i] = Sum(a, Linear(f, l + "mlp.down_proj", hidden, mlpBias));
            }
            x = next;
        }
        return [.. x.Select(t => RmsNorm(t, p + "norm", eps))];
    }

    // Dimension d and d + half are a pair that turns by position times frequency.
    private static double[] Turn(double[] x, int position, double[] frequencies, double magnitude)
    {
        int half = x.Length / 2;
        double[] y = new double[x.Length];
        for (int d = 0; d < half; d++)
        {
            (double sin, double cos) = Math.SinCos(position * frequencies[d]);
            y[d] = magnitude * (x[d] * cos - x[d + half] * sin);
            y[d + half] = magnitude * (x[d + half] * cos + x[d] * sin);
        }
        return y;
    }

    private (double[] Frequencies, double Magnitude) Rotary(int width, int length)
    {
        JsonObject? scaling = Config["rope_scaling"] is JsonObject { Count: > 0 } old
            ? old
            : Config["rope_parameters"] as JsonObject;
        double Number(string key, double fallback) => scaling?[key] is JsonValue v ? v.GetValue<double>() : fallback;
        string kind = (string?)(scaling?["rope_type"] ?? scaling?["type"]) ?? "default";
        double theta = Config["rope_theta"] is JsonValue t ? t.GetValue<double>() : Number("rope_theta", 10000);
        int maximum = Int(
            "max_position_embeddings",
            Type == "llama" ? 2048
                : Type == "qwen2" ? 32768
                : 131072
        );
        double original = Number("original_max_position_embeddings", maximum);
        double factor = Number("factor", maximum / original);
        double[] f = new double[width / 2];
        for (int d = 0; d < f.Length; d++)
        {
            double exponent = 2.0 * d / width;
            double plain = 1 / Math.Pow(theta, exponent);
            switch (kind)
            {
                case "linear":
                    f[d] = plain / factor;
                    break;
                case "dynamic":
                    double seen = Math.Max(length, maximum);
                    double b = theta * Math.Pow(factor * seen / maximum - (factor - 1), (double)width / (width - 2));
                    f[d] = 1 / Math.Pow(b, exponent);
                    break;
                case "llama3":
                    double wavelength = 2 * Math.PI / plain;
                    double low = Number("low_freq_factor", 1);
                    double high = Number("high_freq_factor", 4);
                    double smooth = (original / wavelength - low) / (high - low);
                    f[d] =
                        wavelength < original / high ? plain
                        : wavelength > original / low ? plain / factor
                        : (1 - smooth) * plain / factor + smooth * plain;
                    break;
                case "yarn":
                    double Correction(double rotations) =>
                        width * Math.Log(original / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));
                    double from = Correction(Number("beta_fast", 32));
                    double to = Correction(Number("beta_slow", 1));
                    if (scaling!["truncate"] is null || (bool)scaling["truncate"]!)
                    {
                        (from, to) = (Math.Floor(from), Math.Ceiling(to));
                    }
                    (from, to) = (Math.Max(from, 0), Math.Min(to, width - 1));
                    double ramp = Math.Clamp((d - from) / (to - from == 0 ? 0.001 : to - from), 0, 1);
                    f[d] = plain / factor * ramp + plain * (1 - ramp);
                    break;
                case "longrope":
                    JsonArray factors = (JsonArray)scaling![length > original ? "long_factor" : "short_factor"]!;
                    f[d] = plain / (double)factors[d]!;
                    break;
                default:
                    f[d] = plain;
                    break;
            }
        }
        double Scale(double m) => factor <= 1 ? 1 : 0.1 * m * Math.Log(factor) + 1;
        double inferred = kind switch
        {
            "yarn" when scaling!["mscale"] is not null && scaling["mscale_all_dim"] is not null => Scale(
                Number("mscale", 1)
            ) / Scale(Number("mscale_all_dim", 1)),
            "yarn" => Scale(1),
            "longrope" when factor > 1 => Math.Sqrt(1 + Math.Log(factor) / Math.Log(original)),
            _ => 1,
        };
        return (f, Number("attention_factor", inferred));
    }

    private static Func<double, double> Activation(string name)
    {
        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        static double Gelu(double x) => x * 0.5 * (1 + Erf(x / Math.Sqrt(2)));
        static double Tanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
        return name switch
        {
            "gelu" or "gelu_python" => Gelu,
            "gelu_10" => x => Math.Clamp(Gelu(x), -10, 10),
            "gelu_new" or "gelu_pytorch_tanh" or "gelu_accurate" or "gelu_python_tanh" or "gelu_fast" => Tanh,
            "quick_gelu" => x => x * Sigmoid(1.702 * x),
            "relu" => x => Math.Max(x, 0),
            "relu2" => x => Math.Pow(Math.Max(x, 0), 2),
            "relu6" => x => Math.Min(Math.Max(x, 0), 6),
            "leaky_relu" => x => x >= 0 ? x : 0.01 * x,
            "laplace" => x => 0.5 * (1 + Erf((x - 0.707107) / (0.282095 * Math.Sqrt(2)))),
            "linear" => x => x,
            "mish" => x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))),
            "sigmoid" => Sigmoid,
            "silu" or "swish" => x => x * Sigmoid(x),
            "tanh" => Math.Tanh,
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }

    // The power series up to 3, the continued fraction of the complement beyond.
    private static double Erf(double x)
    {
        double a = Math.Abs(x);
        double value;
        if (a < 3)
        {
            double term = a;
            value = a;
            for (int n = 1; Math.Abs(term) > 1e-18; n++)
            {
                term *= -a * a / n;
                value += term / (2 * n + 1);
            }
            value *= 2 / Math.Sqrt(Math.PI);
        }
        else
        {
            double fraction = 0;
            for (int n = 60; n > 0; n--)
            {
                fraction = n / 2.0 / (a + fraction);
            }
            value = 1 - Math.Exp(-a * a) / Math.Sqrt(Math.PI) / (a + fraction);
        }
        return Math.Sign(x) * value;
    }
}

/// <summary>Writes safetensors by the format's text, with whatever a test wants to be wrong.</summary>
internal static class SmallSafetensors
{
    public static void Write(string path, IReadOnlyDictionary<string, (int[] Shape, double[] Values)> tensors)
    {
        StringBuilder header = new("{\"__metadata__\":{\"format\":\"pt\"}");
        using MemoryStream data = new();
        foreach ((string name, (int[] shape, double[] values)) in tensors.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            long begin = data.Length;
            byte[] four = new byte[4];
            foreach (double value in values)
            {
                BinaryPrimitives.WriteSingleLittleEndian(four, (float)value);
                data.Write(four);
            }
            header.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $",\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{string.Join(",", shape)}],\"data_offsets\":[{begin},{data.Length}]}}"
            );
        }
        header.Append('}');
        Write(path, Encoding.UTF8.GetBytes(header.ToString()), data.ToArray());
    }

    public static void Write(string path, byte[] header, byte[] data)
    {
        // The format wants no alignment, writers pad the header with spaces so that numbers are aligned all the same.
        byte[] padded = [.. header, .. Enumerable.Repeat((byte)' ', (8 - header.Length % 8) % 8)];
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)padded.Length);
        File.WriteAllBytes(path, [.. length, .. padded, .. data]);
    }
}
