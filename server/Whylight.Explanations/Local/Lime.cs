using Whylight.Explanations.Game;

namespace Whylight.Explanations.Local;

/// <summary>How a local linear model is fitted.</summary>
public sealed record LimeOptions
{
    /// <summary>Most model calls.</summary>
    public int Budget { get; init; } = 256;

    /// <summary>Refuse rather than sample when 2^n masks exceed the budget.</summary>
    public bool Exact { get; init; }

    /// <summary>How features are selected; all by default, so that no word is silently zero.</summary>
    public FeatureSelection Selection { get; init; } = FeatureSelection.None;

    /// <summary>Most features selected.</summary>
    public int MostFeatures { get; init; } = int.MaxValue;

    /// <summary>Ridge penalty against <see cref="Lime.Draws"/> draws.</summary>
    public double Alpha { get; init; } = 1;
}

/// <summary>A local linear model of a game: LIME.</summary>
/// <param name="Estimator"><c>enumeration</c> or <c>paired-sampling</c>.</param>
/// <param name="Selection">Name of the feature selection.</param>
/// <param name="Weights">One a feature.</param>
/// <param name="StandardErrors">Sampling error of each; 0 where enumerated.</param>
/// <param name="Intercept">The model's value with nothing present.</param>
/// <param name="R2">Weighted coefficient of determination.</param>
/// <param name="LocalPrediction">The model's value for the whole text.</param>
/// <param name="Value">The game's value for the whole text.</param>
/// <param name="ModelCalls">Distinct coalitions asked.</param>
public sealed record LimeResult(
    string Estimator,
    string Selection,
    IReadOnlyList<double> Weights,
    IReadOnlyList<double?> StandardErrors,
    double Intercept,
    double R2,
    double LocalPrediction,
    double Value,
    int ModelCalls
);

/// <summary>Local interpretable model-agnostic explanations (Ribeiro, Singh and Guestrin 2016) without their noise.</summary>
/// <remarks>
/// LIME draws the number of removed words uniformly from 1 to n, then the words. Where all masks fit the budget each counts as
/// often as 5,000 draws would draw it, which is what LIME's own answer converges to. Otherwise masks come with their complements,
/// without repeats, sizes equally often, and weigh accordingly; standard errors are sandwich ones over pairs, corrected for the
/// finite population.
/// </remarks>
public static class Lime
{
    /// <summary>Draws that the weights of masks are scaled to, so that the ridge penalty means what it means in LIME.</summary>
    public const double Draws = 5000;

    /// <summary>Fits.</summary>
    /// <exception cref="ExplanationException">The budget is too small; the message names one that would do.</exception>
    public static async Task<LimeResult> FitAsync(
        IGame game,
        LimeOptions options,
        Random random,
        CancellationToken cancellation = default
    )
    {
        int n = game.Players;
        bool all = Enumeration.Fits(n, options.Budget);
        if (!all && options.Exact)
        {
            throw new ExplanationException(
                $"LIME over all masks of {n} features needs a budget of 2^{n} model calls, and the budget is {options.Budget}: "
                    + "raise --budget, choose coarser --features, or leave out --exact"
            );
        }
        int least = ShapleyEstimator.LeastBudget(n);
        if (!all && options.Budget < least)
        {
            throw new ExplanationException(
                $"a linear model of {n} features needs a budget of at least {least} model calls, and the budget is "
                    + $"{options.Budget}: pass --budget {least} or more, or choose coarser --features (phrase, sentence)"
            );
        }
        return all
            ? await EnumerateAsync(game, options, cancellation).ConfigureAwait(false)
            : await SampleAsync(game, options, random, cancellation).ConfigureAwait(false);
    }

    private static async Task<LimeResult> EnumerateAsync(
        IGame game,
        LimeOptions options,
        CancellationToken cancellation
    )
    {
        int n = game.Players;
        double[] y = await Enumeration.TabulateAsync(game, cancellation).ConfigureAwait(false);
        double[][] rows = new double[y.Length][];
        double[] weights = new double[y.Length];
        for (int m = 0; m < y.Length; m++)
        {
            rows[m] = Row(Coalition.FromBits(n, (ulong)m));
            int present = System.Numerics.BitOperations.PopCount((uint)m);
            weights[m] =
                LimeFit.Kernel(n, present) * (present == n ? 1 : Draws / (n * Combinatorics.Choose(n, present)));
        }
        LimeFit fit = LimeFit.Of(rows, y, weights, options.Alpha, options.Selection, options.MostFeatures);
        return Result("enumeration", options, fit, [.. fit.Weights.Select(_ => (double?)0)], y[^1], game);
    }

    private static async Task<LimeResult> SampleAsync(
        IGame game,
        LimeOptions options,
        Random random,
        CancellationToken cancellation
    )
    {
        int n = game.Players;
        int most = (options.Budget - 2) / 2;
        PairSampler sampler = new(n, most, random);
        List<(Coalition Coalition, int Stratum)> pairs = [];
        while (pairs.Count < most && sampler.Next() is { } pair)
        {
            pairs.Add(pair);
        }
        Coalition[] asked =
        [
            Coalition.Empty(n),
            Coalition.Full(n),
            .. pairs.SelectMany(p => (Coalition[])[p.Coalition, p.Coalition.Complement()]),
        ];
        double[] y = await game.EvaluateAsync(asked, cancellation).ConfigureAwait(false);
        double[][] rows = [.. asked.Select(Row)];
        double[] weights = new double[asked.Length];
        weights[0] = Draws / n * LimeFit.Kernel(n, 0);
        weights[1] = 1;
        for (int r = 2; r < asked.Length; r++)
        {
            int stratum = pairs[(r - 2) / 2].Stratum;
            bool middle = 2 * (stratum + 1) == n;
            // A size has 1/n of the draws; the middle stratum holds both halves of its pairs in one size.
            double share = 1.0 / n / sampler.DrawnFrom(stratum) / (middle ? 2 : 1);
            weights[r] = Draws * share * LimeFit.Kernel(n, asked[r].Size);
        }
        LimeFit fit = LimeFit.Of(rows, y, weights, options.Alpha, options.Selection, options.MostFeatures);
        PairedSample sample = PairedSample.Of(
            n,
            sampler,
            pairs,
            [.. pairs.Select((_, r) => y[2 + 2 * r])],
            [.. pairs.Select((_, r) => y[3 + 2 * r])],
            0
        );
        double?[] errors = StandardErrors(sample, rows, y, weights, fit, options.Alpha);
        return Result("paired-sampling", options, fit, errors, y[1], game);
    }

    // Sandwich: inverse of the penalised normal matrix around the variance of each pair's score.
    private static double?[] StandardErrors(
        PairedSample sample,
        double[][] rows,
        double[] y,
        double[] weights,
        LimeFit fit,
        double alpha
    )
    {
        int k = fit.Selected.Count;
        WeightedRidge.Centred centred = WeightedRidge.Centred.Of(rows, y, weights, fit.Selected);
        double[] gram = new double[k * k];
        for (int r = 0; r < rows.Length; r++)
        {
            for (int i = 0; i < k; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    gram[i * k + j] += weights[r] * centred.Z(r, i) * centred.Z(r, j);
                }
            }
        }
        for (int i = 0; i < k; i++)
        {
            gram[i * k + i] += alpha;
        }
        SymmetricSystem system = SymmetricSystem.Factor(k, gram)!;
        double[] shares = new double[sample.Rows * k];
        double[] z = new double[k];
        for (int r = 2; r < rows.Length; r++)
        {
            double residual = y[r] - fit.Intercept;
            for (int i = 0; i < k; i++)
            {
                z[i] = centred.Z(r, i);
                residual -= fit.Weights[fit.Selected[i]] * rows[r][fit.Selected[i]];
            }
            double[] direction = system.Solve(z);
            double leverage = 0;
            for (int i = 0; i < k; i++)
            {
                leverage += weights[r] * z[i] * direction[i];
            }
            double left = residual / Math.Max(0.05, 1 - leverage);
            for (int i = 0; i < k; i++)
            {
                shares[(r - 2) / 2 * k + i] += weights[r] * direction[i] * left;
            }
        }
        double[] variances = sample.Variances(shares, k);
        double?[] errors = new double?[fit.Weights.Length];
        for (int i = 0; i < k; i++)
        {
            errors[fit.Selected[i]] = Math.Sqrt(variances[i]);
        }
        return errors;
    }

    private static LimeResult Result(
        string estimator,
        LimeOptions options,
        LimeFit fit,
        IReadOnlyList<double?> errors,
        double value,
        IGame game
    ) =>
        new(
            estimator,
            Names.Of(options.Selection),
            fit.Weights,
            errors,
            fit.Intercept,
            fit.R2,
            fit.LocalPrediction,
            value,
            game.ModelCalls
        );

    private static double[] Row(Coalition coalition)
    {
        double[] row = new double[coalition.Players];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = coalition[i] ? 1 : 0;
        }
        return row;
    }
}
