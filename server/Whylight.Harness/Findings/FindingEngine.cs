using System.Runtime.CompilerServices;
using Whylight.Documents;
using Whylight.Harness.Search;
using Whylight.Measures;
using Whylight.Models;

namespace Whylight.Harness.Findings;

/// <summary>Looks at a file's examples through a model; the editor's diagnostics and <c>whylight lint</c> are what it finds.</summary>
public sealed class FindingEngine
{
    private const int Block = 64;
    private static readonly string[] UnknownPieces = ["[UNK]", "<unk>", "[unk]", "<UNK>"];

    private readonly ITextClassifier _model;
    private readonly FindingOptions _options;
    private readonly FindingMessages _messages;

    /// <summary>An engine on a model.</summary>
    public FindingEngine(ITextClassifier model, FindingOptions? options = null)
    {
        _model = model;
        _options = options ?? new FindingOptions();
        _messages = new FindingMessages(_options.Messages);
    }

    /// <summary>
    /// Finds what there is to find, as it is found: block by block of 64 examples in file order, the cheap findings of a
    /// block before its unstable predictions. The same document, model and options give the same findings in the same order.
    /// </summary>
    /// <param name="document">The file.</param>
    /// <param name="examples">The examples looked at; null: all. Contradictions are sought in the whole file all the same.</param>
    /// <param name="cancellation">Checked between model calls.</param>
    public async IAsyncEnumerable<Finding> RunAsync(
        ParsedDocument document,
        IReadOnlyList<Example>? examples = null,
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        Dictionary<string, Example> first = FirstOfEachText(document);
        long calls = 0;
        foreach (Example[] block in (examples ?? document.Examples).Chunk(Block))
        {
            IReadOnlyList<Prediction> predictions = await _model
                .PredictAsync(block.Select(e => e.Text).ToArray(), _options.Priority, cancellation)
                .ConfigureAwait(false);
            calls += block.Length;
            for (int i = 0; i < block.Length; i++)
            {
                foreach (Finding finding in Cheap(document, block[i], predictions[i], first))
                {
                    yield return finding;
                }
            }
            for (int i = 0; i < block.Length; i++)
            {
                FindingSeverity? severity = _options.SeverityOf(
                    FindingCodes.UnstablePrediction,
                    FindingSeverity.Warning
                );
                if (severity is null || calls >= _options.ModelCalls)
                {
                    break;
                }
                int budget = (int)Math.Min(_options.Search.ModelCalls, (_options.ModelCalls ?? long.MaxValue) - calls);
                CounterexampleSearch search = new(
                    _model,
                    _options.Search with
                    {
                        ModelCalls = budget,
                        Priority = _options.Priority,
                    }
                );
                Counterexample? found = await search
                    .FindAsync(
                        block[i].Text,
                        predictions[i],
                        SeededRandom.Derive(_options.Seed, "unstable-prediction", block[i].Text),
                        cancellation
                    )
                    .ConfigureAwait(false);
                calls += found?.ModelCalls ?? _options.Search.Samples;
                if (found is not null)
                {
                    yield return Unstable(document, block[i], found, severity.Value);
                }
            }
        }
    }

    /// <summary>What is wrong with the file itself, as findings.</summary>
    public static IReadOnlyList<Finding> Problems(ParsedDocument document) =>
        document
            .Problems.Select(p =>
                At(
                    document,
                    p.Start,
                    p.End,
                    p.Severity switch
                    {
                        ProblemSeverity.Error => FindingSeverity.Error,
                        ProblemSeverity.Warning => FindingSeverity.Warning,
                        _ => FindingSeverity.Information,
                    },
                    p.Code,
                    p.Message
                )
            )
            .ToArray();

    private IEnumerable<Finding> Cheap(
        ParsedDocument document,
        Example example,
        Prediction prediction,
        Dictionary<string, Example> first
    )
    {
        IReadOnlyList<string> labels = _model.Info.Labels;
        bool known = example.Label is null || labels.Contains(example.Label);
        if (!known)
        {
            (int start, int end) = example.LabelRange ?? (example.Start, example.End);
            string message = _messages.UnknownLabel(example.Label!, labels, Suggestion.For(example.Label!, labels));
            yield return For(document, example, start, end, FindingSeverity.Error, FindingCodes.UnknownLabel, message);
        }
        if (known && example.Label is not null && example.Label != prediction.Label)
        {
            FindingSeverity own =
                prediction.Confidence >= _options.SureConfidence
                    ? FindingSeverity.Warning
                    : FindingSeverity.Information;
            if (_options.SeverityOf(FindingCodes.LabelDisagreement, own) is FindingSeverity severity)
            {
                (int start, int end) = example.LabelRange ?? (example.Start, example.End);
                string message = _messages.Disagreement(example.Label, prediction);
                yield return For(document, example, start, end, severity, FindingCodes.LabelDisagreement, message);
            }
        }
        if (Enabled(FindingCodes.LowConfidence, FindingSeverity.Information) is FindingSeverity low && labels.Count > 1)
        {
            int second = Enumerable
                .Range(0, labels.Count)
                .Where(k => k != prediction.LabelIndex)
                .MaxBy(k => prediction.Probabilities[k]);
            bool isLow = _options.LowConfidence is double threshold
                ? prediction.Confidence < threshold
                : prediction.Confidence - prediction.Probabilities[second] < _options.LeastLead;
            if (isLow)
            {
                string message = _messages.LowConfidence(prediction, labels[second], prediction.Probabilities[second]);
                yield return For(
                    document,
                    example,
                    example.Start,
                    example.End,
                    low,
                    FindingCodes.LowConfidence,
                    message
                );
            }
        }
        if (Enabled(FindingCodes.ContradictingDuplicates, FindingSeverity.Warning) is FindingSeverity contradicting)
        {
            if (
                example.Label is not null
                && first.TryGetValue(Normalised(example.Text), out Example? other)
                && other.Label != example.Label
            )
            {
                yield return For(
                    document,
                    example,
                    example.Start,
                    example.End,
                    contradicting,
                    FindingCodes.ContradictingDuplicates,
                    _messages.Contradiction(example.Label, other.Label!, other.Line)
                ) with
                {
                    Related = [Place(document, other.Start, other.End, _messages.ContradictionRelated(other.Label!))],
                };
            }
        }
        if (
            prediction.TruncatedAt is int cut
            && Enabled(FindingCodes.TruncatedInput, FindingSeverity.Warning) is FindingSeverity truncated
        )
        {
            (int start, int end) = example.Map.ToSource(Math.Min(cut, example.Text.Length), example.Text.Length);
            string message = _messages.Truncated(_model.Info.MaxTokens, example.Text[cut..].TrimStart());
            yield return For(document, example, start, end, truncated, FindingCodes.TruncatedInput, message);
        }
        if (
            prediction.ReadFrom is int from
            && Enabled(FindingCodes.TruncatedInput, FindingSeverity.Warning) is FindingSeverity late
        )
        {
            (int start, int end) = example.Map.ToSource(0, Math.Min(from, example.Text.Length));
            string message = _messages.TruncatedStart(_model.Info.MaxTokens, example.Text[from..].TrimStart());
            yield return For(document, example, start, end, late, FindingCodes.TruncatedInput, message);
        }
        if (Enabled(FindingCodes.UnknownTokens, FindingSeverity.Information) is FindingSeverity unknown)
        {
            Token[] tokens = _model
                .Tokenize(example.Text)
                .Tokens.Where(t => !t.Special && t.End > t.Start && UnknownPieces.Contains(t.Text))
                .ToArray();
            if (tokens.Length > 0)
            {
                (int start, int end) = example.Map.ToSource(tokens[0].Start, tokens[0].End);
                string[] parts = tokens.Select(t => example.Text[t.Start..t.End]).Distinct().ToArray();
                string message = _messages.UnknownTokens(parts);
                yield return For(document, example, start, end, unknown, FindingCodes.UnknownTokens, message);
            }
        }
        if (
            prediction.Label == FindingOptions.InjectionLabel
            && Enabled(FindingCodes.InjectionRisk, FindingSeverity.Warning) is FindingSeverity risk
        )
        {
            string message = _messages.Injection(prediction);
            yield return For(document, example, example.Start, example.End, risk, FindingCodes.InjectionRisk, message);
        }
    }

    private FindingSeverity? Enabled(string code, FindingSeverity own) => _options.SeverityOf(code, own);

    private Finding Unstable(ParsedDocument document, Example example, Counterexample found, FindingSeverity severity)
    {
        string related = _messages.UnstableRelated(found);
        return For(
            document,
            example,
            example.Start,
            example.End,
            severity,
            FindingCodes.UnstablePrediction,
            _messages.Unstable(found)
        ) with
        {
            Counterexample = found,
            // Where the text itself was shortened, its offsets are not the file's any more.
            Related =
                found.Shrunk.Text != example.Text
                    ? []
                    : found
                        .Shrunk.Edits.Edits.Take(8)
                        .Select(e =>
                        {
                            (int start, int end) = example.Map.ToSource(e.Start, e.End);
                            return Place(document, start, end, related);
                        })
                        .ToArray(),
        };
    }

    private static Dictionary<string, Example> FirstOfEachText(ParsedDocument document)
    {
        Dictionary<string, Example> first = new(StringComparer.Ordinal);
        foreach (Example example in document.Examples)
        {
            if (example.Label is not null)
            {
                first.TryAdd(Normalised(example.Text), example);
            }
        }
        return first;
    }

    private static string Normalised(string text) =>
        string.Join(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static Finding For(
        ParsedDocument document,
        Example example,
        int start,
        int end,
        FindingSeverity severity,
        string code,
        string message
    ) => At(document, start, end, severity, code, message) with { Example = example.Index };

    private static Finding At(
        ParsedDocument document,
        int start,
        int end,
        FindingSeverity severity,
        string code,
        string message
    ) =>
        new()
        {
            File = document.Path,
            Start = start,
            End = end,
            StartPosition = document.Lines.PositionOf(start),
            EndPosition = document.Lines.PositionOf(end),
            Severity = severity,
            Code = code,
            Message = message,
        };

    private static RelatedPlace Place(ParsedDocument document, int start, int end, string message) =>
        new(document.Path, start, end, document.Lines.PositionOf(start), document.Lines.PositionOf(end), message);
}
