using Whylight.Documents;

namespace Whylight.Tests.Documents;

public sealed class WordsTests
{
    [Theory]
    [InlineData("It isn't 3.5 stars, really!", "It|isn't|3.5|stars|,|really|!")]
    [InlineData("1,000 people; $3 (50%)", "1,000|people|;|$|3|(|50|%)")]
    [InlineData("well-made... \"ok\".", "well|-|made|...|\"|ok|\".")]
    [InlineData("很好吃 very好", "很|好|吃|very|好")]
    [InlineData("カタカナとひらがな", "カタカナ|と|ひ|ら|が|な")]
    [InlineData("e\u0301te\u0301 na\u00EFve", "e\u0301te\u0301|na\u00EFve")]
    [InlineData("👩‍👩‍👧 👍🏽🇫🇷🇩🇪 3️⃣ ❤️!", "👩‍👩‍👧|👍🏽|🇫🇷|🇩🇪|3️⃣|❤️|!")]
    [InlineData("snake_case _x __ a:b http://x.org/y", "snake_case|_x|__|a|:|b|http|://|x.org|/|y")]
    [InlineData("...___... a ..._b", "...___...|a|...|_b")]
    [InlineData("dogs' 'tis rock'n'roll 3.a a.3 x1y2", "dogs|'|'|tis|rock'n'roll|3|.|a|a|.|3|x1y2")]
    [InlineData("co\u00ADoperate שׁלום צה\"ל 'ת", "co\u00ADoperate|שׁלום|צה\"ל|'|ת")]
    [InlineData("\t \u00A0\u3000\r\n", "")]
    [InlineData("", "")]
    [InlineData("한국어 단어 Ünïcödé Ελληνικά", "한국어|단어|Ünïcödé|Ελληνικά")]
    public void Splits(string text, string expected)
    {
        string[] words = [.. Words.Split(text).Select(w => w.In(text))];
        Assert.Equal(expected.Length == 0 ? [] : expected.Split('|'), words);
    }

    [Fact]
    public void Kinds()
    {
        const string text = "cats 42 好 ?! 😀 \uD800";
        Assert.Equal(
            [WordKind.Letters, WordKind.Number, WordKind.Han, WordKind.Punctuation, WordKind.Emoji, WordKind.Other],
            Words.Split(text).Select(w => w.Kind)
        );
    }
}
