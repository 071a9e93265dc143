using Whylight.Explanations;
using Whylight.Explanations.Game;
using Whylight.Measures;
using Whylight.Models.Families;

namespace Whylight.Benchmarks;

/// <summary>||estimate - exact||^2 / ||exact||^2 of Shapley values at 512 calls, 12 features, on random transformers.</summary>
internal static class ShapleyErrorBenchmark
{
    private const int Models = 36;

    public static async Task RunAsync(Report report)
    {
        foreach ((string name, int layers, int hidden, double range) in Kinds)
        {
            List<double> regression = [];
            List<double> proxy = [];
            for (int m = 0; m < Models; m++)
            {
                using TransformerClassifier model = await SizedModels.BertAsync(layers, hidden, range, (ulong)m + 50);
                TextGame game = await TextGame.OpenAsync(
                    model,
                    new ExplanationRequest
                    {
                        Text = SizedModels.Text(12, m),
                        Method = "shapley",
                        Budget = 4096,
                        ValueKind = ValueKind.Probability,
                    },
                    cache: new CoalitionCache()
                );
                double[] table = await Enumeration.TabulateAsync(game.Value, default);
                double[] exact = Enumeration.Shapley(table);
                foreach (bool corrected in (bool[])[false, true])
                {
                    List<double> errors = [];
                    for (ulong seed = 0; seed < 3; seed++)
                    {
                        PlayerValues values = await ShapleyEstimator.EstimateAsync(
                            FunctionGame.FromTable(table),
                            new ShapleyOptions
                            {
                                Budget = 512,
                                StopWhenConverged = false,
                                Proxy = corrected,
                            },
                            new SeededRandom(seed)
                        );
                        errors.Add(ShapleyBenchmark.Error(values.Values, exact));
                    }
                    (corrected ? proxy : regression).Add(Timing.Median(errors));
                }
            }
            report.Row(
                $"normalised squared error at 512 calls, n = 12, {Models} random transformers {name}, regression / with proxy",
                "<= .015 / <= .009",
                $"{Timing.Median(regression):0.0000} / {Timing.Median(proxy):0.0000}",
                $"upper quartiles {Timing.Quantile(regression, 0.75):0.0000} / {Timing.Quantile(proxy, 0.75):0.0000}"
            );
        }
    }

    private static (string, int, int, double)[] Kinds =>
        [("2L/32, weights 0.3", 2, 32, 0.3), ("2L/64, weights 0.15", 2, 64, 0.15)];
}
