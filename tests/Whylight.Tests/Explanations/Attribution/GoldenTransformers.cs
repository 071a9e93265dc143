using System.Reflection;
using System.Text.Json;
using Whylight.Models.Networks;
using static TorchSharp.torch;
using static Whylight.Tests.Explanations.Attribution.FunctionNetwork;

namespace Whylight.Tests.Explanations.Attribution;

/// <summary>The tiny transformers of the golden files as our own graphs, in double precision.</summary>
internal static class GoldenTransformers
{
    /// <summary>The network of a case, and the input of its token ids. Without rotary positions all positions are 0.</summary>
    public static (Network Network, NetworkInput Input) Of(JsonElement golden)
    {
        JsonElement model = golden.GetProperty("model");
        long[] ids = [.. Row(golden.GetProperty("inputs").GetProperty("token_ids")).Select(x => (long)x)];
        bool bert = model.GetProperty("type").GetString() == "bert";
        NetworkInput input = Input(ids.Length, tensor(ids).view(1, -1));
        bool rotary = !bert && model.GetProperty("rope").ValueKind != JsonValueKind.Null;
        if (!bert && !rotary)
        {
            input = input with { Positions = zeros_like(input.Positions) };
        }
        return (bert ? Bert(model) : Llama(model), input);
    }

    private static WithHead Bert(JsonElement model)
    {
        JsonElement p = model.GetProperty("params");
        JsonElement[] layers = [.. p.GetProperty("layers").EnumerateArray()];
        WeightSet weights = new();
        void Matrix2(string name, JsonElement e) => weights.Add(name, Matrix(Rows(e)));
        void Vector(string name, JsonElement e) => weights.Add(name, tensor(Row(e)));
        void Norm(string name, JsonElement e)
        {
            Vector(name + ".weight", e.GetProperty("w"));
            Vector(name + ".bias", e.GetProperty("b"));
        }
        void Dense(string name, JsonElement layer, string weight)
        {
            Matrix2(name + ".weight", layer.GetProperty("w" + weight));
            Vector(name + ".bias", layer.GetProperty("b" + weight));
        }
        Matrix2("bert.embeddings.word_embeddings.weight", p.GetProperty("tok"));
        Matrix2("bert.embeddings.position_embeddings.weight", p.GetProperty("pos"));
        Norm("bert.embeddings.LayerNorm", p.GetProperty("emb_ln"));
        for (int i = 0; i < layers.Length; i++)
        {
            string l = $"bert.encoder.layer.{i}.";
            Dense(l + "attention.self.query", layers[i], "q");
            Dense(l + "attention.self.key", layers[i], "k");
            Dense(l + "attention.self.value", layers[i], "v");
            Dense(l + "attention.output.dense", layers[i], "o");
            Norm(l + "attention.output.LayerNorm", layers[i].GetProperty("ln1"));
            Dense(l + "intermediate.dense", layers[i], "1");
            Dense(l + "output.dense", layers[i], "2");
            Norm(l + "output.LayerNorm", layers[i].GetProperty("ln2"));
        }
        EncoderConfig config = new()
        {
            Family = EncoderFamily.Bert,
            Head = EncoderHead.None,
            VocabularySize = p.GetProperty("tok").GetArrayLength(),
            EmbeddingSize = model.GetProperty("dim").GetInt32(),
            HiddenSize = model.GetProperty("dim").GetInt32(),
            Layers = layers.Length,
            Heads = model.GetProperty("heads").GetInt32(),
            IntermediateSize = model.GetProperty("ff").GetInt32(),
            MaxPositions = p.GetProperty("pos").GetArrayLength(),
            LayerNormEpsilon = model.GetProperty("layer_norm_eps").GetDouble(),
        };
        return new WithHead(
            Make<EncoderNetwork>(config, weights),
            Matrix(Rows(p.GetProperty("cls_w"))),
            tensor(Row(p.GetProperty("cls_b"))),
            model.GetProperty("pool").GetString() == "mean"
        );
    }

    private static LlamaNetwork Llama(JsonElement model)
    {
        JsonElement p = model.GetProperty("params");
        JsonElement[] layers = [.. p.GetProperty("layers").EnumerateArray()];
        WeightSet weights = new();
        weights.Add("model.embed_tokens.weight", Matrix(Rows(p.GetProperty("embed"))));
        for (int i = 0; i < layers.Length; i++)
        {
            foreach (
                (string ours, string theirs) in new[]
                {
                    ("self_attn.q_proj", "wq"),
                    ("self_attn.k_proj", "wk"),
                    ("self_attn.v_proj", "wv"),
                    ("self_attn.o_proj", "wo"),
                    ("mlp.gate_proj", "w_gate"),
                    ("mlp.up_proj", "w_up"),
                    ("mlp.down_proj", "w_down"),
                }
            )
            {
                weights.Add($"model.layers.{i}.{ours}.weight", Matrix(Rows(layers[i].GetProperty(theirs))));
            }
            weights.Add($"model.layers.{i}.input_layernorm.weight", tensor(Row(layers[i].GetProperty("norm1"))));
            weights.Add(
                $"model.layers.{i}.post_attention_layernorm.weight",
                tensor(Row(layers[i].GetProperty("norm2")))
            );
        }
        weights.Add("model.norm.weight", tensor(Row(p.GetProperty("norm"))));
        weights.Add("lm_head.weight", Matrix(Rows(p.GetProperty("lm_head"))));
        int heads = model.GetProperty("heads").GetInt32();
        LlamaConfig config = new()
        {
            VocabularySize = p.GetProperty("embed").GetArrayLength(),
            HiddenSize = model.GetProperty("dim").GetInt32(),
            Layers = layers.Length,
            Heads = heads,
            KeyValueHeads = heads,
            HeadWidth = model.GetProperty("head_dim").GetInt32(),
            IntermediateSize = model.GetProperty("ff").GetInt32(),
            MaxPositions = 64,
            RmsNormEpsilon = model.GetProperty("rms_eps").GetDouble(),
        };
        return Make<LlamaNetwork>(config, weights);
    }

    /// <summary>Networks come from checkpoints or seeds; here the weights are given.</summary>
    public static T Make<T>(object config, WeightSet weights) =>
        (T)
            Activator.CreateInstance(
                typeof(T),
                BindingFlags.NonPublic | BindingFlags.Instance,
                null,
                [config, weights],
                null
            )!;

    /// <summary>An encoder without a head of its own under one linear layer.</summary>
    private sealed class WithHead(EncoderNetwork encoder, Tensor weight, Tensor bias, bool mean) : Network
    {
        public override int EmbeddingWidth => encoder.EmbeddingWidth;

        public override int VocabularySize => encoder.VocabularySize;

        public override Device Device => CPU;

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => encoder.Parameters;

        public override Tensor Embed(Tensor ids) => encoder.Embed(ids);

        public override Tensor Forward(NetworkInput input, PropagationRules rules, CancellationToken cancellation) =>
            rules.Linear(
                mean
                    ? encoder.HiddenStates(input, rules, cancellation).mean([1])
                    : encoder.Forward(input, rules, cancellation),
                weight,
                bias
            );

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                encoder.Dispose();
                weight.Dispose();
                bias.Dispose();
            }
        }
    }
}
