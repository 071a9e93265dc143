using Whylight.Explanations.Game;

namespace Whylight.Explanations.Global;

/// <summary>A linear decision function w.x + b for two classes; positive means class 1.</summary>
/// <param name="Weights">One a feature.</param>
/// <param name="Intercept">b.</param>
/// <param name="Objective">What was minimised, at the solution.</param>
public sealed record LinearSurrogate(IReadOnlyList<double> Weights, double Intercept, double Objective)
{
    /// <summary>w.x + b.</summary>
    public double Decision(IReadOnlyList<double> row)
    {
        double sum = Intercept;
        for (int i = 0; i < Weights.Count; i++)
        {
            sum += Weights[i] * row[i];
        }
        return sum;
    }

    /// <summary>Minimises |w|^2/2 + C sum log(1 + exp(-y (w.x + b))), y in {-1, 1}, b not penalised, by damped Newton steps.</summary>
    public static LinearSurrogate Logistic(IReadOnlyList<double[]> rows, IReadOnlyList<bool> positive, double c = 1)
    {
        int d = rows[0].Length;
        int k = d + 1;
        double[] w = new double[k];
        double objective = Loss(w);
        // Word presence is mostly zeros: only the rest takes part.
        int[][] filled = [.. rows.Select(r => Enumerable.Range(0, d).Where(f => r[f] != 0).ToArray())];
        for (int step = 0; step < 100; step++)
        {
            double[] gradient = new double[k];
            double[] hessian = new double[k * k];
            for (int i = 0; i < d; i++)
            {
                gradient[i] = w[i];
                hessian[i * k + i] = 1;
            }
            // The intercept alone is flat where the classes are far apart.
            hessian[d * k + d] = 1e-10;
            for (int r = 0; r < rows.Count; r++)
            {
                double p = 1 / (1 + Math.Exp(-Score(w, rows[r])));
                double residual = c * (p - (positive[r] ? 1 : 0));
                double curvature = c * p * (1 - p);
                for (int i = 0; i < k; i++)
                {
                    double xi = i < d ? rows[r][i] : 1;
                    if (xi == 0)
                    {
                        continue;
                    }
                    gradient[i] += residual * xi;
                    foreach (int j in filled[r])
                    {
                        if (j > i)
                        {
                            break;
                        }
                        hessian[i * k + j] += curvature * xi * rows[r][j];
                    }
                    if (i == d)
                    {
                        hessian[d * k + d] += curvature;
                    }
                }
            }
            if (gradient.Max(Math.Abs) < 1e-10 || SymmetricSystem.Factor(k, hessian) is not { } system)
            {
                break;
            }
            double[] direction = system.Solve(gradient);
            double length = 1;
            double[] next = w;
            double lower = objective;
            while (length > 1e-8)
            {
                next = [.. w.Select((v, i) => v - length * direction[i])];
                lower = Loss(next);
                if (lower < objective)
                {
                    break;
                }
                length /= 2;
            }
            if (lower >= objective)
            {
                break;
            }
            (w, objective) = (next, lower);
        }
        return new LinearSurrogate(w[..d], w[d], objective);

        double Score(double[] at, double[] row)
        {
            double sum = at[d];
            for (int i = 0; i < d; i++)
            {
                sum += at[i] * row[i];
            }
            return sum;
        }

        double Loss(double[] at)
        {
            double sum = 0;
            for (int i = 0; i < d; i++)
            {
                sum += at[i] * at[i] / 2;
            }
            for (int r = 0; r < rows.Count; r++)
            {
                double margin = positive[r] ? Score(at, rows[r]) : -Score(at, rows[r]);
                sum += c * (margin > 0 ? Math.Log(1 + Math.Exp(-margin)) : -margin + Math.Log(1 + Math.Exp(margin)));
            }
            return sum;
        }
    }

    /// <summary>
    /// Minimises |w|^2/2 + C sum max(0, 1 - y (w.x + b)): a linear support vector machine, by sequential minimal optimisation on the most
    /// violating pair (Keerthi et al. 2001).
    /// </summary>
    public static LinearSurrogate SupportVector(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<bool> positive,
        double c = 1,
        double tolerance = 1e-9
    )
    {
        int n = rows.Count;
        int d = rows[0].Length;
        double[] y = [.. positive.Select(p => p ? 1.0 : -1.0)];
        double[] alpha = new double[n];
        double[] w = new double[d];
        // y_i - w.x_i: the intercept lies between the largest among those that can rise and the smallest among the rest.
        double[] error = [.. y];
        double high = 0;
        double low = 0;
        double[] squares = [.. rows.Select(r => Dot(r, r))];
        // Word presence is mostly zeros: only the rest takes part.
        int[][] filled = [.. rows.Select(r => Enumerable.Range(0, d).Where(f => r[f] != 0).ToArray())];
        double[] direction = new double[d];
        for (int step = 0; step < 200 * n + 10_000; step++)
        {
            int up = -1;
            int down = -1;
            for (int i = 0; i < n; i++)
            {
                bool rises = y[i] > 0 ? alpha[i] < c : alpha[i] > 0;
                bool falls = y[i] > 0 ? alpha[i] > 0 : alpha[i] < c;
                up = rises && (up < 0 || error[i] > error[up]) ? i : up;
                down = falls && (down < 0 || error[i] < error[down]) ? i : down;
            }
            if (up < 0 || down < 0)
            {
                // One class only: the hinge is met by the intercept alone.
                high = low = y.Length == 0 ? 0 : y[0];
                break;
            }
            (high, low) = (error[up], error[down]);
            if (high - low < tolerance)
            {
                break;
            }
            double curvature = Math.Max(1e-12, squares[up] + squares[down] - 2 * Dot(rows[up], rows[down]));
            double change = (high - low) / curvature;
            change = Math.Min(change, y[up] > 0 ? c - alpha[up] : alpha[up]);
            change = Math.Min(change, y[down] > 0 ? alpha[down] : c - alpha[down]);
            alpha[up] += y[up] * change;
            alpha[down] -= y[down] * change;
            // Rounding must not leave a multiplier a hair off its bound, where it would be picked for ever.
            alpha[up] =
                alpha[up] < 1e-13 * c ? 0
                : alpha[up] > c * (1 - 1e-13) ? c
                : alpha[up];
            alpha[down] =
                alpha[down] < 1e-13 * c ? 0
                : alpha[down] > c * (1 - 1e-13) ? c
                : alpha[down];
            for (int i = 0; i < d; i++)
            {
                direction[i] = change * (rows[up][i] - rows[down][i]);
                w[i] += direction[i];
            }
            for (int i = 0; i < n; i++)
            {
                double moved = 0;
                foreach (int f in filled[i])
                {
                    moved += direction[f] * rows[i][f];
                }
                error[i] -= moved;
            }
        }
        double b = (high + low) / 2;
        double objective = Dot(w, w) / 2;
        for (int i = 0; i < n; i++)
        {
            objective += c * Math.Max(0, 1 - y[i] * (Dot(w, rows[i]) + b));
        }
        return new LinearSurrogate(w, b, objective);
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
