using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Whylight.Documents;
using Whylight.Explanations;
using Whylight.Explanations.Evaluation;
using Whylight.Harness.Scorecard;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Verbs;

/// <summary><c>whylight evaluate</c>: measures of models, or of explanation methods, on a dataset, with intervals.</summary>
internal static class EvaluateVerb
{
    public static Command Build(Streams streams)
    {
        Option<string> dataset = new("--dataset")
        {
            Description = "Labelled texts",
            HelpName = "FILE",
            Required = true,
        };
        Option<string[]> models = new("--model")
        {
            Description = "A model; may be given more than once, and every pair is then compared",
            HelpName = "M",
        };
        Option<string?> methods = new("--explanations")
        {
            Description = "Evaluate explanation methods instead: names with commas between them",
            HelpName = "METHOD,...",
        };
        Option<bool> ladder = new("--ladder")
        {
            Description =
                "Put the models side by side: accuracy, calibration, flip rate, size, times; each compared with the first",
        };
        Option<bool> noTiming = new("--no-timing")
        {
            Description = "With --ladder: leave out the times, so that the same input gives the same bytes",
        };
        Option<int?> limit = new("--limit") { Description = "Most texts to read", HelpName = "N" };
        Option<ulong> seed = new("--seed")
        {
            Description = "Seed of everything sampled",
            HelpName = "N",
            DefaultValueFactory = _ => 1729,
        };
        Option<int> budget = new("--budget")
        {
            Description = "With --explanations: most model calls an explanation",
            HelpName = "CALLS",
            DefaultValueFactory = _ => 256,
        };
        Option<bool> randomise = new("--randomise-layers")
        {
            Description =
                "With --explanations: also randomise the model layer by layer, and see whether the explanations change",
        };
        RationaleColumn rationale = new();
        ChoiceOptions choices = new();
        DatasetOptions files = new();
        FormatOption format = new("text", "json", "markdown");
        Command command = new("evaluate", "Measure models, or explanation methods, on a dataset, with intervals")
        {
            dataset,
            models,
            methods,
            ladder,
            noTiming,
            limit,
            seed,
            budget,
            randomise,
        };
        rationale.AddTo(command);
        choices.AddTo(command);
        files.AddTo(command);
        format.AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                string file = parsed.GetValue(dataset)!;
                List<string?> named = [.. parsed.GetValue(models) ?? []];
                if (named.Count == 0)
                {
                    named.Add(null);
                }
                List<ModelReference> references =
                [
                    // Choices are for the language models among the models compared.
                    .. named.Select(name =>
                        choices.Over(ModelReference.Resolve(name, file), parsed, strict: named.Count == 1)
                    ),
                ];
                ReadOptions read = files.Over(references[0].Files, parsed) with { Limit = parsed.GetValue(limit) };
                IReadOnlyList<Example> examples = DocumentReader.ReadFile(file, read, cancellation).Examples;
                string form = format.Value(parsed);
                ulong root = parsed.GetValue(seed);
                if (parsed.GetValue(ladder))
                {
                    if (parsed.GetValue(methods) is not null)
                    {
                        throw new UsageException(
                            "--ladder measures models and --explanations methods: give one of them"
                        );
                    }
                    await LadderAsync(
                        references,
                        examples,
                        root,
                        form,
                        !parsed.GetValue(noTiming),
                        streams,
                        cancellation
                    );
                }
                else if (parsed.GetValue(methods) is { } list)
                {
                    if (references.Count > 1)
                    {
                        throw new UsageException("--explanations compares methods on one model: name one --model");
                    }
                    ExplanationRequest template = new()
                    {
                        Text = "",
                        Budget = parsed.GetValue(budget),
                        Seed = root,
                    };
                    await ExplanationComparison.RunAsync(
                        references[0],
                        [
                            .. examples.Select(example => new EvaluationText(
                                example.Text,
                                rationale.Read(parsed, file, example)
                            )),
                        ],
                        file,
                        [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
                        template,
                        parsed.GetValue(randomise),
                        form,
                        streams,
                        cancellation
                    );
                }
                else
                {
                    await ModelsAsync(references, examples, root, form, streams, cancellation);
                }
                return 0;
            }
        );
        return command;
    }

    private static async Task ModelsAsync(
        List<ModelReference> references,
        IReadOnlyList<Example> examples,
        ulong seed,
        string format,
        Streams streams,
        CancellationToken cancellation
    )
    {
        List<ModelEvaluation> evaluations = [];
        foreach (ModelReference reference in references)
        {
            using ChosenModel chosen = await ModelOption.LoadAsync(reference, streams, cancellation);
            evaluations.Add(await ModelEvaluator.EvaluateAsync(chosen.Classifier, examples, seed, cancellation));
        }
        List<ModelComparison> comparisons =
        [
            .. evaluations.SelectMany(
                (first, i) => evaluations.Skip(i + 1).Select(second => ModelEvaluator.Compare(first, second, seed))
            ),
        ];
        if (format == "json")
        {
            Output.Json(streams.Out, writer => WriteJson(writer, evaluations, comparisons));
        }
        else
        {
            WriteTable(streams.Out, evaluations, comparisons, format == "markdown");
        }
    }

    private static async Task LadderAsync(
        List<ModelReference> references,
        IReadOnlyList<Example> examples,
        ulong seed,
        string format,
        bool timing,
        Streams streams,
        CancellationToken cancellation
    )
    {
        Ladder ladder = await Ladder.MeasureAsync(
            [
                .. references.Select(reference =>
                    (
                        reference.Location,
                        (Func<CancellationToken, Task<ITextClassifier>>)(
                            async cancel => new ChosenModel(await reference.LoadAsync(cancel)).Classifier
                        )
                    )
                ),
            ],
            examples,
            seed,
            cancellation
        );
        if (format == "json")
        {
            Output.Json(streams.Out, writer => WriteJson(writer, ladder, timing));
        }
        else
        {
            WriteTable(streams.Out, ladder, seed, timing, format == "markdown");
        }
    }

    private static void WriteTable(
        TextWriter output,
        List<ModelEvaluation> evaluations,
        List<ModelComparison> comparisons,
        bool markdown
    )
    {
        List<string[]> rows =
        [
            ["measure", .. evaluations.Select(evaluation => evaluation.Model.Name)],
        ];
        for (int i = 0; i < evaluations[0].Measures.Count; i++)
        {
            rows.Add([
                evaluations[0].Measures[i].Name,
                .. evaluations.Select(evaluation =>
                    Cell(evaluation.Measures[i].Value, evaluation.Measures[i].Interval)
                ),
            ]);
        }
        rows.Add(["texts", .. evaluations.Select(e => e.N.ToString(CultureInfo.InvariantCulture))]);
        WriteRows(output, rows, markdown);
        foreach (ModelEvaluation scored in evaluations.Where(e => e.Model.Scoring is not null))
        {
            output.WriteLine();
            output.WriteLine($"{scored.Model.Name}: scoring of choices: {scored.Model.Scoring}");
        }
        WriteComparisons(output, comparisons);
    }

    private static void WriteComparisons(TextWriter output, IReadOnlyList<ModelComparison> comparisons)
    {
        foreach (ModelComparison pair in comparisons)
        {
            output.WriteLine();
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{pair.First} less {pair.Second}: accuracy {pair.Difference:+0.0000;-0.0000;0} ({pair.Interval.Lower:+0.0000;-0.0000;0} to {pair.Interval.Upper:+0.0000;-0.0000;0}); only the first right {pair.OnlyFirst}, only the second {pair.OnlySecond}; exact McNemar p = {pair.PValue:0.####}"
                )
            );
        }
    }

    private static void WriteTable(TextWriter output, Ladder ladder, ulong seed, bool timing, bool markdown)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        List<string[]> rows =
        [
            [
                "model",
                "family",
                "accuracy",
                "ECE",
                "Brier",
                "flip rate",
                "MB",
                .. timing ? ["load ms", "ms a prediction", "training s"] : Array.Empty<string>(),
            ],
        ];
        foreach (Rung rung in ladder.Rungs)
        {
            rows.Add([
                rung.Evaluation.Model.Name,
                rung.Evaluation.Model.Family,
                Cell(Of(rung, "accuracy").Value, Of(rung, "accuracy").Interval),
                Cell(Of(rung, "ece").Value, null),
                Cell(Of(rung, "brier").Value, null),
                Cell(rung.Flips.Rate, new Interval(rung.Flips.Interval[0], rung.Flips.Interval[1])),
                (rung.Bytes / 1e6).ToString("F2", c),
                .. timing
                    ?
                    [
                        rung.LoadMilliseconds.ToString("F0", c),
                        rung.PredictionMilliseconds.ToString("F2", c),
                        rung.TrainingSeconds?.ToString("F0", c) ?? "-",
                    ]
                    : Array.Empty<string>(),
            ]);
        }
        WriteRows(output, rows, markdown);
        output.WriteLine();
        output.WriteLine(
            string.Create(
                c,
                $"{ladder.Rungs[0].Evaluation.N} texts; 95 % Clopper-Pearson intervals; a text flips when at least one of these edits, one draw each with seed {seed}, changes its label: {string.Join(", ", ladder.Rungs[0].Flips.Perturbations)}."
            )
        );
        WriteComparisons(output, ladder.Comparisons);
    }

    private static ModelMeasure Of(Rung rung, string measure) => rung.Evaluation.Measures.First(m => m.Name == measure);

    private static void WriteTable(TextWriter output, IReadOnlyList<EvaluationRow> rows, bool markdown)
    {
        string[] methods = [.. rows.Select(row => row.Method).Distinct()];
        string[] measures = [.. rows.Select(row => row.Measure).Distinct()];
        List<string[]> table =
        [
            ["measure", "better", .. methods],
        ];
        foreach (string measure in measures)
        {
            EvaluationRow?[] cells =
            [
                .. methods.Select(method => rows.FirstOrDefault(r => r.Method == method && r.Measure == measure)),
            ];
            string better = cells.First(cell => cell is not null)!.HigherIsBetter switch
            {
                true => "higher",
                false => "lower",
                null => "-",
            };
            table.Add([measure, better, .. cells.Select(cell => cell is null ? "-" : Cell(cell.Mean, cell.Interval))]);
        }
        WriteRows(output, table, markdown);
    }

    private static string Cell(double? value, Interval? interval) =>
        value is null ? "-"
        : interval is { } i
            ? string.Create(CultureInfo.InvariantCulture, $"{value:0.0000} ({i.Lower:0.0000} to {i.Upper:0.0000})")
        : string.Create(CultureInfo.InvariantCulture, $"{value:0.0000}");

    private static void WriteRows(TextWriter output, List<string[]> rows, bool markdown)
    {
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Count; i++)
        {
            string[] cells = [.. rows[i].Select((cell, column) => cell.PadRight(widths[column]))];
            output.WriteLine(markdown ? "| " + string.Join(" | ", cells) + " |" : string.Join("  ", cells).TrimEnd());
            if (i == 0 && markdown)
            {
                output.WriteLine("|" + string.Concat(widths.Select(width => new string('-', width + 2) + "|")));
            }
        }
    }

    private static void WriteJson(
        Utf8JsonWriter writer,
        List<ModelEvaluation> evaluations,
        List<ModelComparison> comparisons
    )
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", Output.SchemaVersion);
        writer.WriteStartArray("models");
        foreach (ModelEvaluation evaluation in evaluations)
        {
            writer.WriteStartObject();
            WriteMembers(writer, evaluation);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        WriteComparisons(writer, comparisons);
        writer.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter writer, Ladder ladder, bool timing)
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", Output.SchemaVersion);
        writer.WriteStartArray("models");
        foreach (Rung rung in ladder.Rungs)
        {
            writer.WriteStartObject();
            WriteMembers(writer, rung.Evaluation);
            writer.WriteString("family", rung.Evaluation.Model.Family);
            writer.WriteStartObject("flips");
            writer.WriteNumber("rate", rung.Flips.Rate);
            writer.Numbers("interval", rung.Flips.Interval);
            writer.WriteNumber("n", rung.Flips.Texts);
            writer.WriteStartArray("perturbations");
            foreach (string name in rung.Flips.Perturbations)
            {
                writer.WriteStringValue(name);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteNumber("bytes", rung.Bytes);
            if (timing)
            {
                writer.WriteStartObject("timing");
                writer.WriteNumber("loadMs", rung.LoadMilliseconds);
                writer.WriteNumber("predictionMs", rung.PredictionMilliseconds);
                Number(writer, "trainingSeconds", rung.TrainingSeconds);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        WriteComparisons(writer, ladder.Comparisons);
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, ModelEvaluation evaluation)
    {
        writer.WriteString("model", evaluation.Model.Name);
        writer.WriteString("modelHash", evaluation.Model.Hash);
        if (evaluation.Model.Scoring is { } scoring)
        {
            writer.WriteString("scoring", scoring);
        }
        writer.WriteNumber("n", evaluation.N);
        writer.WriteStartArray("measures");
        foreach (ModelMeasure measure in evaluation.Measures)
        {
            writer.WriteStartObject();
            writer.WriteString("name", measure.Name);
            Number(writer, "value", measure.Value);
            Interval(writer, measure.Interval);
            writer.WriteString("intervalMethod", measure.IntervalMethod);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteComparisons(Utf8JsonWriter writer, IReadOnlyList<ModelComparison> comparisons)
    {
        writer.WriteStartArray("comparisons");
        foreach (ModelComparison pair in comparisons)
        {
            writer.WriteStartObject();
            writer.WriteString("first", pair.First);
            writer.WriteString("second", pair.Second);
            writer.WriteNumber("difference", pair.Difference);
            Interval(writer, pair.Interval);
            writer.WriteNumber("onlyFirst", pair.OnlyFirst);
            writer.WriteNumber("onlySecond", pair.OnlySecond);
            writer.WriteNumber("pValue", pair.PValue);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void Interval(Utf8JsonWriter writer, Interval? interval)
    {
        if (interval is { } bounds)
        {
            writer.Numbers("interval", [bounds.Lower, bounds.Upper]);
        }
        else
        {
            writer.WriteNull("interval");
        }
    }
}
