using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>
/// The weights of a run in its three forms (as trained, their moving average, the best average so far) and the optimiser.
/// Native work, so on the scheduler's thread only.
/// </summary>
internal sealed class FitState : IDisposable
{
    private readonly IReadOnlyList<KeyValuePair<string, Tensor>> _parameters;
    private readonly Tensor[] _average;
    private readonly Tensor[] _trained;
    private readonly Tensor[] _best;
    private readonly double _decay;

    private FitState(Network network, FitSettings settings)
    {
        _parameters = network.Parameters;
        _decay = settings.AverageDecay;
        Optimizer = settings.Orthogonal
            ? new Muon(_parameters, settings.WeightDecay, settings.Brief)
            : new AdamW(_parameters, settings.WeightDecay);
        _average = Copies();
        _trained = Copies();
        _best = Copies();
    }

    /// <summary>Steps the weights.</summary>
    public IOptimizer Optimizer { get; }

    /// <summary>What is to be small, at best so far: held-out errors plus a fraction in [0, 1) that grows with the loss; for language models the held-out loss.</summary>
    public double BestLoss { get; set; } = double.PositiveInfinity;

    /// <summary>The pass that reached it; 0 before the first.</summary>
    public int BestEpoch { get; set; }

    /// <summary>Mean training loss of the last steps.</summary>
    public double RecentLoss { get; set; }

    public static FitState Start(Network network, FitSettings settings) => new(network, settings);

    /// <summary>Moves the average towards the weights; early on with a lower decay, so that the start is forgotten.</summary>
    public void Average()
    {
        double decay = Math.Min(_decay, (1.0 + Optimizer.Steps) / (10.0 + Optimizer.Steps));
        using IDisposable noGrad = no_grad();
        for (int i = 0; i < _average.Length; i++)
        {
            _average[i].ScaleInPlace(decay).AddInPlace(_parameters[i].Value, 1 - decay);
        }
    }

    /// <summary>Puts the average into the network, keeping the trained weights aside.</summary>
    public bool UseAverage()
    {
        Write(_trained, Weights());
        return Write(Weights(), _average);
    }

    /// <summary>Puts the trained weights back.</summary>
    public bool UseTrained() => Write(Weights(), _trained);

    /// <summary>Keeps what is in the network as the best so far.</summary>
    public bool KeepBest() => Write(_best, Weights());

    /// <summary>Puts the best weights into the network.</summary>
    public bool UseBest() => Write(Weights(), _best);

    /// <summary>All there is to save, by name.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors()
    {
        for (int i = 0; i < _parameters.Count; i++)
        {
            string name = _parameters[i].Key;
            yield return new("trained." + name, _parameters[i].Value);
            yield return new("average." + name, _average[i]);
            yield return new("best." + name, _best[i]);
        }
        foreach (KeyValuePair<string, Tensor> state in Optimizer.State())
        {
            yield return state;
        }
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        foreach (Tensor copy in _average.Concat(_trained).Concat(_best))
        {
            copy.Dispose();
        }
    }

    private Tensor[] Weights() => [.. _parameters.Select(p => p.Value)];

    private Tensor[] Copies()
    {
        using IDisposable noGrad = no_grad();
        return [.. _parameters.Select(p => p.Value.detach().clone().DetachFromDisposeScope())];
    }

    private static bool Write(Tensor[] to, Tensor[] from)
    {
        using IDisposable noGrad = no_grad();
        for (int i = 0; i < to.Length; i++)
        {
            to[i].copy_(from[i]);
        }
        return true;
    }
}
