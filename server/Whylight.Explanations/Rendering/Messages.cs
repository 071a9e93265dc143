using System.Globalization;
using System.Text.RegularExpressions;
using Whylight.Models;

namespace Whylight.Explanations.Rendering;

/// <summary>The message catalogue: every sentence a user sees, in each language.</summary>
public sealed partial class Messages
{
    private readonly IReadOnlyDictionary<Message, string> _templates;

    private Messages(Language language, IReadOnlyDictionary<Message, string> templates)
    {
        Language = language;
        _templates = templates;
    }

    /// <summary>Its language.</summary>
    public Language Language { get; }

    /// <summary>The English catalogue.</summary>
    public static Messages English { get; } = new(Language.English, EnglishMessages.All);

    /// <summary>The catalogue of a language.</summary>
    public static Messages In(Language language) => language == Language.SimplifiedChinese ? s_chinese : English;

    private static readonly Messages s_chinese = new(Language.SimplifiedChinese, ChineseMessages.All);

    /// <summary>
    /// The catalogue for a locale name of an editor or a system, such as <c>zh-cn</c> or <c>zh_CN.UTF-8</c>: Simplified
    /// Chinese for Chinese of the mainland, of Singapore, in Hans script or of no stated place; else English.
    /// </summary>
    public static Messages ForLocale(string? locale)
    {
        string[] parts = (locale ?? "").Split('.', '@')[0].Split('-', '_');
        bool simplified =
            parts[0].Equals("zh", StringComparison.OrdinalIgnoreCase)
            && (
                parts.Length == 1
                || parts
                    .Skip(1)
                    .Any(p =>
                        p.Equals("cn", StringComparison.OrdinalIgnoreCase)
                        || p.Equals("sg", StringComparison.OrdinalIgnoreCase)
                        || p.Equals("hans", StringComparison.OrdinalIgnoreCase)
                    )
            );
        return simplified ? s_chinese : English;
    }

    /// <summary>A message with its placeholders filled; arguments are not escaped.</summary>
    public string this[Message message, params object[] arguments] =>
        arguments.Length == 0
            ? _templates[message]
            : string.Format(CultureInfo.InvariantCulture, _templates[message], arguments);

    /// <summary>The template of a message, as it stands in the catalogue.</summary>
    internal string Template(Message message) => _templates[message];

    /// <summary>A name of the record ("attention_masked") as words of this language; with blanks where it has none for it.</summary>
    public string Term(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Language == Language.SimplifiedChinese && ChineseMessages.Terms.TryGetValue(name, out string? term)
            ? term
            : name.Replace('_', ' ');
    }

    /// <summary>"a, b and c".</summary>
    public string List(IReadOnlyList<string> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return entries.Count switch
        {
            0 => "",
            1 => entries[0],
            _ => this[
                Message.ListAnd,
                string.Join(this[Message.ListComma], entries.Take(entries.Count - 1)),
                entries[^1]
            ],
        };
    }

    /// <summary>Sentences that methods put into the record, which is in English.</summary>
    private static readonly Message[] s_ofMethods =
    [
        Message.EachKeptByChance,
        Message.NotePairsExact,
        Message.NotePairsSampled,
        Message.NotePairsStrongest,
        Message.NoteNoFlip,
        Message.NoteSmallestDeletions,
        Message.NoteNoDeletion,
        Message.NoteSmallestFound,
        Message.NoteOnlyUnderAbsence,
        Message.NoteNoWords,
        Message.NoteNoSubstitution,
        Message.NoteShapleyBudget,
        Message.NoteReasonsListed,
    ];

    /// <summary>Their English as patterns, each placeholder a whole number; made when first a sentence is translated.</summary>
    private static readonly Lazy<Regex[]> s_patterns = new(() =>
        [
            .. s_ofMethods.Select(m => new Regex(
                @"\A(?:(?<before>.*) )?"
                    + Placeholder().Replace(Regex.Escape(EnglishMessages.All[m]), @"(?<a$1>\d+)")
                    + @"\z",
                RegexOptions.Singleline | RegexOptions.CultureInvariant
            )),
        ]
    );

    [GeneratedRegex(@"\\\{([0-9])\}")]
    private static partial Regex Placeholder();

    /// <summary>A sentence of a record in this language; as it is where the catalogue does not have it.</summary>
    public string OfRecord(string english)
    {
        if (Language == Language.English)
        {
            return english;
        }
        // A note may be of two sentences of the catalogue, each complete in itself.
        for (int i = 0; i < s_ofMethods.Length; i++)
        {
            if (s_patterns.Value[i].Match(english) is { Success: true } found)
            {
                string sentence = this[s_ofMethods[i], found.Groups["a0"].Value, found.Groups["a1"].Value];
                Group before = found.Groups["before"];
                return before.Success ? OfRecord(before.Value) + Rationale.Joint(this) + sentence : sentence;
            }
        }
        return english;
    }

    /// <summary>How choices were scored (<see cref="ChoiceScoring"/>), in the reader's language.</summary>
    internal string Scoring(string scoring)
    {
        const string Calibrated = ", calibrated on the content-free prompt \"";
        int at = scoring.IndexOf(Calibrated, StringComparison.Ordinal);
        return at < 0
            ? Term(scoring)
            : this[Message.ScoringCalibrated, Term(scoring[..at]), scoring[(at + Calibrated.Length)..^1]];
    }

    /// <summary>What the value of an explanation is: "logit of positive".</summary>
    internal string ValueName(Explanation explanation, Func<string, string> escape)
    {
        string target = Target(explanation, escape);
        return explanation.ValueKind switch
        {
            "probability" => this[Message.ValueProbability, target],
            "log_odds" => this[Message.ValueLogOdds, target],
            "contrast" => this[Message.ValueContrast, target],
            "sequence_log_probability" => this[Message.ValueSequence, target],
            _ => this[Message.ValueLogit, target],
        };
    }

    /// <summary>
    /// A label made visible, cut where it is longer than any label should be; one such as " the" or ",", which a language
    /// model's tokens are, in quotes.
    /// </summary>
    internal static string Label(string label)
    {
        string shown = TextFit.Cut(Escape.Visible(label), 60);
        return label.Any(char.IsLetterOrDigit) && label.Trim() == label ? shown : $"“{shown}”";
    }

    /// <summary>The label explained, with the one it is set against.</summary>
    internal string Target(Explanation explanation, Func<string, string> escape)
    {
        string target = escape(Label(explanation.Target));
        return explanation.ContrastLabel is { } other ? this[Message.RatherThan, target, escape(Label(other))] : target;
    }

    /// <summary>What a method cannot say, in one line; null for a method without an entry.</summary>
    public string? Limit(Explanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        string method = explanation.Method == "auto" ? explanation.Estimator.Split('/')[0] : explanation.Method;
        Message? limit = method switch
        {
            "lrp" when explanation.Estimator.EndsWith("linear", StringComparison.Ordinal) => Message.LimitLinear,
            "gradient-x-input" => Message.LimitGradient,
            "integrated-gradients" or "expected-gradients" => Message.LimitPath,
            "deeplift" => Message.LimitDeepLift,
            "smoothgrad" => Message.LimitSmoothGrad,
            "lrp" or "attnlrp" or "cp-lrp" => Message.LimitRelevance,
            "occlusion" => Message.LimitOcclusion,
            "rollout" => Message.LimitRollout,
            "shapley" or "permutation-shapley" => Message.LimitShapley,
            "owen" => Message.LimitOwen,
            "interactions" => Message.LimitInteractions,
            "lime" => Message.LimitLime,
            "anchors" => Message.LimitAnchors,
            "counterfactual" => Message.LimitCounterfactual,
            "prime-implicants" => Message.LimitPrimeImplicants,
            "linear" => Message.LimitLinear,
            _ => null,
        };
        return limit is { } message ? this[message] : null;
    }
}
