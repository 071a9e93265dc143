namespace Whylight.Harness.Snapshots;

/// <summary>How received and verified content are compared.</summary>
/// <remarks>
/// A field is named by its path in the JSON document, such as <c>predictions[*].logits[*]</c>, where <c>*</c> stands for
/// any index or key, or by its last name alone, such as <c>score</c>. The longest name that fits decides.
/// </remarks>
public sealed record SnapshotRules
{
    /// <summary>Tolerance of every number that no field names.</summary>
    public NumericTolerance Tolerance { get; init; } = NumericTolerance.AcrossMachines;

    /// <summary>Tolerance by field.</summary>
    public IReadOnlyDictionary<string, NumericTolerance> Fields { get; init; } =
        new Dictionary<string, NumericTolerance>(StringComparer.Ordinal);

    /// <summary>Fields left out of the comparison, such as <c>elapsedMs</c>.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>The tolerance that a path is held to.</summary>
    internal NumericTolerance ToleranceOf(string path)
    {
        string? best = null;
        foreach (string field in Fields.Keys)
        {
            bool longer = best is null || field.Length > best.Length;
            bool tied = best is not null && field.Length == best.Length && string.CompareOrdinal(field, best) < 0;
            if ((longer || tied) && Fits(field, path))
            {
                best = field;
            }
        }
        return best is null ? Tolerance : Fields[best];
    }

    /// <summary>Whether a path is left out.</summary>
    internal bool Ignores(string path) => Ignored.Any(field => Fits(field, path));

    /// <summary>Whether a field's name fits a path: the whole path with wildcards, or its last name.</summary>
    internal static bool Fits(string field, string path)
    {
        if (!field.Contains('.', StringComparison.Ordinal) && !field.Contains('[', StringComparison.Ordinal))
        {
            int end = path.Length;
            while (end > 0 && path[end - 1] == ']')
            {
                end = path.LastIndexOf('[', end - 1);
            }
            int start = path.LastIndexOf('.', Math.Max(0, end - 1)) + 1;
            return end > start && path.AsSpan(start, end - start).SequenceEqual(field);
        }
        string[] wanted = Steps(field);
        string[] actual = Steps(path);
        return wanted.Length == actual.Length
            && wanted.Zip(actual).All(pair => pair.First is "*" || pair.First == pair.Second);
    }

    private static string[] Steps(string path) =>
        path.Replace("[", ".", StringComparison.Ordinal)
            .Replace("]", "", StringComparison.Ordinal)
            .Split('.', StringSplitOptions.RemoveEmptyEntries);
}
