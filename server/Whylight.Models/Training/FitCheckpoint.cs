using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Whylight.Models.Training;

/// <summary>The state of a run on disk after each pass, so that an interrupted one goes on where it stopped.</summary>
/// <param name="folder">Where the state is kept.</param>
/// <param name="key">Says which run it is; a state of another run is not taken up.</param>
internal sealed class FitCheckpoint(string folder, string key)
{
    private sealed record Header(string Key, int Epoch, long Steps, double BestLoss, int BestEpoch);

    private string HeaderPath => Path.Combine(folder, "state.json");

    private string TensorsPath => Path.Combine(folder, "state.bin");

    /// <summary>Whether a state of this very run is kept.</summary>
    public bool Fits => Kept() is not null;

    /// <summary>Takes up a kept state.</summary>
    /// <returns>The passes it had made; 0 when there is none to take up.</returns>
    /// <exception cref="ModelException">The state is cut short.</exception>
    public int TryResume(FitState state)
    {
        if (Kept() is not { } header)
        {
            return 0;
        }
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using BinaryReader reader = new(File.OpenRead(TensorsPath));
        Dictionary<string, Tensor> read = [];
        foreach ((string name, Tensor value) in state.Tensors())
        {
            byte[] bytes = reader.ReadBytes(checked((int)value.NumberOfElements * sizeof(float)));
            if (bytes.Length != value.NumberOfElements * sizeof(float))
            {
                throw new ModelException($"'{TensorsPath}' is cut short; delete the folder '{folder}' and train again");
            }
            float[] numbers = new float[value.NumberOfElements];
            Buffer.BlockCopy(bytes, 0, numbers, 0, bytes.Length);
            read[name] = tensor(numbers, value.shape);
        }
        foreach ((string name, Tensor value) in state.Tensors())
        {
            value.copy_(read[name]);
        }
        state.Optimizer.Resume(header.Steps, read);
        (state.BestLoss, state.BestEpoch) = (header.BestLoss, header.BestEpoch);
        return header.Epoch;
    }

    private Header? Kept()
    {
        if (!File.Exists(HeaderPath) || !File.Exists(TensorsPath))
        {
            return null;
        }
        try
        {
            Header? header = JsonSerializer.Deserialize<Header>(File.ReadAllBytes(HeaderPath));
            return header?.Key == key ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps the state after a whole pass, each file replaced at once.</summary>
    public bool Save(FitState state, int epoch)
    {
        Directory.CreateDirectory(folder);
        using (BinaryWriter writer = new(File.Create(TensorsPath + ".new")))
        {
            foreach ((_, Tensor value) in state.Tensors())
            {
                writer.Write(value.bytes);
            }
        }
        File.Move(TensorsPath + ".new", TensorsPath, overwrite: true);
        Header header = new(key, epoch, state.Optimizer.Steps, state.BestLoss, state.BestEpoch);
        File.WriteAllBytes(HeaderPath + ".new", JsonSerializer.SerializeToUtf8Bytes(header));
        File.Move(HeaderPath + ".new", HeaderPath, overwrite: true);
        return true;
    }

    /// <summary>Forgets the state of a finished run.</summary>
    public void Delete()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
