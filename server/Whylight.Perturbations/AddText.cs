namespace Whylight.Perturbations;

/// <summary>A given text is put before or after the whole.</summary>
public sealed class AddText : Perturbation
{
    private readonly string _text;
    private readonly bool _atEnd;

    private AddText(string text, bool atEnd)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        (_text, _atEnd) = (text, atEnd);
    }

    /// <inheritdoc/>
    public override string Name => _atEnd ? "append" : "prepend";

    /// <summary>Puts a text before the whole, exactly as given.</summary>
    public static AddText Before(string text) => new(text, atEnd: false);

    /// <summary>Puts a text after the whole, exactly as given.</summary>
    public static AddText After(string text) => new(text, atEnd: true);

    /// <inheritdoc/>
    public override IReadOnlyList<Edit> Candidates(string text) => [new Edit(_atEnd ? text.Length : 0, 0, _text, Name)];
}
