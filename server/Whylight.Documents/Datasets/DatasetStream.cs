using System.Text;

namespace Whylight.Documents.Datasets;

/// <summary>Examples of a file one after the other, without holding the file.</summary>
internal static class DatasetStream
{
    /// <summary>The file's kind, if it can be read row by row.</summary>
    public static DocumentKind CheckKind(string path, ReadOptions options)
    {
        DocumentKind kind = options.Kind ?? DocumentReader.KindOf(path);
        if (!DocumentReader.IsDataset(kind) || kind == DocumentKind.Json)
        {
            throw new DocumentException(
                $"{path} cannot be read row by row; that takes a .csv, .tsv, .jsonl or .txt file"
            );
        }
        if (options.Delimiter is > '\x7f')
        {
            throw new DocumentException($"{path}: the delimiter '{options.Delimiter}' is not an ASCII character");
        }
        return kind;
    }

    public static IEnumerable<Example> Read(
        string path,
        ReadOptions options,
        Action<DocumentProblem, LinePosition>? report,
        CancellationToken cancellation
    )
    {
        DocumentKind kind = CheckKind(path, options);
        bool quoting = kind != DocumentKind.Tsv || Quotes(path, options, kind, cancellation);
        RowStream rows = new(path, kind, options, quoting, report);
        using Stream stream = Utf8Source.Open(path, options.Encoding, out _);
        RowSplitter splitter = rows.Splitter(stream);
        try
        {
            bool any = false;
            while (!rows.Rows.Full && RowStream.Next(splitter, path, options))
            {
                cancellation.ThrowIfCancellationRequested();
                if (RowStream.IsBlank(splitter.Row, kind))
                {
                    continue;
                }
                any = true;
                if (
                    rows.Read(Encoding.UTF8.GetString(splitter.Row), (int)splitter.TextOffset, splitter.Line) is
                    { } example
                )
                {
                    yield return example;
                }
            }
            if (!any && options.Limit != 0)
            {
                throw new DocumentException($"{path} is empty; write at least one example into it");
            }
            rows.Finish();
        }
        finally
        {
            splitter.Release();
        }
    }

    // A tab-separated file whose quotes break RFC 4180 anywhere does not quote: a first pass looks.
    private static bool Quotes(string path, ReadOptions options, DocumentKind kind, CancellationToken cancellation)
    {
        using Stream stream = Utf8Source.Open(path, options.Encoding, out _);
        RowSplitter splitter = new(stream, kind, options.Delimiter ?? '\t', quoting: true);
        try
        {
            while (RowStream.Next(splitter, path, options))
            {
                cancellation.ThrowIfCancellationRequested();
                if (splitter.BrokenQuote)
                {
                    return false;
                }
            }
            return true;
        }
        finally
        {
            splitter.Release();
        }
    }
}
