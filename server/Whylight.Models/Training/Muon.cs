using TorchSharp;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>
/// Muon (Jordan et al. 2024): the momentum of each matrix inside the layers is replaced by its nearest semi-orthogonal matrix, so that
/// rare directions are learnt as fast as common ones. Embeddings, output layer and vectors take AdamW's step.
/// </summary>
/// <remarks>
/// The step of a [rows, columns] matrix is scaled by 0.2 sqrt(max(rows, columns)), the usual size of AdamW's (Liu et al. 2025), so that
/// both share one learning rate and one weight decay.
/// </remarks>
internal sealed class Muon : IOptimizer
{
    private const double Momentum = 0.95;
    private const int Iterations = 5;

    private readonly KeyValuePair<string, Tensor>[] _matrices;
    private readonly Tensor[] _momentum;
    private readonly AdamW _others;
    private readonly double _decay;
    private readonly bool _brief;

    /// <summary>Lets every parameter require gradients.</summary>
    /// <param name="parameters">Weights by their checkpoint names.</param>
    /// <param name="decay">Decoupled weight decay of matrices.</param>
    /// <param name="brief">Whether the iterations run in bfloat16.</param>
    public Muon(IReadOnlyList<KeyValuePair<string, Tensor>> parameters, double decay, bool brief)
    {
        _matrices = [.. parameters.Where(p => p.Value.dim() == 2 && IsInner(p.Key))];
        _momentum = [.. _matrices.Select(p => zeros_like(p.Value).DetachFromDisposeScope())];
        _others = new AdamW([.. parameters.Where(p => p.Value.dim() != 2 || !IsInner(p.Key))], decay);
        _decay = decay;
        _brief = brief;
        foreach ((_, Tensor matrix) in _matrices)
        {
            matrix.requires_grad = true;
        }
    }

    /// <inheritdoc/>
    public long Steps => _others.Steps;

    /// <inheritdoc/>
    public void Step(double rate)
    {
        _others.Step(rate);
        using IDisposable noGrad = no_grad();
        for (int i = 0; i < _matrices.Length; i++)
        {
            Tensor matrix = _matrices[i].Value;
            if (matrix.grad is not { } gradient)
            {
                continue;
            }
            using DisposeScope scope = NewDisposeScope();
            _momentum[i].ScaleInPlace(Momentum).AddInPlace(gradient, 1 - Momentum);
            // Nesterov's look ahead.
            Tensor direction = Orthogonal(gradient.Times(1 - Momentum).AddInPlace(_momentum[i], Momentum));
            matrix.ScaleInPlace(1 - rate * _decay);
            matrix.AddInPlace(direction, -rate * 0.2 * Math.Sqrt(Math.Max(matrix.shape[0], matrix.shape[1])));
            gradient.zero_();
        }
    }

    /// <summary>
    /// Pushes the singular values of a matrix towards 1 by a quintic Newton-Schulz iteration whose steep start leaves them in about
    /// [0.7, 1.2], which is near enough.
    /// </summary>
    internal Tensor Orthogonal(Tensor matrix)
    {
        const double a = 3.4445;
        const double b = -4.7750;
        const double c = 2.0315;
        bool tall = matrix.shape[0] > matrix.shape[1];
        Tensor x = tall ? matrix.t() : matrix;
        x = x / x.norm().Plus(1e-7);
        x = _brief ? x.to_type(ScalarType.BFloat16) : x;
        for (int i = 0; i < Iterations; i++)
        {
            Tensor square = x.mm(x.t());
            Tensor polynomial = square.Times(b).Plus(square.mm(square).Times(c));
            x = x.Times(a).Plus(polynomial.mm(x));
        }
        x = x.to_type(ScalarType.Float32);
        return tall ? x.t() : x;
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, Tensor>> State() =>
        _others.State().Concat(_matrices.Select((m, i) => KeyValuePair.Create("momentum." + m.Key, _momentum[i])));

    /// <inheritdoc/>
    public void Resume(long steps, IReadOnlyDictionary<string, Tensor> state)
    {
        using IDisposable noGrad = no_grad();
        _others.Resume(steps, state);
        for (int i = 0; i < _matrices.Length; i++)
        {
            _momentum[i].copy_(state["momentum." + _matrices[i].Key]);
        }
    }

    public void Dispose()
    {
        _others.Dispose();
        for (int i = 0; i < _matrices.Length; i++)
        {
            _momentum[i].Dispose();
            _matrices[i].Value.grad?.Dispose();
            _matrices[i].Value.requires_grad = false;
        }
    }

    private static bool IsInner(string name) =>
        !name.Contains("embed", StringComparison.Ordinal) && !name.Contains("lm_head", StringComparison.Ordinal);
}
