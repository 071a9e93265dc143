using System.Globalization;
using Whylight.Explanations.Global;

namespace Whylight.Explanations.Rendering;

/// <summary>One row of a table with a bar.</summary>
/// <param name="Left">What the row is of; not escaped.</param>
/// <param name="Value">Length of the bar.</param>
/// <param name="Error">Whiskers to either side; null for none.</param>
/// <param name="Number">The bar's value as text.</param>
/// <param name="Right">The other cells.</param>
/// <param name="Colour">Colour of the bar.</param>
internal sealed record GlobalRow(
    string Left,
    double Value,
    double? Error,
    string Number,
    IReadOnlyList<string> Right,
    Rgb Colour
);

/// <summary>Rows under a heading, with the titles of their columns.</summary>
/// <param name="Heading">Null where there is one table only.</param>
/// <param name="Left">Title of the first column.</param>
/// <param name="Bar">Title of the bar's column.</param>
/// <param name="Right">Titles of the others.</param>
/// <param name="Rows">The rows.</param>
/// <param name="More">Rows left out.</param>
/// <param name="Shares">Whether the bars are shares of 1, so that an empty track shows what is missing.</param>
internal sealed record GlobalTable(
    string? Heading,
    string Left,
    string Bar,
    IReadOnlyList<string> Right,
    IReadOnlyList<GlobalRow> Rows,
    int More = 0,
    bool Shares = false
);

/// <summary>What every rendering of a global explanation shows, in the reader's language; nothing is escaped yet.</summary>
/// <param name="Title">One line.</param>
/// <param name="Findings">Sentences on what was found and how far to trust it.</param>
/// <param name="Tables">Tables with bars; none for a tree.</param>
/// <param name="Limits">What the method cannot say.</param>
internal sealed record GlobalView(
    string Title,
    IReadOnlyList<string> Findings,
    IReadOnlyList<GlobalTable> Tables,
    IReadOnlyList<string> Limits
)
{
    private const int MostRows = 20;

    /// <summary>The view of an explanation.</summary>
    /// <param name="e">The record.</param>
    /// <param name="messages">Language.</param>
    /// <param name="lines">One-based line in the file of each text given, or null.</param>
    public static GlobalView Of(GlobalExplanation e, Messages messages, IReadOnlyList<int>? lines = null) =>
        new(
            TitleOf(e, messages),
            [.. FindingsOf(e, messages)],
            TablesOf(e, messages, lines),
            [.. LimitsOf(e, messages)]
        );

    /// <summary>"&lt; 0.0001", "= 0.012".</summary>
    public static string P(double p) =>
        p < 1e-4 ? "< 0.0001" : "= " + p.ToString(p < 0.01 ? "0.0000" : "0.000", CultureInfo.InvariantCulture);

    /// <summary>Colour of a label: the two of a pair are those of against and for.</summary>
    public static Rgb ColourOf(int label, int labels) =>
        labels == 2 ? (label == 0 ? Palette.Against : Palette.For) : s_labels[label % s_labels.Length];

    // After Okabe and Ito, at one lightness so that they read on light and dark.
    private static readonly Rgb[] s_labels =
    [
        Palette.For,
        Palette.Against,
        new(0x1a, 0x9e, 0x77),
        new(0xc4, 0x6a, 0x9c),
        new(0x8d, 0x83, 0x1f),
        new(0xd1, 0x54, 0x3b),
        new(0x6c, 0x6f, 0xc4),
    ];

    private static string TitleOf(GlobalExplanation e, Messages messages) =>
        messages.Get(
            e.Method switch
            {
                "tree" => GlobalMessage.Tree,
                "rules" => GlobalMessage.Rules,
                "logistic" => GlobalMessage.Logistic,
                "svm" => GlobalMessage.Svm,
                "forest" => GlobalMessage.Forest,
                "patterns" => GlobalMessage.Patterns,
                "representatives" => GlobalMessage.Representatives,
                _ => GlobalMessage.Aggregate,
            },
            e.Model,
            e.Texts,
            e.LocalMethod ?? "",
            e.Target ?? ""
        );

    private static IEnumerable<string> FindingsOf(GlobalExplanation e, Messages messages)
    {
        yield return messages.Get(
            GlobalMessage.Predicts,
            messages.List([.. e.Labels.Select((l, i) => $"{l} {e.Predicted[i]}")])
        );
        if (e.Fidelity is { } held && e.TrainingFidelity is { } fitted)
        {
            yield return messages.Get(
                GlobalMessage.Fidelity,
                Numbers.Percent(held.Accuracy),
                held.Texts,
                Numbers.Percent(held.Interval.Lower),
                Numbers.Percent(held.Interval.Upper),
                held.Kappa is { } kappa ? Numbers.Plain(kappa) : "–",
                fitted.Texts,
                Numbers.Percent(fitted.Accuracy)
            );
            yield return messages.Get(
                held.BeatsBaseline switch
                {
                    true => GlobalMessage.BaselineBeaten,
                    false => GlobalMessage.BaselineBetter,
                    null => GlobalMessage.BaselineNotBeaten,
                },
                e.BaselineLabel!,
                Numbers.Percent(held.Baseline!.Value),
                P(held.PValue!.Value)
            );
        }
    }

    private static IEnumerable<string> LimitsOf(GlobalExplanation e, Messages messages)
    {
        if (e.Refused > 0)
        {
            yield return messages.Get(GlobalMessage.Refused, e.Refused);
        }
        if (e.Truncated > 0)
        {
            yield return messages.Get(GlobalMessage.Truncated, e.Truncated);
        }
        switch (e.Method)
        {
            case "tree":
                yield return messages.Get(GlobalMessage.LimitTree);
                break;
            case "rules":
                yield return messages.Get(GlobalMessage.LimitRules);
                break;
            case "logistic" or "svm":
                yield return messages.Get(GlobalMessage.LimitLinear, e.Resamples!);
                break;
            case "forest":
                yield return messages.Get(GlobalMessage.LimitForest);
                break;
            case "patterns":
                yield return messages.Get(GlobalMessage.LimitPatterns, e.PatternsTested!);
                break;
            case "representatives":
                yield return messages.Get(GlobalMessage.LimitRepresentatives, e.LocalMethod!, e.Target!);
                break;
            default:
                yield return messages.Get(GlobalMessage.LimitAggregate);
                break;
        }
        if (e.Words is { } words)
        {
            yield return messages.Get(GlobalMessage.LimitSurrogate, words.Count);
        }
    }

    private static IReadOnlyList<GlobalTable> TablesOf(
        GlobalExplanation e,
        Messages messages,
        IReadOnlyList<int>? lines
    )
    {
        string Title(GlobalMessage message) => messages.Get(message);
        string Percent(double share) => Numbers.Percent(share) + " %";
        int LabelOf(string label) => e.Labels.ToList().IndexOf(label);
        Rgb Label(int label) => ColourOf(label, e.Labels.Count);
        switch (e.Method)
        {
            case "rules":
                int fitted = e.TrainingFidelity!.Texts;
                return
                [
                    new(
                        null,
                        Title(GlobalMessage.ColumnRule),
                        Title(GlobalMessage.ColumnPrecision),
                        [Title(GlobalMessage.ColumnCovers), Title(GlobalMessage.ColumnHeldOut)],
                        [
                            .. e.Rules!.Rules.Select(
                                (rule, k) =>
                                    new GlobalRow(
                                        Sentence(e, rule, messages),
                                        rule.Precision,
                                        null,
                                        Percent(rule.Precision),
                                        [Percent((double)rule.Covered / fitted), Agreement(e.Regions![k], messages)],
                                        Label(rule.Label)
                                    )
                            ),
                        ],
                        Shares: true
                    ),
                ];
            case "logistic" or "svm":
                bool pair = e.Intercepts!.Count == 1;
                return
                [
                    .. e.Intercepts.Select(function =>
                    {
                        WordWeight[] own = [.. e.Weights!.Where(w => w.Label == function.Label)];
                        int most = pair ? MostRows : 8;
                        return new GlobalTable(
                            pair ? null : messages.Get(GlobalMessage.AgainstTheRest, function.Label),
                            Title(GlobalMessage.ColumnWord),
                            messages.Get(GlobalMessage.ColumnWeight, function.Label),
                            [Title(GlobalMessage.ColumnSign), Title(GlobalMessage.ColumnTexts)],
                            [
                                .. own.Take(most)
                                    .Select(w => new GlobalRow(
                                        w.Word,
                                        w.Weight,
                                        w.StandardError,
                                        WithError(w.Weight, w.StandardError),
                                        [Percent(w.SignStability!.Value), Count(w.Texts)],
                                        Palette.Of(w.Weight)
                                    )),
                            ],
                            Math.Max(0, own.Length - most)
                        );
                    }),
                ];
            case "forest":
                return
                [
                    new(
                        null,
                        Title(GlobalMessage.ColumnWord),
                        Title(GlobalMessage.ColumnImportance),
                        [Title(GlobalMessage.ColumnFall), Title(GlobalMessage.ColumnTexts)],
                        [
                            .. e.Weights!.Take(MostRows)
                                .Select(w => new GlobalRow(
                                    w.Word,
                                    w.Weight,
                                    w.StandardError,
                                    Numbers.Plain(w.Weight) + Error(w.StandardError),
                                    [
                                        w.Permutation is { } fall ? WithError(fall.Value, fall.StandardError) : "–",
                                        Count(w.Texts),
                                    ],
                                    Palette.For
                                )),
                        ],
                        Math.Max(0, e.Weights!.Count - MostRows)
                    ),
                ];
            case "patterns":
                return
                [
                    new(
                        null,
                        Title(GlobalMessage.ColumnPattern),
                        Title(GlobalMessage.ColumnChiSquare),
                        [
                            Title(GlobalMessage.ColumnLabel),
                            Title(GlobalMessage.ColumnShare),
                            Title(GlobalMessage.ColumnTexts),
                            Title(GlobalMessage.ColumnP),
                            Title(GlobalMessage.ColumnInformation),
                        ],
                        [
                            .. e.Patterns!.Take(MostRows)
                                .Select(p => new GlobalRow(
                                    p.Text,
                                    p.ChiSquare,
                                    null,
                                    Numbers.Plain(p.ChiSquare),
                                    [
                                        e.Labels[p.Label],
                                        Percent(p.Share),
                                        Count(p.Texts),
                                        P(p.AdjustedPValue).TrimStart('=', ' '),
                                        Numbers.Plain(p.MutualInformation),
                                    ],
                                    Label(p.Label)
                                )),
                        ],
                        Math.Max(0, e.PatternsTested!.Value - MostRows)
                    ),
                ];
            case "representatives":
                return
                [
                    new(
                        null,
                        Title(GlobalMessage.ColumnText),
                        Title(GlobalMessage.ColumnCoverage),
                        lines is null
                            ? [Title(GlobalMessage.ColumnLabel), Title(GlobalMessage.ColumnAdds)]
                            :
                            [
                                Title(GlobalMessage.ColumnLine),
                                Title(GlobalMessage.ColumnLabel),
                                Title(GlobalMessage.ColumnAdds),
                            ],
                        [
                            .. e.Representatives!.Select(r => new GlobalRow(
                                r.Text,
                                r.Coverage,
                                null,
                                Percent(r.Coverage),
                                lines is null
                                    ? [r.Label, Adds(r, messages)]
                                    : [Count(lines[r.Index]), r.Label, Adds(r, messages)],
                                Label(LabelOf(r.Label))
                            )),
                        ],
                        Shares: true
                    ),
                ];
            case "aggregate":
                return
                [
                    new(
                        null,
                        Title(GlobalMessage.ColumnWord),
                        messages.Get(GlobalMessage.ColumnScore, e.Target!),
                        [Title(GlobalMessage.ColumnTexts)],
                        [
                            .. e.Weights!.Take(MostRows)
                                .Select(w => new GlobalRow(
                                    w.Word,
                                    w.Weight,
                                    w.StandardError,
                                    WithError(w.Weight, w.StandardError),
                                    [Count(w.Texts)],
                                    Palette.Of(w.Weight)
                                )),
                        ],
                        Math.Max(0, e.Weights!.Count - MostRows)
                    ),
                ];
            default:
                return [];
        }
    }

    private static string Adds(Representative r, Messages messages) =>
        string.Join(messages[Message.ListComma], r.Words.Take(4));

    /// <summary>A rule as a sentence.</summary>
    private static string Sentence(GlobalExplanation e, Rule rule, Messages messages) =>
        rule.Features.Count == 0
            ? messages.Get(GlobalMessage.Otherwise, e.Labels[rule.Label])
            : messages.Get(
                GlobalMessage.If,
                rule.Features.Select(f => $"“{e.Words![f]}”")
                    .Aggregate((a, b) => messages.Get(GlobalMessage.And, a, b)),
                e.Labels[rule.Label]
            );

    /// <summary>Held-out agreement of a leaf or rule: "held out 8/9".</summary>
    public static string HeldOut(RegionFidelity region, Messages messages) =>
        region.Agreement is { } share
            ? messages.Get(GlobalMessage.HeldOut, (int)Math.Round(share * region.Texts), region.Texts)
            : messages.Get(GlobalMessage.HeldOutNone);

    private static string Agreement(RegionFidelity region, Messages messages) =>
        region is { Agreement: { } share, Interval: { } interval }
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{(int)Math.Round(share * region.Texts)}/{region.Texts} ({Numbers.Percent(interval.Lower)} – {Numbers.Percent(interval.Upper)} %)"
            )
            : messages.Get(GlobalMessage.HeldOutNone);

    private static string WithError(double value, double? error) => Numbers.WithSign(value) + Error(error);

    private static string Error(double? error) => error is { } e ? " ± " + Numbers.Plain(e) : "";

    private static string Count(int n) => n.ToString(CultureInfo.InvariantCulture);
}
