namespace Whylight.Explanations.Game;

/// <summary>Owen-Winter values: Shapley values restricted to orders that keep every phrase of a tree together.</summary>
/// <remarks>
/// Owen 1977 for one level, Winter 1989 for several. At a node the parts come in every order alike; inside a part, the same
/// again. They are a quantity of their own and not an approximation of Shapley values; on a tree of one level they are equal.
/// Exact when all the coalitions needed fit the budget, else sampled over orders that respect the tree.
/// </remarks>
public static class OwenValues
{
    /// <summary>Computes or estimates the values.</summary>
    /// <param name="game">The game.</param>
    /// <param name="tree">A tree whose leaves are all the players.</param>
    /// <param name="options">Budget, tolerance, and whether sampling is refused.</param>
    /// <param name="random">Draws the orders, where sampled.</param>
    /// <param name="progress">Told each better estimate.</param>
    /// <param name="cancellation">Checked between blocks.</param>
    /// <exception cref="ExplanationException">The budget is too small; the message names one that would do.</exception>
    public static async Task<PlayerValues> EstimateAsync(
        IGame game,
        PhraseTree tree,
        ShapleyOptions options,
        Random random,
        IProgress<PlayerValues>? progress = null,
        CancellationToken cancellation = default
    )
    {
        int n = game.Players;
        int limit = options.Exact ? 1 << Enumeration.MaxPlayers : options.Budget;
        HashSet<Coalition>? needed = Needed(tree, n, limit);
        if (needed is not null && needed.Count <= options.Budget)
        {
            Coalition[] all = [.. needed];
            double[] values = await game.EvaluateAsync(all, cancellation).ConfigureAwait(false);
            Dictionary<Coalition, double> table = [];
            for (int k = 0; k < all.Length; k++)
            {
                table[all[k]] = values[k];
            }
            double[] owen = new double[n];
            Visit(
                tree,
                Coalition.Empty(n),
                1,
                (player, without, weight) =>
                {
                    owen[player] += weight * (table[without.With(player)] - table[without]);
                    return true;
                }
            );
            PlayerValues exact = PlayerValues.Exact(
                "enumeration",
                owen,
                table[Coalition.Empty(n)],
                table[Coalition.Full(n)],
                game.ModelCalls
            );
            progress?.Report(exact);
            return exact;
        }
        if (options.Exact)
        {
            throw new ExplanationException(
                needed is null
                    ? $"exact Owen values of {n} features need more than {limit} model calls: choose coarser --features, or leave out --exact"
                    : $"exact Owen values of {n} features need a budget of {needed.Count} model calls, and the budget is "
                        + $"{options.Budget}: pass --budget {needed.Count}, or leave out --exact"
            );
        }
        int least = PermutationEstimator.LeastBudget(n);
        if (options.Budget < least)
        {
            throw new ExplanationException(
                $"one order of {n} features and its reverse cost {least} model calls, and the budget is "
                    + $"{options.Budget}: pass --budget {least} or more, or choose coarser --features"
            );
        }
        return await PermutationEstimator
            .EstimateAsync(
                game,
                "antithetic-tree-orders",
                () =>
                {
                    List<int> order = [];
                    Draw(tree, order, random);
                    return [.. order];
                },
                options.Budget,
                options.Tolerance,
                progress,
                cancellation
            )
            .ConfigureAwait(false);
    }

    /// <summary>Distinct coalitions that the exact values of a tree need, or null where they exceed a limit.</summary>
    public static int? CoalitionsNeeded(PhraseTree tree, int limit) => Needed(tree, tree.Players.Count, limit)?.Count;

    /// <summary>
    /// Partition values with one context kept fixed, the cheap variant of SHAP's PartitionExplainer: each part is added to
    /// nothing (or taken from everything) within its parent, and what its parts do not explain is shared by size.
    /// </summary>
    /// <param name="game">The game.</param>
    /// <param name="tree">A binary tree.</param>
    /// <param name="present">Whether the rest of the text is present (true) or absent (false).</param>
    /// <param name="cancellation">Checked between blocks.</param>
    /// <returns>One value a player, and the unshared part of each node in post-order of the tree.</returns>
    public static async Task<(
        double[] Values,
        IReadOnlyList<(PhraseTree Node, double Own)> Hierarchical
    )> FixedContextAsync(IGame game, PhraseTree tree, bool present, CancellationToken cancellation = default)
    {
        int n = game.Players;
        List<PhraseTree> nodes = [];
        Collect(tree, nodes);
        Coalition[] asked =
        [
            .. nodes.Select(node =>
            {
                Coalition own = Coalition.Of(n, node.Players);
                return present ? own.Complement() : own;
            }),
            Coalition.Empty(n),
            Coalition.Full(n),
        ];
        double[] values = await game.EvaluateAsync(asked, cancellation).ConfigureAwait(false);
        double reference = present ? values[^1] : values[^2];
        Dictionary<PhraseTree, double> whole = new(ReferenceEqualityComparer.Instance);
        for (int k = 0; k < nodes.Count; k++)
        {
            whole[nodes[k]] = present ? reference - values[k] : values[k] - reference;
        }
        List<(PhraseTree, double)> own = [];
        double[] shared = new double[n];
        foreach (PhraseTree node in nodes)
        {
            double rest = whole[node] - node.Children.Sum(child => whole[child]);
            own.Add((node, rest));
            foreach (int player in node.Players)
            {
                shared[player] += rest / node.Players.Count;
            }
        }
        return (shared, own);
    }

    private static void Collect(PhraseTree node, List<PhraseTree> nodes)
    {
        foreach (PhraseTree child in node.Children)
        {
            Collect(child, nodes);
        }
        nodes.Add(node);
    }

    private static HashSet<Coalition>? Needed(PhraseTree tree, int n, int limit)
    {
        HashSet<Coalition> needed = [Coalition.Empty(n), Coalition.Full(n)];
        long visits = 0;
        bool all = Visit(
            tree,
            Coalition.Empty(n),
            1,
            (player, without, _) =>
            {
                needed.Add(without);
                needed.Add(without.With(player));
                // Contexts that coincide cost visits but no calls; past this the walk itself is too long.
                return needed.Count <= limit && ++visits <= 1 << 22;
            }
        );
        return all ? needed : null;
    }

    // Every leaf in every context, with the context's probability; false stops.
    private static bool Visit(
        PhraseTree node,
        Coalition context,
        double weight,
        Func<int, Coalition, double, bool> leaf
    )
    {
        int k = node.Children.Count;
        if (k == 0)
        {
            return leaf(node.Players[0], context, weight);
        }
        for (int c = 0; c < k; c++)
        {
            for (int others = 0; others < 1 << k; others++)
            {
                if ((others >> c & 1) != 0)
                {
                    continue;
                }
                Coalition inner = context;
                for (int o = 0; o < k; o++)
                {
                    if ((others >> o & 1) != 0)
                    {
                        foreach (int player in node.Children[o].Players)
                        {
                            inner = inner.With(player);
                        }
                    }
                }
                int before = System.Numerics.BitOperations.PopCount((uint)others);
                double share = 1 / (k * Combinatorics.Choose(k - 1, before));
                if (!Visit(node.Children[c], inner, weight * share, leaf))
                {
                    return false;
                }
            }
        }
        return true;
    }

    private static void Draw(PhraseTree node, List<int> order, Random random)
    {
        if (node.Children.Count == 0)
        {
            order.Add(node.Players[0]);
            return;
        }
        PhraseTree[] children = [.. node.Children];
        for (int i = children.Length - 1; i > 0; i--)
        {
            int j = random.Next(i + 1);
            (children[i], children[j]) = (children[j], children[i]);
        }
        foreach (PhraseTree child in children)
        {
            Draw(child, order, random);
        }
    }
}
