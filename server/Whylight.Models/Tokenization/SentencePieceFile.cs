using System.Buffers.Binary;
using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>What kind of piece a SentencePiece entry is (sentencepiece_model.proto).</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>The parts of a SentencePiece `tokenizer.model` (protocol buffers) that tokenizing needs.</summary>
internal sealed class SentencePieceFile
{
    private readonly string source;

    /// <exception cref="ModelException">The bytes are no SentencePiece model.</exception>
    public SentencePieceFile(ReadOnlySpan<byte> bytes, string source)
    {
        this.source = source;
        while (Next(ref bytes, out int field, out ulong number, out ReadOnlySpan<byte> data))
        {
            switch (field)
            {
                case 1:
                    Pieces.Add(Piece(data));
                    break;
                case 2:
                    Trainer(data);
                    break;
                case 3:
                    Normalizer(data);
                    break;
            }
        }
        if (Pieces.Count == 0)
        {
            throw new ModelException($"{source} holds no pieces: it is not a SentencePiece model");
        }
    }

    public List<(string Text, float Score, PieceKind Kind)> Pieces { get; } = [];

    /// <summary>1 unigram, 2 BPE, 3 words, 4 characters.</summary>
    public int ModelType { get; private set; } = 1;

    public int StartId { get; private set; } = 1;

    public int EndId { get; private set; } = 2;

    public int PadId { get; private set; } = -1;

    public byte[] Charsmap { get; private set; } = [];

    public bool DummyPrefix { get; private set; } = true;

    public bool RemoveExtraSpaces { get; private set; } = true;

    public bool EscapeSpaces { get; private set; } = true;

    /// <summary>
    /// Numbers the pieces as fairseq did: its own special pieces first, then the file's from <paramref name="from"/> on, the
    /// mask last.
    /// </summary>
    /// <param name="first">fairseq's pieces; the fourth stands for the unknown.</param>
    /// <param name="from">The first piece of the file that keeps its place in the order.</param>
    /// <exception cref="ModelException">The file does not begin with the unknown, the start and the end.</exception>
    public void NumberAsFairseq(IReadOnlyList<string> first, int from)
    {
        if (
            Pieces.Count < 3
            || Pieces[0].Kind != PieceKind.Unknown
            || Pieces[1] is not ("<s>", _, PieceKind.Control)
            || Pieces[2] is not ("</s>", _, PieceKind.Control)
        )
        {
            throw new ModelException(
                $"{source} does not begin with <unk>, <s> and </s>: save the fast tokenizer, which writes {TokenizerJson.FileName}"
            );
        }
        Pieces.RemoveRange(0, from);
        Pieces.InsertRange(0, first.Select((p, i) => (p, 0f, i == 3 ? PieceKind.Unknown : PieceKind.Control)));
        Pieces.Add(("<mask>", 0, PieceKind.Control));
        StartId = Pieces.FindIndex(p => p.Text == "<s>");
        EndId = Pieces.FindIndex(p => p.Text == "</s>");
        PadId = 1;
    }

    private (string, float, PieceKind) Piece(ReadOnlySpan<byte> bytes)
    {
        string text = "";
        float score = 0;
        PieceKind kind = PieceKind.Normal;
        while (Next(ref bytes, out int field, out ulong number, out ReadOnlySpan<byte> data))
        {
            switch (field)
            {
                case 1:
                    text = Encoding.UTF8.GetString(data);
                    break;
                case 2:
                    score = BitConverter.UInt32BitsToSingle((uint)number);
                    break;
                case 3:
                    kind = (PieceKind)(int)number;
                    break;
            }
        }
        return (text, score, kind);
    }

    private void Trainer(ReadOnlySpan<byte> bytes)
    {
        while (Next(ref bytes, out int field, out ulong number, out _))
        {
            switch (field)
            {
                case 3:
                    ModelType = (int)number;
                    break;
                case 41:
                    StartId = (int)(long)number;
                    break;
                case 42:
                    EndId = (int)(long)number;
                    break;
                case 43:
                    PadId = (int)(long)number;
                    break;
                case 24 when number != 0:
                    throw new ModelException(
                        $"{source} writes spaces after words (treat_whitespace_as_suffix), which is not supported"
                    );
            }
        }
    }

    private void Normalizer(ReadOnlySpan<byte> bytes)
    {
        while (Next(ref bytes, out int field, out ulong number, out ReadOnlySpan<byte> data))
        {
            switch (field)
            {
                case 2:
                    Charsmap = data.ToArray();
                    break;
                case 3:
                    DummyPrefix = number != 0;
                    break;
                case 4:
                    RemoveExtraSpaces = number != 0;
                    break;
                case 5:
                    EscapeSpaces = number != 0;
                    break;
            }
        }
    }

    /// <summary>Reads one field; false at the end.</summary>
    private bool Next(ref ReadOnlySpan<byte> bytes, out int field, out ulong number, out ReadOnlySpan<byte> data)
    {
        field = 0;
        number = 0;
        data = default;
        if (bytes.IsEmpty)
        {
            return false;
        }
        ulong tag = Varint(ref bytes);
        field = (int)Math.Min(tag >> 3, int.MaxValue);
        switch (tag & 7)
        {
            case 0:
                number = Varint(ref bytes);
                return true;
            case 1:
                number = BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8));
                return true;
            case 2:
                data = Take(ref bytes, Varint(ref bytes));
                return true;
            case 5:
                number = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4));
                return true;
            default:
                throw new ModelException($"{source} is not a SentencePiece model (unknown field type {tag & 7})");
        }
    }

    private ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }
        throw new ModelException($"{source} ends inside a number: file truncated?");
    }

    private ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, ulong count)
    {
        if (count > (ulong)bytes.Length)
        {
            throw new ModelException(
                $"{source}: a field says {count} bytes, only {bytes.Length} are left: file truncated?"
            );
        }
        ReadOnlySpan<byte> taken = bytes[..(int)count];
        bytes = bytes[(int)count..];
        return taken;
    }
}
