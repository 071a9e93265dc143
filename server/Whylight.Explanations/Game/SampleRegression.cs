namespace Whylight.Explanations.Game;

/// <summary>Weighted least squares over sampled pairs, with its jackknife.</summary>
/// <remarks>
/// Covert and Lee 2021 and Musco and Witter 2025 for the regression; the jackknife deletes one pair at a time (closed form
/// by leverage) and takes the finite-population correction of each stratum, so an enumerated stratum adds no error.
/// </remarks>
internal sealed class SampleRegression
{
    private readonly PairedSample _sample;
    private readonly double[] _design;
    private readonly int _width;
    private readonly SymmetricSystem _gram;

    private SampleRegression(PairedSample sample, double[] design, int width, SymmetricSystem gram)
    {
        _sample = sample;
        _design = design;
        _width = width;
        _gram = gram;
    }

    /// <summary>The regression of the odd part on centred membership, whose solution sums to zero.</summary>
    public static SampleRegression? OddPart(PairedSample sample) =>
        // Rows sum to zero, so adding a multiple of 11^T changes nothing but the rank: it eliminates the constraint.
        Prepare(sample, sample.Centred, sample.Players, true);

    /// <summary>Factors the normal equations; null where the sample does not determine every unknown.</summary>
    /// <param name="sample">The pairs.</param>
    /// <param name="design">One row of <paramref name="width"/> numbers a pair.</param>
    /// <param name="width">Number of unknowns.</param>
    /// <param name="sumZero">Whether all rows sum to zero, and the solution shall too.</param>
    public static SampleRegression? Prepare(PairedSample sample, double[] design, int width, bool sumZero)
    {
        double[] gram = new double[width * width];
        double trace = 0;
        for (int r = 0; r < sample.Rows; r++)
        {
            ReadOnlySpan<double> a = design.AsSpan(r * width, width);
            for (int i = 0; i < width; i++)
            {
                double wa = sample.Weight[r] * a[i];
                trace += wa * a[i];
                if (wa == 0)
                {
                    continue;
                }
                for (int j = 0; j <= i; j++)
                {
                    gram[i * width + j] += wa * a[j];
                }
            }
        }
        if (sumZero)
        {
            for (int i = 0; i < width; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    gram[i * width + j] += trace / width / width;
                }
            }
        }
        SymmetricSystem? factored = SymmetricSystem.Factor(width, gram);
        return factored is null ? null : new SampleRegression(sample, design, width, factored);
    }

    /// <summary>The solution, the jackknife's standard errors, and leave-one-out residuals.</summary>
    public (double[] Solution, double[] StandardErrors, double[] LeaveOneOut) Solve(double[] target)
    {
        int n = _width;
        double[] right = new double[n];
        for (int r = 0; r < _sample.Rows; r++)
        {
            ReadOnlySpan<double> a = _design.AsSpan(r * n, n);
            double wb = _sample.Weight[r] * target[r];
            for (int i = 0; i < n; i++)
            {
                right[i] += wb * a[i];
            }
        }
        double[] x = _gram.Solve(right);
        double[] shares = new double[_sample.Rows * n];
        double[] leaveOneOut = new double[_sample.Rows];
        for (int r = 0; r < _sample.Rows; r++)
        {
            ReadOnlySpan<double> a = _design.AsSpan(r * n, n);
            double[] direction = _gram.Solve(a);
            double fitted = 0;
            double leverage = 0;
            for (int i = 0; i < n; i++)
            {
                fitted += a[i] * x[i];
                leverage += a[i] * direction[i];
            }
            // A row that alone determines a player has leverage 1 and no residual to learn from.
            double rest = Math.Max(1e-3, 1 - _sample.Weight[r] * leverage);
            leaveOneOut[r] = (target[r] - fitted) / rest;
            for (int i = 0; i < n; i++)
            {
                shares[r * n + i] = _sample.Weight[r] * direction[i] * leaveOneOut[r];
            }
        }
        double[] errors = _sample.Variances(shares, n);
        for (int i = 0; i < n; i++)
        {
            errors[i] = Math.Sqrt(errors[i]);
        }
        return (x, errors, leaveOneOut);
    }
}
