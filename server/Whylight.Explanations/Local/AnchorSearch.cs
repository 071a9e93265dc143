using Whylight.Explanations.Game;

namespace Whylight.Explanations.Local;

/// <summary>How an anchor is searched.</summary>
public sealed record AnchorOptions
{
    /// <summary>Most model calls.</summary>
    public int Budget { get; init; } = 256;

    /// <summary>Refuse rather than sample when 2^n coalitions exceed the budget.</summary>
    public bool Exact { get; init; }

    /// <summary>Precision that an anchor must reach.</summary>
    public double Threshold { get; init; } = 0.95;

    /// <summary>Probability that the bounds of a sampled search fail.</summary>
    public double Delta { get; init; } = 0.1;

    /// <summary>Slack between the bounds at which a sampled search stops.</summary>
    public double Epsilon { get; init; } = 0.15;

    /// <summary>Anchors kept at each length of a sampled search.</summary>
    public int Beam { get; init; } = 4;
}

/// <summary>A set of features whose presence keeps the label.</summary>
/// <param name="Estimator"><c>enumeration</c> or <c>kl-lucb</c>.</param>
/// <param name="Features">The anchor.</param>
/// <param name="Precision">Share of the neighbourhood with the anchor present that keeps the label.</param>
/// <param name="Lower">Its lower bound; equal to it where enumerated.</param>
/// <param name="Upper">Its upper bound.</param>
/// <param name="Coverage">Share of the neighbourhood with the anchor present: 2^-length.</param>
/// <param name="Holds">Whether the precision is shown to reach the threshold.</param>
/// <param name="ModelCalls">Distinct coalitions asked.</param>
public sealed record AnchorResult(
    string Estimator,
    IReadOnlyList<int> Features,
    double Precision,
    double Lower,
    double Upper,
    double Coverage,
    bool Holds,
    int ModelCalls
);

/// <summary>Anchors (Ribeiro, Singh and Guestrin 2018) over a game that is 1 where the label is kept.</summary>
/// <remarks>
/// Neighbourhood: every feature outside the anchor present or absent with probability 1/2. Where all coalitions fit the budget,
/// precision is exact and the smallest anchor is found for certain; ties go to the higher precision, then to the earlier
/// features. Else a beam search with KL-LUCB, every coalition asked once; what was drawn for an anchor counts for those that grow
/// from it too, where it holds the further word.
/// </remarks>
public static class AnchorSearch
{
    /// <summary>What the neighbourhood is, in a phrase.</summary>
    public const string Neighbourhood = "each other feature kept with probability 1/2";

    // Fewest calls worth a sampled search.
    private const int LeastSampled = 16;

    /// <summary>Searches.</summary>
    /// <exception cref="ExplanationException">Exactness was asked and does not fit, or the budget is below 2.</exception>
    public static async Task<AnchorResult> FindAsync(
        IGame keeps,
        AnchorOptions options,
        Random random,
        CancellationToken cancellation = default
    )
    {
        int n = keeps.Players;
        if (Enumeration.Fits(n, options.Budget))
        {
            double[] table = await Enumeration.TabulateAsync(keeps, cancellation).ConfigureAwait(false);
            IReadOnlyList<(int Mask, double Precision)> best = Smallest(table, options.Threshold);
            (int mask, double precision) = best[0];
            return new AnchorResult(
                "enumeration",
                [.. Coalition.FromBits(n, (ulong)mask).Members()],
                precision,
                precision,
                precision,
                Math.ScaleB(1, -System.Numerics.BitOperations.PopCount((uint)mask)),
                precision >= options.Threshold,
                keeps.ModelCalls
            );
        }
        if (options.Exact)
        {
            throw new ExplanationException(
                $"an exact anchor among {n} features needs a budget of 2^{n} model calls, and the budget is {options.Budget}: "
                    + "raise --budget, choose coarser --features, or leave out --exact"
            );
        }
        if (options.Budget < LeastSampled)
        {
            int least = Enumeration.LeastCalls(n, LeastSampled);
            throw new ExplanationException(
                $"an anchor among {n} features needs a budget of at least {least} model calls, and the budget is "
                    + $"{options.Budget}: pass --budget {least} or more, or choose coarser --features"
            );
        }
        return await new Search(keeps, options, random).RunAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Exact precision of every anchor: the mean over all coalitions that contain it.</summary>
    /// <param name="keeps">1 or 0 for each of 2^n coalitions.</param>
    public static double[] Precisions(IReadOnlyList<double> keeps)
    {
        int n = System.Numerics.BitOperations.Log2((uint)Math.Max(1, keeps.Count));
        double[] sums = [.. keeps];
        for (int i = 0; i < n; i++)
        {
            for (int m = 0; m < sums.Length; m++)
            {
                if ((m >> i & 1) == 0)
                {
                    sums[m] += sums[m | 1 << i];
                }
            }
        }
        for (int m = 0; m < sums.Length; m++)
        {
            sums[m] = Math.ScaleB(sums[m], System.Numerics.BitOperations.PopCount((uint)m) - n);
        }
        return sums;
    }

    /// <summary>All smallest anchors that reach a precision, those of highest precision only, in bit order.</summary>
    public static IReadOnlyList<(int Mask, double Precision)> Smallest(IReadOnlyList<double> keeps, double threshold)
    {
        double[] precisions = Precisions(keeps);
        var reaching = Enumerable
            .Range(0, precisions.Length)
            .Where(m => precisions[m] >= threshold)
            .GroupBy(m => System.Numerics.BitOperations.PopCount((uint)m))
            .MinBy(g => g.Key);
        // The whole text keeps its own label, so some anchor always reaches any threshold up to 1.
        List<int> smallest = [.. reaching!];
        double highest = smallest.Max(m => precisions[m]);
        return
        [
            .. smallest
                .Where(m => precisions[m] == highest)
                .OrderBy(m => m, Comparer<int>.Create(ByFeatures))
                .Select(m => (m, precisions[m])),
        ];
    }

    // {0,3} before {1,2}: the earlier first feature wins, as a reader would list them.
    private static int ByFeatures(int a, int b)
    {
        int difference = a ^ b;
        if (difference == 0)
        {
            return 0;
        }
        int lowest = difference & -difference;
        return (a & lowest) != 0 ? -1 : 1;
    }

    private sealed class Arm(IReadOnlyList<int> features)
    {
        public IReadOnlyList<int> Features { get; } = features;
        public int Draws { get; set; }
        public double Kept { get; set; }
        public double Precision => Draws == 0 ? 0.5 : Kept / Draws;
        public double Upper { get; set; } = 1;
        public double Lower { get; set; }

        /// <summary>What was drawn for this anchor itself.</summary>
        public List<(Coalition Coalition, double Kept)> Samples { get; } = [];

        public void Credit(double kept)
        {
            Draws++;
            Kept += kept;
        }

        /// <summary>Sets the bounds by what has been drawn so far; without a draw they are 0 and 1.</summary>
        /// <param name="beta">Logarithm of one over the chance to be wrong.</param>
        public void Bound(double beta)
        {
            if (Draws > 0)
            {
                Lower = KlBounds.Lower(Precision, beta / Draws);
                Upper = KlBounds.Upper(Precision, beta / Draws);
            }
        }
    }

    private sealed class Search(IGame keeps, AnchorOptions options, Random random)
    {
        private const int Batch = 16;

        // Draws from an anchor before it grows: half of them hold any one further word, so each of its children starts with
        // about 32 draws for 64 calls among all of them.
        private const int DrawsToGrow = 64;

        // Draws repeat coalitions and so cost nothing late in a small subspace; this bounds the time.
        private const int MostDraws = 20_000;

        private readonly HashSet<Coalition> _asked = [];
        private bool _spent;

        private double BetaToJudge => Math.Log(1 / (options.Delta / (1 + (options.Beam - 1) * keeps.Players)));

        // Of what may still be said of an anchor when the budget has ended.
        private double BetaAtTheEnd => Math.Log(keeps.Players / options.Delta);

        public async Task<AnchorResult> RunAsync(CancellationToken cancellation)
        {
            int n = keeps.Players;
            List<Arm> beam = [new([])];
            Arm empty = beam[0];
            await JudgeAsync(empty, cancellation).ConfigureAwait(false);
            Arm? found = Shown(empty) ? empty : null;
            Arm likeliest = empty;
            for (int length = 1; found is null && !_spent && length <= n; length++)
            {
                Dictionary<Coalition, Arm> candidates = [];
                foreach (Arm parent in beam)
                {
                    while (!_spent && parent.Samples.Count < DrawsToGrow)
                    {
                        await DrawAsync(parent, cancellation).ConfigureAwait(false);
                        parent.Bound(_spent ? BetaAtTheEnd : BetaToJudge);
                    }
                    foreach (int i in Enumerable.Range(0, n).Except(parent.Features))
                    {
                        int[] features = [.. parent.Features.Append(i).Order()];
                        Coalition key = Coalition.Of(n, features);
                        if (!candidates.TryGetValue(key, out Arm? child))
                        {
                            child = new Arm(features);
                            candidates.Add(key, child);
                        }
                        // A draw with the parent fixed that holds i is a draw with both fixed.
                        foreach ((Coalition coalition, double kept) in parent.Samples)
                        {
                            if (coalition[i])
                            {
                                child.Credit(kept);
                            }
                        }
                    }
                }
                List<Arm> arms = [.. candidates.OrderBy(c => c.Key).Select(c => c.Value)];
                beam = await BestAsync(arms, cancellation).ConfigureAwait(false);
                foreach (Arm arm in beam)
                {
                    if (_spent)
                    {
                        arm.Bound(BetaAtTheEnd);
                        continue;
                    }
                    await JudgeAsync(arm, cancellation).ConfigureAwait(false);
                }
                foreach (Arm arm in beam)
                {
                    if (Shown(arm) && (found is null || arm.Precision > found.Precision))
                    {
                        found = arm;
                    }
                    if (arm.Draws > 0 && arm.Lower > likeliest.Lower)
                    {
                        likeliest = arm;
                    }
                }
            }
            Arm best = found ?? likeliest;
            return new AnchorResult(
                "kl-lucb",
                best.Features,
                best.Precision,
                best.Lower,
                best.Upper,
                Math.ScaleB(1, -best.Features.Count),
                found is not null,
                keeps.ModelCalls
            );
        }

        private bool Shown(Arm arm) =>
            arm.Lower >= options.Threshold - options.Epsilon && arm.Precision >= options.Threshold;

        // Draws until the bounds say yes or no to the threshold.
        private async Task JudgeAsync(Arm arm, CancellationToken cancellation)
        {
            for (int round = 1; !_spent && arm.Draws < MostDraws; round++)
            {
                await DrawAsync(arm, cancellation).ConfigureAwait(false);
                arm.Bound(BetaToJudge);
                bool yes = arm.Precision >= options.Threshold && arm.Lower >= options.Threshold - options.Epsilon;
                bool no = arm.Upper < options.Threshold || arm.Precision < options.Threshold && arm.Draws >= 16 * Batch;
                if (yes || no)
                {
                    return;
                }
            }
        }

        // KL-LUCB: draws from the weakest of the best and the strongest of the rest until they are apart.
        private async Task<List<Arm>> BestAsync(List<Arm> arms, CancellationToken cancellation)
        {
            foreach (Arm arm in arms)
            {
                if (_spent)
                {
                    break;
                }
                if (arm.Draws == 0)
                {
                    await DrawAsync(arm, cancellation).ConfigureAwait(false);
                }
            }
            int top = Math.Min(options.Beam, arms.Count);
            // Arms that are alike never come apart; what is chosen here is judged on its own bounds afterwards.
            int allowance = (options.Budget - _asked.Count) / 4;
            int before = _asked.Count;
            int draws = 0;
            for (int round = 1; ; round++)
            {
                double beta = KlBounds.Beta(arms.Count, round, options.Delta);
                List<Arm> order = [.. arms.OrderByDescending(a => a.Precision)];
                if (top == arms.Count || _spent || draws > MostDraws || _asked.Count - before >= allowance)
                {
                    return [.. order.Take(top)];
                }
                Arm weakest = order[0];
                Arm strongest = order[top];
                for (int k = 0; k < order.Count; k++)
                {
                    Arm arm = order[k];
                    arm.Bound(beta);
                    if (k < top && arm.Lower < weakest.Lower)
                    {
                        weakest = arm;
                    }
                    if (k >= top && arm.Upper > strongest.Upper)
                    {
                        strongest = arm;
                    }
                }
                if (strongest.Upper - weakest.Lower <= options.Epsilon)
                {
                    return [.. order.Take(top)];
                }
                await DrawAsync(weakest, cancellation).ConfigureAwait(false);
                await DrawAsync(strongest, cancellation).ConfigureAwait(false);
                draws += 2 * Batch;
            }
        }

        private async Task DrawAsync(Arm arm, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            int n = keeps.Players;
            List<Coalition> drawn = [];
            bool[] flags = new bool[n];
            for (int k = 0; k < Batch; k++)
            {
                for (int i = 0; i < n; i++)
                {
                    flags[i] = random.Next(2) == 1;
                }
                foreach (int i in arm.Features)
                {
                    flags[i] = true;
                }
                Coalition coalition = Coalition.FromFlags(flags);
                if (!_asked.Contains(coalition) && _asked.Count >= options.Budget - 1)
                {
                    // One call went to the whole text.
                    _spent = true;
                    break;
                }
                _asked.Add(coalition);
                drawn.Add(coalition);
            }
            double[] kept = await keeps.EvaluateAsync(drawn, cancellation).ConfigureAwait(false);
            for (int k = 0; k < drawn.Count; k++)
            {
                arm.Samples.Add((drawn[k], kept[k]));
                arm.Credit(kept[k]);
            }
        }
    }
}
