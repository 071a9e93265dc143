using System.Globalization;

namespace Whylight.Explanations.Game;

/// <summary>How Shapley values are estimated.</summary>
public sealed record ShapleyOptions
{
    /// <summary>Most model calls (distinct coalitions), 1 or more.</summary>
    public int Budget { get; init; } = 256;

    /// <summary>Refuse rather than estimate when 2^n coalitions exceed the budget.</summary>
    public bool Exact { get; init; }

    /// <summary>
    /// Converged when the largest standard error is at most this share of the range of the values (Covert and Lee 2021).
    /// </summary>
    public double Tolerance { get; init; } = 0.01;

    /// <summary>Stop as soon as converged, rather than spend the whole budget.</summary>
    public bool StopWhenConverged { get; init; } = true;

    /// <summary>Whether a cross-fitted proxy may take over where its estimated error is smaller.</summary>
    public bool Proxy { get; init; } = true;
}

/// <summary>Shapley values of a game within a budget of model calls.</summary>
/// <remarks>
/// Exact by enumeration when all 2^n coalitions fit the budget. Otherwise coalitions are drawn with their complements,
/// without replacement, sizes by leverage, and the Shapley values solve the weighted regression (Lundberg and Lee 2017;
/// Covert and Lee 2021; Musco and Witter 2025). Pairing removes every interaction of even order exactly. Where a
/// cross-fitted proxy (boosted trees, or kernel ridge) explains what the linear fit leaves, the values are the proxy's exact
/// ones corrected by its held-out residuals. Standard errors: delete-one-pair jackknife within strata, finite-population
/// corrected.
/// </remarks>
public static class ShapleyEstimator
{
    /// <summary>Fewest model calls with which a game of n players can be estimated (or enumerated, where that is less).</summary>
    public static int LeastBudget(int players) =>
        players <= 1 ? players + 1 : Enumeration.LeastCalls(players, 2 + 2.0 * (players + Math.Max(4, players / 4)));

    /// <summary>Computes or estimates the values.</summary>
    /// <param name="game">The game.</param>
    /// <param name="options">Budget and stopping.</param>
    /// <param name="random">Draws the coalitions.</param>
    /// <param name="progress">Told each better estimate; the last one reported equals the result.</param>
    /// <param name="cancellation">Checked between blocks of 64 coalitions.</param>
    /// <exception cref="ExplanationException">The budget is too small; the message names one that would do.</exception>
    public static async Task<PlayerValues> EstimateAsync(
        IGame game,
        ShapleyOptions options,
        Random random,
        IProgress<PlayerValues>? progress = null,
        CancellationToken cancellation = default
    )
    {
        int n = game.Players;
        if (Enumeration.Fits(n, options.Budget))
        {
            double[] table = await Enumeration.TabulateAsync(game, cancellation).ConfigureAwait(false);
            PlayerValues exact = PlayerValues.Exact(
                "enumeration",
                Enumeration.Shapley(table),
                table[0],
                table[^1],
                game.ModelCalls
            );
            progress?.Report(exact);
            return exact;
        }
        Refuse(n, options);
        return await SampleAsync(game, options, random, progress, cancellation).ConfigureAwait(false);
    }

    private static void Refuse(int n, ShapleyOptions options)
    {
        string all = Math.Pow(2, n).ToString(n < 50 ? "0" : "0.0e0", CultureInfo.InvariantCulture);
        if (options.Exact)
        {
            throw new ExplanationException(
                n <= Enumeration.MaxPlayers
                    ? $"exact Shapley values of {n} features need a budget of {all} model calls, and the budget is "
                        + $"{options.Budget}: pass --budget {all}, choose coarser --features, or leave out --exact"
                    : $"exact Shapley values of {n} features need {all} model calls, more than can be enumerated: choose "
                        + "coarser --features (phrase, sentence), or leave out --exact"
            );
        }
        int least = LeastBudget(n);
        if (options.Budget < least)
        {
            throw new ExplanationException(
                $"Shapley values of {n} features need a budget of at least {least} model calls, and the budget is "
                    + $"{options.Budget}: pass --budget {least} or more, or choose coarser --features (phrase, sentence)"
            );
        }
    }

    private static async Task<PlayerValues> SampleAsync(
        IGame game,
        ShapleyOptions options,
        Random random,
        IProgress<PlayerValues>? progress,
        CancellationToken cancellation
    )
    {
        int n = game.Players;
        int mostPairs = (options.Budget - 2) / 2;
        double[] ends = await game.EvaluateAsync([Coalition.Empty(n), Coalition.Full(n)], cancellation)
            .ConfigureAwait(false);
        double difference = ends[1] - ends[0];
        PairSampler sampler = new(n, mostPairs, random);
        List<(Coalition Coalition, int Stratum)> pairs = [];
        List<double> values = [];
        List<double> complements = [];
        int enough = Math.Min(mostPairs, (LeastBudget(n) - 2) / 2);
        // Where nobody waits for a first estimate and none may end the search, all is asked together: coalitions of one size then
        // fill their blocks.
        bool whole = progress is null && !options.StopWhenConverged;
        while (true)
        {
            int wanted =
                whole ? mostPairs
                : pairs.Count == 0 ? Blocks(enough)
                : pairs.Count + MemoizedGame.BlockSize / 2;
            int goal = Math.Min(mostPairs, wanted);
            int before = pairs.Count;
            while (pairs.Count < goal && sampler.Next() is { } pair)
            {
                pairs.Add(pair);
            }
            List<Coalition> asked = [];
            for (int r = before; r < pairs.Count; r++)
            {
                asked.Add(pairs[r].Coalition);
                asked.Add(pairs[r].Coalition.Complement());
            }
            double[] answers = await game.EvaluateAsync(asked, cancellation).ConfigureAwait(false);
            for (int k = 0; k < answers.Length; k += 2)
            {
                values.Add(answers[k]);
                complements.Add(answers[k + 1]);
            }
            bool last = pairs.Count >= mostPairs || pairs.Count < goal;
            PairedSample sample = PairedSample.Of(n, sampler, pairs, values, complements, difference);
            SampleRegression? regression = SampleRegression.OddPart(sample);
            if (regression is null)
            {
                if (last)
                {
                    throw new ExplanationException(
                        $"{options.Budget} model calls do not determine the Shapley values of {n} features: raise --budget"
                    );
                }
                continue;
            }
            (double[] x, double[] errors, _) = regression.Solve(sample.Target);
            string estimator = "paired-regression";
            bool converged = PlayerValues.WithinTolerance(x, errors, options.Tolerance);
            if (options.Proxy && (last || converged && options.StopWhenConverged))
            {
                (estimator, x, errors) = Best(sample, x, errors);
                converged = PlayerValues.WithinTolerance(x, errors, options.Tolerance);
            }
            last |= converged && options.StopWhenConverged;
            PlayerValues estimate = new(
                estimator,
                [.. x.Select(xi => xi + difference / n)],
                [.. errors.Select(e => (double?)e)],
                ends[0],
                ends[1],
                converged,
                game.ModelCalls
            );
            progress?.Report(estimate);
            if (last)
            {
                return estimate;
            }
        }
    }

    // Whole blocks of 64 coalitions, so that no block is left part empty before the last.
    private static int Blocks(int pairs) => (pairs + 31) / 32 * 32;

    private static (string, double[], double[]) Best(PairedSample sample, double[] x, double[] errors)
    {
        (string, double[], double[]) best = ("paired-regression", x, errors);
        double least = SumOfSquares(errors);
        // Where the linear fit is as good as exact there is nothing left to explain.
        double scale = SumOfSquares(sample.Target) / Math.Max(1, sample.Rows);
        if (least <= 1e-20 * scale)
        {
            return best;
        }
        (string Name, OddPartProxy? Proxy)[] proxies =
        [
            ("tree-proxy", TreeProxy.Fit(sample)),
            ("kernel-proxy", KernelProxy.Fit(sample)),
        ];
        foreach ((string name, OddPartProxy? proxy) in proxies)
        {
            if (proxy is null)
            {
                continue;
            }
            (double[] solution, double[] proxyErrors) = ProxyCorrection.Apply(sample, proxy);
            double sum = SumOfSquares(proxyErrors);
            // The choice itself is noisy: a proxy has to be better by a margin, or its errors would look too small.
            if (sum < 0.9 * least)
            {
                best = (name, solution, proxyErrors);
                least = sum;
            }
        }
        return best;
    }

    private static double SumOfSquares(double[] values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value * value;
        }
        return sum;
    }
}
