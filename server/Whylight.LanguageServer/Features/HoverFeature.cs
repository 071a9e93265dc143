using System.Collections.Concurrent;
using Whylight.Documents;
using Whylight.Documents.Configuration;
using Whylight.Explanations;
using Whylight.Explanations.Rendering;
using Whylight.LanguageServer.Protocol;
using Whylight.LanguageServer.Serving;
using Whylight.LanguageServer.State;
using Whylight.Models;

namespace Whylight.LanguageServer.Features;

/// <summary>The prediction of the example under the pointer, and why.</summary>
internal sealed class HoverFeature(ModelCache models, Configurations configurations, LanguageServerOptions options)
{
    /// <summary>Predictions and explanations remembered; each is a few kilobytes.</summary>
    private const int Remembered = 512;

    private readonly SharedWork<(string Hash, string Text), Prediction> _predictions = new(Remembered);
    private readonly SharedWork<(string Hash, string Text, ExplainSettings Settings), Explanation> _explanations = new(
        Remembered
    );

    /// <summary>The best answers so far of explanations under way.</summary>
    private readonly ConcurrentDictionary<(string, string, ExplainSettings), Explanation> _firstAnswers = new();

    public async Task<Hover?> AnswerAsync(
        ServerState state,
        TextDocumentPositionParams at,
        CancellationToken cancellation
    )
    {
        if (!state.Settings.Hover || state.Find(at.TextDocument.Uri) is not { } document)
        {
            return null;
        }
        ServedFile file = configurations.Serve(document);
        if (!file.HasModel)
        {
            return null;
        }
        ParsedDocument parsed = document.Parse(file, cancellation);
        int offset = document.Lines.OffsetOf(at.Position, state.Client.Encoding);
        if (!file.Resolution.Serves(parsed) || parsed.ExampleAt(offset) is not { } example)
        {
            return null;
        }
        HoverContent content = await ContentAsync(state, file, example, cancellation).ConfigureAwait(false);
        return new Hover(
            HoverText.Render(content, state.Client.HoverMarkup, state.Messages),
            document.Lines.RangeOf(example.Start, example.End, state.Client.Encoding)
        );
    }

    private async Task<HoverContent> ContentAsync(
        ServerState state,
        ServedFile file,
        Example example,
        CancellationToken cancellation
    )
    {
        HoverContent content = new() { Expected = example.Label };
        if (string.IsNullOrWhiteSpace(example.Text))
        {
            return content with { Notices = [state.Messages[Message.EmptyText]] };
        }
        if (!state.Trusted && !file.Shipped)
        {
            return content with { Notices = [state.Messages[Message.NotTrusted, file.Model!]] };
        }
        ModelLease? lease;
        try
        {
            lease = await RentAsync(file, state, cancellation).ConfigureAwait(false);
        }
        catch (ModelException exception)
        {
            return content with { Notices = [exception.Message] };
        }
        if (lease is null)
        {
            return content with { Notices = [state.Messages[Message.ModelLoading, file.Model!]] };
        }
        using (lease)
        {
            return await ExplainAsync(content, state, file, lease.Model, example, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The model, or null where loading it takes longer than anyone looks at a hover.</summary>
    private async Task<ModelLease?> RentAsync(ServedFile file, ServerState state, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.ModelPatience);
        try
        {
            return await models.RentAsync(file, state.Trusted, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<HoverContent> ExplainAsync(
        HoverContent content,
        ServerState state,
        ServedFile file,
        ITextClassifier model,
        Example example,
        CancellationToken cancellation
    )
    {
        (_, Prediction? prediction) = await _predictions
            .GetAsync(
                (model.Info.Hash, example.Text),
                token => PredictAsync(file, state, example.Text, token),
                Timeout.InfiniteTimeSpan,
                options.Time,
                cancellation
            )
            .ConfigureAwait(false);
        content = content with { Prediction = prediction };
        try
        {
            ExplanationRequest request = RequestFor(file.Configuration.Explain, example);
            (string, string, ExplainSettings) key = (model.Info.Hash, example.Text, file.Configuration.Explain);
            (bool ready, Explanation? explanation) = await _explanations
                .GetAsync(
                    key,
                    token => ExplainAsync(file, state, request, key, token),
                    options.ExplanationPatience,
                    options.Time,
                    cancellation
                )
                .ConfigureAwait(false);
            if (ready)
            {
                return content with { Explanation = explanation };
            }
            return _firstAnswers.TryGetValue(key, out Explanation? first)
                ? content with
                {
                    Explanation = first,
                    Computing = true,
                }
                : content with
                {
                    Notices = [state.Messages[Message.Computing]],
                };
        }
        catch (ExplanationException exception)
        {
            return content with { Notices = [exception.Message] };
        }
    }

    // The work may outlive the hover that began it, so it holds the model itself.
    private async Task<Prediction> PredictAsync(
        ServedFile file,
        ServerState state,
        string text,
        CancellationToken cancellation
    )
    {
        using ModelLease lease = await models.RentAsync(file, state.Trusted, cancellation).ConfigureAwait(false);
        IReadOnlyList<Prediction> predictions = await lease
            .Model.PredictAsync([text], WorkPriority.Interactive, cancellation)
            .ConfigureAwait(false);
        return predictions[0];
    }

    private async Task<Explanation> ExplainAsync(
        ServedFile file,
        ServerState state,
        ExplanationRequest request,
        (string, string, ExplainSettings) key,
        CancellationToken cancellation
    )
    {
        using ModelLease lease = await models.RentAsync(file, state.Trusted, cancellation).ConfigureAwait(false);
        try
        {
            return await Explainer
                .Default.ExplainAsync(
                    lease.Model,
                    request,
                    new Answers(answer => _firstAnswers[key] = answer),
                    WorkPriority.Interactive,
                    cancellation
                )
                .ConfigureAwait(false);
        }
        finally
        {
            _firstAnswers.TryRemove(key, out _);
        }
    }

    private static ExplanationRequest RequestFor(ExplainSettings settings, Example example)
    {
        ExplanationRequest request = new()
        {
            Text = example.Text,
            Method = settings.Method,
            Budget = settings.Budget,
        };
        return request with
        {
            FeatureKind = settings.Features is { } f ? Names.Parse<FeatureKind>(f, "feature") : request.FeatureKind,
            ValueKind = settings.Value is { } v ? Names.Parse<ValueKind>(v, "value") : request.ValueKind,
            Absence = settings.Absence is { } a ? Names.Parse<Absence>(a, "absence") : request.Absence,
            Seed = settings.Seed ?? request.Seed,
            Fields =
                settings.Features == "field"
                    ? [.. example.Fields.Select(field => new FieldRange(field.Name, field.Start, field.End))]
                    : null,
        };
    }

    private sealed class Answers(Action<Explanation> take) : IProgress<Explanation>
    {
        public void Report(Explanation value) => take(value);
    }
}
