using System.Globalization;
using System.Text.Json;
using Whylight.Explanations;
using Whylight.Explanations.Evaluation;
using Whylight.Explanations.Global;
using Whylight.Explanations.Rendering;
using Whylight.Models;

namespace Whylight.Verbs;

/// <summary><c>whylight evaluate --explanations METHOD,...</c>: explanation methods by measures on a dataset.</summary>
internal static class ExplanationComparison
{
    /// <summary>How intervals are made, as documents name it.</summary>
    private const string IntervalMethod = "bootstrap_percentile";

    /// <summary>Evaluates and writes.</summary>
    /// <param name="reference">The model.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="file">Their file, as the user named it.</param>
    /// <param name="methods">Names of methods that score every feature.</param>
    /// <param name="template">Everything else of the requests.</param>
    /// <param name="randomise">Whether to randomise the model layer by layer afterwards.</param>
    /// <param name="format">text, json or markdown.</param>
    /// <param name="streams">Where to.</param>
    /// <param name="cancellation">Checked between blocks.</param>
    public static async Task RunAsync(
        ModelReference reference,
        IReadOnlyList<EvaluationText> texts,
        string file,
        IReadOnlyList<string> methods,
        ExplanationRequest template,
        bool randomise,
        string format,
        Streams streams,
        CancellationToken cancellation
    )
    {
        using ChosenModel chosen = await ModelOption.LoadAsync(reference, streams, cancellation);
        ITextClassifier model = chosen.Classifier;
        INetworkClassifier? network = randomise
            ? model as INetworkClassifier
                ?? throw new UsageException(
                    $"--randomise-layers needs a model with layers, and {model.Info.Name} ({model.Info.Family}) has none"
                )
            : null;
        CountLine line = new(streams);
        MethodComparison comparison;
        IReadOnlyList<RandomisationStage>? stages = null;
        try
        {
            comparison = await new ExplanationEvaluator().CompareAsync(
                model,
                texts,
                methods,
                template,
                progress: new Counted(line, "evaluate", texts.Count),
                cancellation: cancellation
            );
            if (network is not null)
            {
                stages = await LayerRandomisation.RunAsync(
                    network,
                    [.. texts.Select(t => t.Text)],
                    methods,
                    template,
                    progress: new Counted(line, "randomise", 100),
                    cancellation: cancellation
                );
            }
        }
        finally
        {
            line.End();
        }
        if (comparison.Methods.All(m => m.Texts == 0))
        {
            throw new ExplanationException(
                comparison.Methods.Select(m => m.Refusal).FirstOrDefault(r => r is not null)
                    ?? $"{file} holds no text to explain"
            );
        }
        foreach (MethodSummary refused in comparison.Methods.Where(m => m.Refused > 0))
        {
            Warnings.Write(
                streams,
                $"'{refused.Method}' could not explain {refused.Refused} of {texts.Count} texts, which its figures leave out: {refused.Refusal}"
            );
        }
        if (format == "json")
        {
            Output.Json(
                streams.Out,
                writer => WriteJson(writer, model.Info, file, texts.Count, template, comparison, stages)
            );
            return;
        }
        WriteText(streams.Out, model.Info, file, texts.Count, template, comparison, stages, format == "markdown");
    }

    private static void WriteText(
        TextWriter output,
        ModelInfo model,
        string file,
        int texts,
        ExplanationRequest template,
        MethodComparison comparison,
        IReadOnlyList<RandomisationStage>? stages,
        bool markdown
    )
    {
        string Words(string text) => markdown ? Escape.Markdown(text) : Escape.Terminal(text);
        string gap = markdown ? "  " : "";
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Words(model.Name)}: explanations of {texts} texts of {Words(file)}; absence {comparison.Absence}, budget {template.Budget}, seed {template.Seed}{gap}"
            )
        );
        output.WriteLine(
            "Mean over texts ± its standard error (95 % bootstrap percentile interval); n: texts where the measure is defined, if fewer."
        );
        output.WriteLine();
        string[] methods = [.. comparison.Methods.Select(m => m.Method)];
        Dictionary<(string, string), EvaluationRow> cells = comparison.Rows.ToDictionary(r => (r.Method, r.Measure));
        List<string[]> table =
        [
            ["measure", "better", .. methods],
        ];
        foreach (string measure in comparison.Rows.Select(r => r.Measure).Distinct())
        {
            EvaluationRow?[] row = [.. methods.Select(m => cells.GetValueOrDefault((m, measure)))];
            table.Add([
                measure,
                row.First(r => r is not null)!.HigherIsBetter switch
                {
                    true => "higher",
                    false => "lower",
                    null => "-",
                },
                .. row.Select((cell, k) => Cell(cell, comparison.Methods[k].Texts)),
            ]);
        }
        table.Add(["texts explained", "", .. comparison.Methods.Select(m => Whole(m.Texts))]);
        table.Add(["texts refused", "", .. comparison.Methods.Select(m => Whole(m.Refused))]);
        table.Add(["model calls", "", .. comparison.Methods.Select(m => Whole(m.ModelCalls))]);
        TextTable.Write(output, table, markdown);
        if (comparison.Agreement.Count > 0)
        {
            WriteAgreement(output, methods, comparison.Agreement, markdown);
        }
        if (stages is not null)
        {
            output.WriteLine();
            output.WriteLine(
                "Rank correlation with the explanation of the trained model when layers are randomised from the output down"
            );
            output.WriteLine(
                "(near 0 is sound; each row randomises its layer and those above it; on scores, and on their sizes)"
            );
            output.WriteLine();
            TextTable.Write(
                output,
                [
                    ["method", "down to layer", "signed", "absolute"],
                    .. stages.Select(s =>
                        (string[])[s.Method, s.Layer, Cell(s.Spearman, texts), Cell(s.AbsoluteSpearman, texts)]
                    ),
                ],
                markdown
            );
        }
    }

    private static void WriteAgreement(
        TextWriter output,
        string[] methods,
        IReadOnlyList<MethodAgreement> agreement,
        bool markdown
    )
    {
        output.WriteLine();
        output.WriteLine("Rank agreement between methods: mean Spearman correlation of the signed scores");
        output.WriteLine();
        List<string[]> matrix =
        [
            ["", .. methods],
        ];
        foreach (string row in methods)
        {
            matrix.Add([
                row,
                .. methods.Select(column =>
                    column == row ? "1"
                    : agreement.FirstOrDefault(a =>
                        (a.First, a.Second) == (row, column) || (a.First, a.Second) == (column, row)
                    )
                        is { Spearman.Mean: { } mean }
                        ? Number(mean)
                    : "-"
                ),
            ]);
        }
        TextTable.Write(output, matrix, markdown);
        output.WriteLine();
        TextTable.Write(
            output,
            [
                ["pair", "spearman", "kendall", "top-5 jaccard", "rbo", "texts"],
                .. agreement.Select(a =>
                    (string[])
                        [
                            $"{a.First}, {a.Second}",
                            Cell(a.Spearman, a.Spearman.Texts),
                            Cell(a.Kendall, a.Spearman.Texts),
                            Cell(a.TopKJaccard, a.Spearman.Texts),
                            Cell(a.RankBiasedOverlap, a.Spearman.Texts),
                            Whole(a.Spearman.Texts),
                        ]
                ),
            ],
            markdown
        );
    }

    private static string Cell(EvaluationRow? row, int texts)
    {
        if (row?.Mean is not { } mean)
        {
            return "-";
        }
        string n = row.Texts == texts ? "" : string.Create(CultureInfo.InvariantCulture, $" n={row.Texts}");
        return row is { StandardError: { } error, Interval: { } interval }
            ? $"{Number(mean)} ± {Number(error)} ({Number(interval.Lower)} to {Number(interval.Upper)}){n}"
            : Number(mean) + n;
    }

    private static string Number(double value) => Output.Short(value);

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static void WriteJson(
        Utf8JsonWriter writer,
        ModelInfo model,
        string file,
        int texts,
        ExplanationRequest template,
        MethodComparison comparison,
        IReadOnlyList<RandomisationStage>? stages
    )
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", Output.SchemaVersion);
        writer.WriteString("model", model.Name);
        writer.WriteString("modelHash", model.Hash);
        writer.WriteString("dataset", file);
        writer.WriteNumber("texts", texts);
        writer.WriteString("absence", comparison.Absence);
        writer.WriteNumber("budget", template.Budget);
        writer.WriteNumber("seed", template.Seed);
        writer.WriteString("intervalMethod", IntervalMethod);
        writer.WriteStartArray("methods");
        foreach (MethodSummary method in comparison.Methods)
        {
            writer.WriteStartObject();
            writer.WriteString("method", method.Method);
            writer.WriteNumber("texts", method.Texts);
            writer.WriteNumber("refused", method.Refused);
            writer.WriteString("refusal", method.Refusal);
            writer.WriteNumber("modelCalls", method.ModelCalls);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("explanations");
        foreach (EvaluationRow row in comparison.Rows)
        {
            writer.WriteStartObject();
            writer.WriteString("method", row.Method);
            writer.WriteString("measure", row.Measure);
            Write(writer, row);
            if (row.HigherIsBetter is { } better)
            {
                writer.WriteBoolean("higherIsBetter", better);
            }
            else
            {
                writer.WriteNull("higherIsBetter");
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("agreement");
        foreach (MethodAgreement pair in comparison.Agreement)
        {
            writer.WriteStartObject();
            writer.WriteString("first", pair.First);
            writer.WriteString("second", pair.Second);
            foreach (
                (string name, EvaluationRow row) in new[]
                {
                    ("spearman", pair.Spearman),
                    ("kendall", pair.Kendall),
                    ("topKJaccard", pair.TopKJaccard),
                    ("rbo", pair.RankBiasedOverlap),
                }
            )
            {
                writer.WriteStartObject(name);
                Write(writer, row);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (stages is not null)
        {
            writer.WriteStartArray("randomisation");
            foreach (RandomisationStage stage in stages)
            {
                writer.WriteStartObject();
                writer.WriteString("method", stage.Method);
                writer.WriteString("layer", stage.Layer);
                writer.WriteNumber("layers", stage.Layers);
                writer.WriteStartObject("spearman");
                Write(writer, stage.Spearman);
                writer.WriteEndObject();
                writer.WriteStartObject("absoluteSpearman");
                Write(writer, stage.AbsoluteSpearman);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, EvaluationRow row)
    {
        Output.Number(writer, "mean", row.Mean);
        Output.Number(writer, "standardError", row.StandardError);
        if (row.Interval is { } interval)
        {
            writer.Numbers("interval", [interval.Lower, interval.Upper]);
        }
        else
        {
            writer.WriteNull("interval");
        }
        writer.WriteNumber("texts", row.Texts);
    }

    /// <summary>A share done as a count on the progress line.</summary>
    private sealed class Counted(CountLine line, string stage, int total) : IProgress<double>
    {
        public void Report(double value) =>
            line.Report(new GlobalProgress(stage, (int)Math.Round(value * total), total));
    }
}
