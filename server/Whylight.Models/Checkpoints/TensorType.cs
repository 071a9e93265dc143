using TorchSharp;

namespace Whylight.Models.Checkpoints;

/// <summary>Element types of the safetensors format.</summary>
internal enum TensorType
{
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U64,
    U32,
    U16,
    U8,
    BOOL,
    F8_E4M3,
    F8_E5M2,
}

/// <summary>What the element types mean.</summary>
internal static class TensorTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this TensorType type) =>
        type switch
        {
            TensorType.F64 or TensorType.I64 or TensorType.U64 => 8,
            TensorType.F32 or TensorType.I32 or TensorType.U32 => 4,
            TensorType.F16 or TensorType.BF16 or TensorType.I16 or TensorType.U16 => 2,
            _ => 1,
        };

    /// <summary>libtorch's type for weights, or null for a type that weights are not read from.</summary>
    public static torch.ScalarType? WeightType(this TensorType type) =>
        type switch
        {
            TensorType.F64 => torch.ScalarType.Float64,
            TensorType.F32 => torch.ScalarType.Float32,
            TensorType.F16 => torch.ScalarType.Float16,
            TensorType.BF16 => torch.ScalarType.BFloat16,
            _ => null,
        };
}
