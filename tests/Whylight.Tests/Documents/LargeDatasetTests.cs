using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Whylight.Documents;

namespace Whylight.Tests.Documents;

public sealed class LargeDatasetTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string _folder = Directory.CreateTempSubdirectory("whylight").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    private string Write(string name, string content, Encoding? encoding = null)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content, encoding ?? new UTF8Encoding(false));
        return path;
    }

    // What must agree between reading whole (the slow twin), streaming, and reading by row.
    private static string Shape(Example e) =>
        $"{e.Text}|{e.Label}|{e.Start}-{e.End}|{e.RowStart}-{e.RowEnd}|{e.Line}|{e.Lines.PositionOf(e.End)}|"
        + string.Join(',', e.Columns.Select(c => $"{c.Name}={c.Value}@{c.Start}-{c.End}"))
        + string.Join(',', Enumerable.Range(0, e.Text.Length + 1).Select(i => e.Map.ToSource(i)));

    private static void AssertAgree(string path, ReadOptions? options = null)
    {
        string[] whole = [.. DocumentReader.ReadFile(path, options, None).Examples.Select(Shape)];
        Assert.Equal(whole, DocumentReader.Stream(path, options, null, None).Select(Shape));
        using LargeDataset large = LargeDataset.Open(path, options, null, None);
        Assert.Equal(whole, Enumerable.Range(0, large.Count).Select(large.Read).OfType<Example>().Select(Shape));
    }

    [Fact]
    public void Agrees_with_reading_whole_over_random_files()
    {
        Gen<string> part = Gen.Elements(
            "a",
            "b c",
            "\"",
            "\"\"",
            ",",
            "\t",
            "\n",
            "\r\n",
            "\r",
            "é",
            "😀",
            "好",
            "\n\n",
            "x,\"y\n\"",
            "\"q\"",
            "z\tw\n"
        );
        Gen<string> body = part.ArrayOf().Select(string.Concat);
        int compared = 0;
        Prop.ForAll(
                Arb.From(body),
                Arb.From(Gen.Elements("a.tsv", "a.csv", "a.txt")),
                Arb.From(Gen.Elements(true, false)),
                (content, name, mark) =>
                {
                    string path = Write(name, "text,label\ttext\n" + content, new UTF8Encoding(mark));
                    ReadOptions options = new() { TextColumn = "0", Header = false };
                    string? error = null;
                    try
                    {
                        DocumentReader.ReadFile(path, options, None);
                    }
                    catch (DocumentException e)
                    {
                        error = e.Message;
                    }
                    if (error is not null)
                    {
                        Assert.Throws<DocumentException>(() =>
                            DocumentReader.Stream(path, options, null, None).Count()
                        );
                        Assert.Throws<DocumentException>(() => LargeDataset.Open(path, options, null, None).Dispose());
                        return;
                    }
                    AssertAgree(path, options);
                    compared++;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(1729, 43));
        Assert.True(compared > 200, $"only {compared} files were compared");
    }

    [Fact]
    public void Json_lines_agree()
    {
        AssertAgree(
            Write(
                "a.jsonl",
                "{\"text\": \"a\\u00e9 😀\", \"label\": 1, \"n\": [1]}\r\n\n  {\"label\": 2}\n \"\"\n{\"text\": \"b\"}"
            )
        );
    }

    [Fact]
    public void Other_encodings_agree()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        AssertAgree(
            Write("a.csv", "text,label\n好看,x\n\"很\n好\",y\n", Encoding.GetEncoding("gb18030")),
            new ReadOptions { Encoding = "gb18030" }
        );
        AssertAgree(Write("b.tsv", "text\tlabel\r\n好看 😀\tx\r\n", Encoding.Unicode));
    }

    [Fact]
    public void Rows_longer_than_any_buffer_and_rows_across_buffers()
    {
        StringBuilder content = new("text,label\n");
        for (int i = 0; i < 3000; i++)
        {
            content.Append("row ").Append(i).Append(' ', i % 97).Append(i % 7 == 0 ? "é" : "e").Append(",x\r\n");
        }
        content.Append('"').Append('y', 300_000).Append("\"\"\",z\n");
        string path = Write("a.csv", content.ToString());
        string[] whole =
        [
            .. DocumentReader.ReadFile(path, null, None).Examples.Select(e => $"{e.Text}@{e.Start}:{e.Line}"),
        ];
        Assert.Equal(3001, whole.Length);
        Assert.Equal(whole, DocumentReader.Stream(path, null, null, None).Select(e => $"{e.Text}@{e.Start}:{e.Line}"));
        using LargeDataset large = LargeDataset.Open(path, null, null, None);
        Assert.Equal(whole[2999], $"{large.Read(2999)!.Text}@{large.Read(2999)!.Start}:{large.Read(2999)!.Line}");
        Assert.Equal((3001, 2999), (large.Count, large.Read(2999)!.Index));
        Assert.Equal(("text", "label"), (large.TextColumn, large.LabelColumn));
    }

    [Fact]
    public void Errors_are_told_where_they_stand()
    {
        string path = Write("a.csv", "text,label\nok,x\n\"open,x\n");
        string expected =
            $"{path}:3:1: this double quote is never closed; close it, or write \"\"\" for a text that begins with a quote";
        Assert.Equal(
            expected,
            Assert.Throws<DocumentException>(() => DocumentReader.Stream(path, null, null, None).Count()).Message
        );
        Assert.Equal(
            expected,
            Assert.Throws<DocumentException>(() => LargeDataset.Open(path, null, null, None)).Message
        );
        File.WriteAllBytes(path, [.. "text,label\nok,x\ncaf"u8, 0xE9, .. ",x\n"u8]);
        Assert.StartsWith(
            $"{path} is not UTF-8 at byte 19 (line 3);",
            Assert.Throws<DocumentException>(() => DocumentReader.Stream(path, null, null, None).Count()).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(path, "id,value\n1,2\n");
        Assert.StartsWith(
            $"{path}:1:1: none of the columns 'id', 'value'",
            Assert.Throws<DocumentException>(() => LargeDataset.Open(path, null, null, None)).Message,
            StringComparison.Ordinal
        );
        string lines = Write("a.jsonl", "{\"text\": \"a\"}\n{\"text\": }\n");
        Assert.Equal(
            $"{lines}:2:10: this is not valid JSON: this is not a JSON value",
            Assert.Throws<DocumentException>(() => DocumentReader.Stream(lines, null, null, None).Count()).Message
        );
        Assert.Contains(
            "no column 'txt'",
            Assert
                .Throws<DocumentException>(() =>
                    DocumentReader
                        .Stream(
                            Write("b.jsonl", "{\"text\": \"a\"}\n"),
                            new ReadOptions { TextColumn = "txt" },
                            null,
                            None
                        )
                        .Count()
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "is empty; write at least one example into it",
            Assert.Throws<DocumentException>(() => LargeDataset.Open(Write("e.csv", ""), null, null, None)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Warnings_reach_the_listener_and_a_limit_stops()
    {
        string path = Write("a.csv", "text,label\na,x\nb,x,extra\nc,x\n");
        List<string> told = [];
        Assert.Equal(
            ["a", "b"],
            DocumentReader
                .Stream(path, new ReadOptions { Limit = 2 }, (p, at) => told.Add($"{p.Code}@{at.Line}"), None)
                .Select(e => e.Text)
        );
        Assert.Equal(["column-count@2"], told);
    }

    [Fact]
    public void A_changed_file_is_noticed()
    {
        string path = Write("a.csv", "text,label\na,x\n");
        using LargeDataset large = LargeDataset.Open(path, null, null, None);
        File.AppendAllText(path, "b,x\n");
        Assert.Equal(
            $"{path} has changed since it was opened; open it again",
            Assert.Throws<DocumentException>(() => large.Read(0)).Message
        );
    }
}
