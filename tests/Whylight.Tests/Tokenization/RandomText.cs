using System.Text;

namespace Whylight.Tests.Tokenization;

/// <summary>Random strings that reach for what tokenizers get wrong: marks, joiners, astral letters, lone surrogates, specials.</summary>
internal static class RandomText
{
    private static readonly string[] Fragments =
    [
        " ",
        "  ",
        "\t",
        "\n",
        "\r\n",
        "\u00A0",
        "\u3000",
        "\u2028",
        "\u0085",
        "the",
        "movie",
        "was",
        "great",
        "GREAT",
        "don't",
        "I'll",
        "we've",
        "x's",
        "123",
        "3.14",
        "hello_world",
        "caf\u00E9",
        "cafe\u0301",
        "\u0130stanbul",
        "\uFB01ne",
        "stra\u00DFe",
        "\u00C5ngstr\u00F6m",
        "e\u0301\u0302",
        "o\u0323\u0302",
        "\u1E9B\u0323",
        "\u4E2D\u6587",
        "\u65E5\u672C",
        "\uD55C\uAD6D",
        "\u1112\u1161\u11AB",
        "\uFF76\uFF9E",
        "\u0E20\u0E32",
        "\u0939\u093F",
        "\u05E9\u05B8",
        "\u0627\u0644",
        "\uD83D\uDC4D",
        "\uD83D\uDC4D\uD83C\uDFFD",
        "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
        "\uD83C\uDDE9\uD83C\uDDEA",
        "\uD835\uDC00\uD835\uDC01",
        "\uD840\uDC00",
        "\uD801\uDC00",
        "\uD83D",
        "\uDE00",
        "\u200B",
        "\u200D",
        "\uFEFF",
        "\u202E",
        "\0",
        "\u0007",
        "\uE000",
        "\uFFFD",
        "\uFFFF",
        "\u0378",
        "!",
        "?!",
        "...",
        "$5",
        "a+b",
        "'",
        "\"",
        "#",
        "@",
        "\u2026",
        "\u20AC",
        "\u00BD",
        "\u0660",
        "[MASK]",
        "[CLS]",
        "[sep]",
        "<s>",
        "</s>",
        "<mask>",
        "<|endoftext|>",
        "<unk>",
        "\u2581",
        "##s",
        "\u0120",
    ];

    public static string Next(Random random)
    {
        StringBuilder text = new();
        int parts = random.Next(0, 14);
        for (int i = 0; i < parts; i++)
        {
            switch (random.Next(10))
            {
                case 0:
                    text.Append((char)random.Next(0, 0x10000));
                    break;
                case 1:
                    int value = random.Next(0x10000, 0x110000);
                    text.Append(new Rune(value).ToString());
                    break;
                case 2:
                    text.Append((char)random.Next(0x300, 0x370));
                    break;
                case 3:
                    text.Append((char)random.Next('a', 'z' + 1), random.Next(1, random.Next(20) == 0 ? 150 : 6));
                    break;
                default:
                    text.Append(Fragments[random.Next(Fragments.Length)]);
                    break;
            }
        }
        return text.ToString();
    }

    /// <summary>A number of strings for a property: a sample, or as many as WHYLIGHT_FUZZ says.</summary>
    public static IEnumerable<string> Many(int seed, int sample)
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("WHYLIGHT_FUZZ"), out int wanted) ? wanted : sample;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {count} texts (WHYLIGHT_FUZZ sets the number)");
        Random random = new(seed);
        for (int i = 0; i < count; i++)
        {
            yield return Next(random);
        }
    }

    /// <summary>A string as escapes, so that a failure can be replayed.</summary>
    public static string Escaped(string text) =>
        string.Concat(text.Select(c => c is >= ' ' and < '\x7F' ? c.ToString() : $"\\u{(int)c:X4}"));
}
