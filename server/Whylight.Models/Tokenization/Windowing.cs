namespace Whylight.Models.Tokenization;

/// <summary>Cuts token sequences to length, as the reference does.</summary>
internal static class Windowing
{
    /// <summary>How many tokens each text keeps so that together they have at most <paramref name="room"/>.</summary>
    /// <exception cref="ModelException">The strategy cannot shorten the input enough.</exception>
    public static (int First, int Second) Lengths(int first, int? second, int room, TruncationStrategy strategy)
    {
        int total = first + (second ?? 0);
        if (total <= room)
        {
            return (first, second ?? 0);
        }
        if (room == 0)
        {
            return (0, 0);
        }
        int excess = total - room;
        switch (strategy)
        {
            case TruncationStrategy.OnlyFirst:
                return first > excess ? (first - excess, second ?? 0) : throw TooShort("first");
            case TruncationStrategy.OnlySecond:
                return second > excess ? (first, second.Value - excess) : throw TooShort("second");
            default:
                if (second is null)
                {
                    return (room, 0);
                }
                int shorter = Math.Min(first, second.Value);
                int longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
                if (shorter + longer > room)
                {
                    shorter = room / 2;
                    longer = shorter + room % 2;
                }
                return first > second ? (longer, shorter) : (shorter, longer);
        }
    }

    /// <summary>Ranges [From, To) of the windows over <paramref name="count"/> tokens, the kept one first.</summary>
    public static List<(int From, int To)> Ranges(int count, int size, int stride, bool left)
    {
        if (count <= size)
        {
            return [(0, count)];
        }
        if (size == 0)
        {
            return [(0, 0), (0, count)];
        }
        if (stride >= size)
        {
            throw new ModelException(
                $"stride {stride} must be less than the {size} tokens a window leaves to the text: lower the stride or raise the limit"
            );
        }
        List<(int From, int To)> ranges = [];
        int step = size - stride;
        if (left)
        {
            for (int to = count; ; to -= step)
            {
                int from = Math.Max(0, to - size);
                ranges.Add((from, to));
                if (from == 0)
                {
                    return ranges;
                }
            }
        }
        for (int from = 0; ; from += step)
        {
            int to = Math.Min(count, from + size);
            ranges.Add((from, to));
            if (to == count)
            {
                return ranges;
            }
        }
    }

    private static ModelException TooShort(string which) =>
        new(
            $"the {which} text is too short to be cut by as much as the limit asks: raise the limit or cut the longest text first"
        );
}
