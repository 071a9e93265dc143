using MathNet.Numerics.Distributions;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Explanations.Global;

/// <summary>Explanations of many single texts, gathered into representative texts or mean scores of words.</summary>
internal static class LocalScores
{
    private const int MostPicked = 10;
    private const int WordsNamed = 8;
    private const int WordsAText = 10;

    public static async Task<GlobalExplanation> GatherAsync(
        ITextClassifier model,
        IEnumerable<string> texts,
        string method,
        ExplanationRequest template,
        Explainer explainer,
        IProgress<GlobalProgress>? progress,
        CancellationToken cancellation
    )
    {
        string local = template.Method == "auto" ? "occlusion" : template.Method;
        if (local is "anchors" or "counterfactual" or "prime-implicants")
        {
            throw new ExplanationException(
                $"'{local}' gives no scores to gather: choose another method with --explanations"
            );
        }
        // One label is explained in all texts, so that signs mean the same everywhere.
        string target = template.TargetLabel ?? model.Info.Labels[^1];
        List<Dictionary<string, double>> weights = [];
        List<(int Index, string? Text, int Label)> explained = [];
        ExplanationException? refusal = null;
        int refused = 0;
        int calls = 0;
        int truncated = 0;
        int index = -1;
        foreach (string text in texts)
        {
            index++;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }
            cancellation.ThrowIfCancellationRequested();
            ExplanationRequest request = template with { Text = text, Method = local, TargetLabel = target };
            try
            {
                Explanation e = await explainer
                    .ExplainAsync(model, request, cancellation: cancellation)
                    .ConfigureAwait(false);
                calls += e.ModelCalls;
                truncated += e.Prediction.Truncated ? 1 : 0;
                Dictionary<string, double> own = new(StringComparer.Ordinal);
                foreach (FeatureScore feature in e.Features)
                {
                    if (feature.Score is { } score)
                    {
                        string word = feature.Text.ToLowerInvariant();
                        own[word] = own.GetValueOrDefault(word) + score;
                    }
                }
                weights.Add(method == "representatives" ? Strongest(own) : own);
                explained.Add((index, method == "representatives" ? text : null, e.Prediction.LabelIndex));
            }
            catch (ExplanationException exception) when (explainer.Knows(local))
            {
                refusal = exception;
                refused++;
            }
            progress?.Report(new GlobalProgress("explain", explained.Count + refused, null));
        }
        if (explained.Count == 0)
        {
            throw refusal ?? new ExplanationException("there is no text to explain: every row is blank");
        }
        GlobalExplanation frame = new()
        {
            Method = method,
            Model = model.Info.Name,
            ModelHash = model.Info.Hash,
            Labels = model.Info.Labels,
            Texts = explained.Count,
            Predicted = [.. model.Info.Labels.Select((_, l) => explained.Count(e => e.Label == l))],
            Seed = template.Seed,
            ModelCalls = calls,
            LocalMethod = local,
            Target = target,
            Refused = refused,
            Truncated = truncated,
        };
        return method == "representatives" ? Picked(frame, weights, explained) : Averaged(frame, weights);
    }

    // As in SP-LIME, an explanation is its strongest words; all of them would make every text cover "the".
    private static Dictionary<string, double> Strongest(Dictionary<string, double> words) =>
        words
            .OrderByDescending(w => Math.Abs(w.Value))
            .ThenBy(w => w.Key, StringComparer.Ordinal)
            .Take(WordsAText)
            .ToDictionary(w => w.Key, w => w.Value, StringComparer.Ordinal);

    private static GlobalExplanation Picked(
        GlobalExplanation frame,
        List<Dictionary<string, double>> weights,
        List<(int Index, string? Text, int Label)> explained
    ) =>
        frame with
        {
            Representatives =
            [
                .. Representatives
                    .Pick(weights, MostPicked)
                    .Select(p => new Representative(
                        explained[p.Text].Index,
                        explained[p.Text].Text!,
                        frame.Labels[explained[p.Text].Label],
                        p.Coverage,
                        [.. p.Words.Take(WordsNamed)]
                    )),
            ],
        };

    private static GlobalExplanation Averaged(GlobalExplanation frame, List<Dictionary<string, double>> weights)
    {
        SortedDictionary<string, List<double>> scores = new(StringComparer.Ordinal);
        foreach (Dictionary<string, double> text in weights)
        {
            foreach ((string word, double score) in text)
            {
                if (!scores.TryGetValue(word, out List<double>? all))
                {
                    scores[word] = all = [];
                }
                all.Add(score);
            }
        }
        return frame with
        {
            Weights =
            [
                .. scores
                    .Select(s => Mean(s.Key, s.Value, frame.Target!))
                    .OrderByDescending(w => w.Texts > 1)
                    .ThenByDescending(w => w.MeanAbsolute * Math.Sqrt(w.Texts))
                    .ThenBy(w => w.Word, StringComparer.Ordinal),
            ],
        };
    }

    private static WordWeight Mean(string word, List<double> scores, string target)
    {
        int n = scores.Count;
        double mean = scores.Average();
        double? error = n < 2 ? null : Math.Sqrt(scores.Sum(v => (v - mean) * (v - mean)) / (n - 1)) / Math.Sqrt(n);
        double reach = error is { } e ? StudentT.InvCDF(0, 1, n - 1, 0.975) * e : 0;
        return new WordWeight(
            word,
            target,
            mean,
            scores.Average(Math.Abs),
            error,
            n,
            Interval: error is null ? null : new Interval(mean - reach, mean + reach)
        );
    }
}
