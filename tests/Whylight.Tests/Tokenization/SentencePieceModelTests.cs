using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Whylight.Models;
using Whylight.Models.Tokenization;
using Whylight.Models.Tokenization.Normalization;
using static Whylight.Tests.Tokenization.GoldenTokenizerCases;

namespace Whylight.Tests.Tokenization;

public sealed class SentencePieceModelTests
{
    private static readonly Lazy<Tokenizer> Llama = new(LlamaFromModelFile);

    public static TheoryData<int> LlamaCases => Numbers("llama_tok512.json");

    /// <summary>The golden vocabulary written as a SentencePiece file gives the same ids and ranges as its tokenizer.json.</summary>
    [Theory]
    [MemberData(nameof(LlamaCases))]
    public void A_bpe_model_file_gives_the_golden_ids(int number)
    {
        JsonElement golden = Case("llama_tok512.json", number);
        if (golden.TryGetProperty("hf_fast", out JsonElement fast))
        {
            golden = fast;
        }
        string text = Case("llama_tok512.json", number).GetProperty("text").GetString()!;
        TokenizedText encoded = Llama.Value.Encode(text);
        Assert.Equal(Ints(golden.GetProperty("ids")), encoded.Tokens.Select(t => t.Id));
        if (golden.TryGetProperty("offsets_utf16", out JsonElement offsets))
        {
            Assert.Equal(Ranges(offsets), encoded.Tokens.Select(t => (t.Start, t.End)));
        }
    }

    [Fact]
    public void A_unigram_model_normalises_by_its_table_and_keeps_ranges()
    {
        (string, float, int)[] pieces =
        [
            ("<unk>", 0, 2),
            ("<s>", 0, 3),
            ("</s>", 0, 3),
            ("\u2581", -3, 1),
            ("\u2581AB", -2, 1),
            ("A", -5, 1),
            ("B", -5, 1),
            ("fi", -4, 1),
            ("x", -4, 5),
            ("<sep>", 0, 4),
        ];
        byte[] map = Charsmap(("\uFF21", "A"), ("\uFB01", "fi"), ("\t", " "));
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.At("tokenizer.model"), ModelFile(pieces, modelType: 1, map, removeExtraSpaces: true));
        Tokenizer tokenizer = TokenizerLoader.Load(folder.Path);
        // Full-width A and the ligature are rewritten; two blanks and a tab make one space; x is unused, so unknown.
        TokenizedText tokens = tokenizer.Encode("\uFF21B \t \uFB01x");
        Assert.Equal(
            [("<s>", 0, 0), ("\u2581AB", 0, 2), ("\u2581", 2, 3), ("fi", 5, 6), ("<unk>", 6, 7)],
            tokens.Tokens.Select(t => (t.Text, t.Start, t.End))
        );
        Assert.Equal([1, 4, 9, 4], tokenizer.Encode("AB<sep> AB").Tokens.Select(t => t.Id));
        Assert.Equal("AB AB", tokenizer.Decode([1, 4, 4]));
        Assert.Equal(
            new SpecialTokens
            {
                Unknown = 0,
                Start = 1,
                End = 2,
            },
            tokenizer.Special
        );
        Assert.Single(tokenizer.Encode("  ").Tokens);
    }

    /// <summary>T5: the end token after the text, sentinels numbered downwards; `legacy` puts the space before every section.</summary>
    [Theory]
    [InlineData("true", "4 9 4 1")]
    [InlineData("null", "4 9 4 1")]
    [InlineData("false", "4 9 5 1")]
    public void T5_folders(string legacy, string glued)
    {
        (string, float, int)[] pieces =
        [
            ("<pad>", 0, 3),
            ("</s>", 0, 3),
            ("<unk>", 0, 2),
            ("\u2581", -3, 1),
            ("\u2581ab", -2, 1),
            ("ab", -4, 1),
            ("a", -5, 1),
            ("b", -5, 1),
        ];
        using TemporaryFolder folder = new TemporaryFolder().With(
            "tokenizer_config.json",
            $$"""
            {"tokenizer_class":"T5Tokenizer","extra_ids":2,"eos_token":"</s>","legacy":{{legacy}},"additional_special_tokens":["<extra_id_0>","<extra_id_1>"]}
            """
        );
        File.WriteAllBytes(folder.At("spiece.model"), ModelFile(pieces, modelType: 1, [], removeExtraSpaces: true));
        Tokenizer tokenizer = TokenizerLoader.Load(folder.Path);
        Assert.Empty(tokenizer.Notes);
        Assert.Equal(8, tokenizer.IdOf("<extra_id_1>"));
        Assert.Equal(glued, string.Join(' ', tokenizer.Encode("ab<extra_id_0>ab").Tokens.Select(t => t.Id)));
        Assert.Equal(
            [(4, 0, 2), (9, 3, 15), (4, legacy == "false" ? 15 : 16, 18)],
            tokenizer
                .Encode("ab <extra_id_0> ab")
                .Tokens.Where(t => !t.Special)
                .Select(t => (t.Id, t.Start, t.End))
                .Where(t => t.Id != 3)
        );
    }

    [Fact]
    public void Albert_folders_lower_strip_accents_and_straighten_quotes()
    {
        (string, float, int)[] pieces =
        [
            ("<pad>", 0, 3),
            ("<unk>", 0, 2),
            ("[CLS]", 0, 3),
            ("[SEP]", 0, 3),
            ("\u2581ab", -2, 1),
            ("\u2581", -3, 1),
            ("a", -5, 1),
            ("b", -5, 1),
            ("\"", -6, 1),
        ];
        using TemporaryFolder folder = new TemporaryFolder().With(
            "tokenizer_config.json",
            """{"tokenizer_class":"AlbertTokenizer"}"""
        );
        File.WriteAllBytes(folder.At("tokenizer.model"), ModelFile(pieces, modelType: 1, [], removeExtraSpaces: true));
        Assert.Equal(
            [(2, 0, 0), (4, 0, 2), (5, 2, 3), (8, 3, 5), (3, 5, 5)],
            TokenizerLoader.Load(folder.Path).Encode("\u00C0B ``").Tokens.Select(t => (t.Id, t.Start, t.End))
        );
    }

    /// <summary>The ids of transformers' XLMRobertaTokenizer and CamembertTokenizer for such a file, worked out by hand.</summary>
    [Theory]
    [InlineData("xlm-roberta", false, new[] { 0, 5, 6, 7, 3, 8, 2 }, new[] { 0, 5, 2, 2, 6, 2 })]
    [InlineData("xlm-roberta", true, new[] { 0, 5, 6, 7, 3, 8, 2 }, new[] { 0, 5, 2, 2, 6, 2 })]
    [InlineData("camembert", false, new[] { 5, 8, 9, 10, 3, 11, 6 }, new[] { 5, 8, 6, 6, 9, 6 })]
    [InlineData("camembert", true, new[] { 5, 8, 9, 10, 3, 11, 6 }, new[] { 5, 8, 6, 6, 9, 6 })]
    public void Fairseq_models_number_the_pieces_of_their_file_in_their_own_way(
        string model,
        bool named,
        int[] ids,
        int[] pair
    )
    {
        byte[] file = ModelFile(
            [
                ("<unk>", 0, 2),
                ("<s>", 0, 3),
                ("</s>", 0, 3),
                ("\u2581", -4, 1),
                ("\u2581good", -2, 1),
                ("\u2581film", -2, 1),
                ("s", -3, 1),
            ],
            modelType: 1,
            [],
            removeExtraSpaces: true
        );
        using TemporaryFolder folder = named
            ? new TemporaryFolder().With(
                "tokenizer_config.json",
                $$"""{"tokenizer_class":"{{(model == "camembert" ? "Camembert" : "XLMRoberta")}}Tokenizer"}"""
            )
            : new TemporaryFolder().With("config.json", $$"""{"model_type":"{{model}}"}""");
        File.WriteAllBytes(folder.At("sentencepiece.bpe.model"), file);
        Tokenizer tokenizer = TokenizerLoader.Load(folder.Path);
        TokenizedText one = tokenizer.Encode("good filmsx <mask>");
        Assert.Equal(ids, one.Tokens.Select(t => t.Id));
        Assert.Equal(
            [(0, 0), (0, 4), (4, 9), (9, 10), (10, 11), (11, 18), (18, 18)],
            one.Tokens.Select(t => (t.Start, t.End))
        );
        Assert.Equal(pair, tokenizer.Encode("good", "film", null).Tokens.Select(t => t.Id));
        Assert.Equal(1, tokenizer.Special.Pad);
        Assert.Equal(3, tokenizer.Special.Unknown);
        Assert.Equal(ids[^2], tokenizer.Special.Mask);
        Assert.Equal(ids[^2] + 1, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData("XGLMTokenizer", "xlm-roberta", false)]
    [InlineData("PLBartTokenizer", "plbart", false)]
    [InlineData("LayoutXLMTokenizer", "layoutxlm", false)]
    [InlineData("MBartTokenizer", "xlm-roberta", false)]
    [InlineData("PreTrainedTokenizerFast", "bert", false)]
    [InlineData("PreTrainedTokenizerFast", "xlm-roberta", true)]
    public void A_fairseq_file_is_never_read_with_its_own_ids(string tokenizer, string model, bool read)
    {
        byte[] file = ModelFile(
            [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("\u2581", -4, 1), ("\u2581good", -2, 1)],
            modelType: 1,
            [],
            removeExtraSpaces: true
        );
        using TemporaryFolder folder = new TemporaryFolder()
            .With("tokenizer_config.json", $$"""{"tokenizer_class":"{{tokenizer}}"}""")
            .With("config.json", $$"""{"model_type":"{{model}}"}""");
        File.WriteAllBytes(folder.At("sentencepiece.bpe.model"), file);
        if (read)
        {
            Assert.Equal([0, 5, 2], TokenizerLoader.Load(folder.Path).Encode("good").Tokens.Select(t => t.Id));
            return;
        }
        Assert.Contains(
            "save the fast tokenizer",
            Assert.Throws<ModelException>(() => TokenizerLoader.Load(folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Files_that_number_their_pieces_otherwise_are_refused()
    {
        byte[] file = ModelFile([("<unk>", 0, 2), ("a", -1, 1)], modelType: 1, [], removeExtraSpaces: true);
        using TemporaryFolder named = new TemporaryFolder().With(
            "tokenizer_config.json",
            """{"tokenizer_class":"XLMRobertaTokenizer"}"""
        );
        File.WriteAllBytes(named.At("tokenizer.model"), file);
        using TemporaryFolder alone = new();
        File.WriteAllBytes(alone.At("sentencepiece.bpe.model"), file);
        foreach (TemporaryFolder folder in new[] { named, alone })
        {
            Assert.Contains(
                "save the fast tokenizer",
                Assert.Throws<ModelException>(() => TokenizerLoader.Load(folder.Path)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Hugging_face_reads_the_table_by_grapheme()
    {
        PrecompiledCharsmap map = new(Charsmap(("e\u0301", "\u00E9"), ("\uFF21", "A"), ("\u3371", "hPa")), "test");
        AlignedText normal = new PrecompiledNormalizer(map).Apply(AlignedText.Of("xe\u0301\uFF21\u3371", 0, 5));
        Assert.Equal("x\u00E9AhPa", normal.ToString());
        Assert.Equal((1, 3), normal.Original(1, 2));
        Assert.Equal((3, 4), normal.Original(2, 3));
        Assert.Equal((4, 5), normal.Original(3, 6));
    }

    [Fact]
    public void Every_truncation_of_a_model_file_is_refused_or_read_and_never_crashes()
    {
        byte[] whole = ModelFile(
            [("<unk>", 0, 2), ("a", -1, 1), ("b", -2, 1)],
            modelType: 1,
            Charsmap(("\uFF21", "A")),
            removeExtraSpaces: true
        );
        Random random = new(1);
        int refused = 0;
        using TemporaryFolder folder = new();
        for (int i = 0; i < 400; i++)
        {
            byte[] broken = whole[..random.Next(whole.Length)];
            for (int k = random.Next(3); k > 0 && broken.Length > 0; k--)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }
            File.WriteAllBytes(folder.At("tokenizer.model"), broken);
            try
            {
                TokenizerLoader.Load(folder.Path).Encode("ab \uFF21 c");
            }
            catch (ModelException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1, 400);
    }

    private static Tokenizer LlamaFromModelFile()
    {
        string source = Shared.Require(Path.Combine("golden", "checkpoints", "stories260K-hf", "tokenizer.json"));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(source));
        JsonElement model = json.RootElement.GetProperty("model");
        Dictionary<string, int> rank = [];
        foreach (JsonElement merge in model.GetProperty("merges").EnumerateArray())
        {
            rank.TryAdd(merge.GetString()!.Replace(" ", "", StringComparison.Ordinal), rank.Count);
        }
        (string, float, int)[] pieces =
        [
            .. model
                .GetProperty("vocab")
                .EnumerateObject()
                .OrderBy(p => p.Value.GetInt32())
                .Select(p =>
                {
                    int id = p.Value.GetInt32();
                    int kind = id switch
                    {
                        0 => 2,
                        < 3 => 3,
                        < 259 => 6,
                        _ => 1,
                    };
                    return (p.Name, rank.TryGetValue(p.Name, out int r) ? -(float)r : -10000f, kind);
                }),
        ];
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.At("tokenizer.model"), ModelFile(pieces, modelType: 2, [], removeExtraSpaces: false));
        return TokenizerLoader.Load(folder.Path);
    }

    private static byte[] ModelFile(
        (string Text, float Score, int Kind)[] pieces,
        int modelType,
        byte[] charsmap,
        bool removeExtraSpaces
    )
    {
        List<byte> file = [];
        foreach ((string text, float score, int kind) in pieces)
        {
            List<byte> piece = [];
            Bytes(piece, 1, Encoding.UTF8.GetBytes(text));
            Varint(piece, (2 << 3) | 5);
            piece.AddRange(BitConverter.GetBytes(score));
            Varint(piece, 3 << 3);
            Varint(piece, (ulong)kind);
            Bytes(file, 1, [.. piece]);
        }
        List<byte> trainer = [];
        Varint(trainer, 3 << 3);
        Varint(trainer, (ulong)modelType);
        Bytes(file, 2, [.. trainer]);
        List<byte> normalizer = [];
        if (charsmap.Length > 0)
        {
            Bytes(normalizer, 2, charsmap);
        }
        Varint(normalizer, 4 << 3);
        Varint(normalizer, removeExtraSpaces ? 1u : 0);
        Bytes(file, 3, [.. normalizer]);
        return [.. file];
    }

    private static void Bytes(List<byte> target, int field, byte[] value)
    {
        Varint(target, ((ulong)field << 3) | 2);
        Varint(target, (ulong)value.Length);
        target.AddRange(value);
    }

    private static void Varint(List<byte> target, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            target.Add((byte)(value | 0x80));
        }
        target.Add((byte)value);
    }

    /// <summary>A double array in the layout of Darts-clone: every node has a block of 256 places of its own.</summary>
    private static byte[] Charsmap(params (string Key, string Replacement)[] entries)
    {
        List<byte> strings = [];
        List<Dictionary<byte, int>> children =
        [
            [],
        ];
        Dictionary<int, int> values = [];
        foreach ((string key, string replacement) in entries)
        {
            int node = 0;
            foreach (byte b in Encoding.UTF8.GetBytes(key))
            {
                if (!children[node].TryGetValue(b, out int next))
                {
                    next = children.Count;
                    children.Add([]);
                    children[node][b] = next;
                }
                node = next;
            }
            values[node] = strings.Count;
            strings.AddRange(Encoding.UTF8.GetBytes(replacement));
            strings.Add(0);
        }
        uint[] units = new uint[(children.Count + 1) * 256];
        void Place(int node, uint at, byte label)
        {
            uint block = (uint)(node + 1) * 256;
            units[at] = ((at ^ block) << 10) | label | (values.ContainsKey(node) ? 0x100u : 0);
            if (values.TryGetValue(node, out int value))
            {
                units[block] = 0x80000000 | (uint)value;
            }
            foreach ((byte b, int child) in children[node])
            {
                Place(child, block ^ b, b);
            }
        }
        Place(0, 0, 0);
        byte[] blob = new byte[4 + units.Length * 4 + strings.Count];
        BinaryPrimitives.WriteUInt32LittleEndian(blob, (uint)units.Length * 4);
        for (int i = 0; i < units.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(4 + i * 4), units[i]);
        }
        strings.CopyTo(blob, 4 + units.Length * 4);
        return blob;
    }
}
