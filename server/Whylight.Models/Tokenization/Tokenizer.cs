using Whylight.Models.Tokenization.Decoding;
using Whylight.Models.Tokenization.Normalization;
using Whylight.Models.Tokenization.PostProcessing;
using Whylight.Models.Tokenization.PreTokenization;
using Whylight.Models.Tokenization.Subwords;

namespace Whylight.Models.Tokenization;

/// <summary>
/// The tokenizer of a Hugging Face folder: added tokens, normalizer, pre-tokenizer, model and post-processor in a row, as in
/// `tokenizer.json`. Make one with <see cref="TokenizerLoader"/>.
/// </summary>
public sealed class Tokenizer : ITokenizer
{
    /// <summary>Stands between the texts of a pair in <see cref="TokenizedText.Text"/>.</summary>
    public const string PairSeparator = "\n";

    private readonly ITokenModel model;
    private readonly INormalizer? normalizer;
    private readonly IPreTokenizer? preTokenizer;
    private readonly IDecoder? decoder;
    private readonly Template template;
    private readonly bool trimOffsets;
    private readonly bool addedPrefixSpace;
    private readonly Dictionary<string, AddedToken> addedByContent = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> addedById = [];
    private readonly string?[] spellings;
    private readonly bool cutsAtSpaces;
    private readonly bool cutsAtHan;
    private readonly AddedTokenMatcher rawMatcher;
    private readonly AddedTokenMatcher normalizedMatcher;

    internal Tokenizer(TokenizerParts parts)
    {
        model = parts.Model;
        normalizer = parts.Normalizer;
        preTokenizer = parts.PreTokenizer;
        decoder = parts.Decoder;
        template = parts.Template;
        trimOffsets = parts.TrimOffsets;
        addedPrefixSpace = parts.AddedPrefixSpace;
        Special = parts.Special;
        ModelMaxLength = parts.ModelMaxLength;
        Notes = parts.Notes;
        Declared = parts.Declared;
        Source = parts.Source;
        VocabularySize = model.Vocabulary.Size;
        foreach (AddedToken token in parts.AddedTokens)
        {
            addedByContent[token.Content] = token;
            addedById[token.Id] = token;
            VocabularySize = Math.Max(VocabularySize, token.Id + 1);
        }
        spellings = new string?[VocabularySize];
        for (int id = 0; id < spellings.Length; id++)
        {
            spellings[id] = addedById.TryGetValue(id, out AddedToken? token)
                ? token.Content
                : model.Vocabulary.TokenOf(id);
        }
        cutsAtSpaces = !model.Vocabulary.Entries.Any(e => HoldsInnerSpace(e.Key));
        cutsAtHan = normalizer is BertNormalizer { SpacesChinese: true } && preTokenizer is BertPreTokenizer;
        AddedToken[] looked =
        [
            .. addedByContent.Values.Where(t => !(t.Special && parts.SpecialAsText)).OrderBy(t => t.Id),
        ];
        rawMatcher = new AddedTokenMatcher(looked.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        normalizedMatcher = new AddedTokenMatcher(
            looked.Where(t => t.Normalized).Select(t => (Normalize(t.Content), t))
        );
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public SpecialTokens Special { get; }

    /// <inheritdoc/>
    public int? ModelMaxLength { get; }

    /// <summary>Name of the file the vocabulary comes from, such as vocab.txt.</summary>
    public string Source { get; }

    /// <summary>
    /// The truncation and padding that the tokenizer's files declare (`truncation` and `padding` of tokenizer.json, the sides of
    /// tokenizer_config.json), for <see cref="Windows"/>; <see cref="Encode(string, int?)"/> follows its argument alone.
    /// </summary>
    public WindowOptions Declared { get; }

    /// <summary>What was noticed while loading and is no error, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <inheritdoc/>
    public TokenizedText Encode(string text, int? maxTokens = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        int room = Room(maxTokens, pair: false, special: true);
        List<EncodedToken> tokens = EncodeUpTo(text, room);
        int kept = Math.Min(room, tokens.Count);
        List<Token> result = new(kept + 2);
        List<int> types = new(kept + 2);
        Sequence sequence = new(tokens, 0, kept, 0, text.Length);
        Assemble(template.For(pair: false, special: true), sequence, null, result, types, null);
        return new TokenizedText
        {
            Text = text,
            Tokens = result,
            TypeIds = types.Exists(t => t != 0) ? types : null,
            TruncatedAt = kept < tokens.Count ? tokens[kept].Start : null,
        };
    }

    /// <inheritdoc/>
    public TokenizedText Encode(string first, string second, int? maxTokens = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        int room = Room(maxTokens, pair: true, special: true);
        IReadOnlyList<TemplatePart> parts = template.For(pair: true, special: true);
        // Which text is longer decides what is cut, so the longer one must be known to be longer than the whole of the other.
        bool firstIsLong = first.Length > second.Length;
        List<EncodedToken> shorter = EncodeOne(firstIsLong ? second : first);
        List<EncodedToken> longer = EncodeUpTo(
            firstIsLong ? first : second,
            room == int.MaxValue ? room : Math.Max(room, shorter.Count)
        );
        (List<EncodedToken> a, List<EncodedToken> b) = firstIsLong ? (longer, shorter) : (shorter, longer);
        (int keptA, int keptB) = Windowing.Lengths(a.Count, b.Count, room, TruncationStrategy.LongestFirst);
        int secondStart = first.Length + PairSeparator.Length;
        List<Token> result = new(keptA + keptB + 4);
        List<int> types = new(keptA + keptB + 4);
        Assemble(
            parts,
            new Sequence(a, 0, keptA, 0, first.Length),
            new Sequence(b, 0, keptB, secondStart, second.Length),
            result,
            types,
            null
        );
        return new TokenizedText
        {
            Text = first + PairSeparator + second,
            Tokens = result,
            TypeIds = types,
            SecondStart = secondStart,
            TruncatedAt =
                keptA < a.Count ? a[keptA].Start
                : keptB < b.Count ? secondStart + b[keptB].Start
                : null,
        };
    }

    /// <summary>
    /// The windows over a text or a pair: the first is what truncation keeps, the others hold the rest. Where both texts of a pair
    /// overflow, every window of one is joined with every window of the other.
    /// </summary>
    /// <param name="first">The first text.</param>
    /// <param name="second">The second text, or null.</param>
    /// <param name="options">Limits, stride and padding.</param>
    /// <exception cref="ModelException">The options cannot be met, or padding is asked for and the vocabulary has no padding token.</exception>
    public IReadOnlyList<TokenWindow> Windows(string first, string? second, WindowOptions options)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(options);
        List<EncodedToken> a = EncodeOne(first);
        List<EncodedToken>? b = second is null ? null : EncodeOne(second);
        int secondStart = first.Length + PairSeparator.Length;
        int room = Room(options.MaxTokens, b is not null, options.AddSpecial);
        if (options.LimitBeforeWindows && options.MaxTokens is int limit)
        {
            Limit(a, limit, options.TruncateLeft);
            Limit(b, limit, options.TruncateLeft);
        }
        (int keptA, int keptB) = Windowing.Lengths(a.Count, b?.Count, room, options.Strategy);
        var rangesA = Windowing.Ranges(a.Count, keptA, options.Stride, options.TruncateLeft);
        var rangesB = b is null ? [(0, 0)] : Windowing.Ranges(b.Count, keptB, options.Stride, options.TruncateLeft);
        IReadOnlyList<TemplatePart> parts = template.For(b is not null, options.AddSpecial);
        List<TokenWindow> windows = [];

        void Add((int From, int To) x, (int From, int To) y)
        {
            List<Token> tokens = [];
            List<int> types = [];
            List<int?> words = [];
            Sequence? pair = b is null ? null : new Sequence(b, y.From, y.To, secondStart, second!.Length);
            Assemble(parts, new Sequence(a, x.From, x.To, 0, first.Length), pair, tokens, types, words);
            windows.Add(Pad(tokens, types, words, options));
        }

        Add(rangesA[0], rangesB[0]);
        foreach ((int, int) x in rangesA.Skip(1))
        {
            foreach ((int, int) y in rangesB)
            {
                Add(x, y);
            }
        }
        foreach ((int, int) y in rangesB.Skip(1))
        {
            Add(rangesA[0], y);
        }
        return windows;
    }

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        List<string> tokens = [];
        foreach (int id in ids)
        {
            bool special = addedById.TryGetValue(id, out AddedToken? added) && added.Special;
            if (!(special && skipSpecial) && TokenOf(id) is string token)
            {
                tokens.Add(token);
            }
        }
        return decoder is null ? string.Join(' ', tokens) : string.Concat(decoder.Decode(tokens));
    }

    /// <inheritdoc/>
    public string? TokenOf(int id) => (uint)id < (uint)spellings.Length ? spellings[id] : null;

    /// <inheritdoc/>
    public int? IdOf(string token) =>
        addedByContent.TryGetValue(token, out AddedToken? added) ? added.Id : model.Vocabulary.IdOf(token);

    /// <summary>The tokens of one text without special tokens, with the number of the piece each comes from.</summary>
    internal List<EncodedToken> EncodeOne(string text)
    {
        List<EncodedToken> tokens = new(text.Length / 3 + 4);
        List<ModelToken> scratch = [];
        int word = 0;
        foreach ((int from, int to, AddedToken? token) in rawMatcher.Split(text))
        {
            if (token is not null)
            {
                tokens.Add(Added(token, text.AsSpan(from, to - from), from, to, word++));
                continue;
            }
            AlignedText aligned = AlignedText.Of(text, from, to);
            if (normalizer is not null)
            {
                aligned = normalizer.Apply(aligned);
            }
            foreach ((int begin, int end, AddedToken? inner) in normalizedMatcher.Split(aligned.Characters))
            {
                if (inner is not null)
                {
                    (int start, int stop) = aligned.Original(begin, end);
                    tokens.Add(Added(inner, aligned.Characters[begin..end], start, stop, word++));
                    continue;
                }
                EncodePieces(new Piece(aligned, begin, end), tokens, scratch, ref word);
            }
        }
        if (trimOffsets)
        {
            OffsetTrimming.Apply(tokens, text, TokenOf, addedPrefixSpace);
        }
        return tokens;
    }

    /// <summary>
    /// All tokens of a text, or of a beginning of it that has more than <paramref name="room"/> tokens; those it has in common with the
    /// whole are the same. A text much longer than a model reads then costs no more than what is read of it.
    /// </summary>
    private List<EncodedToken> EncodeUpTo(string text, int room)
    {
        const int margin = 8;
        for (long length = 64L * room + 256; length < text.Length; length *= 2)
        {
            int cut = Boundary(text, (int)length);
            if (cut > 0)
            {
                List<EncodedToken> tokens = EncodeOne(text[..cut]);
                if (tokens.Count > (long)room + margin)
                {
                    return tokens;
                }
            }
        }
        return EncodeOne(text);
    }

    /// <summary>The last place before <paramref name="limit"/> that no token crosses whatever follows it, or 0.</summary>
    private int Boundary(string text, int limit)
    {
        for (int i = Math.Min(limit, text.Length - 2); i > limit / 2; i--)
        {
            bool space =
                cutsAtSpaces
                && text[i] == ' '
                && char.IsAsciiLetterOrDigit(text[i - 1])
                && char.IsAsciiLetterOrDigit(text[i + 1]);
            if (
                space
                || (cutsAtHan && text[i] is >= '\u4E00' and <= '\u9FFF' && text[i - 1] is >= '\u4E00' and <= '\u9FFF')
            )
            {
                return i;
            }
        }
        return 0;
    }

    /// <summary>True for a piece with a space after something else, which could join two words.</summary>
    private static bool HoldsInnerSpace(string piece)
    {
        ReadOnlySpan<char> rest = piece.AsSpan().TrimStart(" \u2581\u0120");
        return rest.IndexOfAny(' ', '\u2581', '\u0120') >= 0;
    }

    private void EncodePieces(Piece section, List<EncodedToken> tokens, List<ModelToken> scratch, ref int word)
    {
        List<Piece> pieces = [section];
        if (preTokenizer is not null)
        {
            pieces = preTokenizer.Split(pieces);
        }
        foreach (Piece piece in pieces)
        {
            scratch.Clear();
            model.Tokenize(piece.Characters, scratch);
            foreach (ModelToken t in scratch)
            {
                (int start, int end) = piece.Text.Original(piece.From + t.From, piece.From + t.To);
                tokens.Add(new EncodedToken(t.Id, start, end, word));
            }
            word++;
        }
    }

    /// <summary>An added token found in the text; white space it swallowed is left out of its range where offsets are trimmed.</summary>
    private EncodedToken Added(AddedToken token, ReadOnlySpan<char> matched, int start, int end, int word)
    {
        if (trimOffsets && token.StripLeft)
        {
            start += matched.Length - matched.TrimStart().Length;
        }
        if (trimOffsets && token.StripRight)
        {
            end -= matched.Length - matched.TrimEnd().Length;
        }
        return new EncodedToken(token.Id, Math.Min(start, end), end, word);
    }

    private string Normalize(string text) =>
        normalizer is null ? text : normalizer.Apply(AlignedText.Of(text, 0, text.Length)).ToString();

    private int Room(int? maxTokens, bool pair, bool special)
    {
        if (maxTokens is not int max)
        {
            return int.MaxValue;
        }
        int added = special ? template.SpecialCount(pair) : 0;
        return max >= added
            ? max - added
            : throw new ModelException(
                $"a limit of {max} tokens leaves no room for the {added} special tokens: raise it to {added} or more"
            );
    }

    private static void Limit(List<EncodedToken>? tokens, int limit, bool left)
    {
        if (tokens is not null && tokens.Count > limit)
        {
            tokens.RemoveRange(left ? 0 : limit, tokens.Count - limit);
        }
    }

    private void Assemble(
        IReadOnlyList<TemplatePart> parts,
        Sequence first,
        Sequence? second,
        List<Token> tokens,
        List<int> types,
        List<int?>? words
    )
    {
        int stands = 0;
        foreach (TemplatePart part in parts)
        {
            if (part.Sequence is not int number)
            {
                tokens.Add(new Token(TokenOf(part.SpecialId) ?? "", part.SpecialId, stands, stands, Special: true));
                types.Add(part.TypeId);
                words?.Add(null);
                continue;
            }
            Sequence sequence = number == 0 ? first : second!.Value;
            for (int i = sequence.From; i < sequence.To; i++)
            {
                EncodedToken t = sequence.Tokens[i];
                tokens.Add(
                    new Token(
                        TokenOf(t.Id) ?? "",
                        t.Id,
                        sequence.Offset + t.Start,
                        sequence.Offset + t.End,
                        Special: false
                    )
                );
                types.Add(part.TypeId);
                words?.Add(t.Word);
            }
            stands =
                sequence.Offset
                + (
                    sequence.To == sequence.Tokens.Count ? sequence.TextLength
                    : sequence.To == 0 ? 0
                    : sequence.Tokens[sequence.To - 1].End
                );
        }
    }

    private TokenWindow Pad(List<Token> tokens, List<int> types, List<int?> words, WindowOptions options)
    {
        int length = Math.Max(tokens.Count, options.PadTo ?? 0);
        if (options.PadToMultipleOf is int multiple and > 0)
        {
            length = (length + multiple - 1) / multiple * multiple;
        }
        List<int> mask = [.. Enumerable.Repeat(1, tokens.Count)];
        int missing = length - tokens.Count;
        if (missing > 0)
        {
            int id =
                options.PadId
                ?? Special.Pad
                ?? throw new ModelException("the vocabulary has no padding token, so inputs cannot be padded");
            int stands = options.PadLeft || tokens.Count == 0 ? 0 : tokens[^1].End;
            int at = options.PadLeft ? 0 : tokens.Count;
            tokens.InsertRange(
                at,
                Enumerable.Repeat(new Token(TokenOf(id) ?? "", id, stands, stands, Special: true), missing)
            );
            types.InsertRange(at, Enumerable.Repeat(options.PadTypeId, missing));
            words.InsertRange(at, Enumerable.Repeat<int?>(null, missing));
            mask.InsertRange(at, Enumerable.Repeat(0, missing));
        }
        return new TokenWindow
        {
            Tokens = tokens,
            TypeIds = types,
            AttentionMask = mask,
            Words = words,
        };
    }

    /// <summary>The tokens [From, To) of one text, which begins at Offset of the joined text.</summary>
    private readonly record struct Sequence(List<EncodedToken> Tokens, int From, int To, int Offset, int TextLength);
}
