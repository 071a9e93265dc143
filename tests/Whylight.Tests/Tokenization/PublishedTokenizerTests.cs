using System.Text;
using System.Text.Json;
using Whylight.Models.Tokenization;
using Whylight.Models.Tokenization.Normalization;
using Whylight.Models.Tokenization.PreTokenization;
using static Whylight.Tests.Tokenization.GoldenTokenizerCases;

namespace Whylight.Tests.Tokenization;

/// <summary>Values printed in the tests of the original implementations.</summary>
public sealed class PublishedTokenizerTests
{
    public static TheoryData<int> Cases => Numbers("published.json");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Published_values_match(int number)
    {
        JsonElement golden = Case("published.json", number);
        string text = golden.GetProperty("text").GetString()!;
        string kind = golden.GetProperty("kind").GetString()!;
        switch (kind)
        {
            case "basic":
            {
                JsonElement strip = golden.GetProperty("strip_accents");
                BertNormalizer normalizer = new(
                    stripAccents: strip.ValueKind == JsonValueKind.Null ? null : strip.GetBoolean(),
                    lowercase: golden.GetProperty("do_lower_case").GetBoolean()
                );
                AlignedText normal = normalizer.Apply(AlignedText.Of(text, 0, text.Length));
                Assert.Equal(
                    Strings(golden.GetProperty("tokens")),
                    new BertPreTokenizer()
                        .Split([new Piece(normal, 0, normal.Length)])
                        .Select(p => p.Characters.ToString())
                );
                break;
            }
            case "wordpiece_full" or "wordpiece_only" or "wordpiece_offsets":
            {
                string[] vocabulary = golden.TryGetProperty("vocab", out JsonElement v)
                    ? Strings(v)
                    : File.ReadAllText(PathOf(golden.GetProperty("vocab_file").GetString()!)).TrimEnd('\n').Split('\n');
                bool lower = golden.TryGetProperty("do_lower_case", out JsonElement l) && l.GetBoolean();
                Tokenizer tokenizer = WordPieceTokenizer.Create(vocabulary, new WordPieceOptions { LowerCase = lower });
                Whylight.Models.Token[] tokens = [.. tokenizer.Encode(text).Tokens.Where(t => !t.Special)];
                Assert.Equal(Strings(golden.GetProperty("tokens")), tokens.Select(t => t.Text));
                if (golden.TryGetProperty("ids", out JsonElement ids))
                {
                    Assert.Equal(Ints(ids), tokens.Select(t => t.Id));
                }
                if (golden.TryGetProperty("offsets_cp", out JsonElement offsets))
                {
                    Assert.DoesNotContain(text, char.IsSurrogate);
                    Assert.Equal(Ranges(offsets), tokens.Select(t => (t.Start, t.End)));
                }
                break;
            }
            case "byte_bpe":
            {
                StringBuilder vocab = new("{");
                string[] entries = Strings(golden.GetProperty("vocab"));
                for (int i = 0; i < entries.Length; i++)
                {
                    vocab.Append(i == 0 ? "" : ",").Append(JsonSerializer.Serialize(entries[i])).Append(':').Append(i);
                }
                using TemporaryFolder folder = new TemporaryFolder()
                    .With("vocab.json", vocab.Append('}').ToString())
                    .With(
                        "merges.txt",
                        "#version: 0.2\n" + string.Join('\n', Strings(golden.GetProperty("merges"))) + "\n"
                    );
                Whylight.Models.Token[] tokens = [.. TokenizerLoader.Load(folder.Path).Encode(text).Tokens];
                Assert.Equal(Ints(golden.GetProperty("ids")), tokens.Select(t => t.Id));
                Assert.Equal(Strings(golden.GetProperty("tokens")), tokens.Select(t => t.Text));
                break;
            }
            default:
                // The one value that needs roberta-base's vocabulary, which cannot be had here.
                Assert.Equal("roberta_base_real_vocab", kind);
                Assert.Skip("needs roberta-base's vocabulary");
                break;
        }
    }
}
