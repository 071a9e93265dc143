using FsCheck;
using FsCheck.Fluent;
using Whylight.Documents;
using Whylight.Documents.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Whylight.Tests.Documents;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("yes", null, "a string")]
    [InlineData("no", null, "a string")]
    [InlineData("on", null, "a string")]
    [InlineData("Off", null, "a string")]
    [InlineData("y", null, "a string")]
    [InlineData("12:30:45", null, "a string")]
    [InlineData("1_000", null, "a string")]
    [InlineData("0b11", null, "a string")]
    [InlineData("'true'", null, "a string")]
    [InlineData("!!str 12", null, "a string")]
    [InlineData("true", null, "a boolean")]
    [InlineData("FALSE", null, "a boolean")]
    [InlineData("012", 12.0, "a number")]
    [InlineData("0o14", 12.0, "a number")]
    [InlineData("0xC", 12.0, "a number")]
    [InlineData("-1.5e3", -1500.0, "a number")]
    [InlineData(".5", 0.5, "a number")]
    [InlineData(".inf", double.PositiveInfinity, "a number")]
    [InlineData("~", null, "nothing")]
    [InlineData("", null, "nothing")]
    [InlineData("null", null, "nothing")]
    public void Types_follow_the_core_schema(string written, double? number, string description)
    {
        YamlDocument document = YamlReader.Parse("x.yaml", $"key: {written}\n");
        Assert.Empty(document.Problems);
        YamlScalar value = Assert.IsType<YamlScalar>(Assert.IsType<YamlMapping>(document.Root)["key"]);
        Assert.Equal(number, value.AsNumber);
        Assert.Equal(description, value.Description);
    }

    [Fact]
    public void Nodes_know_their_places()
    {
        const string text = "# c\na: {b: [x, 'y z']}\r\nc:\r\n  - d: é😀 e  # c\r\n    f: &p \"q\"\r\n  - *p\r\n";
        YamlDocument document = YamlReader.Parse("x.yaml", text);
        Assert.Empty(document.Problems);
        YamlMapping root = Assert.IsType<YamlMapping>(document.Root);
        Assert.Equal("{b: [x, 'y z']}", Cut(root["a"]!));
        YamlSequence inner = Assert.IsType<YamlSequence>(((YamlMapping)root["a"]!)["b"]);
        Assert.Equal("[x, 'y z']", Cut(inner));
        Assert.Equal("'y z'", Cut(inner.Items[1]));
        YamlSequence list = Assert.IsType<YamlSequence>(root["c"]);
        Assert.Equal("é😀 e", Cut(((YamlMapping)list.Items[0])["d"]!));
        Assert.Equal("&p \"q\"", Cut(((YamlMapping)list.Items[0])["f"]!));
        Assert.Same(((YamlMapping)list.Items[0])["f"], list.Items[1]);
        Assert.Equal(new LinePosition(3, 7), document.Lines.PositionOf(((YamlMapping)list.Items[0])["d"]!.Start));

        string Cut(YamlNode node) => text[node.Start..node.End];
    }

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3\n", "duplicate-key", 2, 0)]
    [InlineData("a: *x\n", "unknown-anchor", 0, 3)]
    [InlineData("a: &x [*x]\n", "unknown-anchor", 0, 7)]
    [InlineData("a: [1, 2\nb: 3\n", "not-yaml", 0, 5)]
    [InlineData("a: b: c\n", "not-yaml", 0, 4)]
    [InlineData("a: 1\n---\nb: 2\n", "second-document", 1, 0)]
    [InlineData("? [a, b]\n: c\n", "key-not-scalar", 0, 2)]
    [InlineData("a: \"open\n", "not-yaml", 0, 3)]
    [InlineData("a:\n\t- b\n", "not-yaml", 1, 0)]
    public void Errors_have_a_place(string text, string code, int line, int character)
    {
        YamlDocument document = YamlReader.Parse("x.yaml", text);
        DocumentProblem problem = Assert.Single(document.Problems);
        Assert.Equal(code, problem.Code);
        Assert.Equal(new LinePosition(line, character), document.Lines.PositionOf(problem.Start));
        Assert.DoesNotContain("Exception", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_billion_laughs_are_refused_at_once()
    {
        string text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
        for (int i = 1; i < 12; i++)
        {
            text += $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n";
        }
        DocumentProblem problem = Assert.Single(YamlReader.Parse("x.yaml", text).Problems);
        Assert.Equal("too-many-nodes", problem.Code);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a: ", "}")]
    [InlineData("- ", "")]
    public void Deep_nesting_is_refused_without_overflowing_the_stack(string open, string close)
    {
        const int depth = 20_000;
        string text =
            string.Concat(Enumerable.Repeat(open, depth)) + "x" + string.Concat(Enumerable.Repeat(close, depth));
        DocumentProblem problem = Assert.Single(YamlReader.Parse("x.yaml", text).Problems);
        Assert.Equal("too-deep", problem.Code);
    }

    [Theory]
    [InlineData("|\n  one\n   two\n\n  three\n", "one\n two\n\nthree\n")]
    [InlineData("|-\r\n  one\r\n  two\r\n\r\n", "one\ntwo")]
    [InlineData("|+\n  one\n\n", "one\n\n\n")]
    [InlineData(">\n  one\n  two\n\n  three\n    four\n  five\n\n\n  six\n", "one two\nthree\n  four\nfive\n\nsix\n")]
    [InlineData(">-\n  one\n  two\n", "one two")]
    [InlineData("|2\n    one\n", "  one\n")]
    [InlineData("one two\n  three\n\n  four # comment\n", "one two three\nfour")]
    [InlineData("'it''s\n  one\n\n  two  '\n", "it's one\ntwo  ")]
    [InlineData("\"a\\tb\\u00e9\\U0001F600\\x41 \\\n  c\n  d\\n\\\"\"\n", "a\tbé😀A c d\n\"")]
    [InlineData("''\n", "")]
    [InlineData("&anchor !!str plain\n", "plain")]
    public void Scalars_map_back_to_the_file(string written, string expected)
    {
        string source = "# first\nkey: " + written + "\n# last\n";
        YamlDocument document = YamlReader.Parse("x.yaml", source);
        Assert.Empty(document.Problems);
        (string text, SourceMap map) = ((YamlScalar)((YamlMapping)document.Root!)["key"]!).Mapped;
        Assert.Equal(expected, text);
        MapTwin.Check(source, text, map);
        Assert.True(map.IsExact, "the map must not fall back to the whole scalar");
    }

    [Fact]
    public void Every_scalar_an_emitter_writes_maps_exactly()
    {
        Gen<string> word = Gen.Elements(
            "a",
            "it's",
            "\"q\"",
            "é",
            "😀",
            "x y",
            " ",
            "  ",
            "\n",
            "\n\n",
            "\t",
            "\\",
            "#",
            ": ",
            "- ",
            "%"
        );
        Gen<string> text = Gen.ArrayOf(word).Select(string.Concat);
        Gen<ScalarStyle> style = Gen.Elements(
            ScalarStyle.Plain,
            ScalarStyle.SingleQuoted,
            ScalarStyle.DoubleQuoted,
            ScalarStyle.Literal,
            ScalarStyle.Folded
        );
        int exact = 0;
        Prop.ForAll(
                Arb.From(text),
                Arb.From(style),
                (value, wanted) =>
                {
                    StringWriter writer = new();
                    Emitter emitter = new(writer, new EmitterSettings().WithBestWidth(12));
                    emitter.Emit(new StreamStart());
                    emitter.Emit(new DocumentStart());
                    emitter.Emit(new MappingStart());
                    emitter.Emit(new Scalar("key"));
                    emitter.Emit(new Scalar(default, default, value, wanted, true, true));
                    emitter.Emit(new Scalar("next"));
                    emitter.Emit(new Scalar("z"));
                    emitter.Emit(new MappingEnd());
                    emitter.Emit(new DocumentEnd(true));
                    emitter.Emit(new StreamEnd());
                    string source = writer.ToString();
                    YamlDocument document = YamlReader.Parse("x.yaml", source);
                    if (document.Root is not YamlMapping root)
                    {
                        return; // an emitter's own slip is not ours
                    }
                    YamlScalar scalar = (YamlScalar)root["key"]!;
                    (string read, SourceMap map) = scalar.Mapped;
                    Assert.Equal(scalar.Value, read);
                    MapTwin.Check(source, read, map);
                    Assert.True(map.IsExact, source);
                    exact++;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(1729, 43));
        Assert.True(exact > 1500, $"only {exact} scalars were compared");
    }

    [Fact]
    public void Keys_report_everything_at_once()
    {
        const string text = "nmae: x\nrate: fast\ncount: 0\nmode: of\nlist: {}\n";
        YamlDocument document = YamlReader.Parse("x.yaml", text);
        List<DocumentProblem> problems = [];
        YamlKeys keys = YamlKeys.Of(document.Root, "a thing", problems)!;
        Assert.Null(keys.RequiredString("name"));
        Assert.Null(keys.OptionalNumber("rate", 0, 1));
        Assert.Null(keys.OptionalInteger("count", 1));
        Assert.Null(keys.OptionalOneOf("mode", ["on", "off"]));
        Assert.Null(keys.OptionalSequence("list"));
        Assert.Null(keys.OptionalBoolean("absent"));
        keys.Close();
        Assert.Equal(
            [
                "a thing needs the key 'name'",
                "'rate' is a number, not 'fast'",
                "'count' is at least 1, not 0",
                "'mode' cannot be 'of' (did you mean 'off'?)",
                "'list' is a list, not a mapping",
                "a thing has no key 'nmae' (did you mean 'name'?)",
            ],
            problems.Select(p => p.Message)
        );
        Assert.Equal([0, 1, 2, 3, 4, 0], problems.Select(p => document.Lines.LineOf(p.Start)));
    }
}
