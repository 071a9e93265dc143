using System.CommandLine;
using System.Text;
using System.Text.Json;
using Whylight.Explanations;

namespace Whylight.Options;

/// <summary><c>--words FILE</c>: words that a counterfactual may put in the place of others.</summary>
internal sealed class WordsOption
{
    private readonly Option<string?> _words = new("--words")
    {
        Description =
            """With --method counterfactual: words to try, one a line, or JSON such as {"good": ["poor", "bad"]}; the model's own vocabulary unless given""",
        HelpName = "FILE",
    };

    public void AddTo(Command command) => command.Options.Add(_words);

    /// <summary>The words, or null where none are given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="method">The method that will be used.</param>
    /// <exception cref="UsageException">The method puts no words anywhere, or the file holds no list.</exception>
    public SubstituteWords? Read(ParseResult parsed, string method)
    {
        if (parsed.GetValue(_words) is not { } file)
        {
            return null;
        }
        if (method != "counterfactual")
        {
            throw new UsageException($"--words is for --method counterfactual; '{method}' puts no words anywhere");
        }
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true)
                .GetString(File.ReadAllBytes(file))
                .TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException exception)
        {
            throw new UsageException($"{file} is not UTF-8 at byte {exception.Index}; convert it first");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"there is no file {file}; --words wants a list of words");
        }
        SubstituteWords words = text.TrimStart() is ['{' or '[', ..]
            ? OfJson(file, text)
            : new SubstituteWords(
                [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)],
                new Dictionary<string, IReadOnlyList<string>>()
            );
        return words.Any.Count + words.For.Count > 0
            ? words
            : throw new UsageException(
                $"{file} holds no words: write one a line, or a JSON map from word to substitutes"
            );
    }

    private static SubstituteWords OfJson(string file, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
            {
                return new SubstituteWords(
                    Strings(document.RootElement),
                    new Dictionary<string, IReadOnlyList<string>>()
                );
            }
            Dictionary<string, IReadOnlyList<string>> map = new(StringComparer.OrdinalIgnoreCase);
            foreach (JsonProperty entry in document.RootElement.EnumerateObject())
            {
                List<string> listed = map.TryGetValue(entry.Name, out IReadOnlyList<string>? before) ? [.. before] : [];
                map[entry.Name] =
                [
                    .. listed,
                    .. entry.Value.ValueKind == JsonValueKind.String
                        ? [entry.Value.GetString()!]
                        : Strings(entry.Value),
                ];
            }
            return new SubstituteWords([], map);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new UsageException(
                $$"""{{file}} wants one word a line, a JSON array of words, or a JSON map such as {"good": ["poor", "bad"]}"""
            );
        }
    }

    private static string[] Strings(JsonElement array) =>
        [
            .. array
                .EnumerateArray()
                .Select(word =>
                    word.GetString() is { } w && !string.IsNullOrWhiteSpace(w)
                        ? w
                        : throw new InvalidOperationException("no word")
                ),
        ];
}
