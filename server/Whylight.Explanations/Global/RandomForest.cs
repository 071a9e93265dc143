namespace Whylight.Explanations.Global;

/// <summary>Trees grown on resampled rows with random features at each node (Breiman 2001).</summary>
/// <param name="Trees">The trees.</param>
public sealed record RandomForest(IReadOnlyList<TreeNode> Trees)
{
    /// <summary>Grows a forest: each tree on as many rows drawn with replacement, sqrt(features) of the features at a node.</summary>
    public static RandomForest Grow(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<int> classes,
        int classCount,
        int trees,
        int maxDepth,
        Random random,
        CancellationToken cancellation = default
    )
    {
        int n = rows.Count;
        int width = rows[0].Length;
        int asked = Math.Max(1, (int)Math.Sqrt(width));
        List<TreeNode> grown = [];
        for (int t = 0; t < trees; t++)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] drawn = [.. Enumerable.Range(0, n).Select(_ => random.Next(n))];
            grown.Add(
                DecisionTree.Classifier(
                    [.. drawn.Select(i => rows[i])],
                    [.. drawn.Select(i => classes[i])],
                    classCount,
                    maxDepth: maxDepth,
                    features: () =>
                    {
                        int[] order = [.. Enumerable.Range(0, width)];
                        for (int i = 0; i < asked; i++)
                        {
                            int j = i + random.Next(width - i);
                            (order[i], order[j]) = (order[j], order[i]);
                        }
                        return order[..asked];
                    }
                )
            );
        }
        return new RandomForest(grown);
    }

    /// <summary>Mean of the trees' leaf probabilities.</summary>
    public double[] Probability(IReadOnlyList<double> row)
    {
        double[] mean = new double[Trees[0].Value.Count];
        foreach (TreeNode tree in Trees)
        {
            IReadOnlyList<double> p = tree.LeafOf(row).Probability;
            for (int k = 0; k < mean.Length; k++)
            {
                mean[k] += p[k] / Trees.Count;
            }
        }
        return mean;
    }

    /// <summary>Mean of the trees' importances.</summary>
    public double[] Importances(int features)
    {
        double[] mean = new double[features];
        foreach (TreeNode tree in Trees)
        {
            double[] one = tree.Importances(features);
            for (int f = 0; f < features; f++)
            {
                mean[f] += one[f] / Trees.Count;
            }
        }
        return mean;
    }
}
