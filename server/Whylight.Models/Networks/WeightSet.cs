using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>The weights of a graph by their checkpoint names, in the order the graph declares them.</summary>
internal sealed class WeightSet : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    /// <summary>The names in order.</summary>
    public IReadOnlyList<string> Names => _order;

    /// <summary>Names and weights in order.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> All =>
        [.. _order.Select(n => KeyValuePair.Create(n, _tensors[n]))];

    /// <summary>The weight of a name.</summary>
    public Tensor this[string name] => _tensors[name];

    /// <summary>The weight of a name, or null.</summary>
    public Tensor? Find(string name) => _tensors.GetValueOrDefault(name);

    /// <summary>Adds a weight, which this set then owns.</summary>
    public void Add(string name, Tensor tensor)
    {
        _tensors.Add(name, tensor.DetachFromDisposeScope());
        _order.Add(name);
    }

    /// <summary>Random weights for training: the same specification and seed give the same values.</summary>
    /// <param name="specs">What the graph needs.</param>
    /// <param name="range">Standard deviation of the normal ones.</param>
    /// <param name="seed">Seed of a generator of their own.</param>
    public static WeightSet Random(IEnumerable<ParameterSpec> specs, double range, ulong seed)
    {
        WeightSet weights = new();
        using Generator generator = new(seed, CPU);
        foreach (ParameterSpec spec in specs)
        {
            using DisposeScope scope = NewDisposeScope();
            weights.Add(
                spec.Name,
                spec.Initial switch
                {
                    Initial.Zeros => zeros(spec.Shape),
                    Initial.Ones => ones(spec.Shape),
                    _ => randn(spec.Shape, generator: generator).Times(range),
                }
            );
        }
        return weights;
    }

    /// <summary>Converts every weight to a type and moves it to a device.</summary>
    public void To(ScalarType type, Device device)
    {
        foreach (string name in _order)
        {
            Tensor old = _tensors[name];
            if (old.dtype == type && old.device == device)
            {
                continue;
            }
            using DisposeScope scope = NewDisposeScope();
            _tensors[name] = old.to(type, device).DetachFromDisposeScope();
            old.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
