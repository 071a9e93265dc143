namespace Whylight.Explanations.Local;

/// <summary>Which features a local linear model may use.</summary>
public enum FeatureSelection
{
    /// <summary>All of them.</summary>
    None,

    /// <summary>Greedily those that raise the weighted R2 of an unpenalised fit most.</summary>
    ForwardSelection,

    /// <summary>Those of largest absolute weight in a fit of all (ridge 0.01).</summary>
    HighestWeights,

    /// <summary>Those of the last point of the lasso path with few enough.</summary>
    LassoPath,
}

/// <summary>A local linear model and what it is worth.</summary>
/// <param name="Weights">One a feature; 0 for those not selected.</param>
/// <param name="Selected">Features used, ascending.</param>
/// <param name="Intercept">Value with every feature absent, as the model has it.</param>
/// <param name="R2">Weighted coefficient of determination on the perturbed texts.</param>
/// <param name="LocalPrediction">The model's value for the whole text.</param>
internal sealed record LimeFit(
    double[] Weights,
    IReadOnlyList<int> Selected,
    double Intercept,
    double R2,
    double LocalPrediction
)
{
    /// <summary>Width of LIME's kernel on cosine distances of 0 to 100.</summary>
    public const double KernelWidth = 25;

    /// <summary>
    /// Weight of a mask with <paramref name="present"/> of <paramref name="features"/> present: sqrt(exp(-d^2/width^2)), where
    /// d is 100 times the cosine distance to the whole text; the empty mask has distance 100 (Ribeiro, Singh and Guestrin
    /// 2016).
    /// </summary>
    public static double Kernel(int features, int present, double width = KernelWidth)
    {
        double distance = present == 0 ? 100 : 100 * (1 - Math.Sqrt((double)present / features));
        return Math.Sqrt(Math.Exp(-distance * distance / (width * width)));
    }

    /// <summary>Selects features and fits.</summary>
    /// <param name="rows">Masks of 0 and 1.</param>
    /// <param name="y">Value of each.</param>
    /// <param name="weights">Kernel weight of each, times how often it counts.</param>
    /// <param name="alpha">Ridge penalty of the final fit.</param>
    /// <param name="selection">How features are selected.</param>
    /// <param name="most">Most features selected.</param>
    public static LimeFit Of(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double> y,
        IReadOnlyList<double> weights,
        double alpha = 1,
        FeatureSelection selection = FeatureSelection.None,
        int most = int.MaxValue
    )
    {
        int n = rows[0].Length;
        IReadOnlyList<int> columns = Select(rows, y, weights, selection, Math.Min(most, n));
        WeightedRidge ridge = WeightedRidge.Fit(rows, y, weights, alpha, columns);
        double[] all = new double[n];
        double whole = ridge.Intercept;
        for (int i = 0; i < columns.Count; i++)
        {
            all[columns[i]] = ridge.Coefficients[i];
            whole += ridge.Coefficients[i];
        }
        return new LimeFit(all, columns, ridge.Intercept, ridge.R2, whole);
    }

    private static IReadOnlyList<int> Select(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double> y,
        IReadOnlyList<double> weights,
        FeatureSelection selection,
        int most
    )
    {
        int[] all = [.. Enumerable.Range(0, rows[0].Length)];
        switch (selection)
        {
            case FeatureSelection.ForwardSelection:
                List<int> used = [];
                while (used.Count < most)
                {
                    int best = -1;
                    double highest = double.NegativeInfinity;
                    foreach (int i in all.Except(used))
                    {
                        double r2 = WeightedRidge.Fit(rows, y, weights, 0, [.. used.Append(i).Order()]).R2;
                        if (r2 > highest)
                        {
                            (best, highest) = (i, r2);
                        }
                    }
                    used.Add(best);
                }
                return [.. used.Order()];
            case FeatureSelection.HighestWeights:
                WeightedRidge ridge = WeightedRidge.Fit(rows, y, weights, 0.01, all);
                return
                [
                    .. all.OrderByDescending(i => Math.Abs(ridge.Coefficients[i])).ThenBy(i => i).Take(most).Order(),
                ];
            case FeatureSelection.LassoPath:
                WeightedRidge.Centred centred = WeightedRidge.Centred.Of(rows, y, weights, all);
                double[][] scaled =
                [
                    .. rows.Select((_, r) => all.Select(i => centred.Z(r, i) * Math.Sqrt(weights[r])).ToArray()),
                ];
                double[] target = [.. rows.Select((_, r) => centred.Y(r) * Math.Sqrt(weights[r]))];
                return LassoPath.ActiveSets(scaled, target).Last(set => set.Count <= most);
            default:
                return all;
        }
    }
}
