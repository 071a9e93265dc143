using MathNet.Numerics.Distributions;
using Whylight.Explanations.Game;

namespace Whylight.Explanations.Causal;

/// <summary>Tests whether one variable tells anything of another once others are known.</summary>
public static class IndependenceTests
{
    private const double Level = 0.05;
    private const double Power = 0.8;

    /// <summary>
    /// Fisher's z test of a zero partial correlation: sqrt(n - |S| - 3) |atanh r|, two-sided normal; for numbers that are about
    /// jointly normal (Fisher 1924).
    /// </summary>
    /// <param name="x">One number a case.</param>
    /// <param name="y">Another.</param>
    /// <param name="given">Columns conditioned on.</param>
    /// <exception cref="ExplanationException">Too few cases, or a column that is constant or follows from the others.</exception>
    public static IndependenceResult FisherZ(
        IReadOnlyList<double> x,
        IReadOnlyList<double> y,
        IReadOnlyList<IReadOnlyList<double>>? given = null
    )
    {
        given ??= [];
        int n = x.Count;
        int free = n - given.Count - 3;
        if (free < 1)
        {
            throw new ExplanationException(
                $"Fisher's z test given {given.Count} variables needs at least {given.Count + 4} cases, and there are {n}"
            );
        }
        double r = PartialCorrelation([x, y, .. given]);
        double z = Math.Sqrt(free) * Math.Abs(Math.Atanh(Math.Clamp(r, -1 + 1e-15, 1 - 1e-15)));
        double detectable = Math.Tanh(
            (Normal.InvCDF(0, 1, 1 - Level / 2) + Normal.InvCDF(0, 1, Power)) / Math.Sqrt(free)
        );
        return new IndependenceResult("fisher-z", z, null, 2 * Normal.CDF(0, 1, -z), n, r, detectable);
    }

    /// <summary>
    /// Pearson's chi-square (or the G statistic, 2 sum O ln(O/E)) of two categorical variables, summed over the strata of the
    /// conditioning variables; degrees of freedom sum (r-1)(c-1) over the rows and columns that occur in each stratum.
    /// </summary>
    /// <param name="x">A category a case.</param>
    /// <param name="y">Another.</param>
    /// <param name="given">Columns conditioned on.</param>
    /// <param name="g">Use G in place of chi-square.</param>
    public static IndependenceResult Table(
        IReadOnlyList<int> x,
        IReadOnlyList<int> y,
        IReadOnlyList<IReadOnlyList<int>>? given = null,
        bool g = false
    )
    {
        (double statistic, int freedom) = Stratified(x, y, Strata(x.Count, given), g);
        double p = freedom == 0 ? 1 : Math.Clamp(1 - ChiSquared.CDF(freedom, statistic), 0, 1);
        // Far in the tail the complement loses all digits.
        if (freedom > 0 && p < 1e-10)
        {
            p = MathNet.Numerics.SpecialFunctions.GammaUpperRegularized(freedom / 2.0, statistic / 2);
        }
        return new IndependenceResult(
            g ? "g" : "chi-square",
            statistic,
            freedom,
            p,
            x.Count,
            x.Count == 0 ? null : Math.Sqrt(statistic / x.Count),
            freedom == 0 || x.Count == 0 ? null : DetectableEffect(freedom, x.Count)
        );
    }

    /// <summary>
    /// Permutation test of the same: one variable is shuffled within the strata, p = (1 + shuffles at least as extreme in G) /
    /// (1 + shuffles). Right for small counts, where the chi-square distribution is not.
    /// </summary>
    public static IndependenceResult Permutation(
        IReadOnlyList<int> x,
        IReadOnlyList<int> y,
        IReadOnlyList<IReadOnlyList<int>>? given,
        Random random,
        int shuffles = 999
    )
    {
        int[][] strata = Strata(x.Count, given);
        int[] shuffled = [.. x];
        return Randomised(
            "permutation",
            x,
            y,
            strata,
            () =>
            {
                foreach (int[] stratum in strata)
                {
                    for (int i = stratum.Length - 1; i > 0; i--)
                    {
                        int j = random.Next(i + 1);
                        (shuffled[stratum[i]], shuffled[stratum[j]]) = (shuffled[stratum[j]], shuffled[stratum[i]]);
                    }
                }
                return shuffled;
            },
            shuffles
        );
    }

    /// <summary>
    /// Conditional randomisation test (Candès, Fan, Janson and Lv 2018): x is drawn anew from its distribution given the others, p as
    /// in <see cref="Permutation"/>. Valid as far as that distribution is right.
    /// </summary>
    /// <param name="x">A category a case.</param>
    /// <param name="y">Another, such as the predicted label.</param>
    /// <param name="given">Columns conditioned on.</param>
    /// <param name="draw">Draws x for every case given the others; null draws from the frequencies in the stratum.</param>
    /// <param name="random">Randomness.</param>
    /// <param name="draws">How many times.</param>
    public static IndependenceResult ConditionalRandomisation(
        IReadOnlyList<int> x,
        IReadOnlyList<int> y,
        IReadOnlyList<IReadOnlyList<int>>? given,
        Random random,
        Func<Random, IReadOnlyList<int>>? draw = null,
        int draws = 999
    )
    {
        int[][] strata = Strata(x.Count, given);
        int[] drawn = [.. x];
        return Randomised(
            "conditional-randomisation",
            x,
            y,
            strata,
            () =>
            {
                if (draw is not null)
                {
                    return draw(random);
                }
                foreach (int[] stratum in strata)
                {
                    foreach (int i in stratum)
                    {
                        drawn[i] = x[stratum[random.Next(stratum.Length)]];
                    }
                }
                return drawn;
            },
            draws
        );
    }

    /// <summary>Pearson statistic and degrees of freedom of a table of counts, its expected counts, and Cramér's V.</summary>
    public static (
        double ChiSquare,
        int DegreesOfFreedom,
        double PValue,
        double G,
        double[][] Expected,
        double? CramersV
    ) Contingency(IReadOnlyList<IReadOnlyList<double>> counts)
    {
        double total = counts.Sum(r => r.Sum());
        double[] rows = [.. counts.Select(r => r.Sum())];
        double[] columns = [.. Enumerable.Range(0, counts[0].Count).Select(c => counts.Sum(r => r[c]))];
        double[][] expected = [.. rows.Select(r => columns.Select(c => r * c / total).ToArray())];
        double chi = 0;
        double g = 0;
        for (int r = 0; r < rows.Length; r++)
        {
            for (int c = 0; c < columns.Length; c++)
            {
                if (expected[r][c] > 0)
                {
                    chi += Math.Pow(counts[r][c] - expected[r][c], 2) / expected[r][c];
                    g += counts[r][c] > 0 ? 2 * counts[r][c] * Math.Log(counts[r][c] / expected[r][c]) : 0;
                }
            }
        }
        int usedRows = rows.Count(r => r > 0);
        int usedColumns = columns.Count(c => c > 0);
        int freedom = Math.Max(0, (usedRows - 1) * (usedColumns - 1));
        double p = freedom == 0 ? 1 : 1 - ChiSquared.CDF(freedom, chi);
        int least = Math.Min(usedRows, usedColumns) - 1;
        return (chi, freedom, p, g, expected, least < 1 ? null : Math.Sqrt(chi / total / least));
    }

    private static IndependenceResult Randomised(
        string name,
        IReadOnlyList<int> x,
        IReadOnlyList<int> y,
        int[][] strata,
        Func<IReadOnlyList<int>> draw,
        int times
    )
    {
        (double observed, _) = Stratified(x, y, strata, true);
        int extreme = 0;
        for (int k = 0; k < times; k++)
        {
            (double statistic, _) = Stratified(draw(), y, strata, true);
            // Equal statistics reached by other orders of summation differ in the last bits.
            extreme += statistic >= observed - 1e-9 * Math.Abs(observed) ? 1 : 0;
        }
        return new IndependenceResult(name, observed, null, (1.0 + extreme) / (1 + times), x.Count, null, null);
    }

    private static (double Statistic, int DegreesOfFreedom) Stratified(
        IReadOnlyList<int> x,
        IReadOnlyList<int> y,
        int[][] strata,
        bool g
    )
    {
        double statistic = 0;
        int freedom = 0;
        foreach (int[] stratum in strata)
        {
            SortedDictionary<(int, int), double> cells = [];
            SortedDictionary<int, double> rows = [];
            SortedDictionary<int, double> columns = [];
            foreach (int i in stratum)
            {
                cells[(x[i], y[i])] = cells.GetValueOrDefault((x[i], y[i])) + 1;
                rows[x[i]] = rows.GetValueOrDefault(x[i]) + 1;
                columns[y[i]] = columns.GetValueOrDefault(y[i]) + 1;
            }
            freedom += (rows.Count - 1) * (columns.Count - 1);
            foreach ((int row, double rowTotal) in rows)
            {
                foreach ((int column, double columnTotal) in columns)
                {
                    double expected = rowTotal * columnTotal / stratum.Length;
                    double count = cells.GetValueOrDefault((row, column));
                    statistic += g
                        ? count > 0
                            ? 2 * count * Math.Log(count / expected)
                            : 0
                        : (count - expected) * (count - expected) / expected;
                }
            }
        }
        return (statistic, freedom);
    }

    private static int[][] Strata(int cases, IReadOnlyList<IReadOnlyList<int>>? given) =>
        given is null or { Count: 0 }
            ? cases == 0
                ? []
                :
                [
                    [.. Enumerable.Range(0, cases)],
                ]
            :
            [
                .. Enumerable
                    .Range(0, cases)
                    .GroupBy(i => string.Join(',', given.Select(column => column[i])))
                    .OrderBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => group.ToArray()),
            ];

    private static double PartialCorrelation(IReadOnlyList<IReadOnlyList<double>> columns)
    {
        int k = columns.Count;
        int n = columns[0].Count;
        double[] means = [.. columns.Select(c => c.Average())];
        double[] correlation = new double[k * k];
        double[] deviations = [.. columns.Select((c, i) => Math.Sqrt(c.Sum(v => (v - means[i]) * (v - means[i]))))];
        if (deviations.Any(d => d == 0))
        {
            throw new ExplanationException("a variable is constant in these cases: nothing can depend on it");
        }
        for (int i = 0; i < k; i++)
        {
            for (int j = 0; j < k; j++)
            {
                double sum = 0;
                for (int r = 0; r < n; r++)
                {
                    sum += (columns[i][r] - means[i]) * (columns[j][r] - means[j]);
                }
                correlation[i * k + j] = sum / deviations[i] / deviations[j];
            }
        }
        SymmetricSystem system =
            SymmetricSystem.Factor(k, correlation)
            ?? throw new ExplanationException(
                "one variable follows from the others in these cases: leave one of them out of the condition"
            );
        double[] unit = new double[k];
        unit[0] = 1;
        double[] first = system.Solve(unit);
        unit[0] = 0;
        unit[1] = 1;
        double[] second = system.Solve(unit);
        return -first[1] / Math.Sqrt(first[0] * second[1]);
    }

    // Cohen's w at which a noncentral chi-square test has the power: noncentrality = n w^2.
    private static double DetectableEffect(int freedom, int cases)
    {
        double critical = ChiSquared.InvCDF(freedom, 1 - Level);
        double low = 0;
        double high = 1;
        while (Exceeds(freedom, high, critical) < Power)
        {
            high *= 2;
        }
        for (int k = 0; k < 60; k++)
        {
            double middle = (low + high) / 2;
            (low, high) = Exceeds(freedom, middle, critical) < Power ? (middle, high) : (low, middle);
        }
        return Math.Sqrt(high / cases);
    }

    // P(noncentral chi-square > critical): Poisson mixture of central ones.
    private static double Exceeds(int freedom, double noncentrality, double critical)
    {
        double weight = Math.Exp(-noncentrality / 2);
        double below = 0;
        double left = 1;
        for (int j = 0; j < 10_000 && left > 1e-12; j++)
        {
            below += weight * ChiSquared.CDF(freedom + 2 * j, critical);
            left -= weight;
            weight *= noncentrality / 2 / (j + 1);
        }
        return 1 - below;
    }
}
