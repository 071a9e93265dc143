using System.Globalization;
using System.Text.Json;
using Whylight.Models.Checkpoints;

namespace Whylight.Models.Networks;

/// <summary>How rotary frequencies are stretched for texts longer than a model was first trained on.</summary>
/// <remarks>
/// Su et al. 2021 (rotary embedding); linear: Chen et al. 2023; dynamic NTK; YaRN: Peng et al. 2023; LongRoPE: Ding et
/// al. 2024; llama3: the Llama 3.1 release. Each follows the reference implementation of Hugging Face transformers.
/// </remarks>
public sealed record RotaryScaling
{
    /// <summary>default, linear, dynamic, yarn, longrope or llama3.</summary>
    public string Type { get; init; } = "default";

    /// <summary>The stretch, 1 or more as a rule.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Length the model was first trained on (yarn, longrope, llama3); null: the configuration's maximum.</summary>
    public int? OriginalLength { get; init; }

    /// <summary>llama3: wavelengths above original / this are divided by the factor.</summary>
    public double LowFrequency { get; init; } = 1;

    /// <summary>llama3: wavelengths below original / this stay.</summary>
    public double HighFrequency { get; init; } = 4;

    /// <summary>yarn, longrope: what sine and cosine are multiplied by; null: 0.1 ln(factor) + 1 (yarn), √(1 + ln(factor) / ln(original)) (longrope).</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>yarn: rotations above which a dimension stays.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>yarn: rotations below which a dimension is divided by the factor.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>yarn: whether the borders are rounded outwards.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>longrope: what each wavelength is multiplied by in texts no longer than the original length.</summary>
    public IReadOnlyList<double> ShortFactors { get; init; } = [];

    /// <summary>longrope: what each wavelength is multiplied by in longer texts.</summary>
    public IReadOnlyList<double> LongFactors { get; init; } = [];

    /// <summary>Whether frequencies depend on the text's length.</summary>
    public bool DependsOnLength => Type is "dynamic" or "longrope";

    /// <summary>The base of the wavelengths: <c>rope_theta</c>, beside the scaling or, in newer files, inside it.</summary>
    /// <exception cref="ModelException">Two that contradict each other.</exception>
    internal static double ReadTheta(ConfigFile file)
    {
        double? outer = file.Number("rope_theta", positive: true);
        double? inner = ScalingOf(file)?.Number("rope_theta", positive: true);
        return outer is double o && inner is double i && o != i
            ? throw new ModelException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{file.File}: rope_theta is {o} and {i} in rope_parameters; remove the wrong one"
                )
            )
            : outer ?? inner ?? 10000;
    }

    // Newer files say rope_parameters what older ones say rope_scaling; where both are, transformers reads the old key, unless it
    // is an empty object.
    private static ConfigFile? ScalingOf(ConfigFile file) =>
        file.Object("rope_scaling") is { } scaling && scaling.Root.EnumerateObject().Any()
            ? scaling
            : file.Object("rope_parameters");

    /// <summary>Reads <c>rope_scaling</c> (or the newer <c>rope_parameters</c>) of a config.json.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="maxPositions">Its maximum length.</param>
    /// <param name="width">Dimensions turned.</param>
    /// <param name="notices">Takes remarks.</param>
    internal static RotaryScaling Read(ConfigFile file, int maxPositions, int width, List<string> notices)
    {
        ConfigFile? scaling = ScalingOf(file);
        string type = scaling?.Text("rope_type", "type") ?? "default";
        if (scaling is null)
        {
            return new();
        }
        foreach (JsonProperty property in scaling.Root.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object)
            {
                throw new ModelException(
                    $"{file.File}: rotary positions that differ by layer ({FileText.Quote(property.Name)}) are not supported"
                );
            }
        }
        if ((scaling.Number("partial_rotary_factor") ?? 1) != 1)
        {
            throw new ModelException(
                $"{file.File}: partial_rotary_factor is not supported; rotary positions turn whole heads"
            );
        }
        if (type == "default")
        {
            return new();
        }
        if (type is not ("linear" or "dynamic" or "yarn" or "longrope" or "llama3"))
        {
            throw new ModelException(
                $"{file.File}: rope_scaling type {FileText.Quote(type)} is not supported; supported: default, linear, dynamic, yarn, longrope, llama3"
            );
        }
        int? original = scaling.Find("original_max_position_embeddings") is null
            ? null
            : scaling.Integer(1, 1, "original_max_position_embeddings");
        double? factor = scaling.Number("factor", positive: true);
        if (type == "longrope" && original is null && file.Find("original_max_position_embeddings") is not null)
        {
            original = file.Integer(1, 1, "original_max_position_embeddings");
        }
        if (type is "yarn" or "longrope" && original is int trained)
        {
            double ratio = (double)maxPositions / trained;
            if (factor is double f && Math.Abs(f - ratio) > 1e-6 * ratio)
            {
                notices.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{file.File}: rope_scaling factor {f} is not max_position_embeddings / original_max_position_embeddings = {ratio}; the factor is used, some versions of transformers use the ratio"
                    )
                );
            }
            factor ??= ratio;
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
        if (type == "longrope")
        {
            return read with
            {
                OriginalLength = original ?? throw Lacks("original_max_position_embeddings"),
                AttentionFactor = scaling.Number("attention_factor", positive: true),
                ShortFactors = Factors("short_factor"),
                LongFactors = Factors("long_factor"),
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
        IReadOnlyList<double> Factors(string key)
        {
            IReadOnlyList<double> factors = scaling.Numbers(key) ?? throw Lacks(key);
            return factors.Count == width / 2 && factors.All(f => f > 0)
                ? factors
                : throw new ModelException(
                    $"{file.File}: rope_scaling.{key} must be {width / 2} positive numbers (half the width of a head), found {factors.Count}"
                );
        }
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
            "longrope" => (
                [.. plain.Zip(length > OriginalLength ? LongFactors : ShortFactors, (f, factor) => f / factor)],
                AttentionFactor ?? (Factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(Factor) / Math.Log(OriginalLength!.Value)))
            ),
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
