using System.Text.Json;
using Whylight.Models.Tokenization;

namespace Whylight.Tests.Tokenization;

/// <summary>One small tokenizer of each kind, made in memory.</summary>
internal static class SmallTokenizers
{
    private static readonly string[] Texts =
    [
        "the movie was great and the film was not bad at all",
        "the the the movie movie great Great was don't we've I'll 123 hello world café Café \u4E2D\u6587 \u4E2D 👍 👍",
        "a great, great film! was it? 3.14 x's hello_world caf\u00E9 cafe\u0301 \u4E2D\u6587 👍🏽 \uFB01ne",
    ];

    public static readonly string[] Names =
    [
        "wordpiece-uncased",
        "wordpiece-cased",
        "byte-level",
        "byte-level-trimmed",
        "sentencepiece-bpe",
        "unigram",
        "llama3-pattern",
    ];

    public static Tokenizer Make(string name) =>
        name switch
        {
            "wordpiece-uncased" => WordPieceTokenizer.Create(WordPieceTrainer.Train(Texts, 120)),
            "wordpiece-cased" => WordPieceTokenizer.Create(
                WordPieceTrainer.Train(Texts, 120, lowerCase: false),
                new WordPieceOptions { LowerCase = false }
            ),
            "byte-level" => BytePairTokenizer.Create(BytePairTrainer.Train(Texts, 320)),
            _ => FromJson(Json(name) ?? throw new ArgumentOutOfRangeException(nameof(name), name, null)),
        };

    /// <summary>The tokenizer.json of a tokenizer that has one.</summary>
    public static string? Json(string name) =>
        name switch
        {
            "byte-level-trimmed" => (
                ByteLevel(
                    postProcessor: """
                    {"type":"RobertaProcessing","sep":["</s>",1],"cls":["<s>",0],"trim_offsets":true,"add_prefix_space":true}
                    """,
                    preTokenizer: """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}"""
                )
            ),
            "sentencepiece-bpe" => SentencePieceBpe,
            "unigram" => Unigram,
            "llama3-pattern" => (
                ByteLevel(
                    "null",
                    preTokenizer: """
                    {"type":"Sequence","pretokenizers":[
                      {"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},
                      {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
                    """
                )
            ),
            _ => null,
        };

    public static Tokenizer FromJson(string json, params (string Name, string Content)[] others)
    {
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.json", json);
        foreach ((string name, string content) in others)
        {
            folder.With(name, content);
        }
        return TokenizerLoader.Load(folder.Path);
    }

    private static string ByteLevel(string postProcessor, string preTokenizer)
    {
        BytePairVocabulary trained = BytePairTrainer.Train(Texts, 320, []);
        List<string> tokens = ["<s>", "</s>", .. trained.Tokens, "<mask>"];
        string vocab = JsonSerializer.Serialize(
            tokens.Select((t, i) => (t, i)).ToDictionary(p => p.t, p => p.i, StringComparer.Ordinal)
        );
        string merges = JsonSerializer.Serialize(trained.Merges.Select(m => $"{m.Left} {m.Right}"));
        return $$"""
            {"version":"1.0","added_tokens":[
              {"id":0,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":true},
              {"id":1,"content":"</s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":true},
              {"id":{{tokens.Count
                - 1}},"content":"<mask>","single_word":false,"lstrip":true,"rstrip":false,"normalized":false,"special":true}],
             "normalizer":null,"pre_tokenizer":{{preTokenizer}},"post_processor":{{postProcessor}},"decoder":{"type":"ByteLevel"},
             "model":{"type":"BPE","fuse_unk":false,"vocab":{{vocab}},"merges":{{merges}}} }
            """;
    }

    private static string SentencePieceBpe
    {
        get
        {
            List<string> tokens = ["<unk>", "<s>", "</s>"];
            tokens.AddRange(Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"));
            tokens.AddRange("\u2581abcdefghijklmnopqrstuvwxyz.,!'".Select(c => c.ToString()));
            string[] merges =
            [
                "\u2581 t",
                "h e",
                "\u2581t he",
                "r e",
                "\u2581 g",
                "\u2581g re",
                "a t",
                "\u2581gre at",
                "l l",
            ];
            tokens.AddRange(merges.Select(m => m.Replace(" ", "", StringComparison.Ordinal)));
            return $$$"""
                {"version":"1.0","added_tokens":[
                  {"id":0,"content":"<unk>","special":true,"normalized":false},{"id":1,"content":"<s>","special":true,"normalized":false},{"id":2,"content":"</s>","special":true,"normalized":false}],
                 "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},{"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]},
                 "pre_tokenizer":null,
                 "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
                   "pair":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
                   "special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]} } },
                 "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"\u2581"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},
                 "model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,
                   "vocab":{{{JsonSerializer.Serialize(
                    tokens.Select((t, i) => (t, i)).ToDictionary(p => p.t, p => p.i, StringComparer.Ordinal)
                )}}},
                   "merges":{{{JsonSerializer.Serialize(merges)}}} } }
                """;
        }
    }

    private static string Unigram =>
        """
            {"version":"1.0","added_tokens":[{"id":0,"content":"<unk>","special":true,"normalized":false},{"id":1,"content":"</s>","special":true,"normalized":false}],
             "normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]},
             "pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},
             "post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],
               "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],
               "special_tokens":{"</s>":{"id":"</s>","ids":[1],"tokens":["</s>"]}}},
             "decoder":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always"},
             "model":{"type":"Unigram","unk_id":0,"byte_fallback":false,"vocab":[["<unk>",0],["</s>",0],["\u2581",-3],["\u2581the",-2],["\u2581great",-4],["gre",-5],["at",-5],
               ["a",-6],["b",-7],["c",-7],["d",-7],["e",-6],["f",-7],["g",-7],["h",-7],["i",-7],["l",-7],["m",-7],["n",-7],["o",-7],["r",-7],["s",-7],["t",-7],["fine",-4],["\u00e9",-8],["\u4e2d",-8]]}}
            """;
}
