namespace Whylight.Explanations.Game;

/// <summary>Pairwise interactions of a game, and the single players' values that go with them.</summary>
/// <param name="Estimator"><c>enumeration</c>, <c>paired-regression</c> or <c>enumeration-of-strongest</c>.</param>
/// <param name="Index">Which index: <c>shapley-interaction</c> or <c>faithful-shapley</c>.</param>
/// <param name="Singles">One value a player: its Shapley value where exact, its faithful main effect where regressed; null where left out.</param>
/// <param name="Pairs">One interaction a pair looked at, ordered by i, then j.</param>
/// <param name="EmptyValue">v(empty).</param>
/// <param name="FullValue">v(N).</param>
/// <param name="ModelCalls">Distinct coalitions asked.</param>
public sealed record InteractionValues(
    string Estimator,
    string Index,
    IReadOnlyList<double?> Singles,
    IReadOnlyList<Interaction> Pairs,
    double EmptyValue,
    double FullValue,
    int ModelCalls
);

/// <summary>How much pairs of players do together beyond what they do alone.</summary>
/// <remarks>
/// All coalitions within the budget: the Shapley interaction index (Grabisch and Roubens 1999), exact. Else, while there are
/// three sampled pairs of coalitions for each pair of players: faithful Shapley interactions (Tsai, Yeh and Ravikumar 2023)
/// by weighted regression of the game's even part; a pair of players acts on it exactly where a coalition separates them.
/// Else the strongest players by leave-one-out, enumerated among themselves with all others present.
/// </remarks>
public static class InteractionEstimator
{
    /// <summary>Computes or estimates the interactions.</summary>
    /// <exception cref="ExplanationException">Exactness was asked and does not fit, or the budget is too small.</exception>
    public static async Task<InteractionValues> EstimateAsync(
        IGame game,
        ShapleyOptions options,
        Random random,
        CancellationToken cancellation = default
    )
    {
        int n = game.Players;
        if (Enumeration.Fits(n, options.Budget))
        {
            double[] table = await Enumeration.TabulateAsync(game, cancellation).ConfigureAwait(false);
            double[,] pairs = Enumeration.ShapleyInteractions(table);
            return new InteractionValues(
                "enumeration",
                "shapley-interaction",
                [.. Enumeration.Shapley(table).Select(v => (double?)v)],
                List(n, (i, j) => pairs[i, j], (_, _) => 0),
                table[0],
                table[^1],
                game.ModelCalls
            );
        }
        if (options.Exact)
        {
            throw new ExplanationException(
                $"exact interactions of {n} features need a budget of 2^{n} model calls: choose coarser --features, or leave out --exact"
            );
        }
        int unknowns = n * (n - 1) / 2;
        int mostPairs = (options.Budget - 2) / 2;
        return n <= 64 && mostPairs >= 1.5 * unknowns
            ? await RegressAsync(game, mostPairs, random, cancellation).ConfigureAwait(false)
            : await StrongestAsync(game, options.Budget, cancellation).ConfigureAwait(false);
    }

    private static async Task<InteractionValues> RegressAsync(
        IGame game,
        int mostPairs,
        Random random,
        CancellationToken cancellation
    )
    {
        int n = game.Players;
        PairSampler sampler = new(n, mostPairs, random);
        List<(Coalition Coalition, int Stratum)> pairs = [];
        while (pairs.Count < mostPairs && sampler.Next() is { } pair)
        {
            pairs.Add(pair);
        }
        List<Coalition> asked = [Coalition.Empty(n), Coalition.Full(n)];
        foreach ((Coalition coalition, _) in pairs)
        {
            asked.Add(coalition);
            asked.Add(coalition.Complement());
        }
        double[] answers = await game.EvaluateAsync(asked, cancellation).ConfigureAwait(false);
        double[] values = [.. pairs.Select((_, r) => answers[2 + 2 * r])];
        double[] complements = [.. pairs.Select((_, r) => answers[3 + 2 * r])];
        PairedSample sample = PairedSample.Of(n, sampler, pairs, values, complements, answers[1] - answers[0]);
        int width = n * (n - 1) / 2;
        double[] design = new double[sample.Rows * width];
        double[] target = new double[sample.Rows];
        for (int r = 0; r < sample.Rows; r++)
        {
            target[r] = (values[r] + complements[r]) / 2 - (answers[0] + answers[1]) / 2;
            int column = 0;
            for (int i = 0; i < n; i++)
            {
                for (int j = i + 1; j < n; j++)
                {
                    // In signs x = 2z - 1 the even part is c + sum of phi_ij/4 x_i x_j, fixed at both ends.
                    design[r * width + column++] = sample.Coalitions[r][i] == sample.Coalitions[r][j] ? 0 : -0.5;
                }
            }
        }
        SampleRegression even =
            SampleRegression.Prepare(sample, design, width, false)
            ?? throw new ExplanationException(
                $"{2 * mostPairs + 2} model calls do not determine the interactions of {n} features: raise --budget"
            );
        SampleRegression odd =
            SampleRegression.OddPart(sample)
            ?? throw new ExplanationException(
                $"{2 * mostPairs + 2} model calls do not determine the values of {n} features: raise --budget"
            );
        (double[] phi, double[] errors, _) = even.Solve(target);
        (double[] shapley, _, _) = odd.Solve(sample.Target);
        double[] singles = [.. shapley.Select(x => x + (answers[1] - answers[0]) / n)];
        List<Interaction> interactions = [];
        int k = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++, k++)
            {
                interactions.Add(new Interaction(i, j, phi[k], errors[k]));
                singles[i] -= phi[k] / 2;
                singles[j] -= phi[k] / 2;
            }
        }
        return new InteractionValues(
            "paired-regression",
            "faithful-shapley",
            [.. singles.Select(s => (double?)s)],
            interactions,
            answers[0],
            answers[1],
            game.ModelCalls
        );
    }

    private static async Task<InteractionValues> StrongestAsync(IGame game, int budget, CancellationToken cancellation)
    {
        int n = game.Players;
        int strongest = 1;
        while (strongest < n && strongest < 10 && n + 2 + (2L << strongest) <= budget)
        {
            strongest++;
        }
        if (strongest < 2)
        {
            int least = Enumeration.LeastCalls(n, n + 6);
            throw new ExplanationException(
                $"interactions among {n} features need a budget of at least {least} model calls, and the budget is "
                    + $"{budget}: pass --budget {least} or more, or choose coarser --features"
            );
        }
        Coalition full = Coalition.Full(n);
        double[] removed = await game.EvaluateAsync(
                [.. Enumerable.Range(0, n).Select(full.Without), full, Coalition.Empty(n)],
                cancellation
            )
            .ConfigureAwait(false);
        int[] chosen =
        [
            .. Enumerable
                .Range(0, n)
                .OrderByDescending(i => Math.Abs(removed[n] - removed[i]))
                .ThenBy(i => i)
                .Take(strongest)
                .Order(),
        ];
        Coalition[] coalitions = new Coalition[1 << strongest];
        for (int m = 0; m < coalitions.Length; m++)
        {
            Coalition coalition = full;
            for (int k = 0; k < strongest; k++)
            {
                coalition = (m >> k & 1) != 0 ? coalition : coalition.Without(chosen[k]);
            }
            coalitions[m] = coalition;
        }
        double[] table = await game.EvaluateAsync(coalitions, cancellation).ConfigureAwait(false);
        double[] shapley = Enumeration.Shapley(table);
        double[,] pairs = Enumeration.ShapleyInteractions(table);
        double?[] singles = new double?[n];
        for (int k = 0; k < strongest; k++)
        {
            singles[chosen[k]] = shapley[k];
        }
        return new InteractionValues(
            "enumeration-of-strongest",
            "shapley-interaction",
            singles,
            [
                .. List(strongest, (i, j) => pairs[i, j], (_, _) => 0)
                    .Select(x => x with { I = chosen[x.I], J = chosen[x.J] }),
            ],
            removed[n + 1],
            removed[n],
            game.ModelCalls
        );
    }

    private static List<Interaction> List(int n, Func<int, int, double> score, Func<int, int, double> error)
    {
        List<Interaction> list = [];
        for (int i = 0; i < n; i++)
        {
            for (int j = i + 1; j < n; j++)
            {
                list.Add(new Interaction(i, j, score(i, j), error(i, j)));
            }
        }
        return list;
    }
}
