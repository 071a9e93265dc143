using Whylight.Models.Scheduling;

namespace Whylight.Models;

/// <summary>Arithmetic a transformer is run in.</summary>
public enum Precision
{
    /// <summary>32-bit floating point, whatever the file stores.</summary>
    Bits32,

    /// <summary>64-bit floating point: slower, for references and portability checks.</summary>
    Bits64,
}

/// <summary>Where weights lie.</summary>
public enum WeightStorage
{
    /// <summary>In memory of their own: the file can be changed or removed afterwards.</summary>
    Copied,

    /// <summary>
    /// In the mapped file, where they are stored in the type they are computed in: quick to load and shared between processes.
    /// The file must not be made shorter while the model lives.
    /// </summary>
    Mapped,
}

/// <summary>How a model is loaded.</summary>
public sealed record ModelLoadOptions
{
    /// <summary>Name to report instead of the folder, such as a name of the workspace configuration.</summary>
    public string? Name { get; init; }

    /// <summary>Arithmetic of transformers.</summary>
    public Precision Precision { get; init; } = Precision.Bits32;

    /// <summary>Where the weights of transformers lie on the cpu.</summary>
    public WeightStorage Weights { get; init; } = WeightStorage.Copied;

    /// <summary>libtorch device: <c>cpu</c>, or <c>cuda</c> or <c>cuda:N</c> where the installed libtorch has it (transformers).</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Whether the folder may hold a TorchScript module, which is a program: only for a workspace the user trusts.</summary>
    public bool Trusted { get; init; }

    /// <summary>The owner of native work; null for the shared one.</summary>
    public InferenceScheduler? Scheduler { get; init; }

    /// <summary>
    /// Answers to choose from: makes a text classifier of a causal language model, whose labels they are. Null loads the
    /// language model as it is.
    /// </summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>How choices are scored.</summary>
    public ChoiceScoring ChoiceScoring { get; init; } = new();
}
