using System.Text;
using Whylight.Documents.Datasets;

namespace Whylight.Documents;

/// <summary>
/// A dataset file of any size by path: rows are found once, then read from the file as they are asked for. Memory holds
/// 20 bytes a row and no text.
/// </summary>
/// <remarks>
/// Reads .tsv, .csv, .jsonl and .txt. Rows may be read from several threads. A file in another encoding than UTF-8 is
/// copied to a temporary file first.
/// </remarks>
public sealed class LargeDataset : IDisposable
{
    private const int ChunkSize = 1 << 16;

    private readonly record struct Row(long ByteOffset, int ByteLength, int TextOffset, int Line);

    private readonly FileStream _file;
    private readonly List<Row[]> _chunks = [];
    private readonly Lock _gate = new();
    private readonly RowStream _rows;
    private readonly long _length;
    private readonly DateTime _written;

    private LargeDataset(string path, FileStream file, RowStream rows, DocumentKind kind)
    {
        Path = path;
        Kind = kind;
        _file = file;
        _rows = rows;
        (_length, _written) = Stamp(path);
    }

    /// <summary>The file's path, as given.</summary>
    public string Path { get; }

    /// <summary>What the file holds.</summary>
    public DocumentKind Kind { get; }

    /// <summary>Number of rows, the header and blank lines not counted.</summary>
    public int Count { get; private set; }

    /// <summary>Names of the columns known so far (all of them, for a delimited file).</summary>
    public IReadOnlyList<string> Columns
    {
        get
        {
            lock (_gate)
            {
                return [.. _rows.Rows.Columns];
            }
        }
    }

    /// <summary>Name of the text column.</summary>
    public string? TextColumn => _rows.Rows.TextColumn;

    /// <summary>Name of the label column, or null.</summary>
    public string? LabelColumn => _rows.Rows.LabelColumn;

    /// <summary>Finds the rows of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read it; a limit is a limit on rows.</param>
    /// <param name="progress">Told the share of the file looked through, in [0, 1], now and then.</param>
    /// <param name="cancellation">Checked now and then.</param>
    /// <exception cref="DocumentException">The file cannot be read, is empty, not in its encoding, of another kind, or wrong in its first row or its quotes.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LargeDataset Open(
        string path,
        ReadOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new ReadOptions();
        DocumentKind kind = DatasetStream.CheckKind(path, options);
        FileStream file = Utf8Source.OpenAtRest(path, options.Encoding);
        try
        {
            LargeDataset? dataset = Index(path, options, kind, file, quoting: true, progress, cancellation);
            if (dataset is null)
            {
                file.Position = 0;
                dataset = Index(path, options, kind, file, quoting: false, progress, cancellation);
            }
            return dataset!;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a row; null where it has no text and so is no example.</summary>
    /// <param name="row">In [0, <see cref="Count"/>).</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="DocumentException">The row has an error, or the file has changed since it was opened.</exception>
    public Example? Read(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        if (Stamp(Path) != (_length, _written))
        {
            throw new DocumentException($"{Path} has changed since it was opened; open it again");
        }
        Row found = _chunks[row / ChunkSize][row % ChunkSize];
        string text = ReadText(found);
        lock (_gate)
        {
            return _rows.Read(text, found.TextOffset, found.Line) is { } example ? example with { Index = row } : null;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    // Null where a tab-separated file turns out not to quote.
    private static LargeDataset? Index(
        string path,
        ReadOptions options,
        DocumentKind kind,
        FileStream file,
        bool quoting,
        IProgress<double>? progress,
        CancellationToken cancellation
    )
    {
        LargeDataset dataset = new(path, file, new RowStream(path, kind, options, quoting, null), kind);
        RowSplitter splitter = dataset._rows.Splitter(file);
        try
        {
            bool first = true;
            int seen = 0;
            while (!(dataset.Count >= options.Limit) && RowStream.Next(splitter, path, options))
            {
                if (++seen % 10_000 == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Report(splitter.ByteOffset / (double)file.Length);
                }
                if (splitter.BrokenQuote && kind == DocumentKind.Tsv)
                {
                    return null;
                }
                if (splitter.BrokenQuote)
                {
                    // Reading the row says what is wrong, and where.
                    dataset._rows.Read(Encoding.UTF8.GetString(splitter.Row), (int)splitter.TextOffset, splitter.Line);
                }
                if (RowStream.IsBlank(splitter.Row, kind))
                {
                    continue;
                }
                if (first)
                {
                    first = false;
                    bool header = dataset._rows.HeaderExpected;
                    dataset._rows.Read(Encoding.UTF8.GetString(splitter.Row), (int)splitter.TextOffset, splitter.Line);
                    if (header)
                    {
                        continue;
                    }
                }
                dataset.Add(new Row(splitter.ByteOffset, splitter.Row.Length, (int)splitter.TextOffset, splitter.Line));
            }
            if (first)
            {
                throw new DocumentException($"{path} is empty; write at least one example into it");
            }
            progress?.Report(1);
            return dataset;
        }
        finally
        {
            splitter.Release();
        }
    }

    private void Add(Row row)
    {
        if (Count % ChunkSize == 0)
        {
            _chunks.Add(new Row[ChunkSize]);
        }
        _chunks[^1][Count % ChunkSize] = row;
        Count++;
    }

    private string ReadText(Row row)
    {
        byte[] bytes = System.Buffers.ArrayPool<byte>.Shared.Rent(row.ByteLength);
        try
        {
            int read = 0;
            while (read < row.ByteLength)
            {
                int more = RandomAccess.Read(
                    _file.SafeFileHandle,
                    bytes.AsSpan(read, row.ByteLength - read),
                    row.ByteOffset + read
                );
                if (more == 0)
                {
                    throw new DocumentException($"{Path} has changed since it was opened; open it again");
                }
                read += more;
            }
            return Encoding.UTF8.GetString(bytes, 0, row.ByteLength);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static (long, DateTime) Stamp(string path)
    {
        FileInfo info = new(path);
        return info.Exists ? (info.Length, info.LastWriteTimeUtc) : (-1, default);
    }
}
