using Whylight.Documents.Datasets;
using Whylight.Documents.Yaml;

namespace Whylight.Documents.Prompts;

/// <summary>Prompt files of text with front matter: one file, one example.</summary>
internal static class PromptParser
{
    public static ParsedDocument ParseFile(ParsedDocument document, int start)
    {
        string source = document.Source;
        List<DocumentProblem> problems = [];
        Dictionary<string, string> samples = [];
        int body = start;
        if (FrontMatter(source, start) is { } front)
        {
            // White space in place of the fence keeps offsets and lines.
            string yaml =
                new string(' ', start) + "   \n".PadLeft(front.Start - start) + source[front.Start..front.End];
            YamlDocument read = YamlReader.Parse(document.Path, yaml);
            if (read.Root is YamlMapping mapping)
            {
                samples = SampleValues.OfFrontMatter(mapping);
                body = front.BodyStart;
            }
            else if (read.Root is null)
            {
                body = front.BodyStart; // empty, or not YAML: the problems say so
            }
            foreach (DocumentProblem problem in body > start ? read.Problems : [])
            {
                problems.Add(
                    problem with
                    {
                        Severity = ProblemSeverity.Warning,
                        Message = "in the front matter " + problem.Message,
                    }
                );
            }
        }
        TemplateSyntax syntax =
            document.Kind == DocumentKind.Prompty ? TemplateSyntax.Statements | TemplateSyntax.Roles
            : document.Path.EndsWith(".md", StringComparison.OrdinalIgnoreCase) ? TemplateSyntax.Variables
            : TemplateSyntax.Statements;
        (int bodyStart, int bodyEnd) = DatasetParser.Trim(source, body, source.Length);
        Example? example = MakeExample(
            document,
            0,
            [(source[bodyStart..bodyEnd], SourceMap.Copied(bodyStart, bodyEnd - bodyStart))],
            (bodyStart, bodyEnd),
            syntax,
            samples
        );
        if (example is null)
        {
            problems.Add(
                new DocumentProblem(
                    bodyStart,
                    bodyEnd,
                    ProblemSeverity.Information,
                    "empty-prompt",
                    "the prompt has no text; write it below the front matter"
                )
            );
        }
        return document with { Examples = example is null ? [] : [example], Problems = problems };
    }

    /// <summary>The example of one prompt made of one or more messages; null where there is no text.</summary>
    public static Example? MakeExample(
        ParsedDocument document,
        int index,
        IReadOnlyList<(string Text, SourceMap Map)> messages,
        (int Start, int End) row,
        TemplateSyntax syntax,
        IReadOnlyDictionary<string, string> samples
    )
    {
        MappedText result = new(document.Source);
        List<TemplateField> fields = [];
        int before = row.Start;
        foreach ((string text, SourceMap map) in messages)
        {
            if (text.Length == 0)
            {
                continue;
            }
            int start = result.Length;
            if (start > 0)
            {
                int next = map.ToSource(0);
                result.Replace(before, Math.Max(before, next), "\n\n");
            }
            int afterGap = result.Length;
            fields.AddRange(Template.Read(text, map, result, syntax, samples));
            if (result.Length == afterGap)
            {
                result.TrimTo(start);
            }
            before = map.ToSource(text.Length);
        }
        while (
            result.Last is { } last && char.IsWhiteSpace(last) && !(fields.Count > 0 && fields[^1].End == result.Length)
        )
        {
            result.TrimTo(result.Length - 1);
        }
        if (result.Length == 0)
        {
            return null;
        }
        (string full, SourceMap whole) = result.Build(row.Start);
        (int textStart, int textEnd) = whole.ToSource(0, full.Length);
        return new Example
        {
            Index = index,
            Text = full,
            Start = textStart,
            End = textEnd,
            RowStart = row.Start,
            RowEnd = row.End,
            Line = document.Lines.LineOf(textStart),
            Map = whole,
            Lines = document.Lines,
            Fields = fields,
        };
    }

    // Front matter is what stands between a first line of three dashes and the next such line.
    private static (int Start, int End, int BodyStart)? FrontMatter(string source, int start)
    {
        if (!IsFence(source, start, out int at))
        {
            return null;
        }
        int yaml = at;
        while (at < source.Length)
        {
            if (IsFence(source, at, out int body))
            {
                return (yaml, at, body);
            }
            int lineEnd = source.IndexOf('\n', at);
            if (lineEnd < 0)
            {
                break;
            }
            at = lineEnd + 1;
        }
        return null;
    }

    private static bool IsFence(string source, int at, out int next)
    {
        int end = source.IndexOf('\n', at);
        next = end < 0 ? source.Length : end + 1;
        return source.AsSpan(at, next - at).TrimEnd() is "---";
    }
}
