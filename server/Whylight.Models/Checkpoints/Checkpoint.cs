using System.Text.Json;
using System.Text.RegularExpressions;
using TorchSharp;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Models.Checkpoints;

/// <summary>The weight files of a model folder: one safetensors file, or an index and its shards.</summary>
internal sealed partial class Checkpoint : IDisposable
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const int MostMissing = 4096;

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, (SafetensorsFile File, TensorEntry Entry)> _tensors = new(
        StringComparer.Ordinal
    );

    private readonly bool _mapped;

    private Checkpoint(string index, bool mapped)
    {
        Container = index;
        _mapped = mapped;
    }

    /// <summary>Names of the files read, for hashing and messages.</summary>
    public IReadOnlyList<string> FileNames =>
        Container == Single ? [Single] : [Container, .. _files.Select(f => f.Name)];

    /// <summary>The file that says where tensors are.</summary>
    public string Container { get; }

    /// <summary>Remarks, each one sentence.</summary>
    public List<string> Notices { get; } = [];

    /// <summary>Names of the stored tensors.</summary>
    public IEnumerable<string> Names => _tensors.Keys;

    /// <summary>Opens the weights of a folder and checks headers; reads no tensor.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="mapped">Whether tensors may lie in the mapped file (<see cref="WeightMapping"/>) in place of a copy.</param>
    /// <exception cref="ModelException">No weights in a format that is read, or unsound files.</exception>
    public static Checkpoint Open(ModelFolder folder, bool mapped = false)
    {
        Checkpoint checkpoint = new(folder.Has(Single) ? Single : Index, mapped);
        try
        {
            if (folder.Has(Single))
            {
                checkpoint.OpenSingle(folder);
            }
            else if (folder.Has(Index))
            {
                checkpoint.OpenShards(folder);
            }
            else
            {
                throw NoWeights(folder);
            }
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    private static ModelException NoWeights(ModelFolder folder)
    {
        string[] names = [.. folder.FileNames()];
        string? First(Func<string, bool> fits) => Array.Find(names, n => fits(n));
        bool Ends(string name, params ReadOnlySpan<string> endings)
        {
            foreach (string ending in endings)
            {
                if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
            return false;
        }
        bool IsPickle(string name) => Ends(name, ".bin", ".bin.index.json", ".pt", ".pth", ".ckpt", ".pkl", ".pickle");
        // "pytorch_model.bin" before "optimizer.pt".
        string? pickle =
            First(n => IsPickle(n) && n.Contains("model", StringComparison.OrdinalIgnoreCase)) ?? First(IsPickle);
        if (pickle is not null)
        {
            return new ModelException(
                $"found {FileText.Quote(pickle)[1..^1]} but no {Single}; pickle files are not read because they can run code: convert to safetensors"
            );
        }
        if (First(n => n.StartsWith("adapter", StringComparison.Ordinal) && Ends(n, ".safetensors")) is string adapter)
        {
            return new ModelException(
                $"found {adapter} but no {Single}: an adapter is no whole model, merge it into its base model"
            );
        }
        if (First(n => Ends(n, ".safetensors")) is string tensors)
        {
            return new ModelException(
                $"found {FileText.Quote(tensors)[1..^1]} but neither {Single} nor {Index}: download what is missing, or rename the one file to {Single}"
            );
        }
        return First(n => Ends(n, ".h5", ".msgpack", ".onnx", ".gguf", ".ggml", ".tflite")) is string other
            ? new ModelException($"found {FileText.Quote(other)[1..^1]} but no {Single}: convert to safetensors")
            : new ModelException($"no {Single}, {Index} in {FileText.Quote(folder.Name)}");
    }

    private void OpenSingle(ModelFolder folder)
    {
        SafetensorsFile file = SafetensorsFile.Open(folder.File(Single));
        _files.Add(file);
        foreach (TensorEntry entry in file.Entries)
        {
            _tensors.Add(entry.Name, (file, entry));
        }
        if (folder.Has(Index))
        {
            Notices.Add($"{Single} is used; the sharded copy that {Index} describes is not");
        }
    }

    private void OpenShards(ModelFolder folder)
    {
        SortedDictionary<string, string> shardOf = ShardsOf(ConfigFile.Read(folder.File(Index)));
        Dictionary<string, SafetensorsFile> open = new(StringComparer.Ordinal);
        foreach (string shard in shardOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (!folder.Has(shard))
            {
                throw new ModelException(
                    $"{Index} names {FileText.Quote(shard)}, which is not in the model folder; download it too"
                );
            }
            SafetensorsFile file = SafetensorsFile.Open(folder.File(shard));
            _files.Add(file);
            open.Add(shard, file);
        }
        foreach ((string name, string shard) in shardOf)
        {
            TensorEntry entry =
                open[shard].Find(name)
                ?? throw new ModelException($"{FileText.Quote(name)} is not in {shard} as the index says");
            _tensors.Add(name, (open[shard], entry));
        }
    }

    /// <summary>The shard of each tensor by an index's <c>weight_map</c>.</summary>
    /// <exception cref="ModelException">There is no such map, or a shard's name leads out of the folder.</exception>
    internal static SortedDictionary<string, string> ShardsOf(ConfigFile index)
    {
        if (index.Find("weight_map") is not JsonElement map)
        {
            throw new ModelException($"{Index} has no weight_map");
        }
        if (map.ValueKind != JsonValueKind.Object)
        {
            throw index.Wrong("weight_map", "a JSON object from tensor to file", map);
        }
        SortedDictionary<string, string> shardOf = new(StringComparer.Ordinal);
        try
        {
            foreach (JsonProperty property in map.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.String)
                {
                    throw index.Wrong("weight_map", "a JSON object from tensor to file", property.Value);
                }
                string shard = CheckShardName(property.Value.GetString()!);
                if (!shardOf.TryAdd(property.Name, shard))
                {
                    throw new ModelException($"{Index}: weight_map names {FileText.Quote(property.Name)} twice");
                }
            }
        }
        catch (InvalidOperationException exception)
        {
            throw new ModelException($"{Index} holds text that is not valid UTF-8", exception);
        }
        return shardOf;
    }

    private static string CheckShardName(string shard)
    {
        bool leaves =
            shard.Length == 0
            || shard is "." or ".."
            || shard.AsSpan().ContainsAny("/\\:\0")
            || Path.IsPathRooted(shard);
        if (leaves)
        {
            throw new ModelException($"index: shard name {FileText.Quote(shard)} leaves the model folder; refused");
        }
        return shard.EndsWith(".safetensors", StringComparison.Ordinal)
            ? shard
            : throw new ModelException($"index: shard {FileText.Quote(shard)} is no safetensors file; refused");
    }

    /// <summary>Reads the weights a graph needs.</summary>
    /// <param name="specs">What it needs; enumerated lazily, so that a configuration's claims cost nothing.</param>
    /// <param name="prefix">The prefix that a bare encoder's checkpoint leaves out, such as "bert.".</param>
    /// <param name="architecture">For messages.</param>
    /// <param name="layers">The configuration's layer count as "key=value", for messages.</param>
    /// <param name="redundant">Whether a stored tensor is known and rightly unused.</param>
    /// <param name="type">Type the weights are widened to; asked for once the headers fit.</param>
    /// <param name="cancellation">Checked between tensors.</param>
    /// <exception cref="ModelException">A tensor is missing, misshapen, of a wrong type or not finite.</exception>
    public WeightSet Load(
        IEnumerable<ParameterSpec> specs,
        string prefix,
        string architecture,
        string layers,
        Predicate<string> redundant,
        Func<ScalarType> type,
        CancellationToken cancellation
    )
    {
        // What headers alone can show is refused before libtorch is loaded.
        List<(ParameterSpec Spec, string Stored)> found = Resolve(specs, prefix, architecture, layers);
        ScalarType wanted = type();
        WeightSet weights = new();
        try
        {
            foreach ((ParameterSpec spec, string stored) in found)
            {
                cancellation.ThrowIfCancellationRequested();
                (SafetensorsFile file, TensorEntry entry) = _tensors[stored];
                weights.Add(spec.Name, file.Read(entry, wanted, _mapped));
            }
        }
        catch
        {
            weights.Dispose();
            throw;
        }
        HashSet<string> used = [.. found.Select(f => f.Stored)];
        string[] unused =
        [
            .. Names.Where(n => !used.Contains(n) && !IsBuffer(n) && !redundant(n)).Order(StringComparer.Ordinal),
        ];
        if (unused.Length > 0)
        {
            Notices.Add(
                unused.Length == 1
                    ? $"tensor {FileText.Quote(unused[0])} is not used by {architecture}"
                    : $"{unused.Length} tensors are not used by {architecture} (first: {FileText.Quote(unused[0])})"
            );
        }
        return weights;
    }

    /// <summary>
    /// Notes a stored output layer that says something else than the embedding it is tied to: one of the two is wrong, and the
    /// embedding is what counts.
    /// </summary>
    public void NoteOtherValues(string stored, Tensor tied, ScalarType type)
    {
        if (!_tensors.TryGetValue(stored, out (SafetensorsFile File, TensorEntry Entry) found))
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        bool same =
            found.Entry.Shape.SequenceEqual(tied.shape)
            && found.Entry.Type.WeightType() is not null
            && found.File.Read(found.Entry, type).eq(tied).all().item<bool>();
        if (!same)
        {
            Notices.Add(
                $"{found.File.Name}: {FileText.Quote(stored)} differs from the token embedding that config.json ties it to (tie_word_embeddings); the embedding is used"
            );
        }
    }

    private List<(ParameterSpec Spec, string Stored)> Resolve(
        IEnumerable<ParameterSpec> specs,
        string prefix,
        string architecture,
        string layers
    )
    {
        bool prefixed = prefix.Length == 0 || Names.Any(n => n.StartsWith(prefix, StringComparison.Ordinal));
        List<(ParameterSpec, string)> found = [];
        List<string> missing = [];
        foreach (ParameterSpec spec in specs)
        {
            string? stored = StoredName(spec.Name, prefix, prefixed);
            stored ??= spec.OtherName is null ? null : StoredName(spec.OtherName, prefix, prefixed);
            if (stored is null)
            {
                missing.Add(spec.Name);
                if (missing.Count > MostMissing)
                {
                    break;
                }
                continue;
            }
            CheckShape(spec, stored);
            found.Add((spec, stored));
        }
        return missing.Count == 0 ? found : throw Missing(missing, architecture, layers);
    }

    private string? StoredName(string name, string prefix, bool prefixed)
    {
        if (!prefixed && name.StartsWith(prefix, StringComparison.Ordinal))
        {
            name = name[prefix.Length..];
        }
        if (_tensors.ContainsKey(name))
        {
            return name;
        }
        // Checkpoints converted from TensorFlow call a normalisation's weight and bias gamma and beta.
        string old =
            name.EndsWith(".weight", StringComparison.Ordinal) ? name[..^"weight".Length] + "gamma"
            : name.EndsWith(".bias", StringComparison.Ordinal) ? name[..^"bias".Length] + "beta"
            : name;
        return _tensors.ContainsKey(old) ? old : null;
    }

    private void CheckShape(ParameterSpec spec, string stored)
    {
        (SafetensorsFile file, TensorEntry entry) = _tensors[stored];
        if (entry.Shape.SequenceEqual(spec.Shape))
        {
            file.CheckType(entry);
            return;
        }
        string wanted = entry.Shape.Reverse().SequenceEqual(spec.Shape)
            ? $"expected {FileText.Shape(spec.Shape)} (transposed?)"
            : $"config wants {FileText.Shape(spec.Shape)}";
        throw new ModelException($"{file.Name}: {FileText.Quote(stored)} is {FileText.Shape(entry.Shape)}, {wanted}");
    }

    private ModelException Missing(List<string> missing, string architecture, string layers)
    {
        string first = FileText.Quote(missing[0]);
        if (missing.Count == 1)
        {
            string tied =
                missing[0] == "lm_head.weight"
                    ? "; where the output layer is the token embedding, config.json must say \"tie_word_embeddings\": true"
                    : "";
            return new ModelException($"{Container}: weights lack {first} (needed by {architecture}){tied}");
        }
        string more = missing.Count > MostMissing ? "more than " + MostMissing : $"{missing.Count}";
        Match layer = LayerNumber().Match(missing[0]);
        bool oneLayer = layer.Success && missing.TrueForAll(m => LayerNumber().Match(m).Value == layer.Value);
        return new ModelException(
            oneLayer
                ? $"{Container}: weights lack {more} tensors of encoder layer {layer.Groups[1].Value} (first: {first}); config {layers}"
                : $"{Container}: weights lack {more} tensors that {architecture} needs (first: {first}); config {layers}"
        );
    }

    private static bool IsBuffer(string name) =>
        name.EndsWith("position_ids", StringComparison.Ordinal)
        || name.EndsWith("embeddings.token_type_ids", StringComparison.Ordinal)
        || name.EndsWith(".attn.bias", StringComparison.Ordinal)
        || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal)
        || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    [GeneratedRegex(@"\.(?:layer|layers|h)\.(\d+)\.")]
    private static partial Regex LayerNumber();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files)
        {
            file.Dispose();
        }
    }
}
