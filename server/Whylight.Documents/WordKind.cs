namespace Whylight.Documents;

/// <summary>What a <see cref="Word"/> is made of.</summary>
public enum WordKind
{
    /// <summary>Letters, with the digits, apostrophes and marks that UAX #29 keeps inside a word.</summary>
    Letters,

    /// <summary>A number, with its decimal points and grouping marks (3.5, 1,000).</summary>
    Number,

    /// <summary>One Han character.</summary>
    Han,

    /// <summary>A run of punctuation and symbols.</summary>
    Punctuation,

    /// <summary>One emoji, with its modifiers, joiners and variation selectors.</summary>
    Emoji,

    /// <summary>Anything else that is not white space, such as a control character or an unpaired surrogate.</summary>
    Other,
}
