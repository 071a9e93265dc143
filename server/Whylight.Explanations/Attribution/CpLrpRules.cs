using static TorchSharp.torch;

namespace Whylight.Explanations.Attribution;

/// <summary>
/// CP-LRP: Ali et al., XAI for transformers: better explanations through conservative propagation, ICML 2022. Attention
/// probabilities and gates count as constants, so that all relevance flows through the values and the signal.
/// </summary>
internal sealed class CpLrpRules : AttnLrpRules
{
    /// <inheritdoc/>
    public override Tensor AttentionScores(Tensor query, Tensor key)
    {
        using (no_grad())
        {
            return Product(query, key.transpose(-2, -1));
        }
    }

    /// <inheritdoc/>
    public override Tensor Attend(Tensor probabilities, Tensor values) => Product(probabilities.detach(), values);

    /// <inheritdoc/>
    public override Tensor Gate(Tensor gate, Tensor signal) => gate.detach() * signal;
}
