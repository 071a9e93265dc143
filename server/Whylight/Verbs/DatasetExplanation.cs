using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using Whylight.Documents;
using Whylight.Explanations;
using Whylight.Explanations.Global;
using Whylight.Explanations.Rendering;

namespace Whylight.Verbs;

/// <summary><c>whylight explain --dataset FILE --method tree|…</c>: what a model does over many texts.</summary>
internal static class DatasetExplanation
{
    // What says how one text is explained, and so means nothing to methods that explain none.
    private static readonly string[] s_local =
    [
        "--target",
        "--contrast",
        "--features",
        "--absence",
        "--baseline",
        "--value",
        "--exact",
    ];

    /// <summary>Refuses options that the method would not look at.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    public static void Check(ParseResult parsed, string method)
    {
        foreach (
            string name in GlobalExplainer.GathersLocal(method)
                ? ["--evaluate", "--words"]
                : (string[])["--evaluate", "--words", .. s_local]
        )
        {
            if (parsed.GetResult(name) is OptionResult { Implicit: false })
            {
                throw new UsageException($"'{method}' has no use for {name}: leave it out");
            }
        }
    }

    /// <summary>Explains and writes.</summary>
    /// <param name="reference">The model.</param>
    /// <param name="examples">The examples, read as they come.</param>
    /// <param name="file">Their file, as the user named it.</param>
    /// <param name="method">A global method.</param>
    /// <param name="template">Everything else of the request.</param>
    /// <param name="format">text, json, markdown, html or svg.</param>
    /// <param name="timing">Whether JSON says how long it took.</param>
    /// <param name="streams">Where to.</param>
    /// <param name="cancellation">Checked between blocks.</param>
    public static async Task RunAsync(
        ModelReference reference,
        IEnumerable<Example> examples,
        string file,
        string method,
        ExplanationRequest template,
        string format,
        bool timing,
        Streams streams,
        CancellationToken cancellation
    )
    {
        long started = Stopwatch.GetTimestamp();
        using ChosenModel chosen = await ModelOption.LoadAsync(reference, streams, cancellation);
        List<int> lines = [];
        IEnumerable<string> Texts()
        {
            foreach (Example example in examples)
            {
                lines.Add(example.Line + 1);
                yield return example.Text;
            }
        }
        CountLine progress = new(streams);
        GlobalExplanation explanation;
        try
        {
            explanation = await GlobalExplainer.ExplainAsync(
                chosen.Classifier,
                Texts(),
                method,
                template,
                progress: progress,
                cancellation: cancellation
            );
        }
        catch (ExplanationException exception)
        {
            throw new ExplanationException($"{file}: {exception.Message}");
        }
        finally
        {
            progress.End();
        }
        Messages messages = Messages.ForLocale(streams.Locale);
        if (format == "json")
        {
            double? elapsed = timing ? Stopwatch.GetElapsedTime(started).TotalMilliseconds : null;
            Output.Json(streams.Out, writer => GlobalJson.Write(writer, explanation, file, lines, elapsed));
            return;
        }
        string text = format switch
        {
            "markdown" => GlobalMarkdown.Render(explanation, messages, lines),
            "html" => GlobalHtml.Page(explanation, messages, lines),
            "svg" => GlobalChart.Draw(explanation, messages, SvgTheme.Adaptive, lines) + "\n",
            _ => GlobalTerminal.Render(explanation, messages, streams.Colour, lines),
        };
        await streams.Out.WriteAsync(text);
    }
}
