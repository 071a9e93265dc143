namespace Whylight.Documents;

/// <summary>How serious a <see cref="DocumentProblem"/> is, in the words of the language server protocol.</summary>
public enum ProblemSeverity
{
    /// <summary>The file, or the row, cannot be used as it is.</summary>
    Error,

    /// <summary>It can be used, but probably does not say what was meant.</summary>
    Warning,

    /// <summary>Worth knowing.</summary>
    Information,
}
