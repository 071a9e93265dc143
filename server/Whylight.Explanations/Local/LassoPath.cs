using Whylight.Explanations.Game;

namespace Whylight.Explanations.Local;

/// <summary>Least angle regression with the lasso modification (Efron, Hastie, Johnstone and Tibshirani 2004).</summary>
internal static class LassoPath
{
    /// <summary>The active features at each kink of the path, from the empty model to the least-squares one.</summary>
    /// <param name="rows">Centred rows, each multiplied by the square root of its weight.</param>
    /// <param name="y">Targets treated alike.</param>
    public static IReadOnlyList<IReadOnlyList<int>> ActiveSets(IReadOnlyList<double[]> rows, IReadOnlyList<double> y)
    {
        int n = rows.Count == 0 ? 0 : rows[0].Length;
        double[] gram = new double[n * n];
        double[] correlation = new double[n];
        for (int r = 0; r < rows.Count; r++)
        {
            for (int i = 0; i < n; i++)
            {
                correlation[i] += rows[r][i] * y[r];
                for (int j = 0; j < n; j++)
                {
                    gram[i * n + j] += rows[r][i] * rows[r][j];
                }
            }
        }
        double[] w = new double[n];
        double largest = correlation.Length == 0 ? 0 : correlation.Max(Math.Abs);
        List<int> active = [];
        int? dropped = null;
        List<IReadOnlyList<int>> path =
        [
            [],
        ];
        double zero = 1e-12 * Math.Max(1, largest);
        // Each step adds or drops one feature; a path longer than this would be cycling on ties.
        for (int step = 0; step < 8 * n && largest > zero; step++)
        {
            if (dropped is null)
            {
                int next = -1;
                for (int i = 0; i < n; i++)
                {
                    if (
                        !active.Contains(i)
                        && gram[i * n + i] > zero
                        && (next < 0 || Math.Abs(correlation[i]) > Math.Abs(correlation[next]))
                    )
                    {
                        next = i;
                    }
                }
                if (next < 0 && active.Count == 0)
                {
                    break;
                }
                if (next >= 0 && Math.Abs(correlation[next]) >= largest - 1e-9 * Math.Max(1, largest))
                {
                    active.Add(next);
                }
            }
            int k = active.Count;
            double[] small = new double[k * k];
            double[] signs = new double[k];
            for (int a = 0; a < k; a++)
            {
                signs[a] = Math.Sign(correlation[active[a]]);
                for (int b = 0; b < k; b++)
                {
                    small[a * k + b] = gram[active[a] * n + active[b]];
                }
            }
            if (SymmetricSystem.Factor(k, small) is not { } system)
            {
                break;
            }
            double[] direction = system.Solve(signs);
            double[] change = new double[n];
            for (int i = 0; i < n; i++)
            {
                for (int a = 0; a < k; a++)
                {
                    change[i] += gram[i * n + active[a]] * direction[a];
                }
            }
            // How far until another feature is as correlated, all correlation is gone, or a weight crosses zero.
            double length = largest;
            for (int i = 0; i < n; i++)
            {
                if (active.Contains(i) || i == dropped || gram[i * n + i] <= zero)
                {
                    continue;
                }
                foreach (
                    double candidate in (double[])
                        [(largest - correlation[i]) / (1 - change[i]), (largest + correlation[i]) / (1 + change[i])]
                )
                {
                    length = candidate > zero && candidate < length ? candidate : length;
                }
            }
            dropped = null;
            for (int a = 0; a < k; a++)
            {
                double crossing = -w[active[a]] / direction[a];
                if (crossing > zero && crossing < length)
                {
                    length = crossing;
                    dropped = active[a];
                }
            }
            for (int a = 0; a < k; a++)
            {
                w[active[a]] += length * direction[a];
            }
            for (int i = 0; i < n; i++)
            {
                correlation[i] -= length * change[i];
            }
            largest -= length;
            if (dropped is { } out_)
            {
                w[out_] = 0;
                active.Remove(out_);
            }
            path.Add([.. active.Order()]);
        }
        return path;
    }
}
