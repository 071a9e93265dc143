using Whylight.Documents;
using Whylight.Documents.Configuration;
using Whylight.Models;

namespace Whylight;

/// <summary>Which model serves a file or a text given directly, and how that file is read; nothing is loaded yet.</summary>
/// <param name="Location"><c>builtin:NAME</c> or a folder.</param>
/// <param name="Name">As the user named it, for output.</param>
/// <param name="Files">How whylight.yaml says the file is read.</param>
/// <param name="Choices">Labels of a prompt over a language model; empty otherwise.</param>
/// <param name="Configuration">The whylight.yaml that governs, or the defaults.</param>
internal sealed record ModelReference(
    string Location,
    string Name,
    ReadOptions Files,
    IReadOnlyList<string> Choices,
    WorkspaceConfiguration Configuration
)
{
    /// <summary>How choices are scored.</summary>
    public ChoiceScoring Scoring { get; init; } = new();

    /// <summary>Whether the choices were named on the command line, so that a model they do not fit is an error.</summary>
    public bool ChoicesNamed { get; init; }

    /// <summary>Serves text that comes from no file.</summary>
    private const string Default = WorkspaceConfiguration.DefaultDatasetModel;

    /// <summary>Where transformers run.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Where their weights lie.</summary>
    public WeightStorage Weights { get; init; }

    /// <summary>Resolves: the model named on the command line beats whylight.yaml, which beats the defaults.</summary>
    /// <param name="named">The model named on the command line, or null.</param>
    /// <param name="file">The file at hand, or null.</param>
    /// <exception cref="DocumentException">whylight.yaml is not valid.</exception>
    public static ModelReference Resolve(string? named, string? file)
    {
        string here = Directory.GetCurrentDirectory();
        WorkspaceConfiguration configuration = WorkspaceConfiguration.FindFor(file ?? Path.Combine(here, "text"))
            is { } path
            ? WorkspaceConfiguration.Load(path)
            : WorkspaceConfiguration.Default(here);
        FileResolution? resolution = file is null ? null : configuration.Resolve(Path.GetFullPath(file));
        string name = named ?? resolution?.Model ?? Default;
        return new ModelReference(
            configuration.Models.TryGetValue(name, out string? location) ? location : name,
            name,
            resolution?.Options ?? new ReadOptions(),
            resolution?.Choices ?? [],
            configuration
        )
        {
            Scoring = new ChoiceScoring
            {
                LengthNormalized = resolution?.Rule?.LengthNormalized ?? false,
                ContentFreePrompt = resolution?.Rule?.ContentFreeText,
            },
        };
    }

    /// <summary>Resolves the model that a spec names: relative paths are relative to the spec.</summary>
    /// <exception cref="DocumentException">whylight.yaml is not valid.</exception>
    public static ModelReference ForSpec(string model, string specPath)
    {
        ModelReference reference = Resolve(model, specPath);
        bool path = reference.Location == model && !model.StartsWith("builtin:", StringComparison.Ordinal);
        return path
            ? reference with
            {
                Location = Path.GetFullPath(model, Path.GetDirectoryName(Path.GetFullPath(specPath))!),
            }
            : reference;
    }

    /// <summary>Loads the model; a language model with choices becomes a classifier of them.</summary>
    /// <exception cref="ModelException">The folder holds no sound model.</exception>
    public async Task<IModel> LoadAsync(CancellationToken cancellation)
    {
        // The user started this program on this folder: what it holds is trusted as far as they are.
        ModelLoadOptions options = new()
        {
            Name = Name,
            Trusted = true,
            Device = Device,
            Weights = Weights,
            Choices = Choices.Count > 0 ? Choices : null,
            ChoiceScoring = Scoring,
        };
        IModel model = await ModelLoader.LoadAnyAsync(Location, options, cancellation);
        if (ChoicesNamed && model.Info.Scoring is null)
        {
            string labels = string.Join(", ", model.Info.Labels.Take(8));
            model.Dispose();
            throw new UsageException(
                $"--choices are for causal language models; {Name} has labels of its own ({labels}{(model.Info.Labels.Count > 8 ? ", …" : "")})"
            );
        }
        return model;
    }
}
