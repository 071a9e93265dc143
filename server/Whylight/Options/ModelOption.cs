using System.CommandLine;
using Whylight.Documents;
using Whylight.Models;

namespace Whylight.Options;

/// <summary><c>--model</c>: the option beats whylight.yaml, which beats the defaults.</summary>
internal sealed class ModelOption
{
    private readonly Option<string?> _model = new("--model")
    {
        Description = "A model folder, builtin:NAME, or a name that whylight.yaml gives",
        HelpName = "M",
    };

    private readonly Option<string> _device = new("--device")
    {
        Description = "Where transformers run: cpu, or cuda or cuda:N where the installed libtorch has it",
        HelpName = "D",
        DefaultValueFactory = _ => "cpu",
    };

    private readonly Option<string> _weights = new("--weights")
    {
        Description = "copied into memory, or mapped: read in place from a file that nobody shortens meanwhile",
        HelpName = "copied|mapped",
        DefaultValueFactory = _ => "copied",
    };

    public ModelOption() => _weights.AcceptOnlyFromAmong("copied", "mapped");

    public void AddTo(Command command)
    {
        command.Options.Add(_model);
        command.Options.Add(_device);
        command.Options.Add(_weights);
    }

    /// <summary>Which model serves a file (or no file), and how that file is read; loads nothing.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="file">The dataset or prompt at hand, or null for text given directly.</param>
    /// <exception cref="DocumentException">whylight.yaml is not valid.</exception>
    public ModelReference Resolve(ParseResult parsed, string? file) =>
        ModelReference.Resolve(parsed.GetValue(_model), file) with
        {
            Device = parsed.GetValue(_device)!,
            Weights = parsed.GetValue(_weights) == "mapped" ? WeightStorage.Mapped : WeightStorage.Copied,
        };

    /// <summary>Loads the model that a command line resolved to, and passes on the loader's remarks.</summary>
    /// <exception cref="ModelException">The folder holds no sound model.</exception>
    public static async Task<ChosenModel> LoadAsync(
        ModelReference reference,
        Streams streams,
        CancellationToken cancellation
    )
    {
        IModel model = await reference.LoadAsync(cancellation);
        Warnings.Notices(streams, model.Info);
        return new ChosenModel(model);
    }
}
