using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>Ordinary arithmetic that remembers every layer's attention probabilities.</summary>
internal sealed class RolloutRules : PropagationRules
{
    /// <summary>Mean over heads of each layer's probabilities [query][key], of the first text of the batch.</summary>
    public List<double[,]> Layers { get; } = [];

    /// <inheritdoc/>
    public override Tensor Softmax(Tensor scores)
    {
        Tensor probabilities = base.Softmax(scores);
        if (scores.dim() == 4)
        {
            using Tensor mean = probabilities.detach().select(0, 0).mean([0]).to(ScalarType.Float64).contiguous();
            double[,] layer = new double[mean.shape[0], mean.shape[1]];
            double[] values = mean.data<double>().ToArray();
            Buffer.BlockCopy(values, 0, layer, 0, values.Length * sizeof(double));
            Layers.Add(layer);
        }
        return probabilities;
    }

    /// <summary>
    /// Attention rollout: the product over layers of (A + I) / 2, from the input up. Abnar and Zuidema, Quantifying
    /// attention flow in transformers, ACL 2020.
    /// </summary>
    /// <param name="layers">Mean attention a layer [query, key]; the last may hold the read-out's row only.</param>
    /// <param name="readOut">Position that the output is read from.</param>
    /// <returns>The read-out's row: one share a token, summing to 1.</returns>
    public static double[] Roll(IReadOnlyList<double[,]> layers, int readOut)
    {
        // Rows are needed only of positions that reach the read-out: a row vector times each layer, from the top down.
        int length = layers[0].GetLength(1);
        double[] row = new double[length];
        row[readOut] = 1;
        for (int l = layers.Count - 1; l >= 0; l--)
        {
            double[,] attention = layers[l];
            double[] below = new double[length];
            bool single = attention.GetLength(0) == 1 && length > 1;
            for (int q = 0; q < length; q++)
            {
                if (row[q] == 0)
                {
                    continue;
                }
                below[q] += row[q] / 2;
                int from = single ? 0 : q;
                for (int k = 0; k < length; k++)
                {
                    below[k] += row[q] * attention[from, k] / 2;
                }
            }
            row = below;
        }
        return row;
    }
}
