using System.Runtime.Intrinsics;

namespace Whylight.Explanations.Game;

/// <summary>Boosted regression trees over presence bits, cross-fitted in five folds of pairs, on top of a linear fit.</summary>
/// <remarks>
/// Friedman 2001 with squared error. A leaf reached through present players P and absent players Q is the game
/// "P present and Q absent", whose Shapley values are (p-1)! q!/(p+q)! for P and -p! (q-1)!/(p+q)! for Q, so the proxy's
/// own Shapley values are exact for any number of players.
/// </remarks>
internal static class TreeProxy
{
    private const int Folds = 5;
    private const int Depth = 4;
    private const int Rounds = 120;
    private const double Shrinkage = 0.1;
    private const int LeastRows = 4;

    public static OddPartProxy? Fit(PairedSample sample)
    {
        int n = sample.Players;
        int rows = sample.Rows;
        double[] fitted = new double[rows];
        double[] crossFitted = new double[rows];
        double[] solution = new double[n];
        for (int fold = 0; fold < Folds; fold++)
        {
            // Rows come stratum by stratum in turn, so every fifth row is a stratified fold.
            bool[] held = new bool[rows];
            for (int r = 0; r < rows; r++)
            {
                held[r] = r % Folds == fold;
            }
            double[]? linear = Linear(sample, held);
            if (linear is null)
            {
                return null;
            }
            double[] residual = new double[rows];
            for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<double> a = sample.Row(r);
                double fit = 0;
                for (int i = 0; i < n; i++)
                {
                    fit += a[i] * linear[i];
                }
                residual[r] = sample.Target[r] - fit;
                fitted[r] += fit / Folds;
            }
            Boost boost = new(sample, held, residual);
            for (int r = 0; r < rows; r++)
            {
                fitted[r] += boost.Fitted[r] / Folds;
                if (held[r])
                {
                    crossFitted[r] = residual[r] - boost.Fitted[r];
                }
            }
            for (int i = 0; i < n; i++)
            {
                solution[i] += (linear[i] + boost.Solution[i]) / Folds;
            }
        }
        double mean = solution.Sum() / n;
        for (int i = 0; i < n; i++)
        {
            solution[i] -= mean;
        }
        return new OddPartProxy(solution, fitted, crossFitted);
    }

    private static double[]? Linear(PairedSample sample, bool[] held)
    {
        int n = sample.Players;
        double[] gram = new double[n * n];
        double[] right = new double[n];
        double trace = 0;
        for (int r = 0; r < sample.Rows; r++)
        {
            if (held[r])
            {
                continue;
            }
            ReadOnlySpan<double> a = sample.Row(r);
            for (int i = 0; i < n; i++)
            {
                double wa = sample.Weight[r] * a[i];
                right[i] += wa * sample.Target[r];
                trace += wa * a[i];
                for (int j = 0; j <= i; j++)
                {
                    gram[i * n + j] += wa * a[j];
                }
            }
        }
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                gram[i * n + j] += trace / n / n;
            }
        }
        return SymmetricSystem.Factor(n, gram)?.Solve(right);
    }

    private sealed class Boost
    {
        private readonly int _players;
        private readonly double[] _weight;
        private readonly double[] _residual;
        private readonly double[] _present;
        private readonly int _stride;
        private readonly bool[] _held;
        private readonly double[] _weights;
        private readonly double[] _sums;
        private readonly double[] _counts;
        private readonly List<int> _on = [];
        private readonly List<int> _off = [];

        // Sampled pair r is row 2r (its coalition) and row 2r + 1 (the complement, with the opposite target).
        public Boost(PairedSample sample, bool[] held, double[] target)
        {
            _players = sample.Players;
            int rows = 2 * sample.Rows;
            Solution = new double[_players];
            Fitted = new double[sample.Rows];
            _weight = new double[rows];
            _residual = new double[rows];
            // A row's bits as zeros and ones, filled up to whole vectors of four.
            _stride = (_players + 3) / 4 * 4;
            _present = new double[rows * _stride];
            _held = held;
            _weights = new double[_stride];
            _sums = new double[_stride];
            _counts = new double[_stride];
            for (int row = 0; row < rows; row++)
            {
                bool complement = (row & 1) != 0;
                _weight[row] = sample.Weight[row >> 1];
                _residual[row] = complement ? -target[row >> 1] : target[row >> 1];
                for (int i = 0; i < _players; i++)
                {
                    _present[row * _stride + i] = sample.Coalitions[row >> 1][i] ^ complement ? 1 : 0;
                }
            }
            int[] order = [.. Enumerable.Range(0, rows)];
            for (int round = 0; round < Rounds; round++)
            {
                Grow(order, Depth);
            }
            for (int r = 0; r < sample.Rows; r++)
            {
                // The odd part of what the trees took away.
                Fitted[r] = target[r] - (_residual[2 * r] - _residual[2 * r + 1]) / 2;
            }
        }

        public double[] Solution { get; }

        public double[] Fitted { get; }

        private void Grow(Span<int> rows, int depth)
        {
            double weight = 0;
            double sum = 0;
            int count = 0;
            foreach (int row in rows)
            {
                if (!_held[row >> 1])
                {
                    weight += _weight[row];
                    sum += _weight[row] * _residual[row];
                    count++;
                }
            }
            int split = depth > 0 && count >= 2 * LeastRows ? Split(rows, weight, sum, count) : -1;
            if (split < 0)
            {
                Leaf(count == 0 ? 0 : Shrinkage * sum / weight, rows);
                return;
            }
            int[] sorted = new int[rows.Length];
            int on = 0;
            int off = rows.Length;
            foreach (int row in rows)
            {
                sorted[_present[row * _stride + split] != 0 ? on++ : --off] = row;
            }
            // Ascending again, so that sums do not depend on the path.
            sorted.AsSpan(on).Reverse();
            _on.Add(split);
            Grow(sorted.AsSpan(0, on), depth - 1);
            _on.RemoveAt(_on.Count - 1);
            _off.Add(split);
            Grow(sorted.AsSpan(on), depth - 1);
            _off.RemoveAt(_off.Count - 1);
        }

        private int Split(ReadOnlySpan<int> rows, double weight, double sum, int count)
        {
            // Four players at a time, whose sums stay in registers while the rows go by.
            for (int i = 0; i < _stride; i += 4)
            {
                Vector256<double> weights = default;
                Vector256<double> sums = default;
                Vector256<double> counts = default;
                foreach (int row in rows)
                {
                    if (_held[row >> 1])
                    {
                        continue;
                    }
                    Vector256<double> present = Vector256.Create(_present, row * _stride + i);
                    weights += Vector256.Create(_weight[row]) * present;
                    sums += Vector256.Create(_weight[row] * _residual[row]) * present;
                    counts += present;
                }
                weights.CopyTo(_weights, i);
                sums.CopyTo(_sums, i);
                counts.CopyTo(_counts, i);
            }
            int split = -1;
            double bestGain = 1e-12 * sum * sum / weight;
            for (int i = 0; i < _players; i++)
            {
                (double w, double s, double c) = (_weights[i], _sums[i], _counts[i]);
                if (c < LeastRows || count - c < LeastRows)
                {
                    continue;
                }
                double gain = s * s / w + (sum - s) * (sum - s) / (weight - w) - sum * sum / weight;
                if (gain > bestGain)
                {
                    (split, bestGain) = (i, gain);
                }
            }
            return split;
        }

        private void Leaf(double value, ReadOnlySpan<int> rows)
        {
            foreach (int row in rows)
            {
                _residual[row] -= value;
            }
            int p = _on.Count;
            int q = _off.Count;
            foreach (int i in _on)
            {
                Solution[i] += value / (p * Combinatorics.Choose(p + q, q));
            }
            foreach (int i in _off)
            {
                Solution[i] -= value / (q * Combinatorics.Choose(p + q, p));
            }
        }
    }
}
