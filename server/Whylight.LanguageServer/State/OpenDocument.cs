using System.Diagnostics.CodeAnalysis;
using Whylight.Documents;
using Whylight.LanguageServer.Protocol;
using Range = Whylight.LanguageServer.Protocol.Range;

namespace Whylight.LanguageServer.State;

/// <summary>One version of a file that is open in the editor. Immutable but for what is worked out from it once.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing to dispose of.")]
internal sealed class OpenDocument(string uri, string languageId, int version, string text)
{
    private readonly CancellationTokenSource _superseded = new();
    private readonly Lock _gate = new();
    private LineIndex? _lines;
    private (ServedFile File, ParsedDocument Parsed)? _parsed;

    public string Uri => uri;

    public string LanguageId => languageId;

    public int Version => version;

    public string Text => text;

    /// <summary>Path on disk, or the last part of the URI where the document has no file.</summary>
    public string Path { get; } = Uris.ToPath(uri);

    /// <summary>Fires when a newer version takes this one's place, or the document is closed: its work is stale.</summary>
    public CancellationToken Superseded => _superseded.Token;

    public LineIndex Lines
    {
        get
        {
            lock (_gate)
            {
                return _lines ??= new LineIndex(text);
            }
        }
    }

    /// <summary>The examples in the text, read as <paramref name="file"/> says; worked out once.</summary>
    public ParsedDocument Parse(ServedFile file, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_parsed is { } known && known.File == file)
            {
                return known.Parsed;
            }
            ParsedDocument parsed = DocumentReader.Parse(Path, text, file.Options, cancellation);
            _parsed = (file, parsed);
            return parsed;
        }
    }

    /// <summary>Marks work on this version as stale.</summary>
    public void Supersede() => _superseded.Cancel();

    /// <summary>The next version: changes apply one after another, each to the result of the one before.</summary>
    public OpenDocument Change(
        int nextVersion,
        IReadOnlyList<TextDocumentContentChangeEvent> changes,
        PositionEncoding encoding
    )
    {
        string next = text;
        LineIndex? lines = Lines;
        foreach (TextDocumentContentChangeEvent change in changes)
        {
            if (change.Range is Range range)
            {
                lines ??= new LineIndex(next);
                int start = lines.OffsetOf(range.Start, encoding);
                int end = Math.Max(start, lines.OffsetOf(range.End, encoding));
                next = string.Concat(next.AsSpan(0, start), change.Text, next.AsSpan(end));
            }
            else
            {
                next = change.Text;
            }
            lines = null;
        }
        return new OpenDocument(uri, languageId, nextVersion, next);
    }
}
