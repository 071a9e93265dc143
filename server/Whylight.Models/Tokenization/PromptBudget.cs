using System.Collections.Concurrent;
using Microsoft.ML.Tokenizers;

namespace Whylight.Models.Tokenization;

/// <summary>
/// Counts tokens of prompts as hosted models count them (Tiktoken encodings), for budgets. Explanations never use these tokens:
/// their ranges are not exact.
/// </summary>
public static class PromptBudget
{
    private static readonly ConcurrentDictionary<string, Lazy<TiktokenTokenizer>> Counters = new(
        StringComparer.Ordinal
    );

    /// <summary>Names of the encodings, in alphabetical order.</summary>
    public static IReadOnlyList<string> Encodings { get; } = ["cl100k_base", "o200k_base"];

    /// <summary>Number of tokens of a text; special tokens written in it count as text.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="encoding">cl100k_base or o200k_base, the ending optional.</param>
    /// <exception cref="ModelException">There is no such encoding.</exception>
    public static int Count(string text, string encoding)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(encoding);
        string name =
            Encodings.FirstOrDefault(e => e == encoding || e == encoding + "_base")
            ?? throw new ModelException(
                $"there is no token encoding '{encoding}'; known are {string.Join(", ", Encodings)}"
            );
        return Counters
            .GetOrAdd(name, static n => new Lazy<TiktokenTokenizer>(() => TiktokenTokenizer.CreateForEncoding(n)))
            .Value.CountTokens(text);
    }
}
