using System.Text.RegularExpressions;

namespace Whylight.Documents.Prompts;

/// <summary>
/// Reads a prompt template into the text a model sees: fields are found, and filled where there is a sample value; tags
/// of control (loops, conditions, comments, partials, roles) are left out. A field with a filter stays as written, for
/// the filter's result is not known; so does one whose sample is empty.
/// </summary>
internal sealed partial class Template
{
    private const int LongestField = 200;

    private readonly string _text;
    private readonly SourceMap _map;
    private readonly TemplateSyntax _syntax;
    private readonly IReadOnlyDictionary<string, string> _samples;
    private readonly MappedText _result;
    private readonly List<TemplateField> _fields = [];
    private readonly Dictionary<string, int> _nextClose = [];
    private int _copied;

    private Template(
        string text,
        SourceMap map,
        MappedText result,
        TemplateSyntax syntax,
        IReadOnlyDictionary<string, string> samples
    )
    {
        _text = text;
        _map = map;
        _result = result;
        _syntax = syntax;
        _samples = samples;
    }

    /// <summary>Adds the template's text to a result (white space around it left out) and returns its fields.</summary>
    public static IReadOnlyList<TemplateField> Read(
        string text,
        SourceMap map,
        MappedText result,
        TemplateSyntax syntax,
        IReadOnlyDictionary<string, string> samples
    )
    {
        Template template = new(text, map, result, syntax, samples);
        template.Read();
        return template._fields;
    }

    private void Read()
    {
        int at = 0;
        bool lineStart = true;
        while (at < _text.Length)
        {
            char c = _text[at];
            int next =
                c == '{' && Follows(at, "{{") ? Braces(at)
                : c == '{' && Has(TemplateSyntax.Statements) && Follows(at, "{%") ? Dropped(at, "%}")
                : c == '{' && Has(TemplateSyntax.Statements) && Follows(at, "{#") ? Dropped(at, "#}")
                : c == '$' && Has(TemplateSyntax.Variables) && Follows(at, "${") ? Variable(at)
                : lineStart && Has(TemplateSyntax.Roles) && c is not ('\n' or '\r') ? Role(at)
                : at;
            lineStart = _text[Math.Max(at, next - 1)] == '\n';
            at = next > at ? next : at + 1;
        }
        CopyTo(_text.Length);
    }

    private bool Has(TemplateSyntax syntax) => (_syntax & syntax) != 0;

    private bool Follows(int at, string mark) => string.CompareOrdinal(_text, at, mark, 0, mark.Length) == 0;

    // {{field}}, {{{field}}}, or a tag; returns where to go on, or the same offset where it is text.
    private int Braces(int at)
    {
        if (at > 0 && _text[at - 1] is '$' or '\\')
        {
            return at + 2; // GitHub's ${{ }} and an escaped brace are text
        }
        bool triple = Follows(at, "{{{");
        int open = triple ? 3 : 2;
        string closing = triple ? "}}}" : "}}";
        if (!triple && Follows(at, "{{!--"))
        {
            return Dropped(at, "--}}");
        }
        int close = Find(closing, at + open);
        if (close < 0)
        {
            return at + open;
        }
        int end = close + closing.Length;
        if (close - at > LongestField)
        {
            return _text[at + 2] is '#' or '/' or '^' or '!' or '>' ? Drop(at, end) : at + open;
        }
        string inside = _text[(at + open)..close].Trim('~', ' ', '\t', '\r', '\n', '-');
        Match field = Field().Match(inside);
        if (!field.Success)
        {
            return Tag().IsMatch(inside) ? Drop(at, end) : at + open;
        }
        string name = field.Groups["name"].Value;
        if (name is "else" or "this" or "history" && !_samples.ContainsKey(name))
        {
            return Drop(at, end);
        }
        Add(at, end, name, field.Groups["filter"].Success ? null : _samples.GetValueOrDefault(name));
        return end;
    }

    private int Variable(int at)
    {
        int close = Find("}", at + 2);
        if (close < 0 || close - at > LongestField || _text[at + 2] == '{')
        {
            return at + 2;
        }
        string inside = _text[(at + 2)..close];
        Match variable = InputVariable().Match(inside);
        if (!variable.Success)
        {
            return at + 2;
        }
        Add(at, close + 1, variable.Groups["name"].Value, _samples.GetValueOrDefault(variable.Groups["name"].Value));
        return close + 1;
    }

    private int Role(int at)
    {
        int end = _text.IndexOf('\n', at);
        end = end < 0 ? _text.Length : end + 1;
        return end - at < LongestField && RoleLine().IsMatch(_text[at..end]) ? Drop(at, end) : at;
    }

    private int Dropped(int at, string closing)
    {
        int close = Find(closing, at + 2);
        return close < 0 ? at + 2 : Drop(at, close + closing.Length);
    }

    // The next closing mark; remembered, so that many openings without one stay linear.
    private int Find(string closing, int from)
    {
        if (!_nextClose.TryGetValue(closing, out int known) || known >= 0 && known < from)
        {
            known = _text.IndexOf(closing, from, StringComparison.Ordinal);
            _nextClose[closing] = known;
        }
        return known;
    }

    private int Drop(int at, int end)
    {
        CopyTo(at);
        _copied = end;
        return end;
    }

    private void Add(int at, int end, string name, string? value)
    {
        CopyTo(at);
        (int sourceStart, int sourceEnd) = _map.ToSource(at, end);
        int start = _result.Length;
        if (string.IsNullOrEmpty(value))
        {
            value = null;
            _result.Copy(_text, _map, at, end);
        }
        else
        {
            _result.Replace(sourceStart, sourceEnd, value);
        }
        _fields.Add(new TemplateField(name, start, _result.Length, sourceStart, sourceEnd, value));
        _copied = end;
    }

    // White space at the very beginning belongs to no text.
    private void CopyTo(int end)
    {
        while (_result.Length == 0 && _copied < end && char.IsWhiteSpace(_text[_copied]))
        {
            _copied++;
        }
        if (_copied < end)
        {
            _result.Copy(_text, _map, _copied, end);
        }
        _copied = Math.Max(_copied, end);
    }

    [GeneratedRegex(
        @"^(?<name>[\p{L}_$@][\p{L}\p{N}_.$@\-]*(?:\[[^\]\s]*\][\p{L}\p{N}_.\-]*)*)\s*(?<filter>\|.*)?$",
        RegexOptions.Singleline | RegexOptions.CultureInvariant
    )]
    private static partial Regex Field();

    [GeneratedRegex(
        @"^(?:[#/^!>&].*|[\p{L}_][\p{L}\p{N}_.\-]*(?:\s+\S.*|\(.*\).*))$",
        RegexOptions.Singleline | RegexOptions.CultureInvariant
    )]
    private static partial Regex Tag();

    [GeneratedRegex(
        @"^(?:input:(?<name>[\p{L}\p{N}_.\-]+)(?::.*)?|(?<name>selection|selectedText|file|fileBasename|fileDirname|fileBasenameNoExtension|workspaceFolder|workspaceFolderBasename))$",
        RegexOptions.Singleline | RegexOptions.CultureInvariant
    )]
    private static partial Regex InputVariable();

    [GeneratedRegex(
        @"^\s*#?\s*(?:system|user|assistant|developer|tool|function)\s*(?:\[[^\]]*\])?\s*:\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex RoleLine();
}
