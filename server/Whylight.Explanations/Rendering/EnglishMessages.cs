namespace Whylight.Explanations.Rendering;

/// <summary>The English messages.</summary>
internal static class EnglishMessages
{
    /// <summary>A template for every message.</summary>
    public static IReadOnlyDictionary<Message, string> All { get; } =
        new Dictionary<Message, string>
        {
            [Message.PredictionIs] = "{0}, {1} % sure",
            [Message.PredictionIsNot] = "{0}, {1} % sure, but labelled {2}",
            [Message.WhyHeading] = "Why",
            [Message.WordColumn] = "word",
            [Message.ScoreColumn] = "score",
            [Message.ErrorColumn] = "± error",
            [Message.For] = "for {0}",
            [Message.Against] = "against {0}",
            [Message.MainlyFor] = "What speaks for {0}: {1}.",
            [Message.OnlyAgainst] = "No word speaks for {0}; against it: {1}.",
            [Message.SpeaksAgainst] = "Against it: {0}.",
            [Message.NothingCounts] = "No word changes the value of {0}.",
            [Message.RatherThan] = "{0} rather than {1}",
            [Message.AttendsTo] = "Attention rests mostly on {0}.",
            [Message.AnchorHolds] = "Wherever {0} stand, the prediction stays {1} in {2} % of {3}.",
            [Message.WouldFlip] = "The prediction becomes {1} after: {0}.",
            [Message.NothingFlips] = "No edit that was tried changes the prediction.",
            [Message.StrongestPair] = "The strongest pair is {0} with {1} ({2}).",
            [Message.ListAnd] = "{0} and {1}",
            [Message.ListComma] = ", ",
            [Message.MethodLine] = "{0} ({1}), {2} model calls",
            [Message.SumLine] = "base {0} + words {1} + remainder {2} + gap {3} = {4}",
            [Message.NotConverged] = "Not converged: the scores may still move; give a larger budget.",
            [Message.AgreementLine] = "Agreement with {0}: rank correlation {1}.",
            [Message.TruncatedAt] = "The model read the text up to character {0} only.",
            [Message.MoreFeatures] = "and {0} more with smaller scores",
            [Message.AxisLabel] = "contribution to the {0} of {1}",
            [Message.ErrorBars] = "Whiskers: one standard error on either side.",
            [Message.Computing] = "Error bars and the smallest flip are being computed.",
            [Message.InteractionTitle] = "What pairs of words do together",
            [Message.DeletionTitle] = "Value of {0} as words are removed",
            [Message.DeletionAxis] = "share of words removed",
            [Message.StrongestFirst] = "strongest first",
            [Message.WeakestFirst] = "weakest first",
            [Message.PhraseTreeTitle] = "Scores of phrases for {0}",
            [Message.ChartTitle] = "What speaks for and against {0} ({1})",
            [Message.HeatTitle] = "Words by their score for {0} ({1})",
            [Message.LimitGradient] =
                "Limit: a local slope; where the network saturates it is near zero although the word matters.",
            [Message.LimitPath] =
                "Limit: the scores explain the change from the baseline, and another baseline gives other scores.",
            [Message.LimitDeepLift] =
                "Limit: the scores explain the change from the baseline, through averaged rather than true slopes.",
            [Message.LimitSmoothGrad] = "Limit: an averaged local slope; it need not add up to the value.",
            [Message.LimitRelevance] =
                "Limit: relevance follows fixed rules through the network; the gap says what they leave unexplained.",
            [Message.LimitOcclusion] =
                "Limit: one word is removed at a time, so words that stand in for each other both look unimportant.",
            [Message.LimitRollout] =
                "Limit: attention shows where the model looks, not what speaks for or against a label.",
            [Message.LimitShapley] =
                "Limit: words are taken out in all combinations, which makes sentences nobody would write.",
            [Message.LimitOwen] = "Limit: words are grouped by the phrase tree first, so these are not Shapley values.",
            [Message.LimitInteractions] = "Limit: only pairs are shown; three words together may do more.",
            [Message.LimitLime] = "Limit: a straight line fitted near this text; its fit says how far to trust it.",
            [Message.LimitAnchors] = "Limit: the rule holds for this text with words removed, not for every text.",
            [Message.LimitCounterfactual] =
                "Limit: one way to change the prediction, found by search; others may exist.",
            [Message.LimitPrimeImplicants] =
                "Limit: words that are enough on their own, with the others absent; real texts have other words instead.",
            [Message.LimitLinear] = "Limit: exact for this text with its length normalisation held fixed.",
            [Message.EmptyText] = "The text is empty: there is nothing to predict.",
            [Message.ModelLoading] = "{0} is being loaded; look again in a moment.",
            [Message.ModelLoadingTitle] = "Loading {0}",
            [Message.ExaminingTitle] = "Examining {0}",
            [Message.NotTrusted] =
                "{0} is not used, because this workspace is not trusted; trust it, or use a shipped model (builtin:NAME).",
            [Message.FindingFlip] = "'{0}' ({1} %) becomes '{2}' ({3} %) by {4}",
            [Message.FindingShift] = "the probability of '{0}' goes from {1} % to {2} % by {3}",
            [Message.FindingSmallest] = "the smallest edit found: no part of it can be left out",
            [Message.FindingSmallestWithinBudget] = "the smallest edit found within the budget",
            [Message.FindingDisagreement] = "labelled '{0}', but the model says '{1}' ({2} %)",
            [Message.FindingUnknownLabel] = "label '{0}' is none of the model's labels ({1}); map it with 'labels'",
            [Message.FindingUnknownLabelMeant] =
                "label '{0}' is none of the model's labels ({1}) (did you mean '{2}'?)",
            [Message.FindingLowConfidence] = "the model hardly prefers '{0}' ({1} %) to '{2}' ({3} %)",
            [Message.FindingContradiction] = "the same text is labelled '{0}' here and '{1}' on line {2}",
            [Message.FindingContradictionRelated] = "labelled '{0}' here",
            [Message.FindingTruncated] = "the model reads {0} tokens; from \"{1}\" on the text is not read",
            [Message.FindingUnknownTokens] = "the model has no token for {0}",
            [Message.FindingAndMore] = "{0} and {1} more",
            [Message.FindingInjection] = "the model takes this text for a prompt injection ({0} %)",
            [Message.EditBefore] = "\"{0}\" before the text",
            [Message.EditAfter] = "\"{0}\" after the text",
            [Message.CompletionExplained] = "Explained: the completion {0}, {1} bits.",
            [Message.ContinuationExplained] = "Explained: the model's own continuation {0}, {1} bits.",
            [Message.TokenExplained] = "Explained: the token {0}, {1} bits ({2} %).",
            [Message.MostProbable] = "Most probable: {0}.",
            [Message.TokenShare] = "{0} {1} %",
            [Message.ReadsLastPresent] = "Absent words get no attention; the model reads at the last word present.",
            [Message.ScoredBy] = "Choices are scored by the {0}.",
            [Message.ReadFrom] = "The model read the text from character {0} on only.",
            [Message.BitsColumn] = "bits",
            [Message.TokenColumn] = "token",
            [Message.ExpectedColumn] = "expected here",
            [Message.SurprisalMean] = "{0} bits a token on average; perplexity {1}.",
            [Message.FindingTruncatedStart] = "the model reads {0} tokens; the text before \"{1}\" is not read",
        };
}
