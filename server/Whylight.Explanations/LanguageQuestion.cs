using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Whylight.Models;
using Whylight.Models.Families;

namespace Whylight.Explanations;

/// <summary>
/// What a request asks of a language model, put as a classifier and a request that every method understands, and the way
/// back from a method's answer to an explanation of the language model.
/// </summary>
/// <remarks>
/// One token: <see cref="TokenClassifier"/>, raw logits and probabilities over the whole vocabulary. A completion:
/// <see cref="ChoiceClassifier.OverContinuations"/>, the sum of its tokens' log-probabilities with teacher forcing. Putting
/// the question runs the model once on the whole text, and once a token where a greedy continuation is asked for; those
/// runs are not among an explanation's model calls.
/// </remarks>
public sealed partial class LanguageQuestion
{
    /// <summary>Most tokens of the greedy continuation that is explained where none is given.</summary>
    public const int MostGenerated = 16;

    /// <summary>Most probable tokens that every answer names.</summary>
    private const int Candidates = 5;

    /// <summary>Methods that ask whether the predicted label stays.</summary>
    private static readonly string[] s_ofLabels = ["anchors", "counterfactual", "prime-implicants"];

    private readonly ExplanationRequest _asked;
    private readonly Prediction _prediction;
    private readonly double _preparedMs;

    private LanguageQuestion(
        INetworkClassifier classifier,
        ExplanationRequest request,
        ExplanationRequest asked,
        Prediction prediction,
        double preparedMs
    )
    {
        Classifier = classifier;
        Request = request;
        _asked = asked;
        _prediction = prediction;
        _preparedMs = preparedMs;
    }

    /// <summary>The question as a classifier; the language model stays its owner's.</summary>
    public INetworkClassifier Classifier { get; }

    /// <summary>The request in the classifier's labels, on the text that leads up to the target.</summary>
    public ExplanationRequest Request { get; }

    private string? Completion { get; init; }

    private bool Generated { get; init; }

    private IReadOnlyList<TargetToken> Targets { get; init; } = [];

    private IReadOnlyList<TargetToken>? Contrasts { get; init; }

    private string? ReadOut { get; init; }

    private string ValueName { get; init; } = "";

    /// <summary>Whether explanations of a model need a question put first: it is a language model, causal or masked.</summary>
    public static bool Asks(IModel model) => model is ICausalLanguageModel || MaskedModel(model) is not null;

    /// <summary>Settles what a request asks.</summary>
    /// <param name="model">A language model, of which <see cref="Asks"/> is true.</param>
    /// <param name="request">The request.</param>
    /// <param name="priority">Who waits.</param>
    /// <param name="cancellation">Checked between layers and tokens.</param>
    /// <exception cref="ExplanationException">The request makes no sense; the message says why and what would.</exception>
    /// <exception cref="ModelException">The text has no mask token, does not fit, or an output is not finite.</exception>
    public static async Task<LanguageQuestion> PrepareAsync(
        IModel model,
        ExplanationRequest request,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(request);
        Explainer.CheckText(request);
        if (request.Absence is { } absence)
        {
            IReadOnlyList<Absence> absences =
                (model as ICausalLanguageModel)?.Absences ?? ((ITextClassifier)model).Absences;
            if (!absences.Contains(absence))
            {
                throw Explainer.Meaningless(absence, model.Info, absences);
            }
        }
        if (request.ValueKind != ValueKind.Contrast && request.ContrastLabel is not null && !IsSequence(request))
        {
            throw new ExplanationException(
                $"a contrast with '{request.ContrastLabel}' is the value contrast, not {Names.Of(request.ValueKind)}"
            );
        }
        long started = Stopwatch.GetTimestamp();
        if (MaskedModel(model) is { } masked)
        {
            return await AtMaskAsync(masked, request, started, priority, cancellation).ConfigureAwait(false);
        }
        CausalLanguageModel causal =
            model as CausalLanguageModel
            ?? throw new ExplanationException($"{model.Info.Name} is no language model of a kind that is explained");
        (TokenizedText prompt, Token? actual) = Place(causal, request);
        return IsSequence(request)
            ? await SequenceAsync(causal, request, prompt, actual?.Id, actual, started, priority, cancellation)
                .ConfigureAwait(false)
            : await NextAsync(causal, request, prompt, actual, started, priority, cancellation).ConfigureAwait(false);
    }

    /// <summary>A method's answer as an explanation of the language model.</summary>
    public Explanation Answer(Explanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        return explanation with
        {
            Text = _asked.Text,
            Prediction = _prediction,
            ValueKind = ValueName,
            Completion = Completion,
            CompletionGenerated = Generated,
            TargetTokens = s_ofLabels.Contains(_asked.Method) ? null : Targets,
            ContrastTokens = explanation.ContrastLabel is null ? null : Contrasts,
            ReadOut = ReadOut,
            ElapsedMs = explanation.ElapsedMs is { } elapsed ? elapsed + _preparedMs : null,
        };
    }

    private static TransformerClassifier? MaskedModel(IModel model) =>
        model is TransformerClassifier { Config.Head: Models.Networks.EncoderHead.MaskedLanguageModel } masked
            ? masked
            : null;

    private static bool IsSequence(ExplanationRequest request) =>
        request.Completion is not null || request.ValueKind == ValueKind.SequenceLogProbability;

    // Where the token explained stands: after the text, or inside it.
    private static (TokenizedText Prompt, Token? Actual) Place(CausalLanguageModel model, ExplanationRequest request)
    {
        if (request is { At: null, TokenIndex: null })
        {
            return (model.TokenizeEnd(request.Text), null);
        }
        if (request is { At: not null, TokenIndex: not null })
        {
            throw new ExplanationException("a place inside the text is an offset or a token's index, not both");
        }
        if (request.Completion is not null || request.TargetLabel is not null)
        {
            throw new ExplanationException(
                "the token at a place inside the text is itself the target: leave out the target or completion, or set another token against it as the contrast"
            );
        }
        TokenizedText whole = model.Tokenizer.Encode(request.Text);
        int index;
        if (request.TokenIndex is { } named)
        {
            index = named;
            if (index < 0 || index >= whole.Tokens.Count)
            {
                throw new ExplanationException(
                    $"there is no token {index}: the text has {whole.Tokens.Count}, numbered from 0"
                );
            }
        }
        else
        {
            int at = request.At!.Value;
            if (at < 0 || at >= request.Text.Length)
            {
                throw new ExplanationException(
                    $"the offset {at} lies outside the text, whose characters are 0 to {request.Text.Length - 1}"
                );
            }
            // White space that belongs to no token counts to the token after it.
            index = Enumerable
                .Range(0, whole.Tokens.Count)
                .FirstOrDefault(i => !whole.Tokens[i].Special && whole.Tokens[i].End > at, -1);
            if (index < 0)
            {
                throw new ExplanationException($"no token of {model.Info.Name} stands at the offset {at}");
            }
        }
        if (whole.Tokens[index].Special)
        {
            throw new ExplanationException(
                $"token {index} is {whole.Tokens[index].Text}, which the tokenizer added: there is nothing to explain"
            );
        }
        if (whole.Tokens.Take(index).All(t => t.Special))
        {
            throw new ExplanationException(
                $"'{whole.Tokens[index].Text}' is the text's first token: nothing stands before it that could drive it"
            );
        }
        return (model.Before(whole, index), whole.Tokens[index]);
    }

    private static async Task<LanguageQuestion> NextAsync(
        CausalLanguageModel model,
        ExplanationRequest request,
        TokenizedText prompt,
        Token? actual,
        long started,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        double[] logits = await LogitsAsync(model, prompt, priority, cancellation).ConfigureAwait(false);
        int[] top = Best(logits, Candidates);
        int? target =
            actual is { } token ? token.Id
            : request.TargetLabel is { } wanted ? TokenId(model, prompt, wanted, "target", top)
            : top[0];
        int? contrast =
            request.ValueKind != ValueKind.Contrast ? null
            : request.ContrastLabel is { } other ? TokenId(model, prompt, other, "contrast", top)
            : top.First(id => id != target);
        if (request.ValueKind == ValueKind.Contrast && (target is null || contrast is null))
        {
            // The difference of two logits is that of the log-probabilities, which longer continuations have too.
            return await SequenceAsync(model, request, prompt, target, actual, started, priority, cancellation)
                .ConfigureAwait(false);
        }
        if (target is not int chosen)
        {
            throw Several(model, prompt, request);
        }
        if (contrast == chosen)
        {
            throw new ExplanationException(
                $"a contrast needs another token than the target '{model.TextOf(chosen)}' (id {chosen})"
            );
        }
        return Of(
            TokenClassifier.Next(model, prompt, logits, Labelled(top, chosen, contrast, logits.Length)),
            request,
            prompt,
            logits,
            Labelled(top, chosen, contrast, logits.Length),
            model.TextOf,
            (chosen, actual),
            contrast,
            LastPresent(model, prompt),
            started
        );
    }

    private static async Task<LanguageQuestion> AtMaskAsync(
        TransformerClassifier model,
        ExplanationRequest request,
        long started,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        if (request is not { At: null, TokenIndex: null } || IsSequence(request))
        {
            throw new ExplanationException(
                $"{model.Info.Name} is a masked language model, which is explained at its mask token: completions, sequence_log_probability and places inside the text are for causal ones"
            );
        }
        TokenizedText prompt = TokenClassifier.TokenizeMasked(model, request.Text);
        double[] logits = (
            await model
                .EvaluateAsync(
                    prompt,
                    [
                        [.. prompt.Tokens.Select(_ => true)],
                    ],
                    model.Absences[0],
                    priority,
                    cancellation
                )
                .ConfigureAwait(false)
        )[0];
        int[] top = Best(logits, Candidates);
        int target = request.TargetLabel is { } wanted ? PieceId(model, wanted, "target") : top[0];
        int? contrast =
            request.ValueKind != ValueKind.Contrast ? null
            : request.ContrastLabel is { } other ? PieceId(model, other, "contrast")
            : top.First(id => id != target);
        if (contrast == target)
        {
            throw new ExplanationException(
                $"a contrast needs another token than the target '{model.Info.Labels[target]}'"
            );
        }
        IReadOnlyList<int> ids = Labelled(top, target, contrast, logits.Length);
        return Of(
            TokenClassifier.AtMask(model, prompt, logits, ids),
            request,
            prompt,
            logits,
            ids,
            id => model.Info.Labels[id],
            (target, null),
            contrast,
            "the first mask token, which is always present",
            started
        );
    }

    private static LanguageQuestion Of(
        TokenClassifier classifier,
        ExplanationRequest request,
        TokenizedText prompt,
        double[] logits,
        IReadOnlyList<int> ids,
        Func<int, string> textOf,
        (int Id, Token? Actual) target,
        int? contrast,
        string readOut,
        long started
    )
    {
        int place = Index(ids, target.Id);
        double whole = LogSumExp(logits);
        TargetToken Named(int id, Token? actual) => new(textOf(id), id, logits[id] - whole, actual?.Start, actual?.End);
        return new LanguageQuestion(
            classifier,
            request with
            {
                Text = prompt.Text,
                TargetLabel = classifier.Info.Labels[place],
                ContrastLabel = contrast is { } other ? classifier.Info.Labels[Index(ids, other)] : null,
                At = null,
                TokenIndex = null,
                Fields = Within(request.Fields, prompt.Text.Length),
            },
            request,
            Predicted(request, prompt, logits, ids, textOf),
            Stopwatch.GetElapsedTime(started).TotalMilliseconds
        )
        {
            Targets = [Named(target.Id, target.Actual)],
            Contrasts = contrast is { } against ? [Named(against, null)] : null,
            ReadOut = readOut,
            ValueName = Names.Of(request.ValueKind),
        };
    }

    private static async Task<LanguageQuestion> SequenceAsync(
        CausalLanguageModel model,
        ExplanationRequest request,
        TokenizedText prompt,
        int? single,
        Token? actual,
        long started,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        if (s_ofLabels.Contains(request.Method))
        {
            throw new ExplanationException(
                $"'{request.Method}' asks whether the most probable next token stays, which a completion's probability does not say: leave out the completion, or use shapley"
            );
        }
        if (request.Completion is not null && request.TargetLabel is not null)
        {
            throw new ExplanationException("a completion is itself the target: leave out one of the two");
        }
        string? given = request.Completion ?? request.TargetLabel;
        bool generated = given is null && single is null;
        int[] ids;
        string label;
        if (single is int token)
        {
            (ids, label) = ([token], given ?? model.TextOf(token));
        }
        else if (given is not null)
        {
            (ids, prompt) = Continuation(model, prompt, given, "completion");
            label = given;
        }
        else
        {
            prompt = model.TokenizeEnd(request.Text, Math.Max(1, model.Info.MaxTokens - MostGenerated + 1));
            GeneratedText next = await model
                .GenerateAsync(prompt, MostGenerated, priority, cancellation)
                .ConfigureAwait(false);
            if (next.Ids.Count == 0)
            {
                throw new ExplanationException(
                    $"{model.Info.Name} ends the text here, so it has no continuation of its own: give a completion"
                );
            }
            (ids, label) = ([.. next.Ids], next.Text);
        }
        int[]? against = null;
        if (request.ContrastLabel is { } other)
        {
            (against, prompt) = Continuation(model, prompt, other, "contrast");
            // A longer contrast may have shortened the prompt, never the ids.
            if (against.SequenceEqual(ids))
            {
                throw new ExplanationException($"a contrast needs another completion than '{label}'");
            }
        }
        else if (request.ValueKind == ValueKind.Contrast)
        {
            throw new ExplanationException($"a contrast needs a completion to set '{label}' against: name it");
        }
        string[] labels = against is null ? [label] : [label, request.ContrastLabel!];
        if (labels.Distinct(StringComparer.Ordinal).Count() != labels.Length)
        {
            labels[1] += " ";
        }
        int[][] continuations = against is null ? [ids] : [ids, against];
        bool[] all = [.. prompt.Tokens.Select(_ => true)];
        double[][] scores = (
            await model
                .EvaluateContinuationsAsync(
                    prompt,
                    [all],
                    continuations,
                    Absence.AttentionMasked,
                    priority,
                    cancellation
                )
                .ConfigureAwait(false)
        )[0];
        double[] logits = await LogitsAsync(model, prompt, priority, cancellation).ConfigureAwait(false);
        TargetToken[] Named(int[] tokens, double[] logProbabilities, Token? place) =>
            [
                .. tokens.Select(
                    (id, i) => new TargetToken(model.TextOf(id), id, logProbabilities[i], place?.Start, place?.End)
                ),
            ];
        return new LanguageQuestion(
            ChoiceClassifier.OverContinuations(model, prompt, labels, continuations),
            request with
            {
                Text = prompt.Text,
                ValueKind = against is null ? ValueKind.Logit : ValueKind.Contrast,
                TargetLabel = labels[0],
                ContrastLabel = against is null ? null : labels[1],
                Completion = null,
                At = null,
                TokenIndex = null,
                Fields = Within(request.Fields, prompt.Text.Length),
            },
            request,
            Predicted(request, prompt, logits, Best(logits, Candidates), model.TextOf),
            Stopwatch.GetElapsedTime(started).TotalMilliseconds
        )
        {
            Completion = label,
            Generated = generated,
            Targets = Named(ids, scores[0], actual),
            Contrasts = against is null ? null : Named(against, scores[1], null),
            ReadOut = LastPresent(model, prompt) + ", and the completion after it",
            ValueName = Names.Of(against is null ? ValueKind.SequenceLogProbability : ValueKind.Contrast),
        };
    }

    private static async Task<double[]> LogitsAsync(
        CausalLanguageModel model,
        TokenizedText prompt,
        WorkPriority priority,
        CancellationToken cancellation
    ) =>
        (
            await model
                .EvaluateNextAsync(
                    prompt,
                    [
                        [.. prompt.Tokens.Select(_ => true)],
                    ],
                    null,
                    Absence.AttentionMasked,
                    priority,
                    cancellation
                )
                .ConfigureAwait(false)
        )[0];

    // What the model expects, with probabilities over the whole vocabulary.
    private static Prediction Predicted(
        ExplanationRequest request,
        TokenizedText prompt,
        double[] logits,
        IReadOnlyList<int> ids,
        Func<int, string> textOf
    )
    {
        IReadOnlyList<string> labels = TokenClassifier.Names(textOf, ids);
        double whole = LogSumExp(logits);
        int best = Index(ids, Best(logits, 1)[0]);
        return new Prediction
        {
            Text = request.Text,
            Label = labels[best],
            LabelIndex = best,
            Labels = labels,
            Probabilities = [.. ids.Select(id => Math.Exp(logits[id] - whole))],
            Logits = [.. ids.Select(id => logits[id])],
            TruncatedAt = prompt.TruncatedAt,
            ReadFrom = prompt.ReadFrom,
        };
    }

    // The candidates, then the target and what it is set against; two tokens at least stay without a label.
    private static int[] Labelled(int[] top, int target, int? contrast, int vocabulary)
    {
        int[] wanted = contrast is { } other ? [target, other] : [target];
        int room = Math.Max(1, vocabulary - 2 - wanted.Length);
        return [.. top.Take(room).Concat(wanted).Distinct()];
    }

    private static int[] Best(double[] logits, int count) =>
        [
            .. Enumerable
                .Range(0, logits.Length)
                .OrderByDescending(i => logits[i])
                .ThenBy(i => i)
                .Take(Math.Min(count, logits.Length)),
        ];

    private static int Index(IReadOnlyList<int> ids, int id)
    {
        for (int i = 0; i < ids.Count; i++)
        {
            if (ids[i] == id)
            {
                return i;
            }
        }
        return -1;
    }

    private static double LogSumExp(double[] logits)
    {
        double max = logits.Max();
        return max + Math.Log(logits.Sum(l => Math.Exp(l - max)));
    }

    private static string LastPresent(CausalLanguageModel model, TokenizedText prompt) =>
        prompt.Tokens.Any(t => t.Special)
            ? "the last present token"
            : $"the last present token; {model.Tokenizer.TokenOf(model.OpeningTokenId) ?? "the opening token"} where none is";

    private static IReadOnlyList<FieldRange>? Within(IReadOnlyList<FieldRange>? fields, int length) =>
        fields is null ? null : [.. fields.Where(f => f.End <= length)];

    /// <summary>
    /// How a text stands after a prompt: after one space where both sides are words of a script that separates them, else as
    /// it is.
    /// </summary>
    private static string InPlace(string prompt, string text) =>
        prompt.Length > 0
        && !char.IsWhiteSpace(prompt[^1])
        && char.IsLetterOrDigit(text[0])
        && !Unspaced(prompt[^1])
        && !Unspaced(text[0])
            ? " " + text
            : text;

    private static bool Unspaced(char c) => c is >= '\u2E80' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF';

    // Ids of a continuation, and the prompt shortened at its beginning where the two do not fit together.
    private static (int[] Ids, TokenizedText Prompt) Continuation(
        CausalLanguageModel model,
        TokenizedText prompt,
        string text,
        string what
    )
    {
        if (text.Length == 0)
        {
            throw new ExplanationException($"the {what} is empty: there is nothing to explain");
        }
        int[] ids = [.. model.Continue(prompt, InPlace(prompt.Text, text))];
        CheckSpelled(model, ids, text, what);
        if (ids.Length >= model.Info.MaxTokens)
        {
            throw new ExplanationException(
                $"the {what} has {ids.Length} tokens, which leaves no room for a prompt among the {model.Info.MaxTokens} that {model.Info.Name} reads"
            );
        }
        int most = model.Info.MaxTokens - ids.Length + 1;
        return (ids, prompt.Tokens.Count <= most ? prompt : model.TokenizeEnd(prompt.Text, most));
    }

    private static void CheckSpelled(CausalLanguageModel model, int[] ids, string text, string what)
    {
        if (
            ids.Length == 0
            || (
                model.Tokenizer.Special.Unknown is int unknown
                && ids.Contains(unknown)
                && model.Tokenizer.TokenOf(unknown) != text
            )
        )
        {
            throw new ExplanationException($"the vocabulary of {model.Info.Name} cannot spell the {what} '{text}'");
        }
    }

    // The token that a text names: one that the answer lists by this name, the text in place, or a piece of the vocabulary;
    // null where the text is several tokens.
    private static int? TokenId(CausalLanguageModel model, TokenizedText prompt, string text, string what, int[] top)
    {
        if (text.Length == 0)
        {
            throw new ExplanationException($"the {what} is empty: name a token");
        }
        IReadOnlyList<string> names = TokenClassifier.Names(model.TextOf, top);
        for (int i = 0; i < top.Length; i++)
        {
            if (names[i] == text)
            {
                return top[i];
            }
        }
        int vocabulary = model.Network.VocabularySize;
        if (
            Numbered().Match(text) is { Success: true } numbered
            && int.TryParse(numbered.Groups[1].Value, CultureInfo.InvariantCulture, out int id)
            && id < vocabulary
            && text == $"{model.TextOf(id)} (id {numbered.Groups[1].Value})"
        )
        {
            return id;
        }
        string spaced = InPlace(prompt.Text, text);
        foreach (string form in spaced == text ? [text] : (string[])[spaced, text])
        {
            IReadOnlyList<int> ids = model.Continue(prompt, form);
            if (ids.Count == 1 && ids[0] != model.Tokenizer.Special.Unknown)
            {
                return ids[0];
            }
        }
        if (model.Tokenizer.IdOf(text) is int piece && piece < vocabulary)
        {
            return piece;
        }
        CheckSpelled(model, [.. model.Continue(prompt, spaced)], text, what);
        return null;
    }

    private static ExplanationException Several(
        CausalLanguageModel model,
        TokenizedText prompt,
        ExplanationRequest request
    )
    {
        string text = request.TargetLabel!;
        IReadOnlyList<int> ids = model.Continue(prompt, InPlace(prompt.Text, text));
        string pieces = string.Join(", ", ids.Take(8).Select(i => $"'{model.TextOf(i)}'"));
        return new ExplanationException(
            $"the target '{text}' is {ids.Count} tokens ({pieces}{(ids.Count > 8 ? ", …" : "")}) and the value {Names.Of(request.ValueKind)} is of one: "
                + "name its first token, or explain the whole as the completion (--completion)"
        );
    }

    private static int PieceId(TransformerClassifier model, string text, string what)
    {
        if (model.Tokenizer.IdOf(text) is int exact && exact < model.Info.Labels.Count)
        {
            return exact;
        }
        int[] ids =
            text.Length == 0 ? [] : [.. model.Tokenizer.Encode(text).Tokens.Where(t => !t.Special).Select(t => t.Id)];
        return ids is [int only] && only != model.Tokenizer.Special.Unknown
            ? only
            : throw new ExplanationException(
                ids.Length <= 1
                    ? $"the vocabulary of {model.Info.Name} has no token for the {what} '{text}'"
                    : $"the {what} '{text}' is {ids.Length} tokens ({string.Join(", ", ids.Select(i => $"'{model.PieceOf(i)}'"))}) and a mask stands for one: name one of them"
            );
    }

    [GeneratedRegex(@"\(id ([0-9]{1,9})\)\z")]
    private static partial Regex Numbered();
}
