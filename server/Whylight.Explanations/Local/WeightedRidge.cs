using Whylight.Explanations.Game;

namespace Whylight.Explanations.Local;

/// <summary>A linear model y = intercept + w.z fitted by weighted ridge regression; the intercept is not penalised.</summary>
/// <param name="Columns">Features used, ascending.</param>
/// <param name="Coefficients">One a used feature.</param>
/// <param name="Intercept">Value with every feature 0.</param>
/// <param name="R2">Weighted coefficient of determination; 1 where nothing varies and all is explained.</param>
internal sealed record WeightedRidge(
    IReadOnlyList<int> Columns,
    IReadOnlyList<double> Coefficients,
    double Intercept,
    double R2
)
{
    /// <summary>Minimises sum of weight (y - intercept - w.z)^2 + alpha |w|^2.</summary>
    public static WeightedRidge Fit(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double> y,
        IReadOnlyList<double> weights,
        double alpha,
        IReadOnlyList<int> columns
    )
    {
        Centred c = Centred.Of(rows, y, weights, columns);
        int k = columns.Count;
        double[] gram = new double[k * k];
        double[] right = new double[k];
        for (int r = 0; r < rows.Count; r++)
        {
            for (int i = 0; i < k; i++)
            {
                double wz = weights[r] * c.Z(r, i);
                right[i] += wz * c.Y(r);
                for (int j = 0; j <= i; j++)
                {
                    gram[i * k + j] += wz * c.Z(r, j);
                }
            }
        }
        for (int i = 0; i < k; i++)
        {
            gram[i * k + i] += alpha;
        }
        double[] w = Solve(k, gram, right);
        double intercept = c.MeanY;
        for (int i = 0; i < k; i++)
        {
            intercept -= w[i] * c.MeanZ[i];
        }
        double residual = 0;
        double total = 0;
        for (int r = 0; r < rows.Count; r++)
        {
            double fit = intercept;
            for (int i = 0; i < k; i++)
            {
                fit += w[i] * rows[r][columns[i]];
            }
            residual += weights[r] * (y[r] - fit) * (y[r] - fit);
            total += weights[r] * c.Y(r) * c.Y(r);
        }
        double r2 =
            total > 0 ? 1 - residual / total
            : residual > 0 ? 0
            : 1;
        return new WeightedRidge(columns, w, intercept, r2);
    }

    public double Predict(IReadOnlyList<double> z)
    {
        double sum = Intercept;
        for (int i = 0; i < Columns.Count; i++)
        {
            sum += Coefficients[i] * z[Columns[i]];
        }
        return sum;
    }

    // A column that never varies leaves the matrix singular at alpha 0: it gets no weight.
    private static double[] Solve(int size, double[] gram, double[] right)
    {
        if (size == 0)
        {
            return [];
        }
        if (SymmetricSystem.Factor(size, gram) is { } system)
        {
            return system.Solve(right);
        }
        double trace = 0;
        for (int i = 0; i < size; i++)
        {
            trace += gram[i * size + i];
        }
        for (int i = 0; i < size; i++)
        {
            gram[i * size + i] += trace > 0 ? 1e-10 * trace : 1;
        }
        return SymmetricSystem.Factor(size, gram)!.Solve(right);
    }

    internal sealed class Centred(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double> y,
        IReadOnlyList<int> columns,
        double[] meanZ,
        double meanY
    )
    {
        public double[] MeanZ { get; } = meanZ;

        public double MeanY { get; } = meanY;

        public double Z(int row, int column) => rows[row][columns[column]] - MeanZ[column];

        public double Y(int row) => y[row] - MeanY;

        public static Centred Of(
            IReadOnlyList<double[]> rows,
            IReadOnlyList<double> y,
            IReadOnlyList<double> weights,
            IReadOnlyList<int> columns
        )
        {
            double total = weights.Sum();
            double[] meanZ = new double[columns.Count];
            double meanY = 0;
            for (int r = 0; r < rows.Count; r++)
            {
                meanY += weights[r] * y[r] / total;
                for (int i = 0; i < meanZ.Length; i++)
                {
                    meanZ[i] += weights[r] * rows[r][columns[i]] / total;
                }
            }
            return new Centred(rows, y, columns, meanZ, meanY);
        }
    }
}
