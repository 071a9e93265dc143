using FsCheck;
using FsCheck.Fluent;
using Whylight.Documents;
using Whylight.Documents.Configuration;
using Whylight.Documents.Yaml;

namespace Whylight.Tests.Documents;

/// <summary>An editor's text may be anything at any moment: nothing throws, and every range stays inside the text.</summary>
public sealed class RobustnessTests
{
    private static readonly Gen<string> Anything = Gen.Elements(
            "a",
            "text",
            "label",
            ",",
            "\t",
            "\n",
            "\r\n",
            "\r",
            "\"",
            "'",
            "\\",
            "{",
            "}",
            "[",
            "]",
            ":",
            ": ",
            "- ",
            "? ",
            "|\n",
            ">\n",
            "  ",
            "#",
            "&a ",
            "*a",
            "!!str ",
            "---\n",
            "...\n",
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "${",
            "{{!--",
            "--}}",
            "prompts",
            "messages",
            "content",
            "files",
            "glob",
            "models",
            "1",
            "null",
            "\uFEFF",
            "\uD800",
            "\uDC00",
            "\0",
            "😀",
            "好",
            "\u0085",
            "\u2028",
            "%YAML 1.2\n",
            "@",
            "`",
            "\\u00e9",
            "\\ud83d",
            "system:\n",
            "=",
            "<<"
        )
        .ArrayOf()
        .Select(string.Concat);

    [Fact]
    public void No_text_makes_a_reader_throw()
    {
        string[] paths =
        [
            "a.tsv",
            "a.csv",
            "a.jsonl",
            "a.json",
            "a.txt",
            "a.prompt",
            "a.prompt.md",
            "a.prompty",
            "a.prompt.yaml",
            "promptfooconfig.yaml",
        ];
        int examples = 0;
        Prop.ForAll(
                Arb.From(Anything),
                Arb.From(Gen.Elements(paths)),
                Arb.From(Gen.Elements<ReadOptions?>(null, new ReadOptions { Header = false, TextColumn = "0" })),
                (source, path, options) =>
                {
                    ParsedDocument document = DocumentReader.Parse(path, source, options, CancellationToken.None);
                    foreach (DocumentProblem problem in document.Problems)
                    {
                        Assert.InRange(problem.Start, 0, source.Length);
                        Assert.InRange(problem.End, problem.Start, source.Length);
                    }
                    foreach (Example example in document.Examples)
                    {
                        examples++;
                        MapTwin.Check(source, example.Text, example.Map);
                        Assert.InRange(example.Start, example.RowStart, example.RowEnd);
                        Assert.InRange(example.End, example.Start, example.RowEnd);
                        foreach (TemplateField field in example.Fields)
                        {
                            Assert.Equal(
                                field.Value ?? source[field.SourceStart..field.SourceEnd],
                                example.Text[field.Start..field.End]
                            );
                        }
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(4000).WithReplay(1729, 43));
        Assert.True(examples > 2000, $"only {examples} examples were looked at");
    }

    [Fact]
    public void No_text_makes_the_configuration_throw()
    {
        int valid = 0;
        Prop.ForAll(
                Arb.From(Anything),
                source =>
                {
                    YamlDocument document = YamlReader.Parse("x.yaml", source);
                    valid += document.Root is null ? 0 : 1;
                    WorkspaceConfiguration configuration = WorkspaceConfiguration.Parse("/w/whylight.yaml", source);
                    Assert.All(
                        document.Problems.Concat(configuration.Problems),
                        p => Assert.InRange(p.End, p.Start, source.Length)
                    );
                    configuration.Resolve("/w/a.tsv");
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(4000).WithReplay(1729, 43));
        Assert.True(valid > 500, $"only {valid} were YAML");
    }

    [Fact]
    public void Words_cover_everything_but_white_space_and_cut_no_grapheme()
    {
        Prop.ForAll(
                Arb.From(
                    Gen.OneOf(
                        Anything,
                        Gen.Choose(0, 0x2FFFF)
                            .Where(c => c is < 0xD800 or > 0xDFFF)
                            .Select(char.ConvertFromUtf32)
                            .ArrayOf()
                            .Select(string.Concat)
                    )
                ),
                text =>
                {
                    int[] clusters = [.. System.Globalization.StringInfo.ParseCombiningCharacters(text), text.Length];
                    int covered = 0;
                    foreach (Word word in Words.Split(text))
                    {
                        Assert.True(word.Start >= covered && word.End > word.Start);
                        Assert.True(string.IsNullOrWhiteSpace(text[covered..word.Start]));
                        Assert.Contains(word.Start, clusters);
                        Assert.Contains(word.End, clusters);
                        covered = word.End;
                    }
                    Assert.True(string.IsNullOrWhiteSpace(text[covered..]));
                    int end = 0;
                    foreach (Sentence sentence in Words.Sentences(text))
                    {
                        Assert.True(
                            string.IsNullOrWhiteSpace(text[end..sentence.Start]) && sentence.End > sentence.Start
                        );
                        end = sentence.End;
                    }
                    Assert.True(string.IsNullOrWhiteSpace(text[end..]));
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithReplay(1729, 43));
    }

    [Theory]
    [InlineData("It works. Really! Does it? Yes", "It works.|Really!|Does it?|Yes")]
    [InlineData("J. Smith paid 3.50 (e.g. for tea). Fine.", "J. Smith paid 3.50 (e.g. for tea).|Fine.")]
    [InlineData("\"Go!\" she said. 'No.'\n\nEnd", "\"Go!\"|she said.|'No.'|End")]
    [InlineData("很好吃。真的！下次再来", "很好吃。|真的！|下次再来")]
    [InlineData("Wait... what? Well… no", "Wait... what?|Well…|no")]
    public void Sentences(string text, string expected) =>
        Assert.Equal(expected.Split('|'), Words.Sentences(text).Select(s => text[s.Start..s.End]));
}
