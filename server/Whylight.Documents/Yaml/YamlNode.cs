namespace Whylight.Documents.Yaml;

/// <summary>A node of a YAML document with its place in the file.</summary>
public abstract class YamlNode
{
    private protected YamlNode(int start, int end)
    {
        Start = start;
        End = end;
    }

    /// <summary>First UTF-16 offset in the file.</summary>
    public int Start { get; }

    /// <summary>One past the last UTF-16 offset, trailing white space and comments not included.</summary>
    public int End { get; }

    /// <summary>What the node is, in a phrase for messages: "a mapping", "a list", "a number".</summary>
    public abstract string Description { get; }

    // Nodes below this one when every alias is followed, itself included.
    internal long Weight { get; set; } = 1;
}

/// <summary>A sequence of nodes.</summary>
public sealed class YamlSequence : YamlNode
{
    internal YamlSequence(int start, int end, IReadOnlyList<YamlNode> items)
        : base(start, end) => Items = items;

    /// <summary>The items in order.</summary>
    public IReadOnlyList<YamlNode> Items { get; }

    /// <inheritdoc/>
    public override string Description => "a list";
}

/// <summary>A key of a mapping and its value.</summary>
/// <param name="Key">The key; always a scalar.</param>
/// <param name="Value">The value.</param>
public sealed record YamlEntry(YamlScalar Key, YamlNode Value);

/// <summary>A mapping from unique scalar keys to nodes, in file order.</summary>
public sealed class YamlMapping : YamlNode
{
    internal YamlMapping(int start, int end, IReadOnlyList<YamlEntry> entries)
        : base(start, end) => Entries = entries;

    /// <summary>The entries in file order; keys are unique.</summary>
    public IReadOnlyList<YamlEntry> Entries { get; }

    /// <inheritdoc/>
    public override string Description => "a mapping";

    /// <summary>The value of a key, or null.</summary>
    public YamlNode? this[string key]
    {
        get
        {
            foreach (YamlEntry entry in Entries)
            {
                if (entry.Key.Value == key)
                {
                    return entry.Value;
                }
            }
            return null;
        }
    }
}
