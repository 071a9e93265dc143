using Whylight.Models;

namespace Whylight.Tests.Explanations.Game;

/// <summary>A classifier that is a function of the words present, and counts what it is asked.</summary>
internal sealed class FakeClassifier(
    Func<IReadOnlyList<string?>, double[]> logits,
    IReadOnlyList<string>? labels = null,
    int maxTokens = 512
) : ITextClassifier
{
    private static int s_instances;

    private readonly HashSet<string> _asked = [];

    /// <summary>A model whose logits are -z/2 and z/2.</summary>
    public static FakeClassifier Binary(Func<IReadOnlyList<string?>, double> z) =>
        new(words =>
        {
            double value = z(words);
            return [-value / 2, value / 2];
        });

    public ModelInfo Info { get; } =
        new()
        {
            Name = "fake",
            Family = "fake",
            Hash = $"fake-{Interlocked.Increment(ref s_instances)}",
            Labels = labels ?? ["negative", "positive"],
            MaxTokens = maxTokens,
        };

    public IReadOnlyList<Absence> Absences => [Absence.AttentionMasked];

    /// <summary>Coalitions evaluated.</summary>
    public int Coalitions { get; private set; }

    /// <summary>Coalitions evaluated more than once.</summary>
    public int Repeats { get; private set; }

    /// <summary>Texts predicted.</summary>
    public int Texts { get; private set; }

    public TokenizedText Tokenize(string text)
    {
        List<Token> tokens = [new("[CLS]", 0, 0, 0, true)];
        int start = 0;
        int? cut = null;
        while (start < text.Length)
        {
            if (char.IsWhiteSpace(text[start]))
            {
                start++;
                continue;
            }
            int end = start;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }
            if (tokens.Count == maxTokens - 1)
            {
                cut = start;
                break;
            }
            tokens.Add(new(text[start..end], 1, start, end, false));
            start = end;
        }
        tokens.Add(new("[SEP]", 2, text.Length, text.Length, true));
        return new TokenizedText
        {
            Text = text,
            Tokens = tokens,
            TruncatedAt = cut,
        };
    }

    public async Task<IReadOnlyList<Prediction>> PredictAsync(
        IReadOnlyList<string> texts,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        Texts += texts.Count;
        return
        [
            .. texts.Select(text =>
            {
                TokenizedText t = Tokenize(text);
                return Prediction.FromLogits(
                    text,
                    Info.Labels,
                    logits([.. t.Tokens.Where(x => !x.Special).Select(x => x.Text)]),
                    truncatedAt: t.TruncatedAt
                );
            }),
        ];
    }

    public async Task<IReadOnlyList<double[]>> EvaluateAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        Assert.InRange(present.Count, 1, 64);
        List<double[]> answers = [];
        foreach (bool[] flags in present)
        {
            Coalitions++;
            if (!_asked.Add(text.Text + "\n" + string.Concat(flags.Select(f => f ? '1' : '0'))))
            {
                Repeats++;
            }
            List<string?> words = [];
            for (int i = 0; i < flags.Length; i++)
            {
                if (!text.Tokens[i].Special)
                {
                    words.Add(flags[i] ? text.Tokens[i].Text : null);
                }
                else
                {
                    Assert.True(flags[i]);
                }
            }
            answers.Add(logits(words));
        }
        return answers;
    }

    public void Dispose() { }
}
