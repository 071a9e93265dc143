using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>A linear map with its parameters: dense or convolution.</summary>
/// <param name="Apply">The map as a function of input, weight and bias.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Bias">Its bias, or null.</param>
/// <param name="Channels">Shape under which a bias vector broadcasts over the map's output.</param>
/// <param name="Unit">The scalar 1 that measures the biases' share, or null.</param>
internal sealed record LinearMap(
    Func<Tensor, Tensor, Tensor?, Tensor> Apply,
    Tensor Weight,
    Tensor? Bias,
    long[] Channels,
    Tensor? Unit
)
{
    /// <summary>The output without its bias.</summary>
    public Tensor Of(Tensor input, Tensor weight) => Apply(input, weight, null);

    /// <summary>A vector over outputs as a term that takes its share of relevance; zero where it is not tracked.</summary>
    public Tensor? Term(Tensor? bias) => bias is null || Unit is null ? null : bias.view(Channels) * Unit;

    /// <summary>Adds such a term.</summary>
    public static Tensor Plus(Tensor left, Tensor? right) => right is null ? left : left.Plus(right);
}

/// <summary>
/// One rule of layer-wise relevance propagation for a linear map z = W x + b: how the relevance R_j of the outputs is handed
/// to the inputs. Bach et al. 2015; Montavon et al., Layer-wise relevance propagation: an overview, 2019.
/// </summary>
/// <param name="Epsilon">Added to every denominator with its sign, against division by zero.</param>
internal abstract record LrpRule(double Epsilon)
{
    /// <summary>
    /// A tensor s over the outputs whose derivative is the rule: R_i = sum_j ds_j/dx_i R_j. Its value means nothing.
    /// </summary>
    public abstract Tensor Shares(Tensor input, LinearMap map);

    /// <summary>Denominator with the stabiliser.</summary>
    protected Tensor Safe(Tensor value) => RelevanceRules.Stabilized(value, Epsilon);
}

/// <summary>R_i = sum_j x_i w_ji / (z_j + epsilon sign z_j) R_j.</summary>
internal sealed record EpsilonRule(double Epsilon = 1e-6) : LrpRule(Epsilon)
{
    /// <inheritdoc/>
    public override Tensor Shares(Tensor input, LinearMap map)
    {
        Tensor x = input.detach();
        Tensor z = map.Apply(x, map.Weight, map.Bias);
        return LinearMap.Plus(map.Of(input * x, map.Weight), map.Term(map.Bias)) / Safe(z);
    }
}

/// <summary>
/// Positive and negative contributions apart: alpha x their share of the positive sum, less beta x that of the negative one;
/// alpha - beta = 1. With alpha 1 and beta 0 it is the z-plus rule.
/// </summary>
internal sealed record AlphaBetaRule(double Alpha, double Beta, double Epsilon = 1e-6) : LrpRule(Epsilon)
{
    /// <summary>The z-plus rule: only positive contributions count.</summary>
    public static AlphaBetaRule ZPlus { get; } = new(1, 0);

    /// <inheritdoc/>
    public override Tensor Shares(Tensor input, LinearMap map)
    {
        Tensor x = input.detach();
        (Tensor xp, Tensor xn) = (x.Positive(), x.Negative());
        (Tensor wp, Tensor wn) = (map.Weight.Positive(), map.Weight.Negative());
        Tensor? bp = map.Bias is null ? null : map.Bias.Positive();
        Tensor? bn = map.Bias is null ? null : map.Bias.Negative();
        Tensor zp = map.Apply(xp, wp, bp).Plus(map.Of(xn, wn));
        Tensor shares =
            LinearMap.Plus(map.Of(input * xp, wp).Plus(map.Of(input * xn, wn)), map.Term(bp))
            * Safe(zp).reciprocal().Times(Alpha);
        if (Beta == 0)
        {
            return shares;
        }
        Tensor zn = map.Apply(xp, wn, bn).Plus(map.Of(xn, wp));
        return shares
            - LinearMap.Plus(map.Of(input * xp, wn).Plus(map.Of(input * xn, wp)), map.Term(bn))
                * Safe(zn).reciprocal().Times(Beta);
    }
}

/// <summary>
/// Contributions of the output's own sign are favoured by a factor 1 + gamma; for outputs of either sign, as generalised by
/// Andéol et al., Learning domain invariant representations by joint Wasserstein distance minimization, 2021.
/// </summary>
internal sealed record GammaRule(double Gamma = 0.25, double Epsilon = 1e-6) : LrpRule(Epsilon)
{
    /// <inheritdoc/>
    public override Tensor Shares(Tensor input, LinearMap map)
    {
        Tensor x = input.detach();
        (Tensor xp, Tensor xn) = (x.Positive(), x.Negative());
        Tensor wp = map.Weight.Plus(map.Weight.Positive().Times(Gamma));
        Tensor wn = map.Weight.Plus(map.Weight.Negative().Times(Gamma));
        Tensor? bp = map.Bias is null ? null : map.Bias.Plus(map.Bias.Positive().Times(Gamma));
        Tensor? bn = map.Bias is null ? null : map.Bias.Plus(map.Bias.Negative().Times(Gamma));
        Tensor z = map.Apply(x, map.Weight, map.Bias);
        Tensor up = z.Above(0).to(z.dtype) / Safe(map.Apply(xp, wp, bp).Plus(map.Of(xn, wn)));
        Tensor down = z.Below(0).to(z.dtype) / Safe(map.Apply(xp, wn, bn).Plus(map.Of(xn, wp)));
        Tensor rising = LinearMap.Plus(map.Of(input * xp, wp).Plus(map.Of(input * xn, wn)), map.Term(bp)) * up;
        Tensor falling = LinearMap.Plus(map.Of(input * xp, wn).Plus(map.Of(input * xn, wp)), map.Term(bn)) * down;
        return rising.Plus(falling);
    }
}

/// <summary>Every input takes the same share, whatever its value and weight.</summary>
internal sealed record FlatRule(double Epsilon = 1e-6) : LrpRule(Epsilon)
{
    /// <inheritdoc/>
    public override Tensor Shares(Tensor input, LinearMap map)
    {
        Tensor ones = ones_like(map.Weight);
        return map.Of(input, ones) / Safe(map.Of(ones_like(input), ones));
    }
}

/// <summary>Every input takes a share in proportion to its squared weight.</summary>
internal sealed record WSquareRule(double Epsilon = 1e-6) : LrpRule(Epsilon)
{
    /// <inheritdoc/>
    public override Tensor Shares(Tensor input, LinearMap map)
    {
        Tensor squares = map.Weight.Squared();
        Tensor? bias = map.Bias?.Squared();
        Tensor z = map.Apply(ones_like(input), squares, bias);
        return LinearMap.Plus(map.Of(input, squares), map.Term(bias)) / Safe(z);
    }
}

/// <summary>For inputs bounded by low and high: R_i = sum_j (x_i w_ji - low w_ji+ - high w_ji-) / z_j R_j.</summary>
internal sealed record ZBoxRule(double Low, double High, double Epsilon = 1e-6) : LrpRule(Epsilon)
{
    /// <inheritdoc/>
    public override Tensor Shares(Tensor input, LinearMap map)
    {
        Tensor x = input.detach();
        (Tensor wp, Tensor wn) = (map.Weight.Positive(), map.Weight.Negative());
        Tensor? bp = map.Bias is null ? null : map.Bias.Positive();
        Tensor? bn = map.Bias is null ? null : map.Bias.Negative();
        Tensor z =
            map.Apply(x, map.Weight, map.Bias)
            - map.Apply(x.FilledLike(Low), wp, bp)
            - map.Apply(x.FilledLike(High), wn, bn);
        return (map.Of(input * x, map.Weight) - map.Of(input.Times(Low), wp) - map.Of(input.Times(High), wn)) / Safe(z);
    }
}

/// <summary>Relevance passes unchanged; for maps with as many outputs as inputs.</summary>
internal sealed record IdentityRule() : LrpRule(0)
{
    /// <inheritdoc/>
    public override Tensor Shares(Tensor input, LinearMap map) => input;
}
