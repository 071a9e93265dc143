namespace Whylight.Documents;

/// <summary>Something wrong with a file's content, at its place.</summary>
/// <param name="Start">First UTF-16 offset in the file.</param>
/// <param name="End">One past the last; may equal <paramref name="Start"/>.</param>
/// <param name="Severity">How serious it is.</param>
/// <param name="Code">A stable name in kebab case, such as <c>no-such-column</c>.</param>
/// <param name="Message">One plain sentence with the cause and the way out; quoted file text in it is not escaped.</param>
public sealed record DocumentProblem(int Start, int End, ProblemSeverity Severity, string Code, string Message);
