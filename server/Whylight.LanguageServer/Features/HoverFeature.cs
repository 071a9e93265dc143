using Whylight.Documents;
using Whylight.LanguageServer.Protocol;
using Whylight.LanguageServer.Serving;
using Whylight.LanguageServer.State;
using Whylight.Models;

namespace Whylight.LanguageServer.Features;

/// <summary>The prediction of the example under the pointer, and why.</summary>
internal sealed class HoverFeature(ModelCache models)
{
    public async Task<Hover?> AnswerAsync(
        ServerState state,
        TextDocumentPositionParams at,
        CancellationToken cancellation
    )
    {
        if (
            !state.Settings.Hover
            || state.Find(at.TextDocument.Uri) is not { } document
            || state.Serve(document) is not { } file
        )
        {
            return null;
        }
        ParsedDocument parsed = document.Parse(file, cancellation);
        int offset = document.Lines.OffsetOf(at.Position, state.Client.Encoding);
        if (parsed.ExampleAt(offset) is not { } example)
        {
            return null;
        }
        using ModelLease lease = await models.RentAsync(file, state.Trusted, cancellation).ConfigureAwait(false);
        IReadOnlyList<Prediction> predictions = await lease
            .Model.PredictAsync([example.Text], WorkPriority.Interactive, cancellation)
            .ConfigureAwait(false);
        return new Hover(
            new MarkupContent(MarkupContent.PlainText, predictions[0].Label),
            document.Lines.RangeOf(example.Start, example.End, state.Client.Encoding)
        );
    }
}
