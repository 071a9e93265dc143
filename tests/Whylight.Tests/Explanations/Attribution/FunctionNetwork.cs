using System.Text.Json;
using TorchSharp;
using Whylight.Models;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using static TorchSharp.torch;

namespace Whylight.Tests.Explanations.Attribution;

/// <summary>A network made of a function of embeddings [batch, length, width], in double precision.</summary>
internal sealed class FunctionNetwork(Func<Tensor, PropagationRules, Tensor> function, double[][]? table = null)
    : Network
{
    public override int EmbeddingWidth => table?[0].Length ?? 1;

    public override int VocabularySize => table?.Length ?? 0;

    public override Device Device => CPU;

    public override IReadOnlyList<KeyValuePair<string, Tensor>> Parameters => [];

    public override Tensor Embed(Tensor ids) =>
        Matrix(table!).index_select(0, ids.flatten()).view(ids.shape[0], ids.shape[1], EmbeddingWidth);

    public override Tensor Forward(NetworkInput input, PropagationRules rules, CancellationToken cancellation) =>
        function(input.Embeddings ?? Embed(input.Ids!), rules);

    protected override void Dispose(bool disposing) { }

    /// <summary>Layers of a golden case applied to the components of the input, one token a component.</summary>
    public static FunctionNetwork OfLayers(JsonElement model)
    {
        JsonElement[] layers = [.. model.GetProperty("layers").EnumerateArray()];
        bool softmax =
            model.TryGetProperty("output", out JsonElement output)
            && output.GetString()!.StartsWith("softmax", StringComparison.Ordinal);
        return new FunctionNetwork(
            (x, rules) =>
            {
                Tensor hidden = x.squeeze(-1);
                foreach (JsonElement layer in layers)
                {
                    hidden = layer.GetProperty("op").GetString() switch
                    {
                        "linear" => rules.Linear(
                            hidden,
                            Matrix(Rows(layer.GetProperty("weight"))),
                            layer.GetProperty("bias").ValueKind == JsonValueKind.Null
                                ? null
                                : tensor(Row(layer.GetProperty("bias")))
                        ),
                        string name => rules.Activation(hidden, ActivationFunctions.Find(Renamed(name))!),
                        null => throw new InvalidDataException("a layer without op"),
                    };
                }
                return softmax ? rules.Softmax(hidden) : hidden;
            }
        );
    }

    private static string Renamed(string name) =>
        name switch
        {
            "gelu_tanh" => "gelu_new",
            "gelu_erf" => "gelu",
            _ => name,
        };

    /// <summary>Positions 0, 1, … for a text of one row.</summary>
    public static NetworkInput Input(int length, Tensor? ids = null) =>
        new() { Ids = ids, Positions = arange(length, ScalarType.Int64).view(1, -1) };

    public static Tensor Matrix(double[][] rows) =>
        tensor([.. rows.SelectMany(r => r)]).view(rows.Length, rows[0].Length);

    public static double[] Row(JsonElement array) => [.. array.EnumerateArray().Select(Number)];

    public static double[][] Rows(JsonElement array) => [.. array.EnumerateArray().Select(Row)];

    public static double Number(JsonElement e) =>
        e.ValueKind == JsonValueKind.String
            ? e.GetString() == "-Infinity"
                ? double.NegativeInfinity
                : double.Parse(e.GetString()!, System.Globalization.CultureInfo.InvariantCulture)
            : e.GetDouble();

    /// <summary>Runs native work where all of it runs, in a dispose scope.</summary>
    public static Task<T> RunAsync<T>(Func<T> work) =>
        InferenceScheduler.Shared.RunAsync(
            WorkPriority.Batch,
            _ =>
            {
                using DisposeScope scope = NewDisposeScope();
                return work();
            },
            TestContext.Current.CancellationToken
        );
}
