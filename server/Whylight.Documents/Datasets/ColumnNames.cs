namespace Whylight.Documents.Datasets;

/// <summary>Column names that say what a column holds, most telling first; case counts for nothing.</summary>
internal static class ColumnNames
{
    public static readonly string[] Text =
    [
        "text",
        "sentence",
        "review",
        "prompt",
        "input",
        "content",
        "comment",
        "question",
        "message",
        "document",
        "tweet",
        "body",
        "utterance",
        "query",
        "instruction",
        "phrase",
        "post",
    ];

    public static readonly string[] Label =
    [
        "label",
        "labels",
        "sentiment",
        "class",
        "category",
        "target",
        "intent",
        "gold",
        "polarity",
    ];

    /// <summary>The most telling of the names that are there, as they are spelled there, or null.</summary>
    public static string? Recognise(IReadOnlyList<string> names, string[] telling)
    {
        foreach (string wanted in telling)
        {
            foreach (string name in names)
            {
                if (name.Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase))
                {
                    return name;
                }
            }
        }
        return null;
    }
}
