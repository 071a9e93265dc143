using System.Collections.Concurrent;
using TorchSharp;

namespace Whylight.Models.Networks;

/// <summary>Numbers of the graphs as libtorch's scalars, each made once and kept.</summary>
/// <remarks>
/// TorchSharp makes a scalar of every number in an expression and does not keep it alive through the native call: a garbage
/// collection at that moment frees it under libtorch's feet, which reads another number or fails.
/// </remarks>
internal static class KeptScalars
{
    private static readonly ConcurrentDictionary<double, Scalar> s_byValue = new();

    /// <summary>The whole number 1, by which a sum's second term is weighted.</summary>
    public static Scalar One { get; } = 1.ToScalar();

    /// <summary>The scalar of a number that a configuration or a formula fixes.</summary>
    public static Scalar Of(double value) => s_byValue.GetOrAdd(value, static v => v.ToScalar());
}
