using Whylight.Measures;
using Whylight.Models;
using Whylight.Models.Families;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;

namespace Whylight.Tests.Models;

/// <summary>The bits of a coalition's logits depend on the coalition alone: not on what is asked with it, before it or in which order.</summary>
public sealed class CoalitionBitsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Families() => [.. TinyFamilies.Names];

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Of_a_tiny_model_of_every_family_and_absence(string family)
    {
        using ITextClassifier model = await TinyFamilies.MakeAsync(family, 3);
        Random random = new SeededRandom(5);
        foreach (int words in (int[])[1, 2, 3, 5, 8, 11, 17, 26, 33])
        {
            TokenizedText text = model.Tokenize(TinyFamilies.Text(random, words));
            foreach (Absence absence in model.Absences)
            {
                await CheckAsync(model, text, absence, random, 70);
            }
        }
    }

    // Real widths, several lengths, one thread and two: the kernels that a machine picks for real models.
    [Theory]
    [InlineData(128, 512, 2, 4)]
    [InlineData(96, 192, 2, 4)]
    [InlineData(256, 1024, 1, 4)]
    [InlineData(312, 1200, 1, 12)]
    [InlineData(768, 3072, 1, 12)]
    [InlineData(37, 53, 1, 1)]
    public async Task Of_encoders_of_real_sizes(int hidden, int inner, int layers, int heads)
    {
        EncoderConfig config = TinyModels.Config(EncoderFamily.Bert) with
        {
            HiddenSize = hidden,
            EmbeddingSize = hidden,
            IntermediateSize = inner,
            Layers = layers,
            Heads = heads,
            MaxPositions = 140,
        };
        using TransformerClassifier model = await InferenceScheduler.Shared.RunAsync(
            WorkPriority.Batch,
            _ => new TransformerClassifier(
                new ModelInfo
                {
                    Name = "sized",
                    Family = "bert",
                    Hash = "",
                    Labels = config.Labels,
                    MaxTokens = 140,
                },
                EncoderNetwork.Create(config, 9),
                TinyModels.WordPiece()
            ),
            Cancellation
        );
        Random random = new SeededRandom(11);
        int[] lengths = hidden > 500 ? [1, 9, 40] : [1, 2, 4, 6, 9, 13, 24, 50, 128];
        foreach (int words in lengths)
        {
            TokenizedText text = model.Tokenize(TinyFamilies.Text(random, words));
            await CheckAsync(model, text, Absence.AttentionMasked, random, hidden > 500 ? 6 : 16);
        }
    }

    [Theory]
    [InlineData("sentiment")]
    [InlineData("sentiment-cnn")]
    [InlineData("sentiment-lstm")]
    [InlineData("sentiment-linear")]
    [InlineData("sentiment-zh")]
    public async Task Of_shipped_models(string name)
    {
        using ITextClassifier model = await ModelLoader.LoadAsync("builtin:" + name, cancellation: Cancellation);
        Random random = new SeededRandom(7);
        const string Sentence =
            "It never quite works, but the two leads are a joy to watch 很好看 and the end moved me";
        foreach (string words in (string[])["good", "not bad at all", Sentence, $"{Sentence}. {Sentence}! {Sentence}?"])
        {
            await CheckAsync(model, model.Tokenize(words), model.Absences[0], random, 60);
        }
    }

    private static async Task CheckAsync(
        ITextClassifier model,
        TokenizedText text,
        Absence absence,
        Random random,
        int coalitions
    )
    {
        int tokens = text.Tokens.Count;
        bool[][] all =
        [
            [.. Enumerable.Repeat(true, tokens)],
            [.. text.Tokens.Select(t => t.Special)],
            .. Enumerable
                .Range(0, coalitions)
                .Select(_ =>
                {
                    int threshold = random.Next(101);
                    return (bool[])[.. text.Tokens.Select(t => t.Special || random.Next(100) < threshold)];
                }),
        ];
        Task<IReadOnlyList<double[]>> Evaluate(IReadOnlyList<bool[]> present) =>
            model.EvaluateAsync(text, present, absence, cancellation: Cancellation);
        IReadOnlyList<double[]> together = await Evaluate(all);
        for (int i = 0; i < all.Length; i += 4)
        {
            Assert.Equal(together[i], (await Evaluate([all[i]]))[0]);
        }
        for (int round = 0; round < 3; round++)
        {
            int[] some = [.. Enumerable.Range(0, all.Length).Where(_ => random.Next(3) == 0)];
            random.Shuffle(some);
            IReadOnlyList<double[]> apart = await Evaluate([.. some.Select(i => all[i])]);
            Assert.Equal(some.Select(i => together[i]), apart);
        }
        // Neighbours of the same length, so that the row stands at every place of its block.
        bool[] row = all[^1];
        int size = row.Count(p => p);
        bool[][] alike = [.. all.Where(a => a.Count(p => p) == size)];
        foreach (bool[] neighbour in alike)
        {
            Assert.Equal(together[^1], (await Evaluate([neighbour, row]))[1]);
        }
    }
}
