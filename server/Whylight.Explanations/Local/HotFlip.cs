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

    /// <summary>Candidates over the model's whole words, or over a list, the most promising first.</summary>
    /// <param name="model">A model with a graph.</param>
    /// <param name="game">The text under explanation.</param>
    /// <param name="made">Features already replaced, which stay as they are.</param>
    /// <param name="goal">What is to be reached.</param>
    /// <param name="listed">Words for the place of a feature; null for the vocabulary's.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers.</param>
    public static async Task<IReadOnlyList<Substitution>> CandidatesAsync(
        INetworkClassifier model,
        TextGame game,
        IReadOnlyDictionary<int, TextEdit> made,
        FlipGoal goal,
        Func<Feature, IReadOnlyList<string>>? listed,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        string text = TextEdit.Apply(game.Request.Text, made.Values);
        TokenizedText tokens = model.Tokenize(text);
        int vocabulary = model.Network.VocabularySize;
        string?[] words = new string?[listed is null ? vocabulary : 0];
        for (int id = 0; id < words.Length; id++)
        {
            words[id] = Word(model.PieceOf(id), model.Info.Family);
        }
        if (listed is null && words.All(w => w is null))
        {
            return [];
        }
        (double[] scores, double[] own, int length) = await model
            .Scheduler.RunAsync(priority, token => FirstOrder(model, tokens, goal, token), cancellation)
            .ConfigureAwait(false);
        Dictionary<string, int[]> pieces = [];
        List<Substitution> candidates = [];
        int shift = 0;
        for (int f = 0; f < game.Players; f++)
        {
            Feature feature = game.Features.Features[f];
            int start = feature.Start + shift;
            if (made.TryGetValue(f, out TextEdit? edit))
            {
                shift += edit.Replacement.Length - edit.Text.Length;
                continue;
            }
            int end = feature.End + shift;
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
            int at = positions[0];
            double lost = positions.Sum(t => own[t]);
            if (listed is not null)
            {
                // A word of several pieces: the sum of theirs at the first place, an estimate that the call then settles.
                candidates.AddRange(
                    listed(feature)
                        .Select(word => new Substitution(
                            f,
                            word,
                            Pieces(word, start > 0).Sum(id => scores[(long)id * length + at]) - lost
                        ))
                );
            }
            else if (feature.Text.Any(char.IsLetterOrDigit))
            {
                candidates.AddRange(
                    Enumerable
                        .Range(0, vocabulary)
                        .Where(id => words[id] is { } w && !w.Equals(feature.Text, StringComparison.OrdinalIgnoreCase))
                        .OrderBy(id => scores[(long)id * length + at])
                        .ThenBy(id => id)
                        .Take(WordsAFeature)
                        .Select(id => new Substitution(f, words[id]!, scores[(long)id * length + at] - lost))
                );
            }
        }
        return
        [
            .. candidates.OrderBy(c => c.Change).ThenBy(c => c.Feature).ThenBy(c => c.Word, StringComparer.Ordinal),
        ];

        // Byte-level and SentencePiece vocabularies spell a word differently after a space.
        int[] Pieces(string word, bool inside)
        {
            string spelt = inside ? " " + word : word;
            if (!pieces.TryGetValue(spelt, out int[]? ids))
            {
                ids = [.. model.Tokenize(spelt).Tokens.Where(t => !t.Special).Select(t => t.Id)];
                pieces[spelt] = ids;
            }
            return ids;
        }
    }

    // On the scheduler's thread: e_new . g for every word and position, and e_old . g for every position.
    private static (double[] Scores, double[] Own, int Length) FirstOrder(
        INetworkClassifier model,
        TokenizedText tokens,
        FlipGoal goal,
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
        (int other, int wanted) = goal.Rivals(EmbeddingPass.Doubles(logits));
        Tensor margin = logits.select(1, other).sum() - logits.select(1, wanted).sum();
        margin.backward();
        Tensor gradient = embeddings.grad!.squeeze(0);
        int length = (int)gradient.shape[0];
        using IDisposable plain = no_grad();
        Tensor table = model
            .Network.Embed(TensorArithmetic.Indices(model.Network.VocabularySize).view(1, -1))
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
