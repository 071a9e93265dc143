namespace Whylight.Explanations.Game;

/// <summary>A node of a phrase tree: the players below it, and its parts.</summary>
/// <param name="Players">Indices of the players below, ascending in text order.</param>
/// <param name="Children">Parts in text order, none for a leaf (which has one player).</param>
public sealed record PhraseTree(IReadOnlyList<int> Players, IReadOnlyList<PhraseTree> Children)
{
    /// <summary>Most parts of a node whose orders are averaged over; nodes of more are split in halves until two remain.</summary>
    public const int MostChildren = 5;

    /// <summary>One player.</summary>
    public static PhraseTree Leaf(int player) => new([player], []);

    /// <summary>A node over parts; a single part is returned itself, more than <see cref="MostChildren"/> are binarised.</summary>
    public static PhraseTree Of(IReadOnlyList<PhraseTree> parts)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        if (parts.Count == 1)
        {
            return parts[0];
        }
        int[] players = [.. parts.SelectMany(p => p.Players)];
        return parts.Count <= MostChildren
            ? new PhraseTree(players, parts)
            : new PhraseTree(
                players,
                [Halves(parts, 0, (parts.Count + 1) / 2), Halves(parts, (parts.Count + 1) / 2, parts.Count)]
            );
    }

    /// <summary>Sentences, in them phrases, in them the features: the tree of a text.</summary>
    /// <param name="features">The players, in text order.</param>
    public static PhraseTree Of(FeatureSet features) =>
        Of(features.Text.Text, [.. features.Features.Select(f => f.Start)]);

    /// <summary>The same from the features' places alone.</summary>
    /// <param name="text">The text.</param>
    /// <param name="starts">First UTF-16 code unit of each feature, ascending, at least one.</param>
    public static PhraseTree Of(string text, IReadOnlyList<int> starts)
    {
        int[] sentence = UnitOf(text, starts, FeatureKind.Sentence);
        int[] phrase = UnitOf(text, starts, FeatureKind.Phrase);
        List<PhraseTree> sentences = [];
        int i = 0;
        while (i < starts.Count)
        {
            List<PhraseTree> phrases = [];
            int s = sentence[i];
            while (i < starts.Count && sentence[i] == s)
            {
                List<PhraseTree> leaves = [];
                int p = phrase[i];
                while (i < starts.Count && sentence[i] == s && phrase[i] == p)
                {
                    leaves.Add(Leaf(i++));
                }
                phrases.Add(Of(leaves));
            }
            sentences.Add(Of(phrases));
        }
        return Of(sentences);
    }

    /// <summary>A tree given as merges: row k joins two nodes into node n + k; nodes below n are leaves.</summary>
    /// <param name="players">Number of leaves n.</param>
    /// <param name="merges">n - 1 pairs of node numbers.</param>
    public static PhraseTree OfMerges(int players, IReadOnlyList<(int Left, int Right)> merges)
    {
        List<PhraseTree> nodes = [.. Enumerable.Range(0, players).Select(Leaf)];
        foreach ((int left, int right) in merges)
        {
            nodes.Add(new PhraseTree([.. nodes[left].Players, .. nodes[right].Players], [nodes[left], nodes[right]]));
        }
        return nodes[^1];
    }

    private static PhraseTree Halves(IReadOnlyList<PhraseTree> parts, int from, int to)
    {
        if (to - from == 1)
        {
            return parts[from];
        }
        int middle = from + (to - from + 1) / 2;
        PhraseTree left = Halves(parts, from, middle);
        PhraseTree right = Halves(parts, middle, to);
        return new PhraseTree([.. left.Players, .. right.Players], [left, right]);
    }

    private static int[] UnitOf(string text, IReadOnlyList<int> starts, FeatureKind kind)
    {
        IReadOnlyList<(int Start, int End)> units = [.. TextUnits.Of(text, kind)];
        int[] unit = new int[starts.Count];
        int u = 0;
        for (int i = 0; i < unit.Length; i++)
        {
            while (u < units.Count - 1 && units[u].End <= starts[i])
            {
                u++;
            }
            unit[i] = u;
        }
        return unit;
    }
}
