using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;

namespace Whylight.Explanations;

/// <summary>The number explained, as a function of a classifier's logits.</summary>
/// <param name="Kind">Which number.</param>
/// <param name="Target">Index of the label explained.</param>
/// <param name="Contrast">Index of the label it is set against, for <see cref="ValueKind.Contrast"/>; else -1.</param>
/// <param name="Temperature">Calibration temperature of the model, positive.</param>
public readonly record struct TargetValue(ValueKind Kind, int Target, int Contrast, double Temperature)
{
    /// <summary>Settles the request's target (default: the predicted label) once the logits are known.</summary>
    /// <exception cref="ExplanationException">A label is not the model's, or the kind is not for classifiers.</exception>
    public static TargetValue For(ModelInfo model, ExplanationRequest request, IReadOnlyList<double> logits)
    {
        ValueKind kind = request.ValueKind;
        if (kind == ValueKind.SequenceLogProbability)
        {
            // A choice of a prompt that is scored by its tokens' sum has this for its logit.
            kind =
                model.Scoring == new ChoiceScoring().ToString()
                    ? ValueKind.Logit
                    : throw new ExplanationException(
                        model.Scoring is null
                            ? $"the value 'sequence_log_probability' is for language models; {model.Name} is a classifier"
                            : $"the choices of {model.Name} are scored by the {model.Scoring}: use the value logit, which is that score"
                    );
        }
        int target = request.TargetLabel is { } label ? LabelIndex(model, label) : Best(logits, -1);
        int contrast = -1;
        if (request.ValueKind == ValueKind.Contrast)
        {
            contrast = request.ContrastLabel is { } other ? LabelIndex(model, other) : Best(logits, target);
            if (contrast < 0 || contrast == target)
            {
                throw new ExplanationException(
                    $"a contrast needs another label than the target '{model.Labels[target]}'"
                );
            }
        }
        return new TargetValue(kind, target, contrast, model.Temperature);
    }

    /// <summary>Index of a label of the model.</summary>
    /// <exception cref="ExplanationException">The model has no such label; the message names those it has.</exception>
    public static int LabelIndex(ModelInfo model, string label)
    {
        for (int i = 0; i < model.Labels.Count; i++)
        {
            if (model.Labels[i] == label)
            {
                return i;
            }
        }
        throw new ExplanationException(Names.Unknown("label", label, model.Labels));
    }

    /// <summary>The value at logits.</summary>
    /// <exception cref="ModelException">A logit is not finite.</exception>
    public double Of(IReadOnlyList<double> logits)
    {
        foreach (double logit in logits)
        {
            if (!double.IsFinite(logit))
            {
                throw new ModelException("the model's output is not a finite number; its weights may be damaged");
            }
        }
        switch (Kind)
        {
            case ValueKind.Probability:
                return Prediction.Softmax(logits, Temperature)[Target];
            case ValueKind.LogOdds:
                double max = double.NegativeInfinity;
                for (int i = 0; i < logits.Count; i++)
                {
                    max = i == Target ? max : Math.Max(max, logits[i]);
                }
                double sum = 0;
                for (int i = 0; i < logits.Count; i++)
                {
                    sum += i == Target ? 0 : Math.Exp((logits[i] - max) / Temperature);
                }
                return (logits[Target] - max) / Temperature - Math.Log(sum);
            case ValueKind.Contrast:
                return logits[Target] - logits[Contrast];
            default:
                return logits[Target];
        }
    }

    /// <summary>The same as a differentiable graph: logits [batch, labels] to values [batch].</summary>
    internal Tensor OfGraph(Tensor logits)
    {
        switch (Kind)
        {
            case ValueKind.Probability:
                return nn.functional.softmax(logits.Over(Temperature), -1).select(1, Target);
            case ValueKind.LogOdds:
                long[] others = [.. Enumerable.Range(0, (int)logits.shape[1]).Select(i => (long)i)];
                int target = Target;
                Tensor rest = logits.index_select(1, tensor(others.Where(i => i != target).ToArray()));
                return logits.select(1, Target).Over(Temperature) - rest.Over(Temperature).logsumexp(-1);
            case ValueKind.Contrast:
                return logits.select(1, Target) - logits.select(1, Contrast);
            default:
                return logits.select(1, Target);
        }
    }

    private static int Best(IReadOnlyList<double> logits, int except)
    {
        int best = -1;
        for (int i = 0; i < logits.Count; i++)
        {
            if (i != except && (best < 0 || logits[i] > logits[best]))
            {
                best = i;
            }
        }
        return best;
    }
}
