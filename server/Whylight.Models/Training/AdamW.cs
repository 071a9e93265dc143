using TorchSharp;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019) and clipping of the global gradient norm. Matrices decay; vectors
/// (biases, normalisation) do not.
/// </summary>
/// <remarks>Ours because its state has to be saved and resumed; native work, so on the scheduler's thread only.</remarks>
internal sealed class AdamW : IOptimizer
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly IReadOnlyList<KeyValuePair<string, Tensor>> _parameters;
    private readonly Tensor[] _first;
    private readonly Tensor[] _second;
    private readonly double _decay;
    private readonly double _clip;

    /// <summary>Lets every parameter require gradients.</summary>
    public AdamW(IReadOnlyList<KeyValuePair<string, Tensor>> parameters, double decay, double clip = 1)
    {
        _parameters = parameters;
        _decay = decay;
        _clip = clip;
        _first = [.. parameters.Select(p => zeros_like(p.Value).DetachFromDisposeScope())];
        _second = [.. parameters.Select(p => zeros_like(p.Value).DetachFromDisposeScope())];
        foreach ((_, Tensor parameter) in parameters)
        {
            parameter.requires_grad = true;
        }
    }

    /// <inheritdoc/>
    public long Steps { get; private set; }

    /// <inheritdoc/>
    public void Step(double rate)
    {
        Steps++;
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        double square = 0;
        foreach ((_, Tensor parameter) in _parameters)
        {
            if (parameter.grad is { } gradient)
            {
                double norm = gradient.norm().item<float>();
                square += norm * norm;
            }
        }
        double scale = Math.Min(1, _clip / (Math.Sqrt(square) + 1e-12));
        double firstBias = 1 - Math.Pow(Beta1, Steps);
        double secondBias = Math.Sqrt(1 - Math.Pow(Beta2, Steps));
        for (int i = 0; i < _first.Length; i++)
        {
            Tensor parameter = _parameters[i].Value;
            if (parameter.grad is not { } gradient)
            {
                continue;
            }
            if (scale < 1)
            {
                gradient.ScaleInPlace(scale);
            }
            _first[i].ScaleInPlace(Beta1).AddInPlace(gradient, 1 - Beta1);
            _second[i].ScaleInPlace(Beta2).AddProductInPlace(gradient, gradient, 1 - Beta2);
            using Tensor plain = _second[i].sqrt().DivideInPlace(secondBias);
            using Tensor root = plain.Plus(Epsilon);
            if (parameter.dim() > 1)
            {
                parameter.ScaleInPlace(1 - rate * _decay);
            }
            parameter.AddQuotientInPlace(_first[i], root, -rate / firstBias);
            gradient.zero_();
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, Tensor>> State()
    {
        for (int i = 0; i < _first.Length; i++)
        {
            yield return new("first." + _parameters[i].Key, _first[i]);
            yield return new("second." + _parameters[i].Key, _second[i]);
        }
    }

    /// <inheritdoc/>
    public void Resume(long steps, IReadOnlyDictionary<string, Tensor> state)
    {
        using IDisposable noGrad = no_grad();
        Steps = steps;
        foreach ((string name, Tensor value) in State())
        {
            value.copy_(state[name]);
        }
    }

    public void Dispose()
    {
        foreach (Tensor state in _first.Concat(_second))
        {
            state.Dispose();
        }
        foreach ((_, Tensor parameter) in _parameters)
        {
            parameter.grad?.Dispose();
            parameter.requires_grad = false;
        }
    }
}
