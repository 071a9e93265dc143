using System.CommandLine;
using System.Text.Json.Nodes;
using Whylight.Documents;
using Whylight.Explanations;
using Whylight.Explanations.Evaluation;
using Whylight.Explanations.Rendering;
using Whylight.Models;

namespace Whylight.Verbs;

/// <summary><c>whylight explain</c>: why a model predicts what it predicts for one text.</summary>
internal static class ExplainVerb
{
    public static Command Build(Streams streams)
    {
        ModelOption model = new();
        ChoiceOptions choices = new();
        TextSource source = new("FILE[:LINE]", standardInput: true);
        ExplainOptions options = new();
        GlobalOptions dataset = new();
        WordsOption words = new();
        FormatOption format = new("text", "json", "markdown", "html", "svg");
        Option<bool> evaluate = new("--evaluate")
        {
            Description = "Also measure how good the explanation is, as a table and curves or, with json, as measures",
        };
        Option<bool> noTiming = new("--no-timing")
        {
            Description = "Leave times out, for output that repeats to the byte",
        };
        Command command = new("explain", "Explain a prediction: which words speak for it, and how sure that is");
        model.AddTo(command);
        choices.AddTo(command);
        source.AddTo(command);
        options.AddTo(command);
        dataset.AddTo(command);
        words.AddTo(command);
        format.AddTo(command);
        command.Options.Add(evaluate);
        command.Options.Add(noTiming);
        source.AddFileOptionsTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                if (dataset.IsGlobal(parsed, options.Method(parsed), source.IsGiven(parsed)))
                {
                    string method = options.Method(parsed)!;
                    DatasetExplanation.Check(parsed, method);
                    string file = dataset.File(parsed)!;
                    ModelReference served = choices.Over(model.Resolve(parsed, file), parsed);
                    ExplanationRequest template = options.Request(
                        parsed,
                        new InputText("", file),
                        served.Configuration.Explain
                    ) with
                    {
                        Method = dataset.Local(parsed) ?? "auto",
                    };
                    await DatasetExplanation.RunAsync(
                        served,
                        dataset.Examples(parsed, source.Dataset, served.Files, cancellation),
                        file,
                        method,
                        template,
                        format.Value(parsed),
                        !parsed.GetValue(noTiming),
                        streams,
                        cancellation
                    );
                    return 0;
                }
                ModelReference reference = choices.Over(model.Resolve(parsed, source.File(parsed)), parsed);
                IReadOnlyList<InputText> texts = source.Read(parsed, streams, reference.Files, lines: false);
                InputText text = OnlyOne(texts, source.File(parsed));
                ExplanationRequest request = options.Request(parsed, text, reference.Configuration.Explain);
                request = request with { Words = words.Read(parsed, request.Method) };
                if (dataset.File(parsed) is { } others)
                {
                    ReadOptions read = model.Resolve(parsed, others).Files;
                    request = request with
                    {
                        Dataset = [.. dataset.Examples(parsed, source.Dataset, read, cancellation).Select(e => e.Text)],
                    };
                }
                using ChosenModel chosen = await ModelOption.LoadAsync(reference, streams, cancellation);
                // A language model answers a question about tokens, which the methods see as a classifier.
                LanguageQuestion? question =
                    LanguageQuestion.Asks(chosen.Model) && Explainer.Default.Knows(request.Method)
                        ? await LanguageQuestion.PrepareAsync(
                            chosen.Model,
                            request,
                            WorkPriority.Interactive,
                            cancellation
                        )
                        : null;
                ITextClassifier classifier = question?.Classifier ?? chosen.Classifier;
                request = question?.Request ?? request;
                Explanation answer = await Explainer.Default.ExplainAsync(
                    classifier,
                    request,
                    priority: WorkPriority.Interactive,
                    cancellation: cancellation
                );
                Explanation explanation = question?.Answer(answer) ?? answer;
                Warnings.Truncation(streams, [(text.Where, explanation.Prediction)], classifier.Info.MaxTokens);
                ExplanationEvaluation? quality = parsed.GetValue(evaluate)
                    ? await new ExplanationEvaluator().EvaluateAsync(
                        classifier,
                        request,
                        answer,
                        cancellation: cancellation
                    )
                    : null;
                bool timing = !parsed.GetValue(noTiming);
                if (format.Value(parsed) == "json")
                {
                    WriteJson(streams.Out, explanation, quality, timing);
                    return 0;
                }
                ViewOptions view = new()
                {
                    Messages = Messages.ForLocale(streams.Locale),
                    Colour = streams.Colour,
                    Width = streams.Width,
                    Expected = text.Example?.Label,
                };
                await streams.Out.WriteAsync(
                    ExplanationDocument.Render(explanation, format.Value(parsed), view, quality)
                );
                return 0;
            }
        );
        return command;
    }

    private static void WriteJson(
        TextWriter output,
        Explanation explanation,
        ExplanationEvaluation? quality,
        bool timing
    ) =>
        Output.Json(
            output,
            writer =>
            {
                JsonObject document = JsonNode.Parse(ExplanationJson.Write(explanation, timing))!.AsObject();
                if (quality is not null)
                {
                    JsonObject measures = [];
                    foreach (EvaluationMeasure measure in quality.Measures)
                    {
                        measures[measure.Name] = measure.Value;
                    }
                    document["evaluation"] = new JsonObject
                    {
                        ["absence"] = quality.Absence,
                        ["modelCalls"] = quality.ModelCalls,
                        ["measures"] = measures,
                        ["deletionCurve"] = new JsonArray([.. quality.DeletionCurve.Select(v => (JsonNode)v)]),
                        ["insertionCurve"] = new JsonArray([.. quality.InsertionCurve.Select(v => (JsonNode)v)]),
                    };
                }
                document.WriteTo(writer);
            }
        );

    private static InputText OnlyOne(IReadOnlyList<InputText> texts, string? file) =>
        texts switch
        {
            [InputText only] => only,
            [] => throw new UsageException($"{file ?? "standard input"} holds no example"),
            [InputText first, ..] => throw new UsageException(
                first.Line is { } line
                    ? $"{file} holds {texts.Count} examples: name one, as in {file}:{line}"
                    : $"{texts.Count} texts were given: explain takes one"
            ),
        };
}
