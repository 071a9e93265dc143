using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Whylight.Documents;

namespace Whylight.Options;

/// <summary>
/// <c>--rationale-column NAME</c>: what people marked in each text. A cell holds ranges as JSON ([[0, 4], [10, 14]], UTF-16 code
/// units), words or phrases (a JSON array, or with | between them), or a mask of 0 and 1, one a word.
/// </summary>
internal sealed class RationaleColumn
{
    private readonly Option<string?> _column = new("--rationale-column")
    {
        Description =
            "With --explanations: column with the words that people marked (phrases with | between, a 0/1 mask a word, or JSON ranges)",
        HelpName = "NAME",
    };

    public void AddTo(Command command) => command.Options.Add(_column);

    /// <summary>The ranges marked in an example; null where no column is named or its cell is empty.</summary>
    /// <exception cref="UsageException">There is no such column, or the cell does not fit the text.</exception>
    public IReadOnlyList<(int Start, int End)>? Read(ParseResult parsed, string file, Example example)
    {
        if (parsed.GetValue(_column) is not { } name)
        {
            return null;
        }
        ColumnValue? cell = example.Columns.FirstOrDefault(c => c.Name == name);
        if (cell is null)
        {
            string known = string.Join(", ", example.Columns.Select(c => c.Name));
            throw new UsageException(
                $"{file} has no column '{name}' beside its text and label{(known.Length > 0 ? $"; it has {known}" : "")}"
            );
        }
        string where = string.Create(CultureInfo.InvariantCulture, $"{file}:{example.Line + 1}: the rationale");
        return string.IsNullOrWhiteSpace(cell.Value) ? null : Ranges(cell.Value.Trim(), example.Text, where);
    }

    private static List<(int Start, int End)> Ranges(string cell, string text, string where)
    {
        string[] bits = cell.Trim('[', ']').Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (bits.Length > 0 && bits.All(b => b is "0" or "1"))
        {
            return OfMask(bits, text, where);
        }
        if (cell[0] != '[')
        {
            return
            [
                .. cell.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .SelectMany(p => Places(p, text, where)),
            ];
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(cell);
            List<(int, int)> ranges = [];
            foreach (JsonElement entry in document.RootElement.EnumerateArray())
            {
                if (entry.ValueKind == JsonValueKind.String)
                {
                    ranges.AddRange(Places(entry.GetString()!, text, where));
                    continue;
                }
                (int start, int end) = (entry[0].GetInt32(), entry[1].GetInt32());
                if (start < 0 || end <= start || end > text.Length)
                {
                    throw new UsageException(
                        $"{where} names the range {start} to {end}, and the text has {text.Length} characters"
                    );
                }
                ranges.Add((start, end));
            }
            return ranges;
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or IndexOutOfRangeException or FormatException
            )
        {
            throw new UsageException($"{where} is no JSON array of words or of ranges such as [[0, 4]]");
        }
    }

    private static List<(int, int)> OfMask(string[] bits, string text, string where)
    {
        (int Start, int End)[] words = [.. Words.Split(text).Select(w => (w.Start, w.End))];
        if (words.Length != bits.Length)
        {
            // A mask over what stands between spaces is as common.
            List<(int, int)> spaced = [];
            for (int at = 0; at < text.Length; at++)
            {
                if (!char.IsWhiteSpace(text[at]))
                {
                    int start = at;
                    while (at < text.Length && !char.IsWhiteSpace(text[at]))
                    {
                        at++;
                    }
                    spaced.Add((start, at));
                }
            }
            if (spaced.Count != bits.Length)
            {
                throw new UsageException(
                    $"{where} marks {bits.Length} words, and the text has {words.Length} ({spaced.Count} between spaces)"
                );
            }
            words = [.. spaced];
        }
        return [.. words.Where((_, i) => bits[i] == "1")];
    }

    private static List<(int, int)> Places(string phrase, string text, string where)
    {
        List<(int, int)> places = [];
        for (
            int at = text.IndexOf(phrase, StringComparison.OrdinalIgnoreCase);
            at >= 0;
            at = text.IndexOf(phrase, at + phrase.Length, StringComparison.OrdinalIgnoreCase)
        )
        {
            bool whole =
                (at == 0 || !char.IsLetterOrDigit(text[at - 1]) || !char.IsLetterOrDigit(phrase[0]))
                && (
                    at + phrase.Length == text.Length
                    || !char.IsLetterOrDigit(text[at + phrase.Length])
                    || !char.IsLetterOrDigit(phrase[^1])
                );
            if (whole)
            {
                places.Add((at, at + phrase.Length));
            }
        }
        return places.Count > 0
            ? places
            : throw new UsageException($"{where} names '{phrase}', which the text does not have");
    }
}
