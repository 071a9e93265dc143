using TorchSharp;
using Whylight.Models.Networks;
using Whylight.Models.Scheduling;
using Whylight.Models.Tokenization;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>GPT-2 or LLaMA: tokenizer, graph and scheduler together.</summary>
/// <remarks>
/// Rows of like length run together in blocks of a fixed shape (<see cref="CoalitionBlocks"/>), so no padding arises and a
/// row's bits do not depend on what other rows were asked. Absent tokens are left out; the rest keep their positions.
/// </remarks>
public sealed class CausalLanguageModel : ICausalLanguageModel
{
    private const int PositionsAtOnce = 64;

    private readonly DecoderNetwork _network;
    private readonly ITokenizer _tokenizer;
    private readonly int _opening;
    private readonly IReadOnlyList<int> _ends;
    private readonly bool _lengthMatters;
    private readonly long _workPerToken;
    private readonly CoalitionBlocks _blocks;

    /// <summary>Puts a language model together; it then owns the network.</summary>
    /// <param name="info">What the model is.</param>
    /// <param name="network">The graph with its weights.</param>
    /// <param name="tokenizer">Its tokenizer, whose ids are rows of the network's embedding.</param>
    /// <param name="scheduler">The owner of native work; null for the shared one.</param>
    /// <exception cref="ModelException">Tokenizer and network do not fit.</exception>
    public CausalLanguageModel(
        ModelInfo info,
        DecoderNetwork network,
        ITokenizer tokenizer,
        InferenceScheduler? scheduler = null
    )
    {
        if (tokenizer.VocabularySize > network.VocabularySize)
        {
            throw new ModelException(
                $"the tokenizer has {tokenizer.VocabularySize} tokens but the embedding has {network.VocabularySize} rows"
            );
        }
        Info = info;
        _network = network;
        _tokenizer = tokenizer;
        Scheduler = scheduler ?? InferenceScheduler.Shared;
        (int? bos, IReadOnlyList<int> ends) = network switch
        {
            Gpt2Network gpt2 => (gpt2.Config.BosTokenId, gpt2.Config.EosTokenIds),
            LlamaNetwork llama => (llama.Config.BosTokenId, llama.Config.EosTokenIds),
            _ => (null, (IReadOnlyList<int>)[]),
        };
        int? end = tokenizer.Special.End;
        _ends = ends.Count == 0 && end is int e ? [e] : ends;
        _opening = Math.Clamp(
            bos ?? tokenizer.Special.Start ?? (_ends.Count > 0 ? _ends[0] : 0),
            0,
            network.VocabularySize - 1
        );
        _lengthMatters = network is LlamaNetwork { Config.RopeScaling.DependsOnLength: true };
        _workPerToken = NativeRuntime.WorkPerToken(network);
        _blocks = new CoalitionBlocks(_workPerToken, 1, network.HiddenSize, network.InnerSize);
        List<Absence> absences = [Absence.AttentionMasked];
        // GPT-2 calls its text separator "unknown", which would end the text rather than blur it.
        if (tokenizer.Special.Unknown is int unknown && unknown != _opening && !_ends.Contains(unknown))
        {
            absences.Add(Absence.UnknownToken);
        }
        absences.Add(Absence.Deleted);
        Absences = absences;
    }

    /// <inheritdoc/>
    public ModelInfo Info { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Absence> Absences { get; }

    /// <inheritdoc/>
    public Network Network => _network;

    /// <inheritdoc/>
    public InferenceScheduler Scheduler { get; }

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer => _tokenizer;

    /// <summary>Id of the token that ends a text, or null where none does.</summary>
    public int? EndTokenId => _ends.Count > 0 ? _ends[0] : null;

    /// <summary>Id of the token that is read where no other is present.</summary>
    public int OpeningTokenId => _opening;

    /// <inheritdoc/>
    public TokenizedText Tokenize(string text) => _tokenizer.Encode(text, Info.MaxTokens);

    /// <summary>
    /// The tokens that lead up to what follows a text: where there are more than the model reads, the last ones, and
    /// <see cref="TokenizedText.ReadFrom"/> says where they begin. Special tokens stay; no character is cut in two.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxTokens">Most tokens; null for all that the model reads.</param>
    public TokenizedText TokenizeEnd(string text, int? maxTokens = null)
    {
        int most = Math.Min(maxTokens ?? int.MaxValue, Info.MaxTokens);
        TokenizedText all = _tokenizer.Encode(text);
        return all.Tokens.Count <= most ? all : End(all, most);
    }

    /// <summary>What stands before one token of a text, as a prompt that leads up to it.</summary>
    /// <param name="text">A text with its tokens, uncut.</param>
    /// <param name="token">Index of the token.</param>
    public TokenizedText Before(TokenizedText text, int token)
    {
        // Tokens before may spell part of the same character: the prompt ends behind it then.
        int end = token == 0 ? 0 : Math.Max(text.Tokens[token].Start, text.Tokens[token - 1].End);
        TokenizedText prompt = new() { Text = text.Text[..end], Tokens = [.. text.Tokens.Take(token)] };
        return prompt.Tokens.Count <= Info.MaxTokens ? prompt : End(prompt, Info.MaxTokens);
    }

    /// <summary>The last tokens of a tokenized text, at most so many, special tokens kept.</summary>
    internal static TokenizedText End(TokenizedText all, int most)
    {
        IReadOnlyList<Token> tokens = all.Tokens;
        int special = tokens.Count(t => t.Special);
        int[] words = [.. Enumerable.Range(0, tokens.Count).Where(i => !tokens[i].Special)];
        int first = Math.Max(0, words.Length - Math.Max(0, most - special));
        // Several tokens may spell one character: all of them or none.
        while (first > 0 && first < words.Length && tokens[words[first]].Start < tokens[words[first - 1]].End)
        {
            first++;
        }
        return first == 0
            ? all
            : all with
            {
                Tokens = [.. tokens.Where((t, i) => t.Special || (first < words.Length && i >= words[first]))],
                ReadFrom = first < words.Length ? tokens[words[first]].Start : all.Text.Length,
            };
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Continue(TokenizedText prompt, string continuation)
    {
        // Tokens of the two together, where the prompt's own tokens stay as they are; else after a full stop, which nothing
        // joins; else the continuation's alone.
        IReadOnlyList<Token> own = prompt.ReadFrom is null ? prompt.Tokens : _tokenizer.Encode(prompt.Text).Tokens;
        if (prompt.TruncatedAt is null && Added(own, prompt.Text + continuation) is { } together)
        {
            return together;
        }
        return Added(_tokenizer.Encode(".").Tokens, "." + continuation)
            ?? [.. _tokenizer.Encode(continuation).Tokens.Where(t => !t.Special).Select(t => t.Id)];
    }

    // Ids that a longer text adds to those of its beginning, or null where the beginning does not stay as it is.
    private int[]? Added(IReadOnlyList<Token> beginning, string whole)
    {
        IReadOnlyList<Token> joined = _tokenizer.Encode(whole).Tokens;
        Token[] kept = [.. beginning.Reverse().SkipWhile(t => t.Special).Reverse()];
        if (joined.Count <= kept.Length || kept.Where((t, i) => joined[i].Id != t.Id).Any())
        {
            return null;
        }
        int[] ids = [.. joined.Skip(kept.Length).Where(t => !t.Special).Select(t => t.Id)];
        return ids.Length > 0 ? ids : null;
    }

    /// <inheritdoc/>
    public string Decode(IEnumerable<int> ids) => _tokenizer.Decode(ids);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScoredText>> ScoreAsync(
        IReadOnlyList<string> texts,
        int alternatives = 5,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(alternatives);
        ScoredText[] scored = new ScoredText[texts.Count];
        for (int i = 0; i < texts.Count; i++)
        {
            TokenizedText text = Tokenize(texts[i]);
            TokenRow row = Row(text);
            scored[i] = await Scheduler
                .RunAsync(priority, token => Score(text, row, alternatives, token), cancellation)
                .ConfigureAwait(false);
        }
        return scored;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<double[]>> NextLogitsAsync(
        IReadOnlyList<EncodedInput> inputs,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        List<TokenRow> rows = [];
        foreach (EncodedInput input in inputs)
        {
            input.Check(
                _network.VocabularySize,
                _network.Extrapolates ? int.MaxValue : _network.MaxPositions + CountPadding(input),
                _network is Gpt2Network ? _network.VocabularySize : null
            );
            int[] kept = [.. Enumerable.Range(0, input.Ids.Count).Where(i => input.AttentionMask?[i] != 0)];
            int[]? types =
                input.TypeIds is null || _network is not Gpt2Network ? null : [.. kept.Select(i => input.TypeIds[i])];
            rows.Add(
                new TokenRow(
                    [.. kept.Select(i => input.Ids[i])],
                    [.. Enumerable.Range(0, kept.Length)],
                    types,
                    OriginalLength: kept.Length
                )
            );
        }
        return await NextAsync(rows, null, priority, cancellation).ConfigureAwait(false);
    }

    /// <summary>Raw logits after each text.</summary>
    internal Task<IReadOnlyList<double[]>> NextLogitsAsync(
        IReadOnlyList<TokenizedText> texts,
        WorkPriority priority,
        CancellationToken cancellation
    ) => NextAsync([.. texts.Select(Row)], null, priority, cancellation);

    private static int CountPadding(EncodedInput input) => input.AttentionMask?.Count(m => m == 0) ?? 0;

    /// <inheritdoc/>
    public Task<GeneratedText> GenerateAsync(
        string prompt,
        int maxTokens,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    ) => GenerateAsync(Tokenize(prompt), maxTokens, priority, cancellation);

    /// <summary>The same after a prompt that is tokenized already.</summary>
    /// <inheritdoc cref="GenerateAsync(string, int, WorkPriority, CancellationToken)"/>
    public async Task<GeneratedText> GenerateAsync(
        TokenizedText prompt,
        int maxTokens,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        List<int> all = [.. Row(prompt).Ids];
        int read = all.Count;
        int most = _network.Extrapolates ? int.MaxValue : _network.MaxPositions;
        bool ended = false;
        // Frequencies that change with the length would turn cached keys anew, so such models read the whole text each time.
        KeyValueCache? cache = _lengthMatters ? null : new();
        try
        {
            while (all.Count - read < maxTokens && all.Count < most && !ended)
            {
                double[] logits = cache is null
                    ? (await NextAsync([Whole(all)], null, priority, cancellation).ConfigureAwait(false))[0]
                    : await NextAsync(all, cache, priority, cancellation).ConfigureAwait(false);
                int best = 0;
                for (int id = 1; id < logits.Length; id++)
                {
                    best = logits[id] > logits[best] ? id : best;
                }
                ended = _ends.Contains(best);
                if (!ended)
                {
                    all.Add(best);
                }
            }
        }
        finally
        {
            Release(cache, priority);
        }
        string whole = Decode(all);
        string before = Decode(all.Take(read));
        string text = whole.StartsWith(before, StringComparison.Ordinal)
            ? whole[before.Length..]
            : Decode(all.Skip(read));
        return new GeneratedText([.. all.Skip(read)], text, ended);
    }

    // Native memory goes where it was made, on the scheduler's thread; nobody need wait for that.
    private void Release(KeyValueCache? cache, WorkPriority priority)
    {
        if (cache is null)
        {
            return;
        }
        try
        {
            _ = Scheduler.RunAsync(
                priority,
                _ =>
                {
                    cache.Dispose();
                    return true;
                },
                CancellationToken.None
            );
        }
        catch (ObjectDisposedException)
        {
            cache.Dispose();
        }
    }

    private static TokenRow Whole(IReadOnlyList<int> ids) =>
        new([.. ids], [.. Enumerable.Range(0, ids.Count)], OriginalLength: ids.Count);

    // Runs only the tokens that the cache does not hold yet.
    private Task<double[]> NextAsync(
        List<int> ids,
        KeyValueCache cache,
        WorkPriority priority,
        CancellationToken cancellation
    ) =>
        Scheduler.RunAsync(
            priority,
            token =>
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable noGradient = no_grad();
                int[] added = [.. Enumerable.Range((int)cache.Length, ids.Count - (int)cache.Length)];
                NativeRuntime.UseFor(_workPerToken, added.Length);
                NetworkInput input = TokenRow.ToInput(
                    [new TokenRow([.. added.Select(i => ids[i])], added, OriginalLength: ids.Count)],
                    0,
                    _network.Device
                );
                return Split(_network.Next(input, cache, token), 1)[0];
            },
            cancellation
        );

    /// <inheritdoc/>
    public async Task<IReadOnlyList<double[]>> EvaluateNextAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        IReadOnlyList<int>? ids,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        (TokenRow[] rows, int[] representative) = Coalitions(text, present, absence);
        IReadOnlyList<double[]> values = await NextAsync(rows, ids, priority, cancellation).ConfigureAwait(false);
        return [.. representative.Select(r => (double[])values[r].Clone())];
    }

    /// <summary>
    /// The same over the whole vocabulary, one row at a time through a function, so that no more than one row of a large
    /// vocabulary is held.
    /// </summary>
    internal async Task<IReadOnlyList<double[]>> ReadNextAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Func<double[], double[]> read,
        Absence absence,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        (TokenRow[] rows, int[] representative) = Coalitions(text, present, absence);
        double[][] values = await RunAsync(
                rows,
                (input, slice, token) =>
                {
                    Tensor logits = _network.Forward(input, PropagationRules.Plain, token);
                    return (double[][])[.. slice.Select((_, i) => read(Split(logits[i], 1)[0]))];
                },
                priority,
                cancellation
            )
            .ConfigureAwait(false);
        return [.. representative.Select(r => (double[])values[r].Clone())];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<double[][]>> EvaluateContinuationsAsync(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        IReadOnlyList<IReadOnlyList<int>> continuations,
        Absence absence,
        WorkPriority priority = WorkPriority.Batch,
        CancellationToken cancellation = default
    )
    {
        CheckContinuations(text, continuations);
        (TokenRow[] prompts, int[] representative) = Coalitions(text, present, absence);
        // Continuations that differ in their last token only need one row: the last token is read, never run.
        var groups = continuations
            .Select((ids, index) => (Ids: ids, Index: index))
            .GroupBy(c => string.Join(',', c.Ids.Take(c.Ids.Count - 1)), StringComparer.Ordinal)
            .Select(g => g.ToArray())
            .ToArray();
        int start = absence == Absence.Deleted ? -1 : Math.Max(1, text.Tokens.Count);
        List<TokenRow> rows = [];
        List<(int Prompt, int Group)> owners = [];
        for (int p = 0; p < prompts.Length; p++)
        {
            for (int g = 0; g < groups.Length; g++)
            {
                int[] run = [.. groups[g][0].Ids.Take(groups[g][0].Ids.Count - 1)];
                int first = start < 0 ? prompts[p].Ids.Length : start;
                rows.Add(
                    prompts[p] with
                    {
                        Ids = [.. prompts[p].Ids, .. run],
                        Positions = [.. prompts[p].Positions, .. run.Select((_, i) => first + i)],
                        ReadOut = prompts[p].Ids.Length - 1,
                        OriginalLength = first + run.Length,
                    }
                );
                owners.Add((p, g));
            }
        }
        int[][][] wanted = [.. owners.Select(o => groups[o.Group].Select(c => c.Ids.ToArray()).ToArray())];
        double[][][] read = await RunAsync(
                rows,
                (input, slice, token) => ReadContinuations(input, slice, rows, wanted, token),
                priority,
                cancellation
            )
            .ConfigureAwait(false);
        double[][][] values = [.. prompts.Select(_ => new double[continuations.Count][])];
        for (int r = 0; r < rows.Count; r++)
        {
            (int prompt, int group) = owners[r];
            for (int c = 0; c < groups[group].Length; c++)
            {
                values[prompt][groups[group][c].Index] = read[r][c];
            }
        }
        return [.. representative.Select(r => values[r].Select(v => (double[])v.Clone()).ToArray())];
    }

    /// <inheritdoc/>
    public NetworkInput Prepare(TokenizedText text) => TokenRow.ToInput([Row(text)], 0, _network.Device);

    /// <summary>The padding token in place of every token, special ones kept or not; null where the vocabulary has none.</summary>
    internal Tensor? BaselineIds(TokenizedText text, bool keepSpecial)
    {
        if (_tokenizer.Special.Pad is not int pad)
        {
            return null;
        }
        long[] ids = [.. text.Tokens.Select(t => (long)(keepSpecial && t.Special ? t.Id : pad))];
        return tensor(ids, 1, ids.Length, device: _network.Device);
    }

    internal void CheckContinuations(TokenizedText text, IReadOnlyList<IReadOnlyList<int>> continuations)
    {
        foreach (IReadOnlyList<int> continuation in continuations)
        {
            if (continuation.Count == 0)
            {
                throw new ModelException("a continuation is empty; it needs at least one token");
            }
            if (continuation.Any(id => id < 0 || id >= _network.VocabularySize))
            {
                throw new ModelException("a continuation holds an id outside the model's vocabulary");
            }
            int length = Math.Max(1, text.Tokens.Count) + continuation.Count - 1;
            if (!_network.Extrapolates && length > _network.MaxPositions)
            {
                throw new ModelException(
                    $"prompt and continuation need {length} positions, the model has {_network.MaxPositions}"
                );
            }
        }
    }

    // An empty text still has the token that opens one: there is no other place to read from.
    private TokenRow Row(TokenizedText text)
    {
        int[] ids = text.Tokens.Count == 0 ? [_opening] : [.. text.Tokens.Select(t => t.Id)];
        return new TokenRow(ids, [.. Enumerable.Range(0, ids.Length)], OriginalLength: ids.Length);
    }

    private (TokenRow[] Rows, int[] Representative) Coalitions(
        TokenizedText text,
        IReadOnlyList<bool[]> present,
        Absence absence
    )
    {
        if (!Absences.Contains(absence))
        {
            throw new ModelException(
                $"absence '{absence}' means nothing for {Info.Family}; use one of {string.Join(", ", Absences)}"
            );
        }
        CoalitionOrder.Check(present, text.Tokens.Count);
        bool[][] closed = [.. present.Select(p => p.Select((x, i) => x || text.Tokens[i].Special).ToArray())];
        (int[] order, int[] representative) = CoalitionOrder.Of(closed);
        TokenRow whole = Row(text);
        int[] place = new int[present.Count];
        for (int i = 0; i < order.Length; i++)
        {
            place[order[i]] = i;
        }
        TokenRow[] rows = [.. order.Select(o => text.Tokens.Count == 0 ? whole : Absent(whole, closed[o], absence))];
        return (rows, [.. representative.Select(r => place[r])]);
    }

    private TokenRow Absent(TokenRow whole, bool[] present, Absence absence)
    {
        if (absence == Absence.UnknownToken)
        {
            int unknown = _tokenizer.Special.Unknown!.Value;
            return whole with { Ids = [.. whole.Ids.Select((id, i) => present[i] ? id : unknown)] };
        }
        int[] kept = [.. Enumerable.Range(0, present.Length).Where(i => present[i])];
        if (kept.Length == 0)
        {
            return whole with { Ids = [_opening], Positions = [0] };
        }
        TokenRow row = whole.Keep(kept);
        return absence == Absence.Deleted
            ? row with
            {
                Positions = [.. Enumerable.Range(0, kept.Length)],
                OriginalLength = kept.Length,
            }
            : row;
    }

    private async Task<IReadOnlyList<double[]>> NextAsync(
        IReadOnlyList<TokenRow> rows,
        IReadOnlyList<int>? ids,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        if (ids?.Any(id => id < 0 || id >= _network.VocabularySize) == true)
        {
            throw new ModelException(
                $"a wanted id lies outside the model's vocabulary 0..{_network.VocabularySize - 1}"
            );
        }
        return await RunAsync(
                rows,
                (input, slice, token) =>
                {
                    Tensor logits = _network.Forward(input, PropagationRules.Plain, token);
                    if (ids is not null)
                    {
                        logits = logits.index_select(
                            1,
                            tensor(ids.Select(i => (long)i).ToArray(), device: _network.Device)
                        );
                    }
                    return Split(logits, slice.Length);
                },
                priority,
                cancellation
            )
            .ConfigureAwait(false);
    }

    // Runs rows in canonical blocks of like length; every block is one item, so that a hover overtakes between two.
    private async Task<T[]> RunAsync<T>(
        IReadOnlyList<TokenRow> rows,
        Func<NetworkInput, int[], CancellationToken, T[]> read,
        WorkPriority priority,
        CancellationToken cancellation
    )
    {
        T[] results = new T[rows.Count];
        (int, int, int) Key(int i) =>
            (
                rows[i].Ids.Length,
                rows[i].ReadOut ?? -1,
                _lengthMatters ? Math.Max(rows[i].OriginalLength ?? 0, _network.MaxPositions) : 0
            );
        foreach (
            IGrouping<(int, int, int), int> alike in Enumerable.Range(0, rows.Count).GroupBy(Key).OrderBy(g => g.Key)
        )
        {
            foreach (int[] slice in _blocks.Items(alike, alike.Key.Item1).SelectMany(item => item))
            {
                cancellation.ThrowIfCancellationRequested();
                T[] block = await Scheduler
                    .RunAsync(
                        priority,
                        token =>
                        {
                            using DisposeScope scope = NewDisposeScope();
                            using IDisposable noGradient = no_grad();
                            NetworkInput input = TokenRow.ToInput([.. slice.Select(i => rows[i])], 0, _network.Device);
                            NativeRuntime.UseFor(_workPerToken, input.Ids!.numel());
                            return read(input, slice, token);
                        },
                        cancellation
                    )
                    .ConfigureAwait(false);
                for (int i = 0; i < slice.Length; i++)
                {
                    results[slice[i]] = block[i];
                }
            }
        }
        return results;
    }

    private double[][][] ReadContinuations(
        NetworkInput input,
        int[] slice,
        List<TokenRow> rows,
        int[][][] wanted,
        CancellationToken cancellation
    )
    {
        int readFrom = rows[slice[0]].ReadOut!.Value;
        int count = rows[slice[0]].Ids.Length - readFrom;
        Tensor hidden = _network.HiddenStates(input, PropagationRules.Plain, cancellation).narrow(1, readFrom, count);
        double[][][] values = new double[slice.Length][][];
        for (int i = 0; i < slice.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor logProbabilities = LogProbabilities(hidden[i]);
            values[i] =
            [
                .. wanted[slice[i]]
                    .Select(ids =>
                    {
                        Tensor index = tensor(ids.Select(x => (long)x).ToArray(), ids.Length, 1, device: hidden.device);
                        return Finite(logProbabilities.gather(1, index).flatten().cpu().data<double>().ToArray());
                    }),
            ];
        }
        return values;
    }

    private ScoredText Score(TokenizedText text, TokenRow row, int alternatives, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        NetworkInput input = TokenRow.ToInput([row], 0, _network.Device);
        NativeRuntime.UseFor(_workPerToken, row.Ids.Length);
        Tensor hidden = _network.HiddenStates(input, PropagationRules.Plain, cancellation)[0];
        int length = row.Ids.Length;
        int top = Math.Min(alternatives, _network.VocabularySize);
        double[] logProbabilities = new double[length];
        TokenAlternative[][] expected = new TokenAlternative[length][];
        for (int from = 0; from < length; from += PositionsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope part = NewDisposeScope();
            int count = Math.Min(PositionsAtOnce, length - from);
            Tensor all = LogProbabilities(hidden.narrow(0, from, count));
            // The last position has no token after it; reading its own id there is harmless.
            long[] next = [.. Enumerable.Range(from + 1, count).Select(i => (long)row.Ids[Math.Min(i, length - 1)])];
            Tensor actual = all.gather(1, tensor(next, count, 1, device: hidden.device)).flatten().cpu();
            Finite(actual.data<double>().ToArray()).CopyTo(logProbabilities, from);
            (Tensor values, Tensor indexes) = all.topk(Math.Max(1, top), 1);
            double[] best = values.cpu().flatten().data<double>().ToArray();
            long[] ids = indexes.cpu().flatten().data<long>().ToArray();
            int stride = Math.Max(1, top);
            for (int i = 0; i < count; i++)
            {
                expected[from + i] =
                [
                    .. Enumerable
                        .Range(i * stride, top)
                        .Select(k => new TokenAlternative(TextOf((int)ids[k]), (int)ids[k], best[k]))
                        .OrderByDescending(a => a.LogProbability)
                        .ThenBy(a => a.Id),
                ];
            }
        }
        ScoredToken[] tokens =
        [
            .. text.Tokens.Select(
                (t, i) =>
                    i == 0 ? new ScoredToken(t, null, []) : new ScoredToken(t, logProbabilities[i - 1], expected[i - 1])
            ),
        ];
        return new ScoredText(text, tokens, expected[length - 1]);
    }

    private Tensor LogProbabilities(Tensor hidden) =>
        nn.functional.log_softmax(_network.Logits(hidden, PropagationRules.Plain).to_type(ScalarType.Float64), -1);

    /// <inheritdoc/>
    public string TextOf(int id)
    {
        string text = _tokenizer.Decode([id], skipSpecial: false);
        // SentencePiece and byte-level pieces that decode to nothing on their own are named as the vocabulary spells them.
        return text.Length > 0 ? text : _tokenizer.TokenOf(id) ?? "";
    }

    private double[][] Split(Tensor logits, int rows)
    {
        double[] flat = Finite(logits.to_type(ScalarType.Float64).cpu().data<double>().ToArray());
        int width = flat.Length / rows;
        return [.. Enumerable.Range(0, rows).Select(i => flat[(i * width)..((i + 1) * width)])];
    }

    private double[] Finite(double[] values) =>
        Array.TrueForAll(values, double.IsFinite)
            ? values
            : throw new ModelException($"the output of {Info.Name} is not a finite number; its weights may be damaged");

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
