namespace Whylight.Models;

/// <summary>A loaded model of any task.</summary>
public interface IModel : IDisposable
{
    /// <summary>What the model is.</summary>
    ModelInfo Info { get; }
}
