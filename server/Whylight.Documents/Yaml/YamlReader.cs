using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Whylight.Documents.Yaml;

/// <summary>
/// Reads YAML into nodes with exact places: YAML 1.2 core schema, duplicate keys refused, one document a file, nesting
/// and aliases bounded so that no small file becomes a large one.
/// </summary>
public static class YamlReader
{
    /// <summary>Deepest nesting read.</summary>
    public const int MaxDepth = 64;

    /// <summary>Most nodes a document may stand for once every alias is followed.</summary>
    public const int MaxNodes = 1_000_000;

    /// <summary>Reads a text; what is wrong with it becomes problems, nothing is thrown for content.</summary>
    /// <param name="path">Names the file in messages.</param>
    /// <param name="text">The text; a byte order mark at its start is skipped.</param>
    public static YamlDocument Parse(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        LineIndex lines = new(text);
        List<DocumentProblem> problems = [];
        Builder builder = new(text, lines, problems);
        YamlNode? root = null;
        try
        {
            root = builder.Read();
        }
        catch (Exception e)
            when (e
                    is YamlException
                        or InvalidOperationException
                        or ArgumentException
                        or FormatException
                        or OverflowException
                        or IndexOutOfRangeException
            )
        {
            // The parser sometimes throws of its own, or marks the file's start: then the last node read is nearest.
            int at = Math.Max(builder.Reached, e is YamlException marked ? builder.OffsetOf(marked.Start) : 0);
            if (
                e.Message.Contains("tab as indentation", StringComparison.Ordinal)
                && text.IndexOf('\t', at) is > 0 and int tab
            )
            {
                at = tab;
            }
            while (at < text.Length && text[at] is ' ' or '\n' or '\r')
            {
                at++;
            }
            problems.Add(
                new DocumentProblem(
                    at,
                    Math.Max(at, lines.EndOf(lines.LineOf(at))),
                    ProblemSeverity.Error,
                    "not-yaml",
                    "this is not valid YAML: "
                        + (e is YamlException ? Reason(e) : "a list, mapping or quoted text before this is not closed")
                )
            );
        }
        catch (StructureException e)
        {
            problems.Add(new DocumentProblem(e.Start, e.End, ProblemSeverity.Error, e.Code, e.Message));
        }
        return new YamlDocument(path, text, lines, root, problems);
    }

    /// <summary>Reads a file from disk (UTF-8, or as its byte order mark says).</summary>
    /// <exception cref="DocumentException">The file cannot be read or decoded.</exception>
    public static YamlDocument ReadFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Parse(path, TextDecoder.ReadFile(path, null));
    }

    private static string Reason(Exception e)
    {
        string message = e.Message.TrimEnd('.');
        int prefix = message.IndexOf("): ", StringComparison.Ordinal);
        if (message.StartsWith('(') && prefix >= 0)
        {
            message = message[(prefix + 3)..];
        }
        return message.Length > 1 && !char.IsUpper(message[1])
            ? char.ToLowerInvariant(message[0]) + message[1..]
            : message;
    }

    private sealed class StructureException(int start, int end, string code, string message) : Exception(message)
    {
        public int Start { get; } = start;
        public int End { get; } = end;
        public string Code { get; } = code;
    }

    private sealed class Builder
    {
        private readonly string _source;
        private readonly LineIndex _lines;
        private readonly List<DocumentProblem> _problems;
        private readonly int _shift;
        private readonly Parser _parser;
        private readonly Dictionary<string, YamlNode> _anchors = [];
        private long _nodes;

        public Builder(string source, LineIndex lines, List<DocumentProblem> problems)
        {
            _source = source;
            _lines = lines;
            _problems = problems;
            _shift = source.StartsWith('\uFEFF') ? 1 : 0;
            _parser = new Parser(new Scanner(new StringReader(source[_shift..]), skipComments: true));
        }

        public int OffsetOf(in Mark mark) => Math.Clamp((int)mark.Index + _shift, 0, _source.Length);

        /// <summary>End of the last node read.</summary>
        public int Reached { get; private set; }

        public YamlNode? Read()
        {
            _parser.MoveNext();
            _parser.MoveNext();
            if (_parser.Current is StreamEnd or null)
            {
                return null;
            }
            _parser.MoveNext();
            YamlNode root = ReadNode(0);
            _parser.MoveNext();
            _parser.MoveNext();
            if (_parser.Current is DocumentStart second)
            {
                int at = OffsetOf(second.Start);
                throw new StructureException(
                    at,
                    _lines.EndOf(_lines.LineOf(at)),
                    "second-document",
                    "a second YAML document begins here; keep one document a file"
                );
            }
            return root;
        }

        // Leaves the parser on the node's last event.
        private YamlNode ReadNode(int depth)
        {
            ParsingEvent current = _parser.Current!;
            int start = OffsetOf(current.Start);
            Reached = Math.Max(Reached, current is Scalar ? OffsetOf(current.End) : start);
            if (depth > MaxDepth)
            {
                throw new StructureException(
                    start,
                    start + 1,
                    "too-deep",
                    $"this is nested deeper than {MaxDepth} levels; flatten it"
                );
            }
            YamlNode node;
            switch (current)
            {
                case AnchorAlias alias:
                    if (!_anchors.TryGetValue(alias.Value.Value, out YamlNode? target))
                    {
                        throw new StructureException(
                            start,
                            OffsetOf(alias.End),
                            "unknown-anchor",
                            $"there is no anchor '&{alias.Value.Value}' above this alias"
                                + Suggestion.Phrase(alias.Value.Value, _anchors.Keys)
                        );
                    }
                    Count(target.Weight, start, OffsetOf(alias.End));
                    return target;
                case Scalar scalar:
                    node = ReadScalar(scalar, start);
                    break;
                case SequenceStart sequence:
                    node = ReadSequence(start, depth, sequence.Style == SequenceStyle.Flow);
                    break;
                default:
                    node = ReadMapping(start, depth, current is MappingStart { Style: MappingStyle.Flow });
                    break;
            }
            Count(1, node.Start, node.End);
            if (current is NodeEvent { Anchor.IsEmpty: false } anchored)
            {
                _anchors[anchored.Anchor.Value] = node;
            }
            return node;
        }

        private YamlScalar ReadScalar(Scalar scalar, int start)
        {
            YamlStyle style = scalar.Style switch
            {
                ScalarStyle.SingleQuoted => YamlStyle.SingleQuoted,
                ScalarStyle.DoubleQuoted => YamlStyle.DoubleQuoted,
                ScalarStyle.Literal => YamlStyle.Literal,
                ScalarStyle.Folded => YamlStyle.Folded,
                _ => YamlStyle.Plain,
            };
            int end = Math.Max(start, OffsetOf(scalar.End));
            if (style is YamlStyle.Literal or YamlStyle.Folded or YamlStyle.Plain)
            {
                while (end > start && char.IsWhiteSpace(_source[end - 1]))
                {
                    end--;
                }
            }
            bool taggedString = !scalar.Tag.IsEmpty && scalar.Tag.Value is "!" or "tag:yaml.org,2002:str";
            return new YamlScalar(_source, start, end, scalar.Value, style, taggedString);
        }

        private YamlSequence ReadSequence(int start, int depth, bool flow)
        {
            List<YamlNode> items = [];
            long weight = 1;
            int end = start;
            while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
            {
                bool alias = _parser.Current is AnchorAlias;
                int aliasEnd = OffsetOf(_parser.Current!.End);
                YamlNode item = ReadNode(depth + 1);
                items.Add(item);
                weight += item.Weight;
                end = alias ? aliasEnd : item.End;
            }
            return new YamlSequence(start, flow ? AfterBracket(end) : end, items) { Weight = weight };
        }

        private YamlMapping ReadMapping(int start, int depth, bool flow)
        {
            List<YamlEntry> entries = [];
            HashSet<string> keys = [];
            long weight = 1;
            int end = start;
            while (_parser.MoveNext() && _parser.Current is not MappingEnd)
            {
                YamlNode keyNode = ReadNode(depth + 1);
                if (keyNode is not YamlScalar key)
                {
                    throw new StructureException(
                        keyNode.Start,
                        keyNode.End,
                        "key-not-scalar",
                        $"a key must be a name, not {keyNode.Description}"
                    );
                }
                _parser.MoveNext();
                bool alias = _parser.Current is AnchorAlias;
                int aliasEnd = OffsetOf(_parser.Current!.End);
                YamlNode value = ReadNode(depth + 1);
                weight += 1 + value.Weight;
                end = Math.Max(key.End, alias ? aliasEnd : value.End);
                if (keys.Add(key.Value))
                {
                    entries.Add(new YamlEntry(key, value));
                }
                else
                {
                    int first = _lines.LineOf(entries.First(e => e.Key.Value == key.Value).Key.Start) + 1;
                    _problems.Add(
                        new DocumentProblem(
                            key.Start,
                            key.End,
                            ProblemSeverity.Error,
                            "duplicate-key",
                            $"the key '{key.Value}' is already on line {first}; keep one of them"
                        )
                    );
                }
            }
            return new YamlMapping(start, flow ? AfterBracket(end) : end, entries) { Weight = weight };
        }

        // A flow collection ends after its bracket, which the parser has seen but does not place.
        private int AfterBracket(int at)
        {
            while (at < _source.Length && _source[at] is not (']' or '}'))
            {
                at = _source[at] == '#' ? _lines.EndOf(_lines.LineOf(at)) : at + 1;
            }
            return Math.Min(at + 1, _source.Length);
        }

        private void Count(long weight, int start, int end)
        {
            _nodes += weight;
            if (_nodes > MaxNodes)
            {
                throw new StructureException(
                    start,
                    end,
                    "too-many-nodes",
                    $"with its aliases followed, this file stands for more than {MaxNodes} values; write fewer aliases"
                );
            }
        }
    }
}
