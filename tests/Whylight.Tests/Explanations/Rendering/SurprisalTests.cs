using Whylight.Explanations.Rendering;
using Whylight.Models;

namespace Whylight.Tests.Explanations.Rendering;

public class SurprisalTests
{
    [Fact]
    public void A_token_is_shown_as_the_text_it_covers_and_as_its_piece_where_it_covers_no_whole_character()
    {
        Token[] tokens =
        [
            new("<|endoftext|>", 0, 0, 0, true),
            new("A", 1, 0, 1, false),
            new("Ġfilm", 2, 1, 6, false),
            new("ðŁ", 3, 6, 8, false),
            new("ĺĢ", 4, 6, 8, false),
            new("!", 5, 8, 9, false),
        ];
        Whylight.Models.ScoredText scored = new(
            new TokenizedText { Text = "A film😀!", Tokens = tokens },
            [.. tokens.Select((t, i) => new ScoredToken(t, i == 0 ? null : -Math.Log(2), []))],
            []
        );
        string[] lines = SurprisalRenderer
            .Render(scored, Messages.ForLocale("en"), TerminalColour.None)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["   -  <|endoftext|>", "1.00  “A”", "1.00  “ film”", "1.00  ðŁ", "1.00  ĺĢ", "1.00  “!”"],
            lines[2..8]
        );
    }
}
