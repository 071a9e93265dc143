using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Whylight.Documents;

namespace Whylight.Tests.Documents;

public sealed class DatasetTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static ParsedDocument Parse(string path, string source, ReadOptions? options = null)
    {
        ParsedDocument document = DocumentReader.Parse(path, source, options, None);
        foreach (Example example in document.Examples)
        {
            MapTwin.Check(source, example.Text, example.Map);
            Assert.Equal(
                (example.Start, example.End),
                (example.Map.ToSource(0), example.Map.ToSource(example.Text.Length))
            );
            Assert.InRange(example.Start, example.RowStart, example.RowEnd);
            Assert.InRange(example.End, example.Start, example.RowEnd);
            Assert.Equal(source[..example.Start].Count(c => c == '\n'), example.Line);
        }
        return document;
    }

    [Fact]
    public void A_table_with_everything_in_it()
    {
        const string source =
            "\uFEFFid,Text,Label\r\n1,\"He said \"\"no\"\",\r\nthen left\",neg\r\n\r\n2,plain 'text',pos\r\n3,\"\",\n4,last,pos";
        ParsedDocument document = Parse("a.csv", source);
        Assert.Equal(
            ["He said \"no\",\r\nthen left", "plain 'text'", "", "last"],
            document.Examples.Select(e => e.Text)
        );
        Assert.Equal(["neg", "pos", null, "pos"], document.Examples.Select(e => e.Label));
        Assert.Equal(["id", "Text", "Label"], document.Columns);
        Assert.Equal(("Text", "Label"), (document.TextColumn, document.LabelColumn));
        Assert.Equal("empty-text", Assert.Single(document.Problems).Code);
        Example first = document.Examples[0];
        Assert.Equal("He said \"\"no\"\",\r\nthen left", source[first.Start..first.End]);
        Assert.Equal("1,\"He said \"\"no\"\",\r\nthen left\",neg", source[first.RowStart..first.RowEnd]);
        Assert.Equal("\"\"", source[first.Map.ToSource(8)..first.Map.ToSource(9)]);
        Assert.Equal("neg", source[first.LabelRange!.Value.Start..first.LabelRange.Value.End]);
        ColumnValue id = Assert.Single(document.Examples[1].Columns);
        Assert.Equal(("id", "2", "2"), (id.Name, id.Value, source[id.Start..id.End]));
        Assert.Same(document.Examples[1], document.ExampleAt(document.Examples[1].End));
        Assert.Null(document.ExampleAt(3));
    }

    [Fact]
    public void Columns_by_number_without_header_and_mapped_labels()
    {
        ReadOptions options = new()
        {
            Header = false,
            TextColumn = "0",
            LabelColumn = "1",
            Labels = new Dictionary<string, string> { ["0"] = "negative", ["1"] = "positive" },
        };
        ParsedDocument document = Parse("a.tsv", "bad film\t0\ngood film\t1\nodd\t2\n", options);
        Assert.Equal(["negative", "positive", "2"], document.Examples.Select(e => e.Label));
        Assert.Equal(["0", "1", "2"], document.Examples.Select(e => e.RawLabel));
        Assert.Equal("unmapped-label", Assert.Single(document.Problems).Code);
    }

    [Fact]
    public void Tab_separated_files_with_plain_quotes_are_read_as_they_stand()
    {
        const string source = "text\tlabel\n\"quoted\" start\tpos\n\"open\tneg\n\"both\"\tpos\n";
        ParsedDocument document = Parse("a.tsv", source);
        Assert.Equal(["\"quoted\" start", "\"open", "\"both\""], document.Examples.Select(e => e.Text));
        Assert.Equal("literal-quotes", Assert.Single(document.Problems).Code);
    }

    [Fact]
    public void Json_lines_with_escapes()
    {
        const string source = """
            {"id": 1, "text": "a\n\"b\" \u00e9 \ud83d\ude00 \ud83d!", "label": 1}

              {"text": null, "label": "x"}
            {"label": true, "text": "second", "text": "counts", "more": {"a": [1, 2]}}
            {"label": "x"}
            """;
        ParsedDocument document = Parse("a.jsonl", source);
        Assert.Equal(["a\n\"b\" é 😀 \uFFFD!", "counts"], document.Examples.Select(e => e.Text));
        Assert.Equal(["1", "true"], document.Examples.Select(e => e.Label));
        Assert.Equal(["missing-text", "missing-text"], document.Problems.Select(p => p.Code));
        Example first = document.Examples[0];
        int face = first.Text.IndexOf('\ud83d', StringComparison.Ordinal);
        Assert.Equal("\\ud83d\\ude00", Slice(source, first.Map.ToSource(face, face + 2)));
        Assert.Equal("{\"a\": [1, 2]}", document.Examples[1].Columns.Single(c => c.Name == "more").Value);
    }

    [Theory]
    [InlineData("""[{"text": "a", "label": "x"}, {"text": "b"}]""")]
    [InlineData("""{"version": 1, "data": [{"text": "a", "label": "x"}, {"text": "b"}]}""")]
    [InlineData("""["a", "b"]""")]
    [InlineData("""[["a", "x"], ["b"]]""")]
    public void Json_arrays(string source)
    {
        ReadOptions options = source.StartsWith("[[", StringComparison.Ordinal)
            ? new() { TextColumn = "0", LabelColumn = "1" }
            : new();
        ParsedDocument document = Parse("a.json", source, options);
        Assert.Empty(document.Problems);
        Assert.Equal(["a", "b"], document.Examples.Select(e => e.Text));
    }

    [Fact]
    public void Plain_lines()
    {
        ParsedDocument document = Parse("a.txt", "  first \r\n\n\tsecond\n");
        Assert.Equal(["first", "second"], document.Examples.Select(e => e.Text));
    }

    [Theory]
    [InlineData("a.tsv", "id\tvalue\n1\t2\n", null, "no-text-column", 0)]
    [InlineData("a.tsv", "text\tlabel\nx\ty\n", "txt", "no-such-column", 0)]
    [InlineData("a.tsv", "text\tlabel\nx\ty\n", "7", "no-such-column", 0)]
    [InlineData("a.jsonl", "{\"text\": \"x\"}\n", "sentence", "no-such-column", 0)]
    [InlineData("a.csv", "text,label\nok,x\n\"never closed,y\nmore,z\n", null, "unclosed-quote", 16)]
    [InlineData("a.csv", "text,label\n\"a\"b,y\n", null, "text-after-quote", 14)]
    [InlineData("a.csv", "text,label\na, b,y\n", null, "column-count", 11)]
    [InlineData("a.jsonl", "{\"text\": \"x\"}\n{\"text\": 'x'}\n", null, "not-json", 23)]
    [InlineData("a.jsonl", "{\"text\": \"x\"} {}\n", null, "not-json", 14)]
    [InlineData("a.json", "[{\"text\": \"x\"},]", null, "not-json", 15)]
    [InlineData("a.json", "{\"text\": \"x\"}", null, "not-an-array", 0)]
    [InlineData("a.json", "[{\"text\": \"x\"}", null, "not-json", 0)]
    [InlineData("a.exe", "MZ", null, "unknown-kind", 0)]
    [InlineData("a.csv", "\n \n", null, "empty-file", 0)]
    public void Problems_have_codes_and_places(string path, string source, string? column, string code, int start)
    {
        DocumentProblem problem = Parse(path, source, new ReadOptions { TextColumn = column }).Problems[0];
        Assert.Equal((code, start), (problem.Code, problem.Start));
    }

    [Fact]
    public void A_missing_column_names_those_that_are_there() =>
        Assert.Equal(
            "there is no column 'sentense' to take the text from (did you mean 'sentence'?); the columns are 'id', "
                + "'sentence'; if the file has no header row, say so (--no-header)",
            Parse("a.csv", "id,sentence\n1,x\n", new ReadOptions { TextColumn = "sentense" }).Problems[0].Message
        );

    [Fact]
    public void Every_written_table_reads_back_with_exact_ranges()
    {
        Gen<string> cell = Gen.Elements(
                "a",
                "b c",
                "\"",
                "\"\"",
                ",",
                ";",
                "\t",
                "\n",
                "\r\n",
                "é",
                "😀",
                "好",
                "'",
                " ",
                "\\",
                "\u2028",
                "{",
                "x\"y"
            )
            .ArrayOf()
            .Select(string.Concat);
        Gen<string[][]> rows = cell.ArrayOf(3).ArrayOf();
        Arbitrary<(string[][] Rows, char Delimiter, bool AlwaysQuote, string Newline)> tables = Arb.From(
            from r in rows
            from d in Gen.Elements(',', '\t', ';')
            from q in Gen.Elements(true, false)
            from n in Gen.Elements("\n", "\r\n")
            select (r, d, q, n)
        );
        int compared = 0;
        Prop.ForAll(
                tables,
                table =>
                {
                    StringBuilder source = new(
                        "text" + table.Delimiter + "label" + table.Delimiter + "other" + table.Newline
                    );
                    List<(int Start, int End)> ranges = [];
                    foreach (string[] row in table.Rows)
                    {
                        for (int i = 0; i < row.Length; i++)
                        {
                            string written = row[i];
                            bool quote =
                                table.AlwaysQuote || written.IndexOfAny([table.Delimiter, '"', '\r', '\n']) >= 0;
                            written = quote
                                ? "\"" + written.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""
                                : written;
                            if (i == 0)
                            {
                                ranges.Add(
                                    (source.Length + (quote ? 1 : 0), source.Length + written.Length - (quote ? 1 : 0))
                                );
                            }
                            source.Append(written).Append(i < 2 ? table.Delimiter.ToString() : table.Newline);
                        }
                    }
                    string text = source.ToString();
                    string path = table.Delimiter == '\t' ? "a.tsv" : "a.csv";
                    ParsedDocument document = Parse(path, text, new ReadOptions { Delimiter = table.Delimiter });
                    Assert.Equal(table.Rows.Select(r => r[0]), document.Examples.Select(e => e.Text));
                    Assert.Equal(table.Rows.Select(r => r[2]), document.Examples.Select(e => e.Columns[0].Value));
                    Assert.Equal(ranges, document.Examples.Select(e => (e.Start, e.End)));
                    foreach (Example example in document.Examples)
                    {
                        string between = text[example.Start..example.End];
                        bool quoted = example.Start > 0 && text[example.Start - 1] == '"';
                        Assert.Equal(
                            example.Text,
                            quoted ? between.Replace("\"\"", "\"", StringComparison.Ordinal) : between
                        );
                        compared++;
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(1729, 43));
        Assert.True(compared > 5000, $"only {compared} texts were compared");
    }

    [Fact]
    public void Every_written_json_row_reads_back_with_exact_ranges()
    {
        Gen<string> text = Gen.Elements(
                "a",
                "\"",
                "\\",
                "/",
                "\n",
                "\t",
                "é",
                "😀",
                "好",
                "\u0001",
                "<",
                " ",
                "\u2028",
                "n",
                "u0041"
            )
            .ArrayOf()
            .Select(string.Concat);
        JsonSerializerOptions[] writers =
        [
            new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping },
            new() { WriteIndented = true },
        ];
        Prop.ForAll(
                Arb.From(text.ArrayOf()),
                Arb.From(Gen.Elements(0, 1)),
                (texts, writer) =>
                {
                    object[] rows = [.. texts.Select((t, i) => new { id = i, text = t })];
                    string lines = string.Join('\n', rows.Select(r => JsonSerializer.Serialize(r, writers[0])));
                    string array = JsonSerializer.Serialize(rows, writers[writer]);
                    foreach ((string path, string source) in new[] { ("a.jsonl", lines), ("a.json", array) })
                    {
                        ParsedDocument document = Parse(path, source);
                        Assert.Equal(texts, document.Examples.Select(e => e.Text));
                        foreach (Example example in document.Examples)
                        {
                            // The slow twin: what stands in the range is the inside of a JSON string with that value.
                            string inside = source[example.Start..example.End];
                            Assert.Equal(example.Text, JsonSerializer.Deserialize<string>($"\"{inside}\""));
                            for (int i = 0; i < example.Text.Length; i++)
                            {
                                string one = Slice(source, example.Map.ToSource(i, i + 1));
                                string expected = example.Text[i].ToString();
                                Assert.True(
                                    one == expected
                                        || one.StartsWith('\\')
                                            && (
                                                one.Length == 6
                                                    ? ((char)Convert.ToInt32(one[2..], 16)).ToString()
                                                    : JsonSerializer.Deserialize<string>($"\"{one}\"")
                                            ) == expected,
                                    $"{one} is not {expected}"
                                );
                            }
                        }
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(1729, 43));
    }

    [Fact]
    public void Json_that_the_platform_refuses_is_refused_and_the_other_way_round()
    {
        Gen<string> json = Gen.Elements(
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"a\"",
                "\"",
                "1",
                "-",
                "0",
                ".5",
                "e3",
                "true",
                "null",
                " ",
                "\\n",
                "\n",
                "tru",
                "1.",
                "\t"
            )
            .ArrayOf()
            .Select(parts => "[" + string.Concat(parts) + "]");
        int valid = 0;
        Prop.ForAll(
                Arb.From(json),
                source =>
                {
                    bool expected;
                    try
                    {
                        JsonDocument.Parse(source).Dispose();
                        expected = true;
                        valid++;
                    }
                    catch (JsonException)
                    {
                        expected = false;
                    }
                    bool refused = DocumentReader
                        .Parse("a.json", source, new ReadOptions { TextColumn = "0" }, None)
                        .Problems.Any(p => p.Code == "not-json");
                    Assert.Equal(expected, !refused);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithReplay(1729, 43));
        Assert.True(valid > 100, $"only {valid} were valid");
    }

    [Fact]
    public void A_line_of_ten_megabytes_reads()
    {
        string text = string.Concat(Enumerable.Repeat("word \"\"quoted\"\" ", 10_000_000 / 16));
        string source = "text,label\n\"" + text + "\",x\n";
        ParsedDocument document = DocumentReader.Parse("a.csv", source, null, TestContext.Current.CancellationToken);
        Example example = Assert.Single(document.Examples);
        Assert.Equal(text.Replace("\"\"", "\"", StringComparison.Ordinal), example.Text);
        Assert.Equal(source.Length - 4, example.Map.ToSource(example.Text.Length));
    }

    [Fact]
    public void Files_that_cannot_be_used_get_one_sentence()
    {
        string folder = Directory.CreateTempSubdirectory("whylight").FullName;
        try
        {
            string path = Path.Combine(folder, "a.csv");
            Assert.Equal($"there is no file {path}", Message());
            File.WriteAllText(path, "");
            Assert.Equal($"{path} is empty; write at least one example into it", Message());
            File.WriteAllBytes(path, [.. "text,label\nok,x\ncaf"u8, 0xE9, .. ",x\n"u8]);
            Assert.Equal(
                $"{path} is not UTF-8 at byte 19 (line 3); save it as UTF-8, or name its encoding with --encoding (for example windows-1252 or gb18030)",
                Message()
            );
            Assert.Equal(
                "café",
                DocumentReader.ReadFile(path, new ReadOptions { Encoding = "windows-1252" }, None).Examples[1].Text
            );
            Assert.StartsWith(
                $"{path}: there is no encoding 'utf-9' (did you mean 'utf-8'?)",
                Message(new ReadOptions { Encoding = "utf-9" }),
                StringComparison.Ordinal
            );
            File.WriteAllText(path, "text,label\n好,x\n", Encoding.Unicode);
            Assert.Equal("好", DocumentReader.ReadFile(path, null, None).Examples[0].Text);
            File.WriteAllText(path, "text,label\nfine,x\n\"open,x\n");
            Assert.Equal(
                $"{path}:3:1: this double quote is never closed; close it, or write \"\"\" for a text that begins with a quote",
                Message()
            );
            Assert.Equal(
                $"{folder} is a folder; name a file in it",
                Assert.Throws<DocumentException>(() => DocumentReader.ReadFile(folder, null, None)).Message
            );

            string Message(ReadOptions? options = null) =>
                Assert.Throws<DocumentException>(() => DocumentReader.ReadFile(path, options, None)).Message;
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static string Slice(string source, (int Start, int End) range) => source[range.Start..range.End];
}
