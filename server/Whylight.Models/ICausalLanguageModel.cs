using Whylight.Models.Networks;
using Whylight.Models.Scheduling;

namespace Whylight.Models;

/// <summary>Causal language modelling: how likely each token is after those before it.</summary>
/// <remarks>
/// Log-probabilities are natural. Implementations are safe to call from any thread. The same arguments give the same bytes
/// whatever else runs.
/// </remarks>
public interface ICausalLanguageModel : IModel
{
    /// <summary>The absences that make sense for this model, its own first.</summary>
    IReadOnlyList<Absence> Absences { get; }

    /// <summary>The graph; touch it only inside <see cref="InferenceScheduler.RunAsync{T}"/>.</summary>
    Network Network { get; }

    /// <summary>The one owner of native work.</summary>
    InferenceScheduler Scheduler { get; }

    /// <summary>The tokens the model reads for a text; pure and quick, no native work.</summary>
    TokenizedText Tokenize(string text);

    /// <summary>Ids by which a text goes on after a prompt, without special tokens.</summary>
    /// <param name="prompt">A text that <see cref="Tokenize"/> returned.</param>
    /// <param name="continuation">What follows, with the white space that it begins with.</param>
    IReadOnlyList<int> Continue(TokenizedText prompt, string continuation);

    /// <summary>The text that ids stand for, special tokens left out.</summary>
    string Decode(IEnumerable<int> ids);

    /// <summary>
    /// The text that one token stands for on its own; where that is nothing, the piece as the vocabulary spells it.
    /// </summary>
    string TextOf(int id);

    /// <summary>Log-probability of every token of each text, and what the model expected in its place.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="alternatives">How many of the most probable tokens to name at each place, 0 or more.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and texts.</param>
    /// <exception cref="ModelException">An output is not finite.</exception>
    Task<IReadOnlyList<ScoredText>> ScoreAsync(
        IReadOnlyList<string> texts,
        int alternatives = 5,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    );

    /// <summary>Raw logits of the token after each input, one array over the vocabulary an input.</summary>
    /// <param name="inputs">Ids; padding at either end is hidden by the attention mask, positions count what is left.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and blocks.</param>
    /// <exception cref="ModelException">Ids or masks do not fit the model, or an output is not finite.</exception>
    Task<IReadOnlyList<double[]>> NextLogitsAsync(
        IReadOnlyList<EncodedInput> inputs,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    );

    /// <summary>Continues a prompt with the most probable token again and again; ties go to the lower id.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="maxTokens">Most tokens to add; fewer where the model ends the text or its positions end.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and tokens.</param>
    Task<GeneratedText> GenerateAsync(
        string prompt,
        int maxTokens,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    );

    /// <summary>Raw logits of the next token with some tokens absent, read at the last present one.</summary>
    /// <param name="text">A text that <see cref="Tokenize"/> returned.</param>
    /// <param name="present">For each coalition, whether each token is present; special tokens always are.</param>
    /// <param name="ids">The tokens whose logits are wanted; null: the whole vocabulary.</param>
    /// <param name="absence">One of <see cref="Absences"/>.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and blocks.</param>
    /// <exception cref="ModelException">The absence means nothing for this model, or an output is not finite.</exception>
    Task<IReadOnlyList<double[]>> EvaluateNextAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        IReadOnlyList<int>? ids,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    );

    /// <summary>
    /// Log-probability of every token of some continuations with some tokens of the prompt absent: for each coalition, for
    /// each continuation, one number a token. Continuations begin at the position after the whole prompt.
    /// </summary>
    /// <inheritdoc cref="EvaluateNextAsync"/>
    /// <param name="text">A text that <see cref="Tokenize"/> returned.</param>
    /// <param name="present">For each coalition, whether each token is present; special tokens always are.</param>
    /// <param name="continuations">Ids of each continuation, at least one each.</param>
    /// <param name="absence">One of <see cref="Absences"/>.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and blocks.</param>
    Task<IReadOnlyList<double[][]>> EvaluateContinuationsAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        IReadOnlyList<IReadOnlyList<int>> continuations,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    );

    /// <summary>Input tensors of one text as a batch of one, read at its last token.</summary>
    /// <remarks>Call on the scheduler's thread inside a dispose scope.</remarks>
    NetworkInput Prepare(TokenizedText text);
}

/// <summary>A token that the model might have expected.</summary>
/// <param name="Text">The text it stands for, on its own.</param>
/// <param name="Id">The vocabulary row.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
public sealed record TokenAlternative(string Text, int Id, double LogProbability);

/// <summary>A token of a text and how likely it was.</summary>
/// <param name="Token">The token with its range.</param>
/// <param name="LogProbability">Natural logarithm of its probability after those before it; null for the first.</param>
/// <param name="Top">The most probable tokens in its place, best first; empty for the first.</param>
public sealed record ScoredToken(Token Token, double? LogProbability, IReadOnlyList<TokenAlternative> Top);

/// <summary>A text as a language model sees it.</summary>
/// <param name="Text">The text with its tokens.</param>
/// <param name="Tokens">One entry a token.</param>
/// <param name="Next">What the model expects after the text, best first.</param>
public sealed record ScoredText(
    TokenizedText Text,
    IReadOnlyList<ScoredToken> Tokens,
    IReadOnlyList<TokenAlternative> Next
);

/// <summary>What a language model added to a prompt.</summary>
/// <param name="Ids">The ids added, the one that ends a text not included.</param>
/// <param name="Text">The text they stand for after the prompt.</param>
/// <param name="Ended">Whether the model ended the text itself.</param>
public sealed record GeneratedText(IReadOnlyList<int> Ids, string Text, bool Ended);
