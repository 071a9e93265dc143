using Whylight.Models.Checkpoints;
using Whylight.Models.Networks;

namespace Whylight.Models.Families;

/// <summary>The model types of config.json that are read, and the graph that each is.</summary>
internal static class ModelFamilies
{
    /// <summary>A model type.</summary>
    /// <param name="Type">model_type of config.json.</param>
    /// <param name="Graph">The family whose graph it is, as results name it.</param>
    /// <param name="Classes">What names of its architectures begin with.</param>
    /// <param name="Encoder">The encoder family; null for a decoder.</param>
    public sealed record Entry(string Type, string Graph, string[] Classes, EncoderFamily? Encoder = null);

    private static readonly string[] s_roberta = ["Roberta", "XLMRoberta", "Camembert"];

    private static readonly Entry[] s_entries =
    [
        new("bert", "bert", ["Bert"], EncoderFamily.Bert),
        new("distilbert", "distilbert", ["DistilBert"], EncoderFamily.DistilBert),
        // One graph and one set of tensor names under three names.
        new("roberta", "roberta", s_roberta, EncoderFamily.Roberta),
        new("xlm-roberta", "roberta", s_roberta, EncoderFamily.Roberta),
        new("camembert", "roberta", s_roberta, EncoderFamily.Roberta),
        new("electra", "electra", ["Electra"], EncoderFamily.Electra),
        new("gpt2", "gpt2", ["GPT2"]),
        new("llama", "llama", ["Llama", "LLaMA"]),
        new("mistral", "llama", ["Mistral"]),
        new("qwen2", "llama", ["Qwen2"]),
    ];

    /// <summary>The supported types in a row, for messages.</summary>
    public static string Supported =>
        string.Join(", ", s_entries.Select(e => e.Type)) + ", whylight-linear, whylight-cnn, whylight-lstm";

    /// <summary>The entry of a model_type, or null.</summary>
    public static Entry? Find(string type) => Array.Find(s_entries, e => e.Type == type);

    /// <summary>The model type of an architecture where config.json names none.</summary>
    /// <exception cref="ModelException">It is not known.</exception>
    public static string TypeOf(string? architecture) =>
        Array.Find(s_entries, e => architecture is not null && HeadIn(e, architecture) is not null)?.Type
        ?? throw new ModelException(
            $"config.json names no model_type{(architecture is null ? "" : $" and the architecture {FileText.Quote(architecture)} is not known")}; supported: {Supported}"
        );

    /// <summary>What an architecture puts on top of an encoder.</summary>
    /// <exception cref="ModelException">A head that is not read, or an architecture of another model type.</exception>
    public static EncoderHead EncoderHead(Entry entry, string? architecture) =>
        Head(entry, architecture ?? entry.Classes[0] + "ForSequenceClassification") switch
        {
            "ForSequenceClassification" => Networks.EncoderHead.Classifier,
            "ForMaskedLM" => Networks.EncoderHead.MaskedLanguageModel,
            "ForPreTraining" when entry.Encoder == EncoderFamily.Bert => Networks.EncoderHead.MaskedLanguageModel,
            "Model" => Networks.EncoderHead.None,
            _ => throw Headless(
                architecture!,
                $"{entry.Classes[0]}ForSequenceClassification, {entry.Classes[0]}ForMaskedLM, {entry.Classes[0]}Model"
            ),
        };

    /// <summary>Whether an architecture puts a sequence classifier on top of a decoder; else it is a language model.</summary>
    /// <exception cref="ModelException">A head that is not read, or an architecture of another model type.</exception>
    public static bool IsDecoderClassifier(Entry entry, string? architecture)
    {
        string language = entry.Graph == "gpt2" ? "LMHeadModel" : "ForCausalLM";
        string head = Head(entry, architecture ?? entry.Classes[0] + language);
        return head switch
        {
            "ForSequenceClassification" => true,
            "Model" => false,
            _ when head == language => false,
            _ => throw Headless(
                architecture!,
                $"{entry.Classes[0]}{language}, {entry.Classes[0]}ForSequenceClassification"
            ),
        };
    }

    private static string? HeadIn(Entry entry, string architecture)
    {
        foreach (string name in entry.Classes)
        {
            // "Qwen2MoeForCausalLM" begins like "Qwen2…" and is another graph.
            if (
                architecture.StartsWith(name, StringComparison.Ordinal)
                && (
                    architecture[name.Length..].StartsWith("For", StringComparison.Ordinal)
                    || architecture[name.Length..] is "Model" or "LMHeadModel" or "DoubleHeadsModel"
                )
            )
            {
                return architecture[name.Length..];
            }
        }
        return null;
    }

    private static string Head(Entry entry, string architecture) =>
        HeadIn(entry, architecture)
        ?? throw new ModelException(
            $"config.json: model_type {FileText.Quote(entry.Type)} and architecture {FileText.Quote(architecture)} contradict each other; correct the wrong one"
        );

    private static ModelException Headless(string architecture, string supported) =>
        new(
            $"config.json: architecture {FileText.Quote(architecture)} has no head that is read; supported: {supported}"
        );
}
