using Whylight.Models.Tokenization.Decoding;
using Whylight.Models.Tokenization.PreTokenization;
using Whylight.Models.Tokenization.Subwords;

namespace Whylight.Models.Tokenization;

/// <summary>GPT-2's tokenizer over a trained vocabulary.</summary>
public static class BytePairTokenizer
{
    /// <summary>Makes the tokenizer; the first special token is both start and end of a text, and none is added to an input.</summary>
    /// <param name="vocabulary">What <see cref="BytePairTrainer"/> learned.</param>
    /// <param name="modelMaxLength">Longest input of the model in tokens, or null.</param>
    public static Tokenizer Create(BytePairVocabulary vocabulary, int? modelMaxLength = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        Vocabulary entries = VocabularyReader.WithoutRepeats([.. vocabulary.Tokens], "vocabulary");
        int? end = vocabulary.SpecialTokens.Count > 0 ? entries.IdOf(vocabulary.SpecialTokens[0]) : null;
        return new Tokenizer(
            new TokenizerParts
            {
                Model = new BpeModel(
                    entries,
                    MergeTable.Build(vocabulary.Merges, entries, "", "merges"),
                    new BpeSettings()
                ),
                PreTokenizer = new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: true),
                Decoder = new ByteLevelDecoder(),
                AddedTokens =
                [
                    .. vocabulary.SpecialTokens.Select(t => new AddedToken(entries.IdOf(t)!.Value, t, Special: true)),
                ],
                Special = new SpecialTokens { Start = end, End = end },
                ModelMaxLength = modelMaxLength,
            }
        );
    }
}
