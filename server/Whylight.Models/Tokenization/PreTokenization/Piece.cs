namespace Whylight.Models.Tokenization.PreTokenization;

/// <summary>A part [From, To) of normalised text that the model tokenizes by itself.</summary>
internal readonly record struct Piece(AlignedText Text, int From, int To)
{
    public ReadOnlySpan<char> Characters => Text.Characters[From..To];
}
