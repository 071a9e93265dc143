using Whylight.Documents;

namespace Whylight.Tests.Documents;

public sealed class PromptTests
{
    private static ParsedDocument Parse(string path, string source)
    {
        ParsedDocument document = DocumentReader.Parse(path, source);
        foreach (Example example in document.Examples)
        {
            MapTwin.Check(source, example.Text, example.Map);
            foreach (TemplateField field in example.Fields)
            {
                Assert.Equal(
                    field.Value ?? source[field.SourceStart..field.SourceEnd],
                    example.Text[field.Start..field.End]
                );
                Assert.Equal((field.SourceStart, field.SourceEnd), example.Map.ToSource(field.Start, field.End));
            }
        }
        return document;
    }

    [Fact]
    public void Front_matter_is_skipped_and_fields_stand_as_written_without_samples()
    {
        const string source =
            "---\r\ndescription: 'x'\r\n---\r\n\r\n# Hello {{ name }}\r\n\r\nUse ${input:tone:warm} and ${{ secrets.X }}.\r\n";
        Example example = Assert.Single(Parse("a.prompt.md", source).Examples);
        Assert.Equal("# Hello {{ name }}\r\n\r\nUse ${input:tone:warm} and ${{ secrets.X }}.", example.Text);
        Assert.Equal(["name", "tone"], example.Fields.Select(f => f.Name));
        Assert.All(example.Fields, f => Assert.Null(f.Value));
        Assert.Equal(4, example.Line);
        Assert.Equal(source.IndexOf('#', StringComparison.Ordinal), example.Start);
        Assert.Equal(example.Text, source[example.Start..example.End]);
    }

    [Theory]
    [InlineData("no front matter here", "no front matter here")]
    [InlineData("---\nnot: closed\nbody", "---\nnot: closed\nbody")]
    [InlineData("---\nJust a rule above and below.\n---\nbody", "---\nJust a rule above and below.\n---\nbody")]
    [InlineData("---\n---\nbody", "body")]
    [InlineData("---\na: 1\n---\nbody\n---\nmore", "body\n---\nmore")]
    public void Front_matter_is_only_what_is_one(string source, string text) =>
        Assert.Equal(text, Assert.Single(Parse("a.prompt", source).Examples).Text);

    [Fact]
    public void Broken_front_matter_is_a_warning_at_its_place()
    {
        ParsedDocument document = Parse("a.prompt.md", "---\nmode: a\nmode: b\n---\nbody {{x}}\n");
        DocumentProblem problem = Assert.Single(document.Problems);
        Assert.Equal(("duplicate-key", ProblemSeverity.Warning), (problem.Code, problem.Severity));
        Assert.Equal(2, document.Lines.LineOf(problem.Start));
        Assert.Contains("on line 2;", problem.Message, StringComparison.Ordinal);
        Assert.Equal("body {{x}}", Assert.Single(document.Examples).Text);
    }

    [Fact]
    public void Prompty_samples_fill_fields_and_roles_are_no_text()
    {
        const string source = """
            ---
            name: Basic
            sample:
              firstName: Jane
              nested: {city: "Par\u0069s"}
            inputs:
              - {name: question, kind: string, default: "What now?"}
              - name: empty
                default: ""
            ---
            system:
            You help {{firstName}} of {{nested.city}}{% if x %} kindly{% endif %}.
            {# a comment #}{{!-- another --}}
            user[name="A"]:
            {{question}} {{empty}} {{other | upper}}{{#each items}}, {{this}}{{/each}}
            """;
        Example example = Assert.Single(Parse("a.prompty", source).Examples);
        Assert.Equal(
            "You help Jane of Paris kindly.\n\nWhat now? {{empty}} {{other | upper}}, ",
            example.Text.ReplaceLineEndings("\n") + (example.Text.EndsWith(' ') ? "" : " ")
        );
        Assert.Equal(
            ["firstName=Jane", "nested.city=Paris", "question=What now?", "empty=", "other="],
            example.Fields.Select(f => $"{f.Name}={f.Value}")
        );
    }

    [Fact]
    public void Promptfoo_prompts_are_examples_filled_by_the_first_test()
    {
        const string source = """
            prompts:
              - "Say \"{{word}}\" to {{name}}"
              - |
                Dear {{name}},
                  how are you?
              - >-
                Folded {{word}}
                text
              - file://other.txt
              - prompts.txt
              - {id: x, raw: 'It''s {{word}}'}
            providers: [x]
            defaultTest: {vars: {name: Default, word: "no"}}
            tests:
              - vars: {name: Ann}
              - vars: {name: Bob, word: [hi, there]}
            """;
        ParsedDocument document = Parse("promptfooconfig.yaml", source);
        Assert.Empty(document.Problems);
        Assert.Equal(
            ["Say \"hi\" to Ann", "Dear Ann,\n  how are you?", "Folded hi text", "It's hi"],
            document.Examples.Select(e => e.Text)
        );
        Assert.Equal([1, 3, 6, 10], document.Examples.Select(e => e.Line));
    }

    [Fact]
    public void Chat_messages_are_one_example()
    {
        const string source = """
            name: Classify
            messages:
              - role: system
                content: You are terse.
              - role: user
                content: 'Classify: {{input}}'
            testData:
              - input: good film
            """;
        ParsedDocument document = Parse("a.prompt.yaml", source);
        Example example = Assert.Single(document.Examples);
        Assert.Equal("You are terse.\n\nClassify: good film", example.Text);
        Assert.Equal("input", Assert.Single(example.Fields).Name);
    }

    [Theory]
    [InlineData("a.prompt.yaml", "name: x\n", "no-prompt")]
    [InlineData("a.prompt.yaml", "prompts: [\n", "not-yaml")]
    [InlineData("a.prompt.md", "---\na: 1\n---\n \n", "empty-prompt")]
    [InlineData("a.prompt.md", " \n", "empty-file")]
    public void Nothing_to_read_is_said(string path, string source, string code) =>
        Assert.Equal(code, Assert.Single(Parse(path, source).Problems).Code);

    [Fact]
    public void Many_open_braces_stay_linear()
    {
        string source = string.Concat(Enumerable.Repeat("{{ {% {{! ${ ", 100_000));
        Assert.Equal(
            source.Trim(),
            Assert
                .Single(DocumentReader.Parse("a.prompt", source, null, TestContext.Current.CancellationToken).Examples)
                .Text
        );
    }

    public static TheoryData<string> RealPrompts()
    {
        TheoryData<string> files = [];
        if (Shared.Root() is { } root && Directory.Exists(Path.Combine(root, "data/prompts")))
        {
            foreach (
                string file in Directory
                    .EnumerateFiles(Path.Combine(root, "data/prompts"), "*", SearchOption.AllDirectories)
                    .Order(StringComparer.Ordinal)
            )
            {
                if (DocumentReader.IsPrompt(DocumentReader.KindOf(file)))
                {
                    files.Add(Path.GetRelativePath(root, file));
                }
            }
        }
        return files;
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(RealPrompts))]
    public void Real_prompts_read(string file)
    {
        string path = Shared.Require(file);
        ParsedDocument document = Parse(path, File.ReadAllText(path));
        Assert.DoesNotContain(document.Problems, p => p.Severity == ProblemSeverity.Error);
        Assert.All(document.Examples, e => Assert.Equal(e.Text.Trim(), e.Text));
    }
}
