using System.Text.Json;
using Whylight.Explanations.Causal;
using Whylight.Explanations.Global;
using Whylight.Models.Families;
using Whylight.Tests.Explanations.Game;

namespace Whylight.Tests.Explanations.Global;

/// <summary>Golden cases of text models that are not surrogates of ours, as far as our own parts can reproduce them.</summary>
public sealed class GoldenTextSurrogateTests
{
    [Theory]
    [InlineData("tfidf_default")]
    [InlineData("tfidf_no_smooth")]
    public void Linear_models_weigh_words_by_tfidf_where_none_is_repeated(string id)
    {
        JsonElement c = Golden.Case("surrogates", id);
        string[] vocabulary = Strings(c.GetProperty("expected").GetProperty("vocabulary"));
        float[] idf = [0, .. Golden.Doubles(c.GetProperty("expected").GetProperty("idf")).Select(i => (float)i)];
        LinearModel model = new([LinearModel.Unknown, .. vocabulary.Select(LinearFeatures.NameOf)], idf, [], []);
        string[] documents = Strings(c.GetProperty("inputs").GetProperty("documents"));
        int seen = 0;
        for (int d = 0; d < documents.Length; d++)
        {
            // Ours grows with the logarithm of a count, scikit-learn's with the count: they are one for single words.
            if (documents[d].Split(' ').Distinct().Count() < documents[d].Split(' ').Length)
            {
                continue;
            }
            double[] row = new double[vocabulary.Length];
            foreach (
                (int at, double value) in model.Vector(
                    model.Known(LinearFeatures.WordsOf(documents[d])).Select(k => k.Row)
                )
            )
            {
                row[at - 1] = value;
            }
            Golden.Near(Golden.Doubles(c.GetProperty("expected").GetProperty("matrix")[d]), row, 1e-6);
            seen++;
        }
        Assert.Equal(5, seen);
    }

    [Fact]
    public void Logistic_regression_on_tfidf()
    {
        JsonElement c = Golden.Case("surrogates", "tfidf_logreg_text");
        JsonElement tfidf = Golden.Case("surrogates", "tfidf_default");
        double[][] rows =
        [
            .. tfidf.GetProperty("expected").GetProperty("matrix").EnumerateArray().Select(Golden.Doubles),
        ];
        int[] labels = Golden.Ints(c.GetProperty("inputs").GetProperty("labels"));
        LinearSurrogate fit = LinearSurrogate.Logistic(
            rows,
            [.. labels.Select(l => l == 1)],
            c.GetProperty("params").GetProperty("C").GetDouble()
        );
        JsonElement e = c.GetProperty("expected");
        Golden.Near(Golden.Doubles(e.GetProperty("coef")), [.. fit.Weights], 1e-3);
        Assert.Equal(e.GetProperty("intercept").GetDouble(), fit.Intercept, 1e-3);
        Golden.Near(
            Golden.Doubles(e.GetProperty("probabilities")),
            [.. rows.Select(r => 1 / (1 + Math.Exp(-fit.Decision(r))))],
            1e-3
        );
        // Linear SHAP: the weight times how far the word's value is from its mean.
        string[] vocabulary = Strings(e.GetProperty("vocabulary"));
        for (int k = 0; k < vocabulary.Length; k++)
        {
            double phi = fit.Weights[k] * (rows[2][k] - rows.Average(r => r[k]));
            Assert.Equal(e.GetProperty("linear_shap_doc2").GetProperty(vocabulary[k]).GetDouble(), phi, 2e-3);
        }
    }

    [Fact]
    public void Fishers_test_decides_as_the_kernel_test_does_on_gaussian_data()
    {
        JsonElement c = Golden.Case("causal_tests", "kci_gamma");
        double[][] data = [.. c.GetProperty("inputs").GetProperty("data").EnumerateArray().Select(Golden.Doubles)];
        double[] Column(int k) => [.. data.Select(row => row[k])];
        int seen = 0;
        foreach (JsonElement test in c.GetProperty("expected").GetProperty("tests").EnumerateArray())
        {
            double p = IndependenceTests
                .FisherZ(
                    Column(test.GetProperty("x").GetInt32()),
                    Column(test.GetProperty("y").GetInt32()),
                    [.. Golden.Ints(test.GetProperty("conditioning")).Select(Column)]
                )
                .PValue;
            Assert.Equal(test.GetProperty("p_value").GetDouble() < 0.05, p < 0.05);
            seen++;
        }
        Assert.Equal(3, seen);
    }

    private static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(s => s.GetString()!)];
}
