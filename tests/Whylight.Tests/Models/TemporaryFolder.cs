using Whylight.Models;
using Whylight.Models.Checkpoints;
using Whylight.Models.Families;

namespace Whylight.Tests.Models;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("whylight-").FullName;

    /// <summary>Writes a tiny classifier as a model folder.</summary>
    public async Task WriteAsync(TransformerClassifier model, double? temperature = null)
    {
        model.Config.Write(System.IO.Path.Combine(Path, "config.json"), temperature);
        await File.WriteAllTextAsync(
            System.IO.Path.Combine(Path, "vocab.txt"),
            string.Join('\n', TinyModels.Words) + "\n"
        );
        await model.Scheduler.RunAsync(
            WorkPriority.Batch,
            _ =>
            {
                SafetensorsWriter.Write(System.IO.Path.Combine(Path, "model.safetensors"), model.Network.Parameters);
                return true;
            },
            TestContext.Current.CancellationToken
        );
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
