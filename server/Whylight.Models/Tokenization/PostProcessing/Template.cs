namespace Whylight.Models.Tokenization.PostProcessing;

/// <summary>One step of a template: a special token, or the tokens of the first (0) or second (1) text.</summary>
/// <param name="Sequence">0 or 1 for a text, null for a special token.</param>
/// <param name="SpecialId">The special token's id where <paramref name="Sequence"/> is null.</param>
/// <param name="TypeId">Segment of every token of this step.</param>
internal readonly record struct TemplatePart(int? Sequence, int SpecialId, int TypeId)
{
    public static TemplatePart Text(int sequence, int typeId) => new(sequence, -1, typeId);

    public static TemplatePart Special(int id, int typeId) => new(null, id, typeId);
}

/// <summary>How special tokens stand around one text and around a pair.</summary>
internal sealed record Template(IReadOnlyList<TemplatePart> Single, IReadOnlyList<TemplatePart> Pair)
{
    public static Template None { get; } =
        new([TemplatePart.Text(0, 0)], [TemplatePart.Text(0, 0), TemplatePart.Text(1, 1)]);

    /// <summary>[CLS] A [SEP] and [CLS] A [SEP] B [SEP], segments 0 and 1.</summary>
    public static Template Bert(int cls, int sep) =>
        new(
            [TemplatePart.Special(cls, 0), TemplatePart.Text(0, 0), TemplatePart.Special(sep, 0)],
            [
                TemplatePart.Special(cls, 0),
                TemplatePart.Text(0, 0),
                TemplatePart.Special(sep, 0),
                TemplatePart.Text(1, 1),
                TemplatePart.Special(sep, 1),
            ]
        );

    /// <summary>&lt;s&gt; A &lt;/s&gt; and &lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;, one segment.</summary>
    public static Template Roberta(int start, int end) =>
        new(
            [TemplatePart.Special(start, 0), TemplatePart.Text(0, 0), TemplatePart.Special(end, 0)],
            [
                TemplatePart.Special(start, 0),
                TemplatePart.Text(0, 0),
                TemplatePart.Special(end, 0),
                TemplatePart.Special(end, 0),
                TemplatePart.Text(1, 0),
                TemplatePart.Special(end, 0),
            ]
        );

    /// <summary>The parts for one text or for a pair.</summary>
    /// <param name="pair">Whether there are two texts.</param>
    /// <param name="special">Whether special tokens are added; segments stay as they are.</param>
    /// <exception cref="ModelException">The file's template for pairs leaves a text out.</exception>
    public IReadOnlyList<TemplatePart> For(bool pair, bool special)
    {
        if (pair && !(Pair.Any(p => p.Sequence == 0) && Pair.Any(p => p.Sequence == 1)))
        {
            throw new ModelException(
                "the tokenizer's template for pairs does not use both texts, so it reads single texts only"
            );
        }
        IReadOnlyList<TemplatePart> parts = pair ? Pair : Single;
        return special ? parts : [.. parts.Where(p => p.Sequence is not null)];
    }

    /// <summary>Number of special tokens the template adds.</summary>
    public int SpecialCount(bool pair) => (pair ? Pair : Single).Count(p => p.Sequence is null);
}
