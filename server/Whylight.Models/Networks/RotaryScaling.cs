using Whylight.Models.Checkpoints;

namespace Whylight.Models.Networks;

/// <summary>How rotary frequencies are stretched for texts longer than a model was first trained on.</summary>
/// <remarks>
/// Su et al. 2021 (rotary embedding); linear: Chen et al. 2023; dynamic NTK; YaRN: Peng et al. 2023; llama3: the Llama 3.1
/// release. Each follows the reference implementation of Hugging Face transformers.
/// </remarks>
public sealed record RotaryScaling
{
    /// <summary>default, linear, dynamic, yarn or llama3.</summary>
    public string Type { get; init; } = "default";

    /// <summary>The stretch, 1 or more as a rule.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Length the model was first trained on (yarn, llama3); null: the configuration's maximum.</summary>
    public int? OriginalLength { get; init; }

    /// <summary>llama3: wavelengths above original / this are divided by the factor.</summary>
    public double LowFrequency { get; init; } = 1;

    /// <summary>llama3: wavelengths below original / this stay.</summary>
    public double HighFrequency { get; init; } = 4;

    /// <summary>yarn: what sine and cosine are multiplied by; null: 0.1 ln(factor) + 1.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>yarn: rotations above which a dimension stays.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>yarn: rotations below which a dimension is divided by the factor.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>yarn: whether the borders are rounded outwards.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>Whether frequencies depend on the text's length.</summary>
    public bool DependsOnLength => Type == "dynamic";

    /// <summary>Reads <c>rope_scaling</c> (or the newer <c>rope_parameters</c>) of a config.json.</summary>
    internal static RotaryScaling Read(ConfigFile file, int maxPositions)
    {
        ConfigFile? scaling = file.Object("rope_scaling") ?? file.Object("rope_parameters");
        string type = scaling?.Text("rope_type", "type") ?? "default";
        if (scaling is null || type == "default")
        {
            return new();
        }
        if (type is not ("linear" or "dynamic" or "yarn" or "llama3"))
        {
            throw new ModelException(
                $"{file.File}: rope_scaling type {FileText.Quote(type)} is not supported; supported: linear, dynamic, yarn, llama3"
            );
        }
        int? original = scaling.Find("original_max_position_embeddings") is null
            ? null
            : scaling.Integer(1, 1, "original_max_position_embeddings");
        double? factor = scaling.Number("factor", positive: true);
        if (factor is null && type == "yarn" && original is int trained)
        {
            factor = (double)maxPositions / trained;
        }
        RotaryScaling read = new()
        {
            Type = type,
            Factor = factor ?? throw Lacks("factor"),
            OriginalLength = original,
        };
        if (type == "llama3")
        {
            read = read with
            {
                OriginalLength = original ?? throw Lacks("original_max_position_embeddings"),
                LowFrequency = scaling.Number("low_freq_factor", positive: true) ?? throw Lacks("low_freq_factor"),
                HighFrequency = scaling.Number("high_freq_factor", positive: true) ?? throw Lacks("high_freq_factor"),
            };
        }
        if (type == "yarn")
        {
            double? mscale = scaling.Number("mscale");
            double? mscaleAll = scaling.Number("mscale_all_dim");
            read = read with
            {
                AttentionFactor =
                    scaling.Number("attention_factor")
                    ?? (
                        mscale is > 0 && mscaleAll is > 0
                            ? Magnitude(read.Factor, mscale.Value) / Magnitude(read.Factor, mscaleAll.Value)
                            : null
                    ),
                BetaFast = scaling.Number("beta_fast", positive: true) ?? 32,
                BetaSlow = scaling.Number("beta_slow", positive: true) ?? 1,
                Truncate = scaling.Flag(true, "truncate"),
            };
        }
        return read;
        ModelException Lacks(string key) => new($"{file.File}: rope_scaling of type {type} lacks '{key}'");
    }

    /// <summary>Radians a position turns each pair of dimensions by, and the factor of sine and cosine.</summary>
    /// <param name="theta">Base of the wavelengths.</param>
    /// <param name="width">Dimensions turned, an even number.</param>
    /// <param name="maxPositions">The configuration's maximum length.</param>
    /// <param name="length">Length of the text.</param>
    public (double[] Frequencies, double Magnitude) Frequencies(double theta, int width, int maxPositions, int length)
    {
        if (Type == "dynamic")
        {
            double seen = Math.Max(length, maxPositions);
            double stretch = Factor * seen / maxPositions - (Factor - 1);
            theta *= Math.Pow(stretch, width / (width - 2.0));
        }
        double[] plain = [.. Enumerable.Range(0, width / 2).Select(i => Math.Pow(theta, -2.0 * i / width))];
        return Type switch
        {
            "linear" => ([.. plain.Select(f => f / Factor)], 1),
            "llama3" => ([.. plain.Select(Llama3)], 1),
            "yarn" => (Yarn(plain, theta, width, maxPositions), AttentionFactor ?? Magnitude(Factor, 1)),
            _ => (plain, 1),
        };
    }

    private double Llama3(double frequency)
    {
        double original = OriginalLength!.Value;
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength > original / LowFrequency)
        {
            return frequency / Factor;
        }
        if (wavelength < original / HighFrequency)
        {
            return frequency;
        }
        double smooth = (original / wavelength - LowFrequency) / (HighFrequency - LowFrequency);
        return (1 - smooth) * frequency / Factor + smooth * frequency;
    }

    private double[] Yarn(double[] plain, double theta, int width, int maxPositions)
    {
        double original = OriginalLength ?? maxPositions;
        double Dimension(double rotations) =>
            width * Math.Log(original / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));
        double low = Dimension(BetaFast);
        double high = Dimension(BetaSlow);
        if (Truncate)
        {
            low = Math.Floor(low);
            high = Math.Ceiling(high);
        }
        low = Math.Max(low, 0);
        high = Math.Min(high, width - 1);
        // Two equal borders would divide by zero.
        high = low == high ? high + 0.001 : high;
        return
        [
            .. plain.Select(
                (f, i) =>
                {
                    double ramp = Math.Clamp((i - low) / (high - low), 0, 1);
                    return f / Factor * ramp + f * (1 - ramp);
                }
            ),
        ];
    }

    private static double Magnitude(double factor, double scale) =>
        factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;
}
