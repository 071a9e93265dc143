using FsCheck;
using FsCheck.Fluent;
using Whylight.Documents;

namespace Whylight.Tests.Documents;

public sealed class RowWriterTests
{
    private static ParsedDocument Parse(string path, string source) =>
        DocumentReader.Parse(path, source, null, CancellationToken.None);

    [Theory]
    [InlineData("a.csv", "id,text,label\r\n1,\"old, \"\"one\"\"\",pos\r\n2,other,neg\r\n")]
    [InlineData("a.csv", "id,text,label\n1,old,pos\n2,other,neg")]
    [InlineData("a.tsv", "text\tlabel\nold\tpos\nother\tneg\n")]
    [InlineData(
        "a.jsonl",
        "{\"label\": \"pos\", \"text\": \"o\\u006cd\"}\n{\"text\": \"other\", \"label\": \"neg\"}\n"
    )]
    [InlineData(
        "a.json",
        "[\n  {\"text\": \"old\", \"label\": \"pos\"},\n  {\"text\": \"other\", \"label\": \"neg\"}\n]\n"
    )]
    [InlineData("a.json", "[{\"text\": \"old\", \"label\": \"pos\"},{\"text\": \"other\", \"label\": \"neg\"}]")]
    public void A_copy_reads_back(string path, string source)
    {
        Gen<string> text = Gen.Elements(
                "new",
                " ",
                "\"",
                "\"\"",
                ",",
                "\t",
                "\n",
                "\r\n",
                "é",
                "😀",
                "\\",
                "\u0001",
                "'"
            )
            .ArrayOf()
            .Select(string.Concat)
            .Where(t => !string.IsNullOrWhiteSpace(t));
        ParsedDocument document = Parse(path, source);
        Prop.ForAll(
                Arb.From(text),
                Arb.From(Gen.Elements(0, 1)),
                (written, row) =>
                {
                    Example example = document.Examples[row];
                    string changed = RowWriter.InsertCopy(document, example, written)!.Value.ApplyTo(source);
                    ParsedDocument again = Parse(path, changed);
                    Assert.Equal(3, again.Examples.Count);
                    Assert.Equal(document.Examples[row].Text, again.Examples[row].Text);
                    Assert.Equal(
                        (written, example.Label),
                        (again.Examples[row + 1].Text, again.Examples[row + 1].Label)
                    );
                    Assert.Equal(
                        example.Columns.Select(c => c.Value),
                        again.Examples[row + 1].Columns.Select(c => c.Value)
                    );
                    string relabelled = RowWriter
                        .ReplaceLabel(document, example, written.Trim())!
                        .Value.ApplyTo(source);
                    Assert.Equal(written.Trim(), Parse(path, relabelled).Examples[row].Label);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(1729, 43));
    }

    [Theory]
    [InlineData("a.tsv", "text\tlabel\n\"open\tpos\n", "one\ttwo\nthree", "one two three")]
    [InlineData("a.txt", "old\n", "one\r\ntwo", "one two")]
    public void Where_a_file_cannot_hold_a_line_break_a_blank_stands_for_it(
        string path,
        string source,
        string text,
        string expected
    )
    {
        ParsedDocument document = Parse(path, source);
        string changed = RowWriter.InsertCopy(document, document.Examples[0], text)!.Value.ApplyTo(source);
        Assert.Equal(expected, Parse(path, changed).Examples[1].Text);
    }

    [Fact]
    public void Json_numbers_stay_numbers_and_prompts_have_no_rows()
    {
        const string source = "{\"text\": \"a\", \"label\": 1}";
        ParsedDocument document = Parse("a.jsonl", source);
        Assert.Equal(
            "{\"text\": \"a\", \"label\": 0}",
            RowWriter.ReplaceLabel(document, document.Examples[0], "0")!.Value.ApplyTo(source)
        );
        Assert.Equal(
            "{\"text\": \"a\", \"label\": \"x\"}",
            RowWriter.ReplaceLabel(document, document.Examples[0], "x")!.Value.ApplyTo(source)
        );
        ParsedDocument prompt = Parse("a.prompt", "hello");
        Assert.Null(RowWriter.InsertCopy(prompt, prompt.Examples[0], "x"));
        Assert.Null(RowWriter.ReplaceLabel(prompt, prompt.Examples[0], "x"));
    }
}
