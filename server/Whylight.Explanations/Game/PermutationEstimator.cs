namespace Whylight.Explanations.Game;

/// <summary>Values as averages of marginal contributions over sampled orders of the players, each order with its reverse.</summary>
/// <remarks>
/// Castro, Gómez and Tejada 2009; antithetic pairs after Mitchell et al. 2022. Unbiased after every pair; efficiency holds for
/// each order. Standard error: that of the mean over pairs, null while there is one pair.
/// </remarks>
internal static class PermutationEstimator
{
    /// <summary>Most pairs of orders looked at: a game whose coalitions are all known would otherwise never spend its budget.</summary>
    private const int MostPairs = 4096;

    /// <summary>Fewest calls: both ends, and one order with its reverse.</summary>
    public static int LeastBudget(int players) => players < 2 ? players + 1 : 2 * players;

    public static async Task<PlayerValues> EstimateAsync(
        IGame game,
        string estimator,
        Func<int[]> nextOrder,
        int budget,
        double tolerance,
        IProgress<PlayerValues>? progress,
        CancellationToken cancellation
    )
    {
        int n = game.Players;
        double[] ends = await game.EvaluateAsync([Coalition.Empty(n), Coalition.Full(n)], cancellation)
            .ConfigureAwait(false);
        HashSet<Coalition> asked = [Coalition.Empty(n), Coalition.Full(n)];
        double[] sum = new double[n];
        double[] squares = new double[n];
        int pairs = 0;
        PlayerValues? estimate = null;
        while (pairs < MostPairs)
        {
            int[] order = nextOrder();
            List<Coalition> chain = Chain(order, n);
            Array.Reverse(order);
            List<Coalition> reverse = Chain(order, n);
            HashSet<Coalition> fresh = [.. chain, .. reverse];
            fresh.ExceptWith(asked);
            if (asked.Count + fresh.Count > budget)
            {
                break;
            }
            asked.UnionWith(fresh);
            double[] values = await game.EvaluateAsync([.. chain, .. reverse], cancellation).ConfigureAwait(false);
            double[] contribution = new double[n];
            for (int k = 0; k < n; k++)
            {
                // order is reversed by now: its k-th player was the (n-1-k)-th of the first chain.
                contribution[order[n - 1 - k]] += (values[k + 1] - values[k]) / 2;
                contribution[order[k]] += (values[n + 1 + k + 1] - values[n + 1 + k]) / 2;
            }
            pairs++;
            for (int i = 0; i < n; i++)
            {
                double before = contribution[i] - (pairs > 1 ? sum[i] / (pairs - 1) : 0);
                sum[i] += contribution[i];
                squares[i] += before * (contribution[i] - sum[i] / pairs);
            }
            if ((pairs & 7) == 0)
            {
                estimate = Estimate();
                progress?.Report(estimate);
            }
        }
        estimate = Estimate();
        progress?.Report(estimate);
        return estimate;

        PlayerValues Estimate()
        {
            double[] values = [.. sum.Select(s => s / pairs)];
            double[]? errors =
                pairs < 2 ? null : [.. squares.Select(q => Math.Sqrt(Math.Max(0, q) / (pairs - 1) / pairs))];
            return new PlayerValues(
                estimator,
                values,
                [.. values.Select((_, i) => errors?[i])],
                ends[0],
                ends[1],
                errors is not null && PlayerValues.WithinTolerance(values, errors, tolerance),
                game.ModelCalls
            );
        }
    }

    // The n + 1 coalitions from nobody to everybody.
    private static List<Coalition> Chain(int[] order, int n)
    {
        List<Coalition> chain = [Coalition.Empty(n)];
        foreach (int player in order)
        {
            chain.Add(chain[^1].With(player));
        }
        return chain;
    }
}
