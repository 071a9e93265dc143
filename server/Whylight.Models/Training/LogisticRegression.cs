namespace Whylight.Models.Training;

/// <summary>
/// Multinomial logistic regression on sparse rows with an L2 penalty, minimised by L-BFGS (Nocedal and Wright 2006, algorithm
/// 7.4) with a backtracking line search. Convex, so the answer depends on the data alone.
/// </summary>
internal static class LogisticRegression
{
    private const int Memory = 10;

    /// <summary>A sparse training row.</summary>
    /// <param name="Columns">Feature indices.</param>
    /// <param name="Values">Their values.</param>
    /// <param name="Target">Probability of each label.</param>
    public sealed record Row(int[] Columns, float[] Values, double[] Target);

    /// <summary>Fits weights [label * features + feature] followed by a bias a label.</summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="features">Number of features.</param>
    /// <param name="labels">Number of labels.</param>
    /// <param name="penalty">Half of it times the squared weights is added to the mean loss; biases go free.</param>
    /// <param name="iterations">Most iterations.</param>
    /// <param name="cancellation">Checked between iterations.</param>
    public static double[] Fit(
        IReadOnlyList<Row> rows,
        int features,
        int labels,
        double penalty,
        int iterations,
        CancellationToken cancellation
    )
    {
        double[] x = new double[labels * features + labels];
        double[] gradient = new double[x.Length];
        double value = Evaluate(rows, features, labels, penalty, x, gradient);
        List<(double[] Step, double[] Change, double Curvature)> memory = [];
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Math.Sqrt(Dot(gradient, gradient)) < 1e-6)
            {
                break;
            }
            double[] direction = Direction(gradient, memory);
            double slope = Dot(gradient, direction);
            double step = memory.Count == 0 ? 1 / Math.Max(1, Math.Sqrt(Dot(gradient, gradient))) : 1;
            double[] next = new double[x.Length];
            double[] nextGradient = new double[x.Length];
            double nextValue;
            while (true)
            {
                for (int i = 0; i < x.Length; i++)
                {
                    next[i] = x[i] + step * direction[i];
                }
                nextValue = Evaluate(rows, features, labels, penalty, next, nextGradient);
                if (nextValue <= value + 1e-4 * step * slope || step < 1e-12)
                {
                    break;
                }
                step /= 2;
            }
            double[] moved = Difference(next, x);
            double[] change = Difference(nextGradient, gradient);
            double curvature = Dot(moved, change);
            if (curvature > 1e-12)
            {
                memory.Add((moved, change, curvature));
                if (memory.Count > Memory)
                {
                    memory.RemoveAt(0);
                }
            }
            bool done = value - nextValue <= 1e-6 * Math.Max(1, Math.Abs(value));
            (x, gradient, value) = (next, nextGradient, nextValue);
            if (done)
            {
                break;
            }
        }
        return x;
    }

    /// <summary>Mean cross-entropy plus penalty, and its gradient.</summary>
    internal static double Evaluate(
        IReadOnlyList<Row> rows,
        int features,
        int labels,
        double penalty,
        double[] x,
        double[] gradient
    )
    {
        Array.Clear(gradient);
        double loss = 0;
        double[] logits = new double[labels];
        foreach (Row row in rows)
        {
            for (int k = 0; k < labels; k++)
            {
                double sum = x[labels * features + k];
                int at = k * features;
                for (int j = 0; j < row.Columns.Length; j++)
                {
                    sum += x[at + row.Columns[j]] * row.Values[j];
                }
                logits[k] = sum;
            }
            double max = logits.Max();
            double partition = 0;
            for (int k = 0; k < labels; k++)
            {
                partition += Math.Exp(logits[k] - max);
            }
            double logPartition = max + Math.Log(partition);
            for (int k = 0; k < labels; k++)
            {
                loss += row.Target[k] * (logPartition - logits[k]);
                double slope = (Math.Exp(logits[k] - logPartition) - row.Target[k]) / rows.Count;
                int at = k * features;
                for (int j = 0; j < row.Columns.Length; j++)
                {
                    gradient[at + row.Columns[j]] += slope * row.Values[j];
                }
                gradient[labels * features + k] += slope;
            }
        }
        double square = 0;
        for (int i = 0; i < labels * features; i++)
        {
            square += x[i] * x[i];
            gradient[i] += penalty * x[i];
        }
        return loss / rows.Count + penalty / 2 * square;
    }

    private static double[] Direction(
        double[] gradient,
        List<(double[] Step, double[] Change, double Curvature)> memory
    )
    {
        double[] q = [.. gradient];
        double[] alpha = new double[memory.Count];
        for (int i = memory.Count - 1; i >= 0; i--)
        {
            alpha[i] = Dot(memory[i].Step, q) / memory[i].Curvature;
            Add(q, memory[i].Change, -alpha[i]);
        }
        if (memory.Count > 0)
        {
            (_, double[] change, double curvature) = memory[^1];
            double scale = curvature / Dot(change, change);
            for (int i = 0; i < q.Length; i++)
            {
                q[i] *= scale;
            }
        }
        for (int i = 0; i < memory.Count; i++)
        {
            double beta = Dot(memory[i].Change, q) / memory[i].Curvature;
            Add(q, memory[i].Step, alpha[i] - beta);
        }
        for (int i = 0; i < q.Length; i++)
        {
            q[i] = -q[i];
        }
        return q;
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

    private static void Add(double[] to, double[] from, double scale)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] += scale * from[i];
        }
    }

    private static double[] Difference(double[] a, double[] b)
    {
        double[] difference = new double[a.Length];
        for (int i = 0; i < a.Length; i++)
        {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }
}
