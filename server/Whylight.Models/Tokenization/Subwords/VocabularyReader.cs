using System.Globalization;
using System.Text.Json;

namespace Whylight.Models.Tokenization.Subwords;

/// <summary>Reads vocabularies from JSON, with limits on what a file may claim.</summary>
internal static class VocabularyReader
{
    /// <summary>No model has more rows.</summary>
    public const int LargestId = 1 << 24;

    /// <summary>A vocabulary written as token -> id.</summary>
    /// <exception cref="ModelException">An id is no row number, or is given twice.</exception>
    public static Vocabulary FromObject(JsonElement vocab, string source)
    {
        if (vocab.ValueKind != JsonValueKind.Object)
        {
            throw new ModelException($"{source}: the vocabulary must be an object of token and id");
        }
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        Dictionary<int, string> tokens = [];
        int largest = -1;
        foreach (JsonProperty entry in vocab.EnumerateObject())
        {
            if (
                entry.Value.ValueKind != JsonValueKind.Number
                || !entry.Value.TryGetInt32(out int id)
                || id is < 0 or >= LargestId
            )
            {
                throw new ModelException(
                    $"{source}: '{entry.Name}' has the id {entry.Value.GetRawText()}, which is no row number"
                );
            }
            if (!ids.TryAdd(entry.Name, id))
            {
                throw new ModelException(
                    $"{source}: '{entry.Name}' stands twice; every token must have one id: remove one"
                );
            }
            if (!tokens.TryAdd(id, entry.Name))
            {
                throw new ModelException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{source}: '{tokens[id]}' and '{entry.Name}' both have the id {id}; every token must have its own"
                    )
                );
            }
            largest = Math.Max(largest, id);
        }
        // Ids have gaps in some files, but an id far beyond the entries is a claim to memory, not a vocabulary.
        return largest <= ids.Count * 4L + 65536
            ? new Vocabulary(ids)
            : throw new ModelException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{source}: '{tokens[largest]}' has the id {largest}, but the vocabulary has only {ids.Count} entries"
                )
            );
    }

    /// <summary>A vocabulary written as a list of [piece, score]; the position is the id.</summary>
    /// <exception cref="ModelException">An entry is something else, or a piece stands twice.</exception>
    public static (Vocabulary Vocabulary, double[] Scores) FromScoredList(JsonElement vocab, string source)
    {
        if (vocab.ValueKind != JsonValueKind.Array)
        {
            throw new ModelException($"{source}: the vocabulary must be a list of [piece, score]");
        }
        List<string> pieces = new(vocab.GetArrayLength());
        List<double> scores = new(vocab.GetArrayLength());
        foreach (JsonElement entry in vocab.EnumerateArray())
        {
            if (
                entry.ValueKind != JsonValueKind.Array
                || entry.GetArrayLength() != 2
                || entry[0].ValueKind != JsonValueKind.String
                || entry[1].ValueKind != JsonValueKind.Number
            )
            {
                throw new ModelException($"{source}: piece {pieces.Count} must be [piece, score]");
            }
            pieces.Add(entry[0].GetString()!);
            double score = entry[1].GetDouble();
            scores.Add(
                double.IsFinite(score)
                    ? score
                    : throw new ModelException($"{source}: the score of '{pieces[^1]}' is not a finite number")
            );
        }
        return (WithoutRepeats(pieces, source), [.. scores]);
    }

    /// <summary>Pieces by position; a repeated piece is refused.</summary>
    public static Vocabulary WithoutRepeats(List<string> pieces, string source)
    {
        Dictionary<string, int> ids = new(pieces.Count, StringComparer.Ordinal);
        for (int i = 0; i < pieces.Count; i++)
        {
            if (!ids.TryAdd(pieces[i], i))
            {
                throw new ModelException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{source}: pieces {ids[pieces[i]]} and {i} are both '{pieces[i]}'; every piece must have its own id"
                    )
                );
            }
        }
        return new Vocabulary(ids);
    }
}
