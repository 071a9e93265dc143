using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>Elementwise nonlinearities by the names configurations give them.</summary>
internal static class ActivationFunctions
{
    private static readonly SortedDictionary<string, Func<Tensor, Tensor>> s_byName = new(StringComparer.Ordinal)
    {
        ["gelu"] = Gelu,
        ["gelu_python"] = Gelu,
        ["gelu_new"] = GeluTanh,
        ["gelu_fast"] = GeluTanh,
        ["gelu_accurate"] = GeluTanh,
        ["gelu_pytorch_tanh"] = GeluTanh,
        ["gelu_python_tanh"] = GeluTanh,
        ["gelu_10"] = x => Gelu(x).Between(-10, 10),
        ["quick_gelu"] = x => x * x.Times(1.702).sigmoid(),
        ["relu"] = x => x.relu(),
        ["relu2"] = x => x.relu().Squared(),
        ["relu6"] = x => x.Between(0, 6),
        ["leaky_relu"] = x => nn.functional.leaky_relu(x, 0.01),
        ["laplace"] = x => x.Plus(-0.707107).Over(0.282095 * Math.Sqrt(2)).erf().Plus(1).Times(0.5),
        ["linear"] = x => x,
        ["mish"] = x => x * nn.functional.softplus(x, 1, 20).tanh(),
        ["sigmoid"] = x => x.sigmoid(),
        ["silu"] = Silu,
        ["swish"] = Silu,
        ["tanh"] = x => x.tanh(),
    };

    /// <summary>The names, in ordinal order.</summary>
    public static IEnumerable<string> Names => s_byName.Keys;

    /// <summary>The function of a name, or null.</summary>
    public static Func<Tensor, Tensor>? Find(string name) => s_byName.GetValueOrDefault(name);

    /// <summary>x Φ(x), by the error function.</summary>
    public static Tensor Gelu(Tensor x) => nn.functional.gelu(x);

    /// <summary>The tanh approximation of GELU, 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))).</summary>
    public static Tensor GeluTanh(Tensor x) =>
        x.Times(0.5) * x.Plus(x.Power(3).Times(0.044715)).Times(Math.Sqrt(2 / Math.PI)).tanh().Plus(1);

    /// <summary>x σ(x).</summary>
    public static Tensor Silu(Tensor x) => nn.functional.silu(x);
}
