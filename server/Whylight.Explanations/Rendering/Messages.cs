using System.Globalization;

namespace Whylight.Explanations.Rendering;

/// <summary>The message catalogue: every sentence a user sees, in each language.</summary>
public sealed class Messages
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

    /// <summary>The catalogue for a locale name of an editor, such as <c>zh-cn</c>; English where there is none.</summary>
    public static Messages ForLocale(string? locale) =>
        locale is not null
        && (
            locale.Equals("zh", StringComparison.OrdinalIgnoreCase)
            || locale.StartsWith("zh-cn", StringComparison.OrdinalIgnoreCase)
            || locale.StartsWith("zh-hans", StringComparison.OrdinalIgnoreCase)
            || locale.StartsWith("zh_CN", StringComparison.OrdinalIgnoreCase)
        )
            ? s_chinese
            : English;

    /// <summary>A message with its placeholders filled; arguments are not escaped.</summary>
    public string this[Message message, params object[] arguments] =>
        arguments.Length == 0
            ? _templates[message]
            : string.Format(CultureInfo.InvariantCulture, _templates[message], arguments);

    /// <summary>The template of a message, as it stands in the catalogue.</summary>
    internal string Template(Message message) => _templates[message];

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
