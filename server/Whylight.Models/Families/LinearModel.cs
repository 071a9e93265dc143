namespace Whylight.Models.Families;

/// <summary>
/// Logistic regression over TF-IDF: n-gram counts c become (1 + ln c) * idf, the vector is divided by its L2 norm, and the
/// logits are W x + b. Pure arithmetic, no native code.
/// </summary>
internal sealed class LinearModel
{
    private readonly Dictionary<string, int> _rows;

    /// <summary>Takes a model's numbers.</summary>
    /// <param name="vocabulary">N-gram names, the index being the row; row 0 stands for unknown words and has no weight.</param>
    /// <param name="idf">Inverse document frequency of each row.</param>
    /// <param name="weights">Weight [label, row].</param>
    /// <param name="bias">Bias of each label.</param>
    public LinearModel(IReadOnlyList<string> vocabulary, float[] idf, float[][] weights, float[] bias)
    {
        Vocabulary = vocabulary;
        Idf = idf;
        Weights = weights;
        Bias = bias;
        _rows = new Dictionary<string, int>(vocabulary.Count, StringComparer.Ordinal);
        for (int i = 1; i < vocabulary.Count; i++)
        {
            _rows[vocabulary[i]] = i;
        }
    }

    /// <summary>Name of row 0.</summary>
    public const string Unknown = "[UNK]";

    /// <summary>N-gram names by row.</summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>Inverse document frequency by row.</summary>
    public float[] Idf { get; }

    /// <summary>Weight [label][row].</summary>
    public float[][] Weights { get; }

    /// <summary>Bias by label.</summary>
    public float[] Bias { get; }

    /// <summary>The row of a single word, 0 where it has none.</summary>
    public int RowOf(string normalWord) => _rows.GetValueOrDefault(LinearFeatures.NameOf(normalWord));

    /// <summary>The n-grams of words that have a row, in text order.</summary>
    public List<(int Row, int First, int Last)> Known(IReadOnlyList<LinearFeatures.NormalWord> words)
    {
        List<(int, int, int)> known = [];
        foreach (LinearFeatures.Ngram ngram in LinearFeatures.Of(words))
        {
            if (_rows.TryGetValue(ngram.Name, out int row))
            {
                known.Add((row, ngram.First, ngram.Last));
            }
        }
        return known;
    }

    /// <summary>TF-IDF values by row, unit length, rows in order of first occurrence; empty for no known n-gram.</summary>
    public List<(int Row, double Value)> Vector(IEnumerable<int> rows)
    {
        List<(int Row, double Value)> vector = [];
        Dictionary<int, int> at = [];
        foreach (int row in rows)
        {
            if (at.TryGetValue(row, out int index))
            {
                vector[index] = (row, vector[index].Value + 1);
            }
            else
            {
                at[row] = vector.Count;
                vector.Add((row, 1));
            }
        }
        double square = 0;
        for (int i = 0; i < vector.Count; i++)
        {
            double value = (1 + Math.Log(vector[i].Value)) * Idf[vector[i].Row];
            vector[i] = (vector[i].Row, value);
            square += value * value;
        }
        double norm = Math.Sqrt(square);
        for (int i = 0; i < vector.Count && norm > 0; i++)
        {
            vector[i] = (vector[i].Row, vector[i].Value / norm);
        }
        return vector;
    }

    /// <summary>Logits of a vector.</summary>
    public double[] Logits(IReadOnlyList<(int Row, double Value)> vector)
    {
        double[] logits = new double[Bias.Length];
        for (int label = 0; label < logits.Length; label++)
        {
            double sum = Bias[label];
            foreach ((int row, double value) in vector)
            {
                sum += Weights[label][row] * value;
            }
            logits[label] = sum;
        }
        return logits;
    }
}
