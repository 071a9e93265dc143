namespace Whylight.Explanations.Game;

/// <summary>Shapley values by sampled orders of the players; by enumeration where all coalitions fit the budget.</summary>
public static class PermutationShapley
{
    /// <summary>Estimates the values.</summary>
    /// <param name="game">The game.</param>
    /// <param name="options">Budget and tolerance; <see cref="ShapleyOptions.Exact"/> refuses above 2^n.</param>
    /// <param name="random">Draws the orders.</param>
    /// <param name="progress">Told each better estimate.</param>
    /// <param name="cancellation">Checked between blocks.</param>
    /// <exception cref="ExplanationException">The budget does not cover one order and its reverse.</exception>
    public static Task<PlayerValues> EstimateAsync(
        IGame game,
        ShapleyOptions options,
        Random random,
        IProgress<PlayerValues>? progress = null,
        CancellationToken cancellation = default
    )
    {
        int n = game.Players;
        if (Enumeration.Fits(n, options.Budget) || options.Exact)
        {
            return ShapleyEstimator.EstimateAsync(game, options, random, progress, cancellation);
        }
        int least = PermutationEstimator.LeastBudget(n);
        if (options.Budget < least)
        {
            throw new ExplanationException(
                $"one order of {n} features and its reverse cost {least} model calls, and the budget is "
                    + $"{options.Budget}: pass --budget {least} or more, or choose coarser --features"
            );
        }
        int[] order = [.. Enumerable.Range(0, n)];
        return PermutationEstimator.EstimateAsync(
            game,
            "antithetic-permutations",
            () =>
            {
                int[] drawn = (int[])order.Clone();
                for (int i = n - 1; i > 0; i--)
                {
                    int j = random.Next(i + 1);
                    (drawn[i], drawn[j]) = (drawn[j], drawn[i]);
                }
                return drawn;
            },
            options.Budget,
            options.Tolerance,
            progress,
            cancellation
        );
    }
}
