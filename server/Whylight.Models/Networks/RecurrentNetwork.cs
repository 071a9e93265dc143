using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>
/// A bidirectional LSTM (Hochreiter and Schmidhuber 1997) whose cell is written out step by step, so that relevance rules
/// apply to its gates; the highest state of each unit over the text is read out.
/// </summary>
public sealed class RecurrentNetwork : SequenceNetwork
{
    internal RecurrentNetwork(SequenceConfig config, WeightSet weights)
        : base(config, weights) { }

    internal static IEnumerable<ParameterSpec> OwnSpecs(SequenceConfig config)
    {
        foreach (string direction in new[] { "forward", "backward" })
        {
            yield return new($"{direction}.input.weight", [4 * config.HiddenSize, config.EmbeddingSize]);
            yield return new($"{direction}.input.bias", [4 * config.HiddenSize], Initial.Zeros);
            yield return new($"{direction}.state.weight", [4 * config.HiddenSize, config.HiddenSize]);
        }
    }

    private protected override Tensor Pool(
        Tensor words,
        Tensor? present,
        PropagationRules rules,
        CancellationToken cancellation
    )
    {
        Tensor ahead = Run(words, present, false, rules, cancellation);
        Tensor back = Run(words, present, true, rules, cancellation);
        return rules.MaxPool(cat([ahead, back], 1));
    }

    // States of one direction [batch, hidden, length]; an absent token leaves the state as it was and is no candidate.
    private Tensor Run(
        Tensor words,
        Tensor? present,
        bool backward,
        PropagationRules rules,
        CancellationToken cancellation
    )
    {
        string direction = backward ? "backward" : "forward";
        long length = words.shape[1];
        int size = Config.HiddenSize;
        Tensor input = rules.Linear(words, Weight($"{direction}.input.weight"), Weight($"{direction}.input.bias"));
        Tensor state = zeros([words.shape[0], size], words.dtype, words.device);
        Tensor cell = state;
        Tensor[] states = new Tensor[length];
        for (long step = 0; step < length; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            long t = backward ? length - 1 - step : step;
            Tensor sum = rules.Add(input.select(1, t), rules.Linear(state, Weight($"{direction}.state.weight"), null));
            Tensor enter = rules.Activation(sum.narrow(1, 0, size), x => x.sigmoid());
            Tensor keep = rules.Activation(sum.narrow(1, size, size), x => x.sigmoid());
            Tensor candidate = rules.Activation(sum.narrow(1, 2 * size, size), x => x.tanh());
            Tensor show = rules.Activation(sum.narrow(1, 3 * size, size), x => x.sigmoid());
            Tensor nextCell = rules.Add(rules.Gate(keep, cell), rules.Gate(enter, candidate));
            Tensor nextState = rules.Gate(show, rules.Activation(nextCell, x => x.tanh()));
            if (present is null)
            {
                (cell, state) = (nextCell, nextState);
                states[t] = state;
                continue;
            }
            Tensor here = present.select(1, t);
            cell = (nextCell * here).Plus(cell * here.From(1));
            state = (nextState * here).Plus(state * here.From(1));
            // States lie in (-1, 1): -1 never wins over a present token's.
            states[t] = nextState * here - here.From(1);
        }
        return stack(states, 2);
    }
}
