using System.Globalization;

namespace Whylight.Explanations.Rendering;

/// <summary>Sentences of explanations over a dataset, part of the message catalogue.</summary>
internal enum GlobalMessage
{
    /// <summary>Name of a method: {0} model, {1} number of texts.</summary>
    Tree,
    Rules,
    Logistic,
    Svm,
    Forest,
    Patterns,
    Representatives,

    /// <summary>{2} local method, {3} target label.</summary>
    Aggregate,

    /// <summary>{0} list of labels with counts.</summary>
    Predicts,

    /// <summary>{0} percent, {1} texts, {2} lower, {3} upper, {4} kappa, {5} texts fitted to, {6} percent there.</summary>
    Fidelity,

    /// <summary>{0} label, {1} percent, {2} p.</summary>
    BaselineBeaten,
    BaselineNotBeaten,
    BaselineBetter,

    /// <summary>{0} number of words.</summary>
    LimitSurrogate,
    LimitTree,
    LimitRules,

    /// <summary>{0} number of refits.</summary>
    LimitLinear,
    LimitForest,

    /// <summary>{0} number of patterns tested.</summary>
    LimitPatterns,

    /// <summary>{0} local method, {1} label.</summary>
    LimitRepresentatives,
    LimitAggregate,

    /// <summary>{0} number of texts.</summary>
    Refused,
    Truncated,

    /// <summary>{0} percent, {1} number of texts: an anchor's coverage.</summary>
    AnchorCovers,

    /// <summary>{0} number of rows left out.</summary>
    More,

    /// <summary>{0} word.</summary>
    Has,
    Yes,
    No,

    /// <summary>{0} texts.</summary>
    TextCount,

    /// <summary>{0} agreeing, {1} texts.</summary>
    HeldOut,
    HeldOutNone,

    /// <summary>{0} condition, {1} label.</summary>
    If,
    Otherwise,
    And,

    /// <summary>{0} label: heading of its decision function.</summary>
    AgainstTheRest,
    ColumnWord,
    ColumnRule,
    ColumnPattern,
    ColumnText,
    ColumnLine,
    ColumnLabel,
    ColumnWeight,
    ColumnSign,
    ColumnImportance,
    ColumnFall,
    ColumnScore,
    ColumnTexts,
    ColumnCovers,
    ColumnPrecision,
    ColumnHeldOut,
    ColumnInformation,
    ColumnShare,
    ColumnChiSquare,
    ColumnP,
    ColumnCoverage,
    ColumnAdds,
}

/// <summary>The catalogue of <see cref="GlobalMessage"/> in the language of <see cref="Messages"/>.</summary>
internal static class GlobalMessages
{
    /// <summary>A sentence with its placeholders filled; arguments are not escaped.</summary>
    public static string Get(this Messages messages, GlobalMessage message, params object[] arguments)
    {
        string template = (messages.Language == Language.SimplifiedChinese ? s_chinese : s_english)[message];
        return arguments.Length == 0 ? template : string.Format(CultureInfo.InvariantCulture, template, arguments);
    }

    private static readonly Dictionary<GlobalMessage, string> s_english = new()
    {
        [GlobalMessage.Tree] = "A decision tree that imitates {0}, over {1} texts",
        [GlobalMessage.Rules] = "A list of rules that imitates {0}, over {1} texts",
        [GlobalMessage.Logistic] = "A logistic regression that imitates {0}, over {1} texts",
        [GlobalMessage.Svm] = "A linear support vector machine that imitates {0}, over {1} texts",
        [GlobalMessage.Forest] = "A random forest that imitates {0}, over {1} texts",
        [GlobalMessage.Patterns] = "Words and word pairs that go with what {0} predicts, over {1} texts",
        [GlobalMessage.Representatives] = "Texts that represent what {0} looks at, of {1} texts",
        [GlobalMessage.Aggregate] = "Mean {2} score of words for {3} by {0}, over {1} texts",
        [GlobalMessage.Predicts] = "The model predicts {0}.",
        [GlobalMessage.Fidelity] =
            "It gives the model's label to {0} % of {1} held-out texts (95 % interval {2} to {3} %, kappa {4}); of the {5} texts it was fitted to, to {6} %.",
        [GlobalMessage.BaselineBeaten] =
            "Saying {0} every time would reach {1} %: the imitation is better (exact McNemar p {2}).",
        [GlobalMessage.BaselineNotBeaten] =
            "Saying {0} every time would reach {1} %: the imitation is not shown to be better (exact McNemar p {2}), so do not rely on it.",
        [GlobalMessage.BaselineBetter] =
            "Saying {0} every time would reach {1} %: the imitation is worse than that (exact McNemar p {2}) and says nothing about the model.",
        [GlobalMessage.LimitSurrogate] =
            "Limit: an imitation describes the model, not the world, as far as its held-out fidelity goes; it sees which of {0} words are present and nothing of their order.",
        [GlobalMessage.LimitTree] =
            "The tree asks at most four questions of a text; branches that all give one label are one answer.",
        [GlobalMessage.LimitRules] =
            "Rules are tried from the top; coverage and precision are those of the texts that no rule above has taken.",
        [GlobalMessage.LimitLinear] =
            "A coefficient holds the other words fixed, and words that come together share theirs. ± is the standard deviation over {0} refits on resampled texts; 'same sign' is the share of them that agree.",
        [GlobalMessage.LimitForest] =
            "Importances have no direction, are shared among words that come together and come from the texts fitted to (± over trees). The fall is what the forest's held-out fidelity loses when the word is dealt out anew (± over ten deals).",
        [GlobalMessage.LimitPatterns] =
            "{0} patterns were tested; p is corrected for all of them (Holm), and counts repeats within a text as independent. Going with a label does not mean that the model uses the word.",
        [GlobalMessage.LimitRepresentatives] =
            "Limit: picked so that their {0} explanations for {1} cover the words with the most score in all texts, at least 1 - 1/e of the best coverage that as many texts can reach; rare reasons are left out.",
        [GlobalMessage.LimitAggregate] =
            "Limit: the mean over the texts that have the word (± its standard error over texts) hides what depends on context.",
        [GlobalMessage.Refused] = "{0} texts could not be explained within the budget and are left out.",
        [GlobalMessage.Truncated] = "{0} texts are longer than the model reads; it saw their beginning only.",
        [GlobalMessage.AnchorCovers] = "{0} % of the {1} texts of the dataset contain it.",
        [GlobalMessage.More] = "and {0} more",
        [GlobalMessage.Has] = "has “{0}”?",
        [GlobalMessage.Yes] = "yes",
        [GlobalMessage.No] = "no",
        [GlobalMessage.TextCount] = "{0} texts",
        [GlobalMessage.HeldOut] = "held out {0}/{1}",
        [GlobalMessage.HeldOutNone] = "held out: none",
        [GlobalMessage.If] = "if {0}: {1}",
        [GlobalMessage.Otherwise] = "otherwise: {0}",
        [GlobalMessage.And] = "{0} and {1}",
        [GlobalMessage.AgainstTheRest] = "{0} against the rest",
        [GlobalMessage.ColumnWord] = "word",
        [GlobalMessage.ColumnRule] = "rule",
        [GlobalMessage.ColumnPattern] = "pattern",
        [GlobalMessage.ColumnText] = "text",
        [GlobalMessage.ColumnLine] = "line",
        [GlobalMessage.ColumnLabel] = "label",
        [GlobalMessage.ColumnWeight] = "weight for {0}",
        [GlobalMessage.ColumnSign] = "same sign",
        [GlobalMessage.ColumnImportance] = "importance",
        [GlobalMessage.ColumnFall] = "fall held out",
        [GlobalMessage.ColumnScore] = "mean score for {0}",
        [GlobalMessage.ColumnTexts] = "texts",
        [GlobalMessage.ColumnCovers] = "coverage",
        [GlobalMessage.ColumnPrecision] = "precision",
        [GlobalMessage.ColumnHeldOut] = "held-out agreement",
        [GlobalMessage.ColumnInformation] = "mutual information (nats)",
        [GlobalMessage.ColumnShare] = "share with the label",
        [GlobalMessage.ColumnChiSquare] = "chi-square",
        [GlobalMessage.ColumnP] = "corrected p",
        [GlobalMessage.ColumnCoverage] = "covered so far",
        [GlobalMessage.ColumnAdds] = "adds",
    };

    private static readonly Dictionary<GlobalMessage, string> s_chinese = new()
    {
        [GlobalMessage.Tree] = "模仿 {0} 的决策树（{1} 条文本）",
        [GlobalMessage.Rules] = "模仿 {0} 的规则列表（{1} 条文本）",
        [GlobalMessage.Logistic] = "模仿 {0} 的逻辑回归（{1} 条文本）",
        [GlobalMessage.Svm] = "模仿 {0} 的线性支持向量机（{1} 条文本）",
        [GlobalMessage.Forest] = "模仿 {0} 的随机森林（{1} 条文本）",
        [GlobalMessage.Patterns] = "与 {0} 的预测相伴的词和词对（{1} 条文本）",
        [GlobalMessage.Representatives] = "代表 {0} 所依据内容的文本（选自 {1} 条文本）",
        [GlobalMessage.Aggregate] = "{0} 中各词对 {3} 的平均 {2} 得分（{1} 条文本）",
        [GlobalMessage.Predicts] = "模型的预测：{0}。",
        [GlobalMessage.Fidelity] =
            "在 {1} 条留出文本中，它与模型标签一致的占 {0} %（95 % 区间 {2} 至 {3} %，kappa {4}）；在拟合所用的 {5} 条文本中占 {6} %。",
        [GlobalMessage.BaselineBeaten] = "总是回答 {0} 可达到 {1} %：模仿者更好（精确 McNemar 检验 p {2}）。",
        [GlobalMessage.BaselineNotBeaten] =
            "总是回答 {0} 可达到 {1} %：未能证明模仿者更好（精确 McNemar 检验 p {2}），请勿依赖它。",
        [GlobalMessage.BaselineBetter] =
            "总是回答 {0} 可达到 {1} %：模仿者更差（精确 McNemar 检验 p {2}），不能说明模型的任何情况。",
        [GlobalMessage.LimitSurrogate] =
            "局限：模仿者描述的是模型而不是世界，可信程度以留出文本上的一致率为限；它只看到 {0} 个词是否出现，看不到词序。",
        [GlobalMessage.LimitTree] = "这棵树对每条文本最多提四个问题；给出同一标签的分支合为一个答案。",
        [GlobalMessage.LimitRules] = "规则自上而下依次尝试；覆盖率和精确率只计前面规则未取走的文本。",
        [GlobalMessage.LimitLinear] =
            "系数是在其他词不变时的作用，常一起出现的词分担系数。± 是在 {0} 次重抽样重新拟合中的标准差；“符号一致”是其中符号相同的比例。",
        [GlobalMessage.LimitForest] =
            "重要性没有方向，常一起出现的词分担重要性，且来自拟合所用的文本（± 为各树之间的误差）。“下降”是把该词在留出文本间重新分配后森林一致率的损失（± 为十次重新分配的误差）。",
        [GlobalMessage.LimitPatterns] =
            "共检验 {0} 个模式；p 值已按全部模式校正（Holm），并把同一文本内的重复视为独立。与某标签相伴并不表示模型使用了该词。",
        [GlobalMessage.LimitRepresentatives] =
            "局限：所选文本对 {1} 的 {0} 解释合起来覆盖全部文本中得分最多的词，至少达到同样条数所能达到的最佳覆盖的 1 - 1/e；少见的理由会被略去。",
        [GlobalMessage.LimitAggregate] = "局限：在含有该词的文本上取平均（± 为文本间的标准误），会掩盖依赖语境的部分。",
        [GlobalMessage.Refused] = "有 {0} 条文本无法在预算内解释，已略去。",
        [GlobalMessage.Truncated] = "有 {0} 条文本超出模型可读长度，模型只看到开头。",
        [GlobalMessage.AnchorCovers] = "数据集 {1} 条文本中有 {0} % 含有它。",
        [GlobalMessage.More] = "另有 {0} 项",
        [GlobalMessage.Has] = "含有“{0}”？",
        [GlobalMessage.Yes] = "是",
        [GlobalMessage.No] = "否",
        [GlobalMessage.TextCount] = "{0} 条文本",
        [GlobalMessage.HeldOut] = "留出 {0}/{1}",
        [GlobalMessage.HeldOutNone] = "留出：无",
        [GlobalMessage.If] = "若 {0}：{1}",
        [GlobalMessage.Otherwise] = "否则：{0}",
        [GlobalMessage.And] = "{0} 且 {1}",
        [GlobalMessage.AgainstTheRest] = "{0} 对其余标签",
        [GlobalMessage.ColumnWord] = "词",
        [GlobalMessage.ColumnRule] = "规则",
        [GlobalMessage.ColumnPattern] = "模式",
        [GlobalMessage.ColumnText] = "文本",
        [GlobalMessage.ColumnLine] = "行",
        [GlobalMessage.ColumnLabel] = "标签",
        [GlobalMessage.ColumnWeight] = "对 {0} 的系数",
        [GlobalMessage.ColumnSign] = "符号一致",
        [GlobalMessage.ColumnImportance] = "重要性",
        [GlobalMessage.ColumnFall] = "留出下降",
        [GlobalMessage.ColumnScore] = "对 {0} 的平均得分",
        [GlobalMessage.ColumnTexts] = "文本数",
        [GlobalMessage.ColumnCovers] = "覆盖率",
        [GlobalMessage.ColumnPrecision] = "精确率",
        [GlobalMessage.ColumnHeldOut] = "留出一致",
        [GlobalMessage.ColumnInformation] = "互信息（奈特）",
        [GlobalMessage.ColumnShare] = "该标签占比",
        [GlobalMessage.ColumnChiSquare] = "卡方",
        [GlobalMessage.ColumnP] = "校正后 p",
        [GlobalMessage.ColumnCoverage] = "累计覆盖",
        [GlobalMessage.ColumnAdds] = "新增",
    };
}
