using TorchSharp;
using Whylight.Explanations.Attribution;
using Whylight.Explanations.Game;
using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations.Local;

/// <summary>A word in a feature's place.</summary>
/// <param name="Feature">Index of the feature.</param>
/// <param name="Word">What stands there instead.</param>
/// <param name="Change">Change of the margin to first order; the more negative the better.</param>
internal sealed record Substitution(int Feature, string Word, double Change);

/// <summary>First-order word substitutions: (e_new - e_old) . d margin / d e (Ebrahimi, Rao, Lowd and Dou 2018).</summary>
internal static class HotFlip
{
    private const int WordsAFeature = 8;

    /// <summary>Candidates over the model's whole vocabulary of whole words, the most promising first.</summary>
    /// <param name="model">A model with a graph.</param>
    /// <param name="game">The text under explanation.</param>
    /// <param name="replaced">Features already replaced, which stay as they are.</param>
    /// <param name="text">The text with those replacements made.</param>
    /// <param name="label">The label whose margin is to fall.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers.</param>
    public static async Task<IReadOnlyList<Substitution>> CandidatesAsync(
        INetworkClassifier model,
        TextGame game,
        IReadOnlyDictionary<int, string> replaced,
        string text,
        int label,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        TokenizedText tokens = model.Tokenize(text);
        int vocabulary = model.Network.VocabularySize;
        string?[] words = new string?[vocabulary];
        for (int id = 0; id < vocabulary; id++)
        {
            words[id] = Word(model.PieceOf(id), model.Info.Family);
        }
        if (words.All(w => w is null))
        {
            return [];
        }
        (double[] scores, double[] own, int length) = await model
            .Scheduler.RunAsync(priority, token => FirstOrder(model, tokens, label, token), cancellation)
            .ConfigureAwait(false);
        List<Substitution> candidates = [];
        int shift = 0;
        for (int f = 0; f < game.Players; f++)
        {
            Feature feature = game.Features.Features[f];
            int start = feature.Start + shift;
            int end = replaced.TryGetValue(f, out string? word) ? start + word.Length : feature.End + shift;
            shift = end - feature.End;
            if (word is not null || !feature.Text.Any(char.IsLetterOrDigit))
            {
                continue;
            }
            int[] positions =
            [
                .. Enumerable
                    .Range(0, length)
                    .Where(t =>
                        !tokens.Tokens[t].Special && tokens.Tokens[t].Start < end && tokens.Tokens[t].End > start
                    ),
            ];
            if (positions.Length == 0)
            {
                continue;
            }
            double lost = positions.Sum(t => own[t]);
            bool capital = char.IsUpper(feature.Text[0]);
            candidates.AddRange(
                Enumerable
                    .Range(0, vocabulary)
                    .Where(id => words[id] is { } w && !w.Equals(feature.Text, StringComparison.OrdinalIgnoreCase))
                    .OrderBy(id => scores[(long)id * length + positions[0]])
                    .ThenBy(id => id)
                    .Take(WordsAFeature)
                    .Select(id => new Substitution(
                        f,
                        capital ? char.ToUpperInvariant(words[id]![0]) + words[id]![1..] : words[id]!,
                        scores[(long)id * length + positions[0]] - lost
                    ))
            );
        }
        return
        [
            .. candidates.OrderBy(c => c.Change).ThenBy(c => c.Feature).ThenBy(c => c.Word, StringComparer.Ordinal),
        ];
    }

    // On the scheduler's thread: e_new . g for every word and position, and e_old . g for every position.
    private static (double[] Scores, double[] Own, int Length) FirstOrder(
        INetworkClassifier model,
        TokenizedText tokens,
        int label,
        CancellationToken cancellation
    )
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable grad = enable_grad();
        NetworkInput input = model.Prepare(tokens);
        Tensor embeddings = model.Network.Embed(input.Ids!).detach().requires_grad_(true);
        Tensor logits = model.Network.Forward(
            input with
            {
                Ids = null,
                Embeddings = embeddings,
            },
            PropagationRules.Plain,
            cancellation
        );
        double[] row = EmbeddingPass.Doubles(logits);
        int other = -1;
        for (int i = 0; i < row.Length; i++)
        {
            other = i != label && (other < 0 || row[i] > row[other]) ? i : other;
        }
        Tensor margin = logits.select(1, label).sum();
        if (other >= 0)
        {
            margin -= logits.select(1, other).sum();
        }
        margin.backward();
        Tensor gradient = embeddings.grad!.squeeze(0);
        int length = (int)gradient.shape[0];
        using IDisposable plain = no_grad();
        Tensor table = model
            .Network.Embed(arange(model.Network.VocabularySize, ScalarType.Int64).view(1, -1))
            .squeeze(0);
        // A matmul of the wrong shapes would end the process.
        if (table.dim() != 2 || gradient.dim() != 2 || table.shape[1] != gradient.shape[1])
        {
            throw new ModelException($"the embeddings of {model.Info.Name} do not have the width of its gradients");
        }
        Tensor scores = table.matmul(gradient.t());
        Tensor own = (embeddings.detach().squeeze(0) * gradient).sum(-1);
        return (EmbeddingPass.Doubles(scores), EmbeddingPass.Doubles(own), length);
    }

    // A vocabulary piece that can stand as a word of its own, without its mark; else null.
    private static string? Word(string? piece, string family)
    {
        if (string.IsNullOrEmpty(piece))
        {
            return null;
        }
        bool marked = piece[0] is '\u0120' or '\u2581';
        bool wordPiece = family is "bert" or "distilbert" or "electra";
        if (
            !marked
            && (
                !wordPiece && family is "roberta" or "gpt2" or "llama"
                || piece.StartsWith("##", StringComparison.Ordinal)
            )
        )
        {
            return null;
        }
        string word = marked ? piece[1..] : piece;
        bool han = word.Length == 1 && word[0] is >= '\u4E00' and <= '\u9FFF';
        return han || word.Length > 1 && word.All(char.IsLetter) ? word : null;
    }
}
