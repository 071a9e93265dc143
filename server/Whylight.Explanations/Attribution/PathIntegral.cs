namespace Whylight.Explanations.Attribution;

/// <summary>What a path method found.</summary>
/// <param name="Scores">One score a component: its share of f(x) - f(baseline).</param>
/// <param name="Rule">The rule that gave them.</param>
/// <param name="Nodes">Gradients asked for.</param>
/// <param name="Refinement">How far the last refinement moved the scores, relative; NaN where nothing was refined.</param>
/// <param name="Converged">
/// Whether the gap is at most the tolerance times |f(x) - f(baseline)| and the last refinement moved by at most the tolerance.
/// </param>
internal sealed record PathScores(double[] Scores, string Rule, int Nodes, double Refinement, bool Converged);

/// <summary>
/// Integrated gradients as arithmetic, apart from any network: score_i = sum over nodes of weight x (x_i - b_i) x df/dx_i at
/// b + node (x - b). Sundararajan, Taly and Yan, Axiomatic attribution for deep networks, ICML 2017.
/// </summary>
internal static class PathIntegral
{
    /// <summary>Largest completeness gap and last move, relative, at which a result counts as converged.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>Scores by one fixed rule.</summary>
    /// <param name="rule">Nodes and weights.</param>
    /// <param name="integrand">For each node, (x_i - b_i) df/dx_i of every component.</param>
    public static double[] Fixed(QuadratureRule rule, Func<IReadOnlyList<double>, double[][]> integrand)
    {
        double[][] rows = integrand(rule.Nodes);
        return Weigh(rule, rows);
    }

    /// <summary>
    /// Scores by the nested rules, refined until both conditions of convergence hold or the next rule costs too much.
    /// </summary>
    /// <param name="change">f(x) - f(baseline).</param>
    /// <param name="maxNodes">Most gradients to ask for; the coarsest rule is used in any case.</param>
    /// <param name="integrand">For each node, (x_i - b_i) df/dx_i of every component.</param>
    /// <param name="group">Turns component scores into the scores that are shown, on which movement is judged.</param>
    /// <param name="refined">Told the scores after every rule.</param>
    public static async Task<PathScores> AdaptiveAsync(
        double change,
        int maxNodes,
        Func<IReadOnlyList<double>, Task<double[][]>> integrand,
        Func<double[], double[]>? group = null,
        Action<PathScores>? refined = null
    )
    {
        List<double[]> rows = [];
        double[]? before = null;
        PathScores? result = null;
        // The coarsest rule alone proves nothing, so its nodes are asked together with those of the next, which keeps them.
        if (NestedQuadrature.Levels[1].Nodes.Count <= maxNodes)
        {
            rows.AddRange(await integrand(NestedQuadrature.Levels[1].Nodes).ConfigureAwait(false));
        }
        foreach (QuadratureRule rule in NestedQuadrature.Levels)
        {
            if (before is not null && rule.Nodes.Count > maxNodes)
            {
                break;
            }
            if (rows.Count < rule.Nodes.Count)
            {
                rows.AddRange(await integrand([.. rule.Nodes.Skip(rows.Count)]).ConfigureAwait(false));
            }
            double[] scores = Weigh(rule, rows);
            double[] shown = group?.Invoke(scores) ?? scores;
            double moved = before is null ? double.NaN : Move(before, shown);
            double gap = Math.Abs(change - Compensated.Sum(scores));
            bool converged = gap <= Tolerance * Math.Abs(change) && moved <= Tolerance;
            result = new PathScores(scores, rule.Name, rows.Count, moved, converged);
            refined?.Invoke(result);
            if (converged)
            {
                break;
            }
            before = shown;
        }
        return result!;
    }

    /// <summary>Largest change of a score over the largest score: 0 when nothing moved, also when all are zero.</summary>
    internal static double Move(double[] before, double[] after)
    {
        double largest = 0;
        double change = 0;
        for (int i = 0; i < after.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(after[i]));
            change = Math.Max(change, Math.Abs(after[i] - before[i]));
        }
        return change == 0 ? 0 : change / largest;
    }

    private static double[] Weigh(QuadratureRule rule, IReadOnlyList<double[]> rows)
    {
        double[] scores = new double[rows[0].Length];
        for (int k = 0; k < rule.Nodes.Count; k++)
        {
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] += rule.Weights[k] * rows[k][i];
            }
        }
        return scores;
    }
}
