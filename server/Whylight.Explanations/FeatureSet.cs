using Whylight.Models;

namespace Whylight.Explanations;

/// <summary>What carries a score: a range of the text and the tokens that the model reads there.</summary>
/// <param name="Text">The feature's characters as they stand in the text.</param>
/// <param name="Start">First UTF-16 code unit.</param>
/// <param name="End">One past the last.</param>
/// <param name="Tokens">Indices of its tokens, ascending, at least one.</param>
/// <param name="Name">Name of the template field it is, or null.</param>
public sealed record Feature(string Text, int Start, int End, IReadOnlyList<int> Tokens, string? Name = null);

/// <summary>The features of a text: disjoint groups of its tokens in text order, and the tokens that belong to none.</summary>
public sealed class FeatureSet
{
    private FeatureSet(
        TokenizedText text,
        FeatureKind kind,
        IReadOnlyList<Feature> features,
        IReadOnlyList<int> remainder
    )
    {
        Text = text;
        Kind = kind;
        Features = features;
        RemainderTokens = remainder;
    }

    /// <summary>The text grouped.</summary>
    public TokenizedText Text { get; }

    /// <summary>How it was grouped.</summary>
    public FeatureKind Kind { get; }

    /// <summary>The features in text order; their token indices are disjoint.</summary>
    public IReadOnlyList<Feature> Features { get; }

    /// <summary>Indices of the tokens of no feature: special tokens, white space, text outside the fields; always present.</summary>
    public IReadOnlyList<int> RemainderTokens { get; }

    /// <summary>Number of features.</summary>
    public int Count => Features.Count;

    /// <summary>Groups the tokens of a text.</summary>
    /// <remarks>
    /// A token belongs to the unit it overlaps; units that share a token are one feature, since the model cannot tell
    /// them apart. A unit that no token covers (beyond the cut of a long text, or dropped by the tokenizer) is no feature,
    /// because the model never reads it.
    /// </remarks>
    /// <param name="text">The tokens as the model reads them.</param>
    /// <param name="kind">What a feature is.</param>
    /// <param name="fields">The template fields, for <see cref="FeatureKind.Field"/>.</param>
    /// <exception cref="ExplanationException">The text has no feature of this kind.</exception>
    public static FeatureSet Build(TokenizedText text, FeatureKind kind, IReadOnlyList<FieldRange>? fields = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<(int Start, int End, string? Name)> units = kind switch
        {
            FeatureKind.Field => Fields(text.Text, fields),
            _ => [.. TextUnits.Of(text.Text, kind).Select(u => (u.Start, u.End, (string?)null))],
        };
        FeatureSet set = kind == FeatureKind.Token ? OneEach(text) : Group(text, kind, units);
        if (set.Count == 0)
        {
            throw new ExplanationException(
                $"the model reads no {Names.Of(kind)} of this text: there is nothing to give a score to"
            );
        }
        return set;
    }

    /// <summary>Sums token scores a feature: score of a feature = sum over its tokens.</summary>
    /// <param name="tokenScores">One score a token of the text.</param>
    public double[] Sum(IReadOnlyList<double> tokenScores)
    {
        ArgumentNullException.ThrowIfNull(tokenScores);
        double[] scores = new double[Features.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            foreach (int token in Features[i].Tokens)
            {
                scores[i] += tokenScores[token];
            }
        }
        return scores;
    }

    /// <summary>Sum of the scores of the tokens that belong to no feature.</summary>
    public double SumRemainder(IReadOnlyList<double> tokenScores)
    {
        ArgumentNullException.ThrowIfNull(tokenScores);
        double sum = 0;
        foreach (int token in RemainderTokens)
        {
            sum += tokenScores[token];
        }
        return sum;
    }

    /// <summary>Which tokens are present when the features flagged are: theirs and those of no feature.</summary>
    /// <param name="presentFeatures">One flag a feature.</param>
    public bool[] PresentTokens(IReadOnlyList<bool> presentFeatures)
    {
        ArgumentNullException.ThrowIfNull(presentFeatures);
        bool[] present = new bool[Text.Tokens.Count];
        foreach (int token in RemainderTokens)
        {
            present[token] = true;
        }
        for (int i = 0; i < Features.Count; i++)
        {
            foreach (int token in Features[i].Tokens)
            {
                present[token] = presentFeatures[i];
            }
        }
        return present;
    }

    /// <summary>
    /// Tokens as features: each on its own, even where several share a range (the bytes of one emoji), in token order.
    /// </summary>
    private static FeatureSet OneEach(TokenizedText text)
    {
        List<Feature> features = [];
        List<int> remainder = [];
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            Token token = text.Tokens[i];
            if (token.Special || token.End <= token.Start)
            {
                remainder.Add(i);
                continue;
            }
            features.Add(new Feature(text.Text[token.Start..token.End], token.Start, token.End, [i]));
        }
        return new FeatureSet(text, FeatureKind.Token, features, remainder);
    }

    private static FeatureSet Group(
        TokenizedText text,
        FeatureKind kind,
        List<(int Start, int End, string? Name)> units
    )
    {
        // Both lists are ordered by position, so one pass merges units that a token ties together.
        int[] group = new int[units.Count];
        List<int>[] tokensOf = [.. units.Select(_ => new List<int>())];
        for (int u = 0; u < units.Count; u++)
        {
            group[u] = u;
        }
        List<int> remainder = [];
        int from = 0;
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            Token token = text.Tokens[i];
            if (token.Special || token.End <= token.Start)
            {
                remainder.Add(i);
                continue;
            }
            while (from < units.Count && units[from].End <= token.Start)
            {
                from++;
            }
            int head = -1;
            for (int u = from; u < units.Count && units[u].Start < token.End; u++)
            {
                if (head < 0)
                {
                    head = group[u];
                }
                else if (group[u] != head)
                {
                    tokensOf[head].AddRange(tokensOf[group[u]]);
                    tokensOf[group[u]].Clear();
                    group[u] = head;
                }
            }
            if (head < 0)
            {
                remainder.Add(i);
            }
            else
            {
                tokensOf[head].Add(i);
            }
        }
        List<Feature> features = [];
        for (int u = 0; u < units.Count; u++)
        {
            if (group[u] != u || tokensOf[u].Count == 0)
            {
                continue;
            }
            int last = u;
            while (last + 1 < units.Count && group[last + 1] == u)
            {
                last++;
            }
            int start = units[u].Start;
            int end = units[last].End;
            // A unit cut by the model's limit ends where the reading ended.
            if (text.TruncatedAt is { } cut && cut > start && cut < end)
            {
                end = cut;
            }
            string? name = last == u ? units[u].Name : string.Join("+", units[u..(last + 1)].Select(x => x.Name));
            tokensOf[u].Sort();
            features.Add(
                new Feature(text.Text[start..end], start, end, tokensOf[u], kind == FeatureKind.Field ? name : null)
            );
        }
        return new FeatureSet(text, kind, features, remainder);
    }

    private static List<(int, int, string?)> Fields(string text, IReadOnlyList<FieldRange>? fields)
    {
        List<(int Start, int End, string? Name)> units = [];
        foreach (FieldRange field in (fields ?? []).OrderBy(f => f.Start).ThenBy(f => f.End))
        {
            if (field.Start < 0 || field.End > text.Length || field.End < field.Start)
            {
                throw new ExplanationException($"the range of field '{field.Name}' lies outside the text");
            }
            if (units.Count > 0 && field.Start < units[^1].End)
            {
                throw new ExplanationException($"the fields '{units[^1].Name}' and '{field.Name}' overlap");
            }
            if (field.End > field.Start)
            {
                units.Add((field.Start, field.End, field.Name));
            }
        }
        return units;
    }
}
