using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Families;

/// <summary>One row of a batch before it becomes tensors.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Positions">Original index of each token, from 0.</param>
/// <param name="Types">Segments, or null.</param>
/// <param name="Mask">False for padding that the caller put there, or null.</param>
/// <param name="ReadOut">Where the answer is read, or null for the graph's own place.</param>
/// <param name="OriginalLength">Tokens of the whole text, or null for the largest position + 1.</param>
internal sealed record TokenRow(
    int[] Ids,
    int[] Positions,
    int[]? Types = null,
    bool[]? Mask = null,
    int? ReadOut = null,
    int? OriginalLength = null
)
{
    /// <summary>The row of token ids for an encoder.</summary>
    public static TokenRow Of(EncodedInput input, EncoderConfig config)
    {
        int[] ids = [.. input.Ids];
        return new TokenRow(
            ids,
            EncoderPositions(ids, config),
            config.TypeVocabularySize > 0 && input.TypeIds is not null ? [.. input.TypeIds] : null,
            input.AttentionMask is null ? null : [.. input.AttentionMask.Select(m => m == 1)]
        );
    }

    /// <summary>
    /// An encoder's positions. RoBERTa counts the tokens that are not padding; padding itself stands at the padding id's
    /// position, one before the first.
    /// </summary>
    public static int[] EncoderPositions(int[] ids, EncoderConfig config)
    {
        int[] positions = new int[ids.Length];
        int next = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            bool padding = config.Family == EncoderFamily.Roberta && ids[i] == config.PadTokenId;
            positions[i] = padding ? -1 : next++;
        }
        return positions;
    }

    /// <summary>The row with only some of its tokens, which keep their positions; the read-out moves along.</summary>
    /// <param name="kept">Indices in ascending order.</param>
    public TokenRow Keep(int[] kept) =>
        new(
            [.. kept.Select(i => Ids[i])],
            [.. kept.Select(i => Positions[i])],
            Types is null ? null : [.. kept.Select(i => Types[i])],
            Mask is null ? null : [.. kept.Select(i => Mask[i])],
            ReadOut is int r ? Array.IndexOf(kept, r) : null,
            OriginalLength
        );

    /// <summary>The input tensors of some rows; shorter ones are padded at the right and masked.</summary>
    /// <param name="rows">At least one.</param>
    /// <param name="pad">The id that padding carries.</param>
    /// <param name="device">Where the tensors go.</param>
    public static NetworkInput ToInput(IReadOnlyList<TokenRow> rows, int pad, Device device)
    {
        int batch = rows.Count;
        int length = rows.Max(r => r.Ids.Length);
        bool ragged = rows.Any(r => r.Ids.Length != length || r.Mask is not null);
        bool typed = rows.Any(r => r.Types is not null);
        long[] ids = new long[batch * length];
        long[] positions = new long[batch * length];
        long[] types = typed ? new long[batch * length] : [];
        bool[] mask = ragged ? new bool[batch * length] : [];
        Array.Fill(ids, pad);
        for (int b = 0; b < batch; b++)
        {
            TokenRow row = rows[b];
            for (int i = 0; i < row.Ids.Length; i++)
            {
                int at = b * length + i;
                ids[at] = row.Ids[i];
                positions[at] = row.Positions[i];
                if (typed && row.Types is not null)
                {
                    types[at] = row.Types[i];
                }
                if (ragged)
                {
                    mask[at] = row.Mask?[i] ?? true;
                }
            }
        }
        return new NetworkInput
        {
            Ids = tensor(ids, batch, length, device: device),
            Positions = tensor(positions, batch, length, device: device),
            TypeIds = typed ? tensor(types, batch, length, device: device) : null,
            Mask = ragged ? tensor(mask, batch, length, device: device) : null,
            ReadOut = rows[0].ReadOut is null
                ? null
                : tensor(rows.Select(r => (long)r.ReadOut!.Value).ToArray(), device: device),
            OriginalLength = rows[0].OriginalLength,
        };
    }
}
