using System.Runtime.Intrinsics;

namespace Whylight.Explanations.Game;

/// <summary>A factored symmetric positive definite matrix (Cholesky, L L^T).</summary>
internal sealed class SymmetricSystem
{
    private readonly double[] _l;

    private SymmetricSystem(int size, double[] l)
    {
        Size = size;
        _l = l;
    }

    public int Size { get; }

    /// <summary>Factors a matrix given by rows (lower triangle read); null where it is not positive definite.</summary>
    public static SymmetricSystem? Factor(int size, double[] matrix)
    {
        double[] l = (double[])matrix.Clone();
        double largest = 0;
        for (int i = 0; i < size; i++)
        {
            largest = Math.Max(largest, l[i * size + i]);
        }
        for (int j = 0; j < size; j++)
        {
            Span<double> rowJ = l.AsSpan(j * size, size);
            double pivot = rowJ[j];
            for (int k = 0; k < j; k++)
            {
                pivot -= rowJ[k] * rowJ[k];
            }
            if (!(pivot > 1e-14 * largest))
            {
                return null;
            }
            double diagonal = Math.Sqrt(pivot);
            rowJ[j] = diagonal;
            for (int i = j + 1; i < size; i++)
            {
                Span<double> rowI = l.AsSpan(i * size, size);
                rowI[j] = (rowI[j] - Dot(rowI[..j], rowJ[..j])) / diagonal;
            }
        }
        return new SymmetricSystem(size, l);
    }

    /// <summary>Solves for one right-hand side.</summary>
    public double[] Solve(ReadOnlySpan<double> right)
    {
        double[] x = Forward(right);
        // Row by row of L, so that memory is read in order.
        for (int i = Size - 1; i >= 0; i--)
        {
            ReadOnlySpan<double> row = _l.AsSpan(i * Size, i + 1);
            double xi = x[i] / row[i];
            x[i] = xi;
            for (int k = 0; k < i; k++)
            {
                x[k] -= row[k] * xi;
            }
        }
        return x;
    }

    private double[] Forward(ReadOnlySpan<double> right)
    {
        double[] x = right.ToArray();
        for (int i = 0; i < Size; i++)
        {
            ReadOnlySpan<double> row = _l.AsSpan(i * Size, i);
            x[i] = (x[i] - Dot(row, x.AsSpan(0, i))) / _l[i * Size + i];
        }
        return x;
    }

    /// <summary>The diagonal of the inverse matrix: the squared column lengths of L^-1.</summary>
    public double[] InverseDiagonal()
    {
        double[] diagonal = new double[Size];
        double[] column = new double[Size];
        for (int j = 0; j < Size; j++)
        {
            double length = 0;
            for (int i = j; i < Size; i++)
            {
                double sum = i == j ? 1 : -Dot(_l.AsSpan(i * Size + j, i - j), column.AsSpan(j, i - j));
                column[i] = sum / _l[i * Size + i];
                length += column[i] * column[i];
            }
            diagonal[j] = length;
        }
        return diagonal;
    }

    // Sixteen partial sums in fixed order, whatever vectors a machine has: the last bits are the same everywhere.
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector256<double> s0 = default,
            s1 = default,
            s2 = default,
            s3 = default;
        int k = 0;
        for (; k + 15 < a.Length; k += 16)
        {
            s0 += Vector256.Create(a.Slice(k, 4)) * Vector256.Create(b.Slice(k, 4));
            s1 += Vector256.Create(a.Slice(k + 4, 4)) * Vector256.Create(b.Slice(k + 4, 4));
            s2 += Vector256.Create(a.Slice(k + 8, 4)) * Vector256.Create(b.Slice(k + 8, 4));
            s3 += Vector256.Create(a.Slice(k + 12, 4)) * Vector256.Create(b.Slice(k + 12, 4));
        }
        for (; k + 3 < a.Length; k += 4)
        {
            s0 += Vector256.Create(a.Slice(k, 4)) * Vector256.Create(b.Slice(k, 4));
        }
        double rest = 0;
        for (; k < a.Length; k++)
        {
            rest += a[k] * b[k];
        }
        return Vector256.Sum(s0 + s1 + (s2 + s3)) + rest;
    }
}
