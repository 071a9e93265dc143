namespace Whylight.Explanations.Global;

/// <summary>What a tree's impurity is.</summary>
public enum TreeCriterion
{
    /// <summary>1 - sum p^2.</summary>
    Gini,

    /// <summary>-sum p log2 p.</summary>
    Entropy,

    /// <summary>Variance of a number.</summary>
    SquaredError,
}

/// <summary>A node of a decision tree (Breiman, Friedman, Olshen and Stone 1984).</summary>
/// <param name="Samples">Training rows that reach it.</param>
/// <param name="Impurity">Impurity of those rows.</param>
/// <param name="Value">Rows a class; or the mean, for a regression tree.</param>
/// <param name="Feature">Feature split on, or -1 for a leaf.</param>
/// <param name="Threshold">Rows at or below it go left.</param>
/// <param name="Left">Rows at or below the threshold.</param>
/// <param name="Right">The others.</param>
public sealed record TreeNode(
    int Samples,
    double Impurity,
    IReadOnlyList<double> Value,
    int Feature = -1,
    double Threshold = 0,
    TreeNode? Left = null,
    TreeNode? Right = null
)
{
    /// <summary>Whether nothing is asked here.</summary>
    public bool IsLeaf => Left is null;

    /// <summary>Share of each class among the rows here.</summary>
    public IReadOnlyList<double> Probability
    {
        get
        {
            double total = Value.Sum();
            return [.. Value.Select(v => total == 0 ? 0 : v / total)];
        }
    }

    /// <summary>Leaves below, itself included.</summary>
    public int Leaves => IsLeaf ? 1 : Left!.Leaves + Right!.Leaves;

    /// <summary>Longest way down.</summary>
    public int Depth => IsLeaf ? 0 : 1 + Math.Max(Left!.Depth, Right!.Depth);

    /// <summary>The leaf that a row reaches.</summary>
    public TreeNode LeafOf(IReadOnlyList<double> row)
    {
        TreeNode node = this;
        while (!node.IsLeaf)
        {
            node = row[node.Feature] <= node.Threshold ? node.Left! : node.Right!;
        }
        return node;
    }

    /// <summary>The class of most rows here; ties go to the lower class.</summary>
    public int Label
    {
        get
        {
            int best = 0;
            for (int k = 1; k < Value.Count; k++)
            {
                best = Value[k] > Value[best] ? k : best;
            }
            return best;
        }
    }

    /// <summary>The class of most rows in the leaf that a row reaches; ties go to the lower class.</summary>
    public int Classify(IReadOnlyList<double> row) => LeafOf(row).Label;

    /// <summary>Share of the whole impurity decrease that each feature's splits bring; all 0 for a lone leaf.</summary>
    public double[] Importances(int features)
    {
        double[] importances = new double[features];
        Add(this);
        double total = importances.Sum();
        return total == 0 ? importances : [.. importances.Select(i => i / total)];

        void Add(TreeNode node)
        {
            if (node.IsLeaf)
            {
                return;
            }
            importances[node.Feature] +=
                node.Samples * node.Impurity
                - node.Left!.Samples * node.Left.Impurity
                - node.Right!.Samples * node.Right.Impurity;
            Add(node.Left);
            Add(node.Right);
        }
    }
}

/// <summary>Grows and prunes decision trees.</summary>
public static class DecisionTree
{
    /// <summary>Grows a classification tree.</summary>
    /// <param name="rows">One row of features a case.</param>
    /// <param name="classes">A class from 0 a case.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="criterion">Impurity.</param>
    /// <param name="maxDepth">Most questions on a way.</param>
    /// <param name="minLeaf">Fewest rows a leaf.</param>
    /// <param name="features">Features that a node may ask about, drawn anew for each node; null for all.</param>
    public static TreeNode Classifier(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<int> classes,
        int classCount,
        TreeCriterion criterion = TreeCriterion.Gini,
        int maxDepth = int.MaxValue,
        int minLeaf = 1,
        Func<IReadOnlyList<int>>? features = null
    )
    {
        double[][] targets =
        [
            .. classes.Select(c =>
            {
                double[] one = new double[classCount];
                one[c] = 1;
                return one;
            }),
        ];
        return Grow(rows, targets, [.. Enumerable.Range(0, rows.Count)], criterion, maxDepth, minLeaf, features);
    }

    /// <summary>Grows a regression tree by squared error.</summary>
    public static TreeNode Regressor(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double> targets,
        int maxDepth = int.MaxValue,
        int minLeaf = 1
    ) =>
        Grow(
            rows,
            [.. targets.Select(t => (double[])[t, t * t])],
            [.. Enumerable.Range(0, rows.Count)],
            TreeCriterion.SquaredError,
            maxDepth,
            minLeaf,
            null
        );

    /// <summary>
    /// Minimal cost-complexity pruning: the alphas at which a subtree is cut, and the leaves' weighted impurity from each on; the
    /// first entry is the whole tree at alpha 0.
    /// </summary>
    public static IReadOnlyList<(double Alpha, double Impurity, TreeNode Tree)> PruningPath(TreeNode tree)
    {
        double total = tree.Samples;
        List<(double, double, TreeNode)> path = [(0, LeafImpurity(tree, total), tree)];
        double alpha = 0;
        while (!tree.IsLeaf)
        {
            double weakest = Weakest(tree, total);
            tree = Cut(tree, total, weakest + 1e-14);
            alpha = Math.Max(alpha, weakest);
            double impurity = LeafImpurity(tree, total);
            // A cut that costs nothing belongs to alpha 0.
            if (alpha <= path[^1].Item1 + 1e-14)
            {
                path[^1] = (path[^1].Item1, impurity, tree);
            }
            else
            {
                path.Add((alpha, impurity, tree));
            }
        }
        return path;
    }

    /// <summary>The same answers with fewer questions: a subtree whose leaves all give one label becomes one leaf.</summary>
    public static TreeNode Simplified(TreeNode node)
    {
        if (node.IsLeaf)
        {
            return node;
        }
        TreeNode left = Simplified(node.Left!);
        TreeNode right = Simplified(node.Right!);
        return left.IsLeaf && right.IsLeaf && left.Label == right.Label
            ? node with
            {
                Feature = -1,
                Threshold = 0,
                Left = null,
                Right = null,
            }
            : node with
            {
                Left = left,
                Right = right,
            };
    }

    private static double LeafImpurity(TreeNode node, double total) =>
        node.IsLeaf
            ? node.Samples / total * node.Impurity
            : LeafImpurity(node.Left!, total) + LeafImpurity(node.Right!, total);

    private static double Link(TreeNode node, double total) =>
        (node.Samples / total * node.Impurity - LeafImpurity(node, total)) / (node.Leaves - 1);

    private static double Weakest(TreeNode node, double total) =>
        node.IsLeaf
            ? double.PositiveInfinity
            : Math.Min(Link(node, total), Math.Min(Weakest(node.Left!, total), Weakest(node.Right!, total)));

    private static TreeNode Cut(TreeNode node, double total, double alpha)
    {
        if (node.IsLeaf)
        {
            return node;
        }
        return Link(node, total) <= alpha
            ? node with
            {
                Feature = -1,
                Threshold = 0,
                Left = null,
                Right = null,
            }
            : node with
            {
                Left = Cut(node.Left!, total, alpha),
                Right = Cut(node.Right!, total, alpha),
            };
    }

    private static TreeNode Grow(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double[]> targets,
        int[] indices,
        TreeCriterion criterion,
        int depth,
        int minLeaf,
        Func<IReadOnlyList<int>>? features
    )
    {
        double[] sums = Sum(targets, indices);
        double impurity = Impurity(sums, indices.Length, criterion);
        TreeNode leaf = new(
            indices.Length,
            impurity,
            criterion == TreeCriterion.SquaredError ? [sums[0] / indices.Length] : sums
        );
        if (depth == 0 || indices.Length < 2 * minLeaf || impurity <= 1e-12)
        {
            return leaf;
        }
        int best = -1;
        double threshold = 0;
        double least = double.PositiveInfinity;
        foreach (int f in features?.Invoke() ?? [.. Enumerable.Range(0, rows[0].Length)])
        {
            double[] left = new double[sums.Length];
            if (TwoValues(rows, targets, indices, f, left) is { } two)
            {
                Consider(f, left, two.Below, two.Low, two.High);
                continue;
            }
            int[] order = [.. indices.OrderBy(i => rows[i][f])];
            Array.Clear(left);
            for (int k = 1; k < order.Length; k++)
            {
                Add(left, targets[order[k - 1]]);
                Consider(f, left, k, rows[order[k - 1]][f], rows[order[k]][f]);
            }
        }

        void Consider(int f, double[] left, int below, double a, double b)
        {
            int count = indices.Length;
            if (a == b || below < minLeaf || count - below < minLeaf)
            {
                return;
            }
            double[] right = [.. sums.Zip(left, (s, l) => s - l)];
            double cost =
                below * Impurity(left, below, criterion) + (count - below) * Impurity(right, count - below, criterion);
            if (cost < least - 1e-12 * Math.Max(1, Math.Abs(least)) || best < 0)
            {
                (best, least, threshold) = (f, cost, (a + b) / 2);
            }
        }

        if (best < 0)
        {
            return leaf;
        }
        int[] below = [.. indices.Where(i => rows[i][best] <= threshold)];
        int[] above = [.. indices.Where(i => rows[i][best] > threshold)];
        return leaf with
        {
            Feature = best,
            Threshold = threshold,
            Left = Grow(rows, targets, below, criterion, depth - 1, minLeaf, features),
            Right = Grow(rows, targets, above, criterion, depth - 1, minLeaf, features),
        };
    }

    // Presence of a word has one cut, found in one pass without sorting; null where a feature has other than two values.
    private static (int Below, double Low, double High)? TwoValues(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double[]> targets,
        int[] indices,
        int feature,
        double[] left
    )
    {
        double first = rows[indices[0]][feature];
        double second = first;
        foreach (int i in indices)
        {
            double value = rows[i][feature];
            if (value != first && value != second)
            {
                if (second != first)
                {
                    return null;
                }
                second = value;
            }
        }
        double low = Math.Min(first, second);
        int below = 0;
        foreach (int i in indices)
        {
            if (rows[i][feature] == low)
            {
                Add(left, targets[i]);
                below++;
            }
        }
        return (below, low, Math.Max(first, second));
    }

    private static double[] Sum(IReadOnlyList<double[]> targets, int[] indices)
    {
        double[] sums = new double[targets[0].Length];
        foreach (int i in indices)
        {
            Add(sums, targets[i]);
        }
        return sums;
    }

    private static void Add(double[] sums, double[] one)
    {
        for (int c = 0; c < sums.Length; c++)
        {
            sums[c] += one[c];
        }
    }

    private static double Impurity(double[] sums, int count, TreeCriterion criterion)
    {
        double n = count;
        return criterion switch
        {
            TreeCriterion.Gini => 1 - sums.Sum(s => s / n * (s / n)),
            TreeCriterion.Entropy => -sums.Where(s => s > 0).Sum(s => s / n * Math.Log2(s / n)),
            _ => Math.Max(0, sums[1] / n - sums[0] / n * (sums[0] / n)),
        };
    }
}
