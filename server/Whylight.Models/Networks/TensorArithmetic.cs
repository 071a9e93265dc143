using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>Sums, products and comparisons of tensors with numbers, safe from the garbage collector.</summary>
/// <remarks>
/// TorchSharp makes a scalar of every number in an expression, a tensor sum's hidden factor of 1 included, and does not keep it
/// alive through the native call: a garbage collection at that moment frees it under libtorch's feet, which reads another
/// number or fails. Here each scalar lives until the call returned. The operators themselves are banned in these rooms.
/// </remarks>
public static class TensorArithmetic
{
    private static readonly Scalar s_one = 1.ToScalar();

    /// <summary>left + right.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, s_one);

    /// <summary>left + right.</summary>
    public static Tensor Plus(this Tensor left, double right)
    {
        using Scalar scalar = right.ToScalar();
        return left.add(scalar, s_one);
    }

    /// <summary>left + right, whole numbers staying whole.</summary>
    public static Tensor Plus(this Tensor left, long right)
    {
        using Scalar scalar = right.ToScalar();
        return left.add(scalar, s_one);
    }

    /// <summary>left × right.</summary>
    public static Tensor Times(this Tensor left, double right)
    {
        using Scalar scalar = right.ToScalar();
        return left.mul(scalar);
    }

    /// <summary>left / right.</summary>
    public static Tensor Over(this Tensor left, double right)
    {
        using Scalar scalar = right.ToScalar();
        return left.div(scalar);
    }

    /// <summary>number - tensor.</summary>
    public static Tensor From(this Tensor tensor, double number) => tensor.negative().Plus(number);

    /// <summary>The square of each element.</summary>
    public static Tensor Squared(this Tensor tensor) => tensor.Power(2);

    /// <summary>Each element to a power.</summary>
    public static Tensor Power(this Tensor tensor, double exponent)
    {
        using Scalar scalar = exponent.ToScalar();
        return tensor.pow(scalar);
    }

    /// <summary>Each element, kept between two numbers.</summary>
    public static Tensor Between(this Tensor tensor, double least, double most)
    {
        using Scalar low = least.ToScalar();
        using Scalar high = most.ToScalar();
        return tensor.clamp(low, high);
    }

    /// <summary>Each element where it is above 0, else 0.</summary>
    public static Tensor Positive(this Tensor tensor)
    {
        using Scalar zero = 0.0.ToScalar();
        return tensor.clamp_min(zero);
    }

    /// <summary>Each element where it is below 0, else 0.</summary>
    public static Tensor Negative(this Tensor tensor)
    {
        using Scalar zero = 0.0.ToScalar();
        return tensor.clamp_max(zero);
    }

    /// <summary>Which elements are at least a number.</summary>
    public static Tensor AtLeast(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.ge(scalar);
    }

    /// <summary>Which elements are above a number.</summary>
    public static Tensor Above(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.gt(scalar);
    }

    /// <summary>Which elements are below a number.</summary>
    public static Tensor Below(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.lt(scalar);
    }

    /// <summary>The tensor with a number where the mask holds.</summary>
    public static Tensor Masked(this Tensor tensor, Tensor mask, double number)
    {
        using Scalar scalar = number.ToScalar();
        return tensor.masked_fill(mask, scalar);
    }

    /// <summary>A tensor of one number, of the shape, kind and place of another.</summary>
    public static Tensor FilledLike(this Tensor tensor, double number) => tensor.new_zeros(tensor.shape).Plus(number);

    /// <summary>A tensor of one whole number, of the shape, kind and place of another.</summary>
    public static Tensor FilledLike(this Tensor tensor, long number) => tensor.new_zeros(tensor.shape).Plus(number);

    /// <summary>The whole numbers 0 .. count - 1, shape [count].</summary>
    public static Tensor Indices(long count, Device? device = null)
    {
        using Scalar zero = 0L.ToScalar();
        using Scalar end = count.ToScalar();
        using Scalar step = 1L.ToScalar();
        return arange(zero, end, step, dtype: ScalarType.Int64, device: device);
    }

    /// <summary>tensor × factor, in place.</summary>
    internal static Tensor ScaleInPlace(this Tensor tensor, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        return tensor.mul_(scalar);
    }

    /// <summary>tensor / divisor, in place.</summary>
    internal static Tensor DivideInPlace(this Tensor tensor, double divisor)
    {
        using Scalar scalar = divisor.ToScalar();
        return tensor.div_(scalar);
    }

    /// <summary>tensor + factor × other, in place.</summary>
    internal static Tensor AddInPlace(this Tensor tensor, Tensor other, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        return tensor.add_(other, scalar);
    }

    /// <summary>tensor + factor × (a × b), in place.</summary>
    internal static Tensor AddProductInPlace(this Tensor tensor, Tensor a, Tensor b, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        return tensor.addcmul_(a, b, scalar);
    }

    /// <summary>tensor + factor × (a / b), in place.</summary>
    internal static Tensor AddQuotientInPlace(this Tensor tensor, Tensor a, Tensor b, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        return tensor.addcdiv_(a, b, scalar);
    }
}
