using System.Text.Json;
using Whylight.Measures;

namespace Whylight.Tests.Measures;

/// <summary>Numbers computed by scikit-learn, scipy, statsmodels, NLTK and Quantus.</summary>
public class GoldenTests
{
    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> data = [];
        foreach (
            string suite in (string[])
                ["classification_metrics", "text_similarity", "causal_tests", "evaluation_metrics"]
        )
        {
            foreach (JsonElement c in Load(suite).GetProperty("cases").EnumerateArray())
            {
                string id = c.GetProperty("id").GetString()!;
                string kind = c.GetProperty("kind").GetString()!;
                if (Checks.ContainsKey(kind))
                {
                    data.Add(suite, id);
                }
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Golden_case_holds(string suite, string id)
    {
        JsonElement c = Load(suite)
            .GetProperty("cases")
            .EnumerateArray()
            .Single(x => x.GetProperty("id").GetString() == id);
        double tolerance = c.GetProperty("tolerance").GetProperty("abs").GetDouble();
        int compared = 0;
        Checks[c.GetProperty("kind").GetString()!]
            (
                c.GetProperty("inputs"),
                c.GetProperty("expected"),
                (name, expected, actual) =>
                {
                    compared++;
                    Assert.True(
                        Math.Abs(expected - actual) <= tolerance,
                        $"{name}: expected {expected:R}, got {actual:R}"
                    );
                }
            );
        Assert.True(compared > 0);
    }

    private delegate void Compare(string name, double expected, double actual);

    private static readonly Dictionary<string, Action<JsonElement, JsonElement, Compare>> Checks = new()
    {
        ["classification_metrics"] = Classification,
        ["calibration"] = Temperature,
        ["distribution"] = Distribution,
        ["confidence_interval"] = Intervals,
        ["text_similarity"] = Similarity,
        ["paired_test"] = McNemar,
        ["multiple_testing"] = Multiple,
        ["similarity"] = Ranking,
    };

    private static void Classification(JsonElement inputs, JsonElement expected, Compare compare)
    {
        int[] y = Ints(inputs.GetProperty("y"));
        double[] p = Doubles(inputs.GetProperty("p"));
        bool[] positive = y.Select(v => v == 1).ToArray();
        Dictionary<string, double> actual = new()
        {
            ["auroc"] = ClassificationMeasures.Auroc(positive, p),
            ["average_precision"] = ClassificationMeasures.AveragePrecision(positive, p),
            ["auc_pr_trapezoid"] = ClassificationMeasures.PrecisionRecallArea(positive, p),
        };
        if (inputs.TryGetProperty("threshold", out JsonElement threshold))
        {
            int[] predicted = p.Select(v => v >= threshold.GetDouble() ? 1 : 0).ToArray();
            ConfusionMatrix matrix = new(y, predicted, 2);
            double[][] rows = p.Select(v => new[] { 1 - v, v }).ToArray();
            double[] top = p.Select(v => Math.Max(v, 1 - v)).ToArray();
            bool[] right = y.Zip(predicted, (a, b) => a == b).ToArray();
            actual["accuracy"] = matrix.Accuracy;
            actual["balanced_accuracy"] = matrix.BalancedAccuracy;
            actual["precision"] = matrix.Precision(1);
            actual["recall"] = matrix.Recall(1);
            actual["f1"] = matrix.F1(1);
            actual["mcc"] = matrix.MatthewsCorrelation;
            actual["kappa"] = matrix.Kappa;
            actual["brier"] = ClassificationMeasures.BrierBinary(positive, p);
            actual["log_loss"] = ClassificationMeasures.LogLoss(y, rows);
            compare("brier over both classes", 2 * actual["brier"], ClassificationMeasures.Brier(y, rows));
            foreach (int bins in (int[])[5, 10, 15])
            {
                IReadOnlyList<CalibrationBin> width = Calibration.EqualWidthBins(p, positive, bins);
                IReadOnlyList<CalibrationBin> label = Calibration.EqualWidthBins(top, right, bins);
                actual[$"binary_positive_class_ece_{bins}"] = Calibration.ExpectedError(width);
                actual[$"binary_positive_class_mce_{bins}"] = Calibration.MaximumError(width);
                actual[$"adaptive_ece_{bins}"] = Calibration.AdaptiveError(p, positive, bins);
                actual[$"top_label_ece_{bins}"] = Calibration.ExpectedError(label);
                actual[$"top_label_mce_{bins}"] = Calibration.MaximumError(label);
                int k = 0;
                foreach (JsonElement bin in expected.GetProperty($"bins_{bins}").EnumerateArray())
                {
                    CalibrationBin got = width[k++];
                    if (bin.ValueKind == JsonValueKind.Null)
                    {
                        compare("count", 0, got.Count);
                        continue;
                    }
                    compare("count", bin.GetProperty("count").GetDouble(), got.Count);
                    compare("accuracy", bin.GetProperty("accuracy").GetDouble(), got.Accuracy);
                    compare("confidence", bin.GetProperty("confidence").GetDouble(), got.Confidence);
                }
            }
            JsonElement confusion = expected.GetProperty("confusion");
            for (int i = 0; i < 4; i++)
            {
                compare("confusion", confusion[i / 2][i % 2].GetDouble(), matrix[i / 2, i % 2]);
            }
        }
        else
        {
            double pairs = positive.Count(v => v) * (double)positive.Count(v => !v);
            actual["mann_whitney_u"] = actual["auroc"] * pairs;
        }
        CompareNumbers(expected, actual, compare);
    }

    private static void Temperature(JsonElement inputs, JsonElement expected, Compare compare)
    {
        double[][] logits = inputs.GetProperty("logits").EnumerateArray().Select(Doubles).ToArray();
        int[] y = Ints(inputs.GetProperty("y"));
        double temperature = Calibration.FitTemperature(logits, y);
        CompareNumbers(
            expected,
            new()
            {
                ["temperature"] = temperature,
                ["nll"] = Calibration.NegativeLogLikelihood(logits, y, temperature),
                ["nll_at_1"] = Calibration.NegativeLogLikelihood(logits, y),
            },
            compare
        );
    }

    private static void Distribution(JsonElement inputs, JsonElement expected, Compare compare)
    {
        double[] p = Doubles(inputs.GetProperty("p"));
        double[] q = Doubles(inputs.GetProperty("q"));
        CompareNumbers(
            expected,
            new()
            {
                ["kl_pq"] = Divergence.KullbackLeibler(p, q),
                ["kl_qp"] = Divergence.KullbackLeibler(q, p),
                ["js_divergence"] = Divergence.JensenShannon(p, q),
                ["js_distance"] = Math.Sqrt(Divergence.JensenShannon(p, q)),
                ["total_variation"] = Divergence.TotalVariation(p, q),
                ["hellinger"] = Divergence.Hellinger(p, q),
                ["entropy_p"] = Divergence.Entropy(p),
                ["wasserstein_0_1_2"] = Divergence.Wasserstein(p, q),
            },
            compare
        );
    }

    private static void Intervals(JsonElement inputs, JsonElement expected, Compare compare)
    {
        if (inputs.TryGetProperty("resample_indices", out JsonElement resamples))
        {
            double[] values = Doubles(inputs.GetProperty("values"));
            double[] means = resamples.EnumerateArray().Select(r => Ints(r).Average(i => values[i])).ToArray();
            Interval interval = Bootstrap.Percentile(means);
            compare("lower", expected.GetProperty("ci95")[0].GetDouble(), interval.Lower);
            compare("upper", expected.GetProperty("ci95")[1].GetDouble(), interval.Upper);
            return;
        }
        double confidence = 1 - inputs.GetProperty("alpha").GetDouble();
        Dictionary<string, Func<int, int, Interval>> methods = new()
        {
            ["wilson"] = (k, n) => ProportionIntervals.Wilson(k, n, confidence),
            ["clopper_pearson"] = (k, n) => ProportionIntervals.ClopperPearson(k, n, confidence),
            ["agresti_coull"] = (k, n) => ProportionIntervals.AgrestiCoull(k, n, confidence),
            ["jeffreys"] = (k, n) => ProportionIntervals.Jeffreys(k, n, confidence),
        };
        foreach (JsonProperty method in expected.EnumerateObject())
        {
            int i = 0;
            foreach (JsonElement c in inputs.GetProperty("cases").EnumerateArray())
            {
                Interval got = methods[method.Name](c[0].GetInt32(), c[1].GetInt32());
                compare(method.Name, method.Value[i][0].GetDouble(), got.Lower);
                compare(method.Name, method.Value[i++][1].GetDouble(), got.Upper);
            }
        }
    }

    private static void Similarity(JsonElement inputs, JsonElement expected, Compare compare)
    {
        if (inputs.TryGetProperty("candidate_embeddings", out JsonElement vectors))
        {
            Triple(
                "bertscore",
                expected,
                TextSimilarity.GreedyMatching(
                    vectors.EnumerateArray().Select(Doubles).ToArray(),
                    inputs.GetProperty("reference_embeddings").EnumerateArray().Select(Doubles).ToArray()
                ),
                compare
            );
            return;
        }
        string a = inputs.GetProperty("candidate").GetString()!;
        string b = inputs.GetProperty("reference").GetString()!;
        string[] x = a.Split(' ');
        string[] y = b.Split(' ');
        Triple("rouge1", expected.GetProperty("rouge1"), TextSimilarity.Rouge(x, y, 1), compare);
        Triple("rouge2", expected.GetProperty("rouge2"), TextSimilarity.Rouge(x, y, 2), compare);
        Triple("rougeL", expected.GetProperty("rougeL"), TextSimilarity.RougeL(x, y), compare);
        CompareNumbers(
            expected,
            new()
            {
                ["bleu4_method1"] = TextSimilarity.Bleu(x, y),
                ["bleu4_method2"] = TextSimilarity.Bleu(x, y, 4, BleuSmoothing.AddOne),
                ["bleu2_no_smoothing"] = TextSimilarity.Bleu(x, y, 2, BleuSmoothing.None),
                ["bleu1"] = TextSimilarity.Bleu(x, y, 1),
                ["gleu"] = TextSimilarity.Gleu(x, y),
                ["levenshtein"] = EditDistance.Levenshtein(a, b),
                ["levenshtein_similarity"] = EditDistance.LevenshteinSimilarity(a, b),
                ["damerau_osa"] = EditDistance.OptimalStringAlignment(a, b),
                ["token_levenshtein"] = EditDistance.Levenshtein<string>(x, y),
                ["jaccard_tokens"] = TextSimilarity.Jaccard(x, y),
                ["jaro"] = EditDistance.Jaro(a, b),
                ["jaro_winkler"] = EditDistance.JaroWinkler(a, b),
                ["chrf_nltk_n6_beta3"] = TextSimilarity.ChrF(a, b),
            },
            compare
        );
    }

    private static void McNemar(JsonElement inputs, JsonElement expected, Compare compare)
    {
        JsonElement table = inputs.GetProperty("table");
        long b = table[0][1].GetInt64();
        long c = table[1][0].GetInt64();
        (double statistic, double p) = PairedTests.McNemarChiSquare(b, c);
        CompareNumbers(
            expected,
            new()
            {
                ["exact_p"] = PairedTests.McNemarExact(b, c),
                ["chi2_corrected"] = statistic,
                ["chi2_p"] = p,
            },
            compare
        );
    }

    private static void Multiple(JsonElement inputs, JsonElement expected, Compare compare)
    {
        double[] p = Doubles(inputs.GetProperty("p"));
        double alpha = inputs.GetProperty("alpha").GetDouble();
        Dictionary<string, double[]> methods = new()
        {
            ["bonferroni"] = MultipleTesting.Bonferroni(p),
            ["holm"] = MultipleTesting.Holm(p),
            ["fdr_bh"] = MultipleTesting.BenjaminiHochberg(p),
            ["fdr_by"] = MultipleTesting.BenjaminiYekutieli(p),
        };
        foreach (JsonProperty method in expected.EnumerateObject())
        {
            for (int i = 0; i < p.Length; i++)
            {
                double got = methods[method.Name][i];
                compare(method.Name, method.Value.GetProperty("adjusted")[i].GetDouble(), got);
                Assert.Equal(method.Value.GetProperty("reject")[i].GetBoolean(), got <= alpha);
            }
        }
    }

    private static void Ranking(JsonElement inputs, JsonElement expected, Compare compare)
    {
        double[] a = Doubles(inputs.GetProperty("a"));
        double[] b = Doubles(inputs.GetProperty("b"));
        Dictionary<string, double> actual = new()
        {
            ["pearson"] = RankCorrelation.Pearson(a, b),
            ["spearman"] = RankCorrelation.Spearman(a, b),
            ["kendall_tau_b"] = RankCorrelation.KendallTauB(a, b),
            ["top1_jaccard_abs"] = RankCorrelation.TopKJaccard(a, b, 1),
            ["top2_jaccard_abs"] = RankCorrelation.TopKJaccard(a, b, 2),
            ["top3_jaccard_abs"] = RankCorrelation.TopKJaccard(a, b, 3),
            ["rbo_ext_p0.8"] = RankCorrelation.RankBiasedOverlap(a, b, 0.8),
            ["rbo_ext_p0.9"] = RankCorrelation.RankBiasedOverlap(a, b, 0.9),
            ["sign_agreement"] = RankCorrelation.SignAgreement(a, b),
        };
        foreach ((string name, double got) in actual)
        {
            if (expected.TryGetProperty(name, out JsonElement want) && want.ValueKind == JsonValueKind.Number)
            {
                compare(name, want.GetDouble(), got);
            }
        }
    }

    // Every number that the golden case expects must have been computed.
    private static void CompareNumbers(JsonElement expected, Dictionary<string, double> actual, Compare compare)
    {
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Number)
            {
                compare(property.Name, property.Value.GetDouble(), actual[property.Name]);
            }
        }
    }

    private static void Triple(string name, JsonElement expected, PrecisionRecall got, Compare compare)
    {
        compare(name + " precision", expected.GetProperty("precision").GetDouble(), got.Precision);
        compare(name + " recall", expected.GetProperty("recall").GetDouble(), got.Recall);
        compare(name + " f1", expected.GetProperty("f1").GetDouble(), got.F1);
    }

    private static double[] Doubles(JsonElement array) => array.EnumerateArray().Select(x => x.GetDouble()).ToArray();

    private static int[] Ints(JsonElement array) => array.EnumerateArray().Select(x => x.GetInt32()).ToArray();

    private static JsonElement Load(string suite) =>
        JsonDocument
            .Parse(
                File.ReadAllText(
                    Path.Combine(Shared.Repository, "tests/Whylight.Tests/Measures/Golden", suite + ".json")
                )
            )
            .RootElement;
}
