using Whylight.Models.Tokenization;

namespace Whylight.Models;

/// <summary>What cuts texts into a model's tokens.</summary>
/// <param name="Encode">The tokens of a whole text, uncut, special tokens added.</param>
/// <param name="Pipeline">The tokenizer of the folder's files, or null where the family keeps its tokens with its weights.</param>
public sealed record LoadedTokenizer(Func<string, TokenizedText> Encode, Tokenizer? Pipeline);
