namespace Whylight.Models.Tokenization.Subwords;

/// <summary>Vocabulary entries and their ids, both ways.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly string?[] tokens;

    public Vocabulary(Dictionary<string, int> ids)
    {
        this.ids = ids;
        lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        int size = 0;
        foreach (int id in ids.Values)
        {
            size = Math.Max(size, id + 1);
        }
        tokens = new string?[size];
        foreach ((string token, int id) in ids)
        {
            tokens[id] = token;
        }
    }

    /// <summary>One more than the largest id.</summary>
    public int Size => tokens.Length;

    /// <summary>Number of entries; less than <see cref="Size"/> where ids have gaps.</summary>
    public int Count => ids.Count;

    public IEnumerable<KeyValuePair<string, int>> Entries => ids;

    public int? IdOf(ReadOnlySpan<char> token) => lookup.TryGetValue(token, out int id) ? id : null;

    public bool TryGet(ReadOnlySpan<char> token, out int id) => lookup.TryGetValue(token, out id);

    public string? TokenOf(int id) => (uint)id < (uint)tokens.Length ? tokens[id] : null;

    /// <summary>A vocabulary whose ids are the positions in a list.</summary>
    /// <exception cref="ModelException">An entry stands twice; <paramref name="source"/> names the file.</exception>
    public static Vocabulary FromList(IReadOnlyList<string> entries, string source)
    {
        Dictionary<string, int> ids = new(entries.Count, StringComparer.Ordinal);
        for (int i = 0; i < entries.Count; i++)
        {
            if (!ids.TryAdd(entries[i], i))
            {
                throw new ModelException(
                    $"{source}: '{entries[i]}' stands on line {ids[entries[i]] + 1} and on line {i + 1}; every token must have one id: remove one"
                );
            }
        }
        return new Vocabulary(ids);
    }
}
