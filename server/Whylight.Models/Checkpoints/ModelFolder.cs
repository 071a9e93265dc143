using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Whylight.Models.Checkpoints;

/// <summary>A model's folder: where it is, what it holds, and its hash.</summary>
internal sealed class ModelFolder
{
    private const string Builtin = "builtin:";

    private static readonly string[] s_describing =
    [
        "config.json",
        "tokenizer.json",
        "tokenizer.model",
        "sentencepiece.bpe.model",
        "spiece.model",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.txt",
        "vocab.json",
        "merges.txt",
    ];

    private ModelFolder(string name, string path)
    {
        Name = name;
        FolderPath = path;
    }

    /// <summary>As the user named it.</summary>
    public string Name { get; }

    /// <summary>Full path of the folder.</summary>
    public string FolderPath { get; }

    /// <summary>Folder of the shipped models, beside the assembly.</summary>
    public static string Shipped => Path.Combine(AppContext.BaseDirectory, "Shipped");

    /// <summary>Names of the shipped models, in ordinal order.</summary>
    public static IReadOnlyList<string> ShippedNames() =>
        Directory.Exists(Shipped)
            ?
            [
                .. Directory
                    .EnumerateDirectories(Shipped)
                    .Where(d => System.IO.File.Exists(Path.Combine(d, "config.json")))
                    .Select(d => Path.GetFileName(d))
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    /// <summary>Finds a folder, or a shipped model by <c>builtin:NAME</c>.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public static ModelFolder Open(string name)
    {
        if (name.StartsWith(Builtin, StringComparison.Ordinal))
        {
            string shipped = name[Builtin.Length..];
            IReadOnlyList<string> known = ShippedNames();
            // Only names from the listing are opened, so no name leads out of the folder.
            return known.Contains(shipped)
                ? new ModelFolder(name, Path.Combine(Shipped, shipped))
                : throw new ModelException(
                    $"no shipped model {FileText.Quote(name)}; shipped: {(known.Count == 0 ? "none" : string.Join(", ", known.Select(k => Builtin + k)))}"
                );
        }
        string path = Path.GetFullPath(name);
        if (System.IO.File.Exists(path))
        {
            throw new ModelException(
                $"{FileText.Quote(name)} is a file; a model is a folder with config.json, model.safetensors and tokenizer files"
            );
        }
        return Directory.Exists(path)
            ? new ModelFolder(name, path)
            : throw new ModelException($"no model folder {FileText.Quote(name)}");
    }

    /// <summary>Full path of a file of the folder.</summary>
    public string File(string name) => Path.Combine(FolderPath, name);

    /// <summary>Names of the folder's files in ordinal order, the first thousand of them.</summary>
    public IEnumerable<string> FileNames() =>
        Directory.EnumerateFiles(FolderPath).Take(1000).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    /// <summary>Whether the folder holds a file.</summary>
    public bool Has(string name) => System.IO.File.Exists(File(name));

    /// <summary>
    /// SHA-256 over the weights, the configuration and the tokenizer files present: for each in ordinal order of its name,
    /// the name's and the content's length and bytes. Lower-case hex.
    /// </summary>
    /// <param name="weights">Names of the weight files used.</param>
    /// <param name="cancellation">Checked between files.</param>
    public string Hash(IEnumerable<string> weights, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        byte[] length = new byte[8];
        void AppendLength(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(length, value);
            hash.AppendData(length);
        }
        IEnumerable<string> names = s_describing
            .Where(Has)
            .Concat(weights)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        foreach (string name in names)
        {
            cancellation.ThrowIfCancellationRequested();
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            AppendLength(bytes.Length);
            hash.AppendData(bytes);
            try
            {
                if (PlainFile.Length(File(name)) == 0)
                {
                    AppendLength(0);
                    continue;
                }
                using FileStream file = new(
                    File(name),
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.ReadWrite | FileShare.Delete
                );
                AppendLength(file.Length);
                for (int read; (read = file.Read(buffer)) > 0; )
                {
                    hash.AppendData(buffer, 0, read);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new ModelException($"{name} cannot be read: {exception.Message}", exception);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
