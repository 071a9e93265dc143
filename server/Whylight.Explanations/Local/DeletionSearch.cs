using Whylight.Explanations.Game;

namespace Whylight.Explanations.Local;

/// <summary>Proposes sets of features whose absence changes the label, where not all coalitions can be asked.</summary>
internal static class DeletionSearch
{
    /// <summary>
    /// All single deletions that flip, or else the features that lower the margin most, deleted in that order until the label
    /// changes and then put back wherever the change survives.
    /// </summary>
    public static async Task<IReadOnlyList<Coalition>> ProposeAsync(
        TextGame game,
        FlipGoal goal,
        int budget,
        CancellationToken cancellation
    )
    {
        int n = game.Players;
        if (budget < n + 1)
        {
            throw new ExplanationException(
                $"a search over deletions of {n} {(n == 1 ? "feature" : "features")} needs a budget of at least {2 * (n + 1)} model calls, and the budget is "
                    + $"{game.Request.Budget}: raise --budget, or choose coarser --features (phrase, sentence)"
            );
        }
        Coalition full = Coalition.Full(n);
        double[][] singles = await game.LogitsAsync([.. Enumerable.Range(0, n).Select(full.Without)], cancellation)
            .ConfigureAwait(false);
        List<Coalition> flips = [];
        for (int i = 0; i < n; i++)
        {
            if (goal.Met(TextGame.Best(singles[i], game.Model.Info.RestIndex)))
            {
                flips.Add(Coalition.Of(n, [i]));
            }
        }
        if (flips.Count > 0)
        {
            return [.. flips.OrderBy(f => goal.Margin(singles[f.Members().First()])).ThenBy(f => f)];
        }
        int[] order = [.. Enumerable.Range(0, n).OrderBy(i => goal.Margin(singles[i])).ThenBy(i => i)];
        Coalition deleted = Coalition.Empty(n);
        bool flipped = false;
        for (int k = 0; k < n && !flipped && game.ModelCalls < budget; k++)
        {
            deleted = deleted.With(order[k]);
            double[][] logits = await game.LogitsAsync([deleted.Complement()], cancellation).ConfigureAwait(false);
            flipped = goal.Met(TextGame.Best(logits[0], game.Model.Info.RestIndex));
        }
        if (!flipped)
        {
            return [];
        }
        // The weakest first: those are the likeliest to be needless.
        foreach (int i in order.Reverse().Where(i => deleted[i]))
        {
            if (deleted.Size == 1 || game.ModelCalls >= budget)
            {
                break;
            }
            Coalition fewer = deleted.Without(i);
            double[][] logits = await game.LogitsAsync([fewer.Complement()], cancellation).ConfigureAwait(false);
            if (goal.Met(TextGame.Best(logits[0], game.Model.Info.RestIndex)))
            {
                deleted = fewer;
            }
        }
        return [deleted];
    }
}
