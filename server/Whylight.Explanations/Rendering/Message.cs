namespace Whylight.Explanations.Rendering;

/// <summary>The sentences and labels that users see. Placeholders {0}, {1} … are the same in every language.</summary>
public enum Message
{
    /// <summary>Calibrated: {0} label, {1} percent.</summary>
    PredictionIs,

    /// <summary>Not known to be calibrated: {0} label, {1} percent.</summary>
    ProbabilityIs,

    /// <summary>{0} labels, {1} percent of each.</summary>
    TieIs,

    /// <summary>{0} the prediction, {1} the next label, {2} its percent.</summary>
    HardlyAhead,

    /// <summary>{0} the prediction, {1} label in the data.</summary>
    LabelledOtherwise,

    /// <summary>{0} the labels after the first, with percents.</summary>
    NextLabels,

    /// <summary>{0} label explained, {1} its percent: another label is predicted.</summary>
    TargetIs,

    /// <summary>Heading of the text coloured by scores.</summary>
    WhyHeading,

    /// <summary>Heading of the table of scores.</summary>
    ScoresHeading,

    /// <summary>Heading of the notes.</summary>
    NotesHeading,

    /// <summary>Column: words.</summary>
    WordColumn,

    /// <summary>Column: scores.</summary>
    ScoreColumn,

    /// <summary>Column: standard errors.</summary>
    ErrorColumn,

    /// <summary>Legend: towards the target {0}.</summary>
    For,

    /// <summary>Legend: away from the target {0}.</summary>
    Against,

    /// <summary>{0} target, {1} list of words with scores.</summary>
    MainlyFor,

    /// <summary>{0} target, {1} list of words with scores: nothing speaks for it.</summary>
    OnlyAgainst,

    /// <summary>{0} list of words with scores.</summary>
    SpeaksAgainst,

    /// <summary>{0} target: every score is zero.</summary>
    NothingCounts,

    /// <summary>{0} target: every 95 % interval holds zero.</summary>
    NothingCertain,

    /// <summary>A contrast: {0} target, {1} the label it is set against.</summary>
    RatherThan,

    /// <summary>{0} list of words that carry attention.</summary>
    AttendsTo,

    /// <summary>{0} words of a rule, {1} label, {2} precision, {3} neighbourhood.</summary>
    AnchorHolds,

    /// <summary>The same of several words.</summary>
    AnchorsHold,

    /// <summary>{0} label, {1} precision, {2} neighbourhood: a rule without words.</summary>
    AnchorEmpty,

    /// <summary>{0} label, {1} precision, {2} neighbourhood: the rule without words, which is not established.</summary>
    AnchorNone,

    /// <summary>{0} precision, {1} percent coverage.</summary>
    AnchorFigures,

    /// <summary>The rule found may not hold.</summary>
    AnchorOpen,

    /// <summary>A sampled precision: {0} percent, {1} lower bound, {2} upper bound.</summary>
    AnchorBetween,

    /// <summary>The neighbourhood of anchors.</summary>
    EachKeptByChance,

    /// <summary>{0} edits, {1} other label.</summary>
    WouldFlip,

    /// <summary>No counterfactual was found.</summary>
    NothingFlips,

    /// <summary>An edit: {0} quoted words.</summary>
    EditDelete,

    /// <summary>An edit: {0} quoted words.</summary>
    EditInsert,

    /// <summary>An edit: {0} quoted words, {1} quoted words in their place.</summary>
    EditReplace,

    /// <summary>Heading of the counterfactuals.</summary>
    FlipsHeading,

    /// <summary>A counterfactual from which no edit can be left out.</summary>
    FlipMinimal,

    /// <summary>{0} words, {1} label: a sufficient reason.</summary>
    Enough,

    /// <summary>{0} label: the prediction stands with every word absent.</summary>
    NothingNeeded,

    /// <summary>Heading of sufficient reasons.</summary>
    ReasonsHeading,

    /// <summary>{0} quoted word, {1} quoted word, {2} score, {3} target: strongest pair, more together than apart.</summary>
    PairMore,

    /// <summary>{0} quoted word, {1} quoted word, {2} score, {3} target: strongest pair, less together than apart.</summary>
    PairLess,

    /// <summary>No pair of words interacts.</summary>
    PairsNothing,

    /// <summary>Heading of the strongest pairs.</summary>
    PairsHeading,

    /// <summary>{0} quoted word, {1} its score.</summary>
    WordWithScore,

    /// <summary>Joins the last two entries of a list: {0} all but the last, {1} the last.</summary>
    ListAnd,

    /// <summary>Separates the other entries of a list.</summary>
    ListComma,

    /// <summary>{0} method and estimator, {1} model calls, {2} seed.</summary>
    MethodLine,

    /// <summary>{0} what a missing feature means.</summary>
    AbsenceIs,

    /// <summary>{0} baseline.</summary>
    BaselineIs,

    /// <summary>{0} baseValue, {1} sum of scores, {2} remainder, {3} gap, {4} value, {5} name of the value.</summary>
    SumLine,

    /// <summary>{0} name of the value.</summary>
    UnitLine,

    /// <summary>Scores of attention rollout.</summary>
    UnitAttention,

    /// <summary>Meaning of ±.</summary>
    PlusMinusIs,

    /// <summary>Meaning of whiskers.</summary>
    ErrorBars,

    /// <summary>{0} label.</summary>
    ValueLogit,

    /// <summary>{0} label.</summary>
    ValueProbability,

    /// <summary>{0} label.</summary>
    ValueLogOdds,

    /// <summary>{0} label rather than another.</summary>
    ValueContrast,

    /// <summary>{0} label or completion.</summary>
    ValueSequence,

    /// <summary>The method did not converge within its budget.</summary>
    NotConverged,

    /// <summary>{0} other method, {1} rank correlation.</summary>
    AgreementLine,

    /// <summary>{0} other method, {1} rank correlation: low.</summary>
    DisagreementLine,

    /// <summary>{0} R squared, {1} what the line gives, {2} what the model gives.</summary>
    FitLine,

    /// <summary>R squared below one half.</summary>
    FitPoor,

    /// <summary>{0} percent of the relevance on special tokens.</summary>
    SinkShareIs,

    /// <summary>{0} percent of the attention on special tokens.</summary>
    SinkAttentionIs,

    /// <summary>{0} UTF-16 offset.</summary>
    TruncatedAt,

    /// <summary>{0} number of features left out of a chart.</summary>
    MoreFeatures,

    /// <summary>An answer is still being worked out.</summary>
    Computing,

    /// <summary>Title of the interaction matrix: {0} target.</summary>
    InteractionTitle,

    /// <summary>Title of the deletion and insertion curves: {0} target.</summary>
    CurveTitle,

    /// <summary>Axis of the curves.</summary>
    CurveAxis,

    /// <summary>Axis of the curves: {0} target.</summary>
    CurveValue,

    /// <summary>Line of the curves.</summary>
    DeletionLine,

    /// <summary>Line of the curves.</summary>
    InsertionLine,

    /// <summary>Title of the phrase tree: {0} target.</summary>
    PhraseTreeTitle,

    /// <summary>Title of layer-by-layer relevance: {0} target.</summary>
    LayersTitle,

    /// <summary>A token without a word: {0} its number from zero.</summary>
    TokenNumber,

    /// <summary>Title of a bar chart: {0} target, {1} method.</summary>
    ChartTitle,

    /// <summary>Title of a chart of attention: {0} method.</summary>
    AttentionTitle,

    /// <summary>Title of the coloured text: {0} target, {1} method.</summary>
    HeatTitle,

    /// <summary>Heading of the measures of an explanation.</summary>
    QualityHeading,

    /// <summary>{0} absence, {1} model calls.</summary>
    QualityLine,

    /// <summary>Column: measures.</summary>
    MeasureColumn,

    /// <summary>Column: values of measures.</summary>
    ValueColumn,

    /// <summary>Column: which end is better.</summary>
    BetterColumn,

    /// <summary>More is better.</summary>
    Higher,

    /// <summary>Less is better.</summary>
    Lower,

    /// <summary>A note of interactions.</summary>
    NotePairsExact,

    /// <summary>A note of interactions.</summary>
    NotePairsSampled,

    /// <summary>A note of interactions.</summary>
    NotePairsStrongest,

    /// <summary>A note of counterfactuals.</summary>
    NoteNoFlip,

    /// <summary>A note of counterfactuals.</summary>
    NoteSmallestDeletions,

    /// <summary>A note of counterfactuals.</summary>
    NoteNoDeletion,

    /// <summary>A note of counterfactuals.</summary>
    NoteSmallestFound,

    /// <summary>Note of counterfactuals: deletions found by absence were not confirmed on the text.</summary>
    NoteOnlyUnderAbsence,

    /// <summary>Note of counterfactuals: no words to substitute.</summary>
    NoteNoWords,

    /// <summary>Note of counterfactuals: every single substitution was tried.</summary>
    NoteNoSubstitution,

    /// <summary>{0} way of scoring choices, {1} the prompt it is calibrated on.</summary>
    ScoringCalibrated,

    /// <summary>Note of auto: {0} features, {1} model calls that Shapley values would need with the first pass.</summary>
    NoteShapleyBudget,

    /// <summary>Note of prime implicants: {0} listed of {1}.</summary>
    NoteReasonsListed,

    /// <summary>Limit of gradient-x-input.</summary>
    LimitGradient,

    /// <summary>Limit of integrated-gradients and expected-gradients.</summary>
    LimitPath,

    /// <summary>Limit of deeplift.</summary>
    LimitDeepLift,

    /// <summary>Limit of smoothgrad.</summary>
    LimitSmoothGrad,

    /// <summary>Limit of the LRP family.</summary>
    LimitRelevance,

    /// <summary>Limit of occlusion.</summary>
    LimitOcclusion,

    /// <summary>Limit of attention rollout.</summary>
    LimitRollout,

    /// <summary>Limit of Shapley values.</summary>
    LimitShapley,

    /// <summary>Limit of Owen values.</summary>
    LimitOwen,

    /// <summary>Limit of interactions.</summary>
    LimitInteractions,

    /// <summary>Limit of LIME.</summary>
    LimitLime,

    /// <summary>Limit of anchors.</summary>
    LimitAnchors,

    /// <summary>Limit of counterfactuals.</summary>
    LimitCounterfactual,

    /// <summary>Limit of prime implicants.</summary>
    LimitPrimeImplicants,

    /// <summary>Limit of the exact linear decomposition.</summary>
    LimitLinear,

    /// <summary>The text under the pointer is empty.</summary>
    EmptyText,

    /// <summary>{0} model: it is being loaded.</summary>
    ModelLoading,

    /// <summary>Title of progress: {0} model.</summary>
    ModelLoadingTitle,

    /// <summary>Title of progress: {0} file.</summary>
    ExaminingTitle,

    /// <summary>{0} model: not shipped, and the workspace is not trusted.</summary>
    NotTrusted,

    /// <summary>Finding: {0} label, {1} % confidence, {2} other label, {3} % confidence, {4} edits.</summary>
    FindingFlip,

    /// <summary>Finding: {0} label, {1} % before, {2} % after, {3} edits.</summary>
    FindingShift,

    /// <summary>Finding: the edit at this place is the smallest found.</summary>
    FindingSmallest,

    /// <summary>Finding: the edit at this place is the smallest found before the budget ran out.</summary>
    FindingSmallestWithinBudget,

    /// <summary>Finding: {0} label in the file, {1} predicted label, {2} % confidence.</summary>
    FindingDisagreement,

    /// <summary>Finding: {0} label in the file, {1} the labels of the model.</summary>
    FindingUnknownLabel,

    /// <summary>Finding: {0} label in the file, {1} the labels of the model, {2} the label probably meant.</summary>
    FindingUnknownLabelMeant,

    /// <summary>Finding: {0} label, {1} % confidence, {2} next label, {3} % of it.</summary>
    FindingLowConfidence,

    /// <summary>Finding: {0} label here, {1} label there, {2} line there, counted from one.</summary>
    FindingContradiction,

    /// <summary>Finding: {0} label at this place.</summary>
    FindingContradictionRelated,

    /// <summary>Finding: {0} tokens read, {1} beginning of what is not read.</summary>
    FindingTruncated,

    /// <summary>Finding: {0} parts of the text, quoted.</summary>
    FindingUnknownTokens,

    /// <summary>Finding: {0} a list, {1} number of further entries.</summary>
    FindingAndMore,

    /// <summary>Finding: {0} % confidence.</summary>
    FindingInjection,

    /// <summary>An edit: {0} text put before the whole.</summary>
    EditBefore,

    /// <summary>An edit: {0} text put after the whole.</summary>
    EditAfter,

    /// <summary>A language model's completion that is explained: {0} text, {1} bits.</summary>
    CompletionExplained,

    /// <summary>The same for the model's own greedy continuation.</summary>
    ContinuationExplained,

    /// <summary>A token that is explained: {0} text, {1} bits, {2} % probability.</summary>
    TokenExplained,

    /// <summary>{0} a list of tokens with their probabilities.</summary>
    MostProbable,

    /// <summary>A token with its probability: {0} text, {1} %.</summary>
    TokenShare,

    /// <summary>Where a causal model reads when words are absent.</summary>
    ReadsLastPresent,

    /// <summary>{0} how choices are scored.</summary>
    ScoredBy,

    /// <summary>{0} character before which nothing was read.</summary>
    ReadFrom,

    /// <summary>Column of surprisal in bits.</summary>
    BitsColumn,

    /// <summary>Column of tokens.</summary>
    TokenColumn,

    /// <summary>Column of what was expected in a token's place.</summary>
    ExpectedColumn,

    /// <summary>{0} mean bits a token, {1} perplexity.</summary>
    SurprisalMean,

    /// <summary>Finding: {0} tokens read, {1} beginning of what is read.</summary>
    FindingTruncatedStart,
}
