using Whylight.Models;

namespace Whylight.Harness.Search;

/// <summary>
/// Looks for the smallest edit that breaks an expectation: draws edit sequences from an FsCheck generator, takes the
/// lightest that fails, and walks down its shrinker. A whole frontier is predicted in one call, which a plain FsCheck run, asking one case at a
/// time, could not do. What is found here is searched for and must never enter a rate.
/// </summary>
public sealed class CounterexampleSearch
{
    private const int Frontier = 64;

    private readonly ITextClassifier _model;
    private readonly SearchOptions _options;
    private readonly Func<Prediction, Prediction, bool> _holds;

    /// <summary>A search on a model.</summary>
    /// <param name="model">The model asked.</param>
    /// <param name="options">How hard to look.</param>
    /// <param name="holds">Whether an edited text's prediction (second) is as expected given the text's own (first); null: the same label.</param>
    public CounterexampleSearch(
        ITextClassifier model,
        SearchOptions? options = null,
        Func<Prediction, Prediction, bool>? holds = null
    )
    {
        _model = model;
        _options = options ?? new SearchOptions();
        _holds = holds ?? ((before, after) => before.LabelIndex == after.LabelIndex);
    }

    /// <summary>Draws edits of a text and shrinks what fails.</summary>
    /// <param name="text">The text.</param>
    /// <param name="before">The model's prediction for it.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="cancellation">Checked between calls to the model.</param>
    /// <returns>The smallest counterexample found, or null where no draw failed.</returns>
    public async Task<Counterexample?> FindAsync(
        string text,
        Prediction before,
        ulong seed,
        CancellationToken cancellation = default
    )
    {
        Asked asked = new(this, before);
        IReadOnlyList<PerturbedText> drawn = PerturbedTexts.Sample(
            PerturbedTexts.Generator(text, _options.Choices, before.TruncatedAt ?? text.Length, _options.MaxEdits),
            Math.Min(_options.Samples, _options.ModelCalls),
            seed
        );
        IReadOnlyList<bool> failing = await asked.FailAsync(drawn, cancellation).ConfigureAwait(false);
        PerturbedText? lightest = drawn.Where((_, i) => failing[i]).MinBy(p => p.Weight);
        return lightest is null ? null : await ShrinkAsync(lightest, asked, cancellation).ConfigureAwait(false);
    }

    /// <summary>Shrinks a failing case.</summary>
    /// <param name="failing">The case.</param>
    /// <param name="before">The model's prediction for its text before the edits.</param>
    /// <param name="cancellation">Checked between calls to the model.</param>
    /// <returns>The counterexample, or null where the case does not fail (any more).</returns>
    public async Task<Counterexample?> ShrinkAsync(
        PerturbedText failing,
        Prediction before,
        CancellationToken cancellation = default
    )
    {
        Asked asked = new(this, before);
        IReadOnlyList<bool> fails = await asked.FailAsync([failing], cancellation).ConfigureAwait(false);
        return fails[0] ? await ShrinkAsync(failing, asked, cancellation).ConfigureAwait(false) : null;
    }

    private async Task<Counterexample> ShrinkAsync(PerturbedText failing, Asked asked, CancellationToken cancellation)
    {
        PerturbedText current = failing;
        bool minimal = false;
        while (!minimal)
        {
            PerturbedText? smaller = null;
            bool exhausted = false;
            foreach (PerturbedText[] frontier in PerturbedTexts.Smaller(current, _options.ShrinkText).Chunk(Frontier))
            {
                if (asked.Calls + frontier.Length > _options.ModelCalls)
                {
                    exhausted = true;
                    break;
                }
                IReadOnlyList<bool> fails = await asked.FailAsync(frontier, cancellation).ConfigureAwait(false);
                smaller = frontier.Where((p, i) => fails[i] && p.Weight.CompareTo(current.Weight) < 0).FirstOrDefault();
                if (smaller is not null)
                {
                    break;
                }
            }
            if (smaller is null && exhausted)
            {
                break;
            }
            minimal = smaller is null;
            current = smaller ?? current;
        }
        return new Counterexample
        {
            Original = failing,
            Shrunk = current,
            Before = asked[current.Text],
            After = asked[current.Edited],
            Minimal = minimal,
            ModelCalls = asked.Calls,
        };
    }

    // No text is asked about twice in one search.
    private sealed class Asked(CounterexampleSearch search, Prediction before)
    {
        private readonly Dictionary<string, Prediction> _known = new(StringComparer.Ordinal) { [before.Text] = before };

        public int Calls { get; private set; }

        public Prediction this[string text] => _known[text];

        public async Task<IReadOnlyList<bool>> FailAsync(
            IReadOnlyList<PerturbedText> cases,
            CancellationToken cancellation
        )
        {
            List<string> unknown = [];
            HashSet<string> wanted = new(StringComparer.Ordinal);
            foreach (PerturbedText c in cases)
            {
                foreach (string text in (string[])[c.Text, c.Edited])
                {
                    if (!_known.ContainsKey(text) && wanted.Add(text))
                    {
                        unknown.Add(text);
                    }
                }
            }
            if (unknown.Count > 0)
            {
                IReadOnlyList<Prediction> predictions = await search
                    ._model.PredictAsync(unknown, search._options.Priority, cancellation)
                    .ConfigureAwait(false);
                Calls += unknown.Count;
                for (int i = 0; i < unknown.Count; i++)
                {
                    _known[unknown[i]] = predictions[i];
                }
            }
            return cases.Select(Fails).ToArray();
        }

        // A shorter text must start from the same label, or it would show another failure than the one found.
        private bool Fails(PerturbedText c) =>
            _known[c.Text].LabelIndex == before.LabelIndex && !search._holds(_known[c.Text], _known[c.Edited]);
    }
}
