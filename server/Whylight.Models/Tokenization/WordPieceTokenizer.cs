using Whylight.Models.Tokenization.Decoding;
using Whylight.Models.Tokenization.Normalization;
using Whylight.Models.Tokenization.PostProcessing;
using Whylight.Models.Tokenization.PreTokenization;
using Whylight.Models.Tokenization.Subwords;

namespace Whylight.Models.Tokenization;

/// <summary>BERT's tokenizer over a list of vocabulary pieces.</summary>
public static class WordPieceTokenizer
{
    /// <summary>Makes the tokenizer BERT, DistilBERT and ELECTRA use.</summary>
    /// <param name="vocabulary">The pieces, the row number being the id; must hold the unknown, start and end tokens.</param>
    /// <param name="options">Casing, accents and special tokens.</param>
    /// <param name="source">Name of the file the pieces come from, for messages.</param>
    /// <exception cref="ModelException">A piece stands twice, or a special token is missing.</exception>
    public static Tokenizer Create(
        IReadOnlyList<string> vocabulary,
        WordPieceOptions? options = null,
        string source = "vocabulary"
    )
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return Create(Vocabulary.FromList(vocabulary, source), options ?? new WordPieceOptions(), source);
    }

    internal static Tokenizer Create(Vocabulary entries, WordPieceOptions o, string source)
    {
        int? Find(string name) => o.ExtraAddedTokens.FirstOrDefault(t => t.Content == name)?.Id ?? entries.IdOf(name);
        string[] missing = [.. new[] { o.UnknownToken, o.StartToken, o.EndToken }.Where(t => Find(t) is null)];
        if (missing.Length > 0)
        {
            throw new ModelException($"{source} lacks {string.Join(", ", missing)}");
        }
        SpecialTokens special = new()
        {
            Pad = Find(o.PadToken),
            Unknown = Find(o.UnknownToken),
            Start = Find(o.StartToken),
            End = Find(o.EndToken),
            Mask = Find(o.MaskToken),
        };
        string[] names = [o.PadToken, o.UnknownToken, o.StartToken, o.EndToken, o.MaskToken];
        return new Tokenizer(
            new TokenizerParts
            {
                Model = new WordPieceModel(entries, o.UnknownToken, maxCharacters: o.MaxCharactersPerWord),
                Normalizer = new BertNormalizer(cleanText: true, o.SpaceChineseCharacters, o.StripAccents, o.LowerCase),
                PreTokenizer = new BertPreTokenizer(),
                Decoder = new WordPieceDecoder(),
                Template = Template.Bert(special.Start!.Value, special.End!.Value),
                AddedTokens =
                [
                    .. names
                        .Distinct(StringComparer.Ordinal)
                        .Where(n => entries.IdOf(n) is not null)
                        .Select(n => new AddedToken(entries.IdOf(n)!.Value, n, Special: true)),
                    .. o.ExtraAddedTokens,
                ],
                Special = special,
                ModelMaxLength = o.ModelMaxLength,
                Declared = o.Declared,
                SpecialAsText = o.SpecialAsText,
                Notes = o.Notes,
                Source = source,
            }
        );
    }
}
