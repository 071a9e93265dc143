using System.Globalization;
using Whylight.Explanations.Evaluation;

namespace Whylight.Explanations.Rendering;

/// <summary>A measure of an explanation as people read it.</summary>
/// <param name="Name">Its name in words of the reader's language.</param>
/// <param name="Value">Four decimals, or a dash where it is undefined.</param>
/// <param name="Better">Which end is better, in words; empty where neither is.</param>
internal sealed record QualityRow(string Name, string Value, string Better)
{
    /// <summary>The measures in their order.</summary>
    public static IEnumerable<QualityRow> Of(ExplanationEvaluation quality, Messages messages) =>
        quality.Measures.Select(m => new QualityRow(
            messages.Term(m.Name),
            m.Value is { } v ? v.ToString("0.0000", CultureInfo.InvariantCulture).Replace('-', '−') : "–",
            m.HigherIsBetter switch
            {
                true => messages[Message.Higher],
                false => messages[Message.Lower],
                null => "",
            }
        ));
}
