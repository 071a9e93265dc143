using Whylight.Measures;
using Whylight.Models.Networks;

namespace Whylight.Models.Training;

/// <summary>A network with fresh weights and the config.json that will load it again.</summary>
internal sealed class NetworkPlan : IDisposable
{
    private readonly Action<string, double> _writeConfig;

    private NetworkPlan(Network network, Action<string, double> writeConfig)
    {
        Network = network;
        _writeConfig = writeConfig;
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>The network that a request asks for; native work.</summary>
    public static NetworkPlan Create(TrainingRequest request, NetworkSize size, int vocabulary)
    {
        ulong seed = SeededRandom.Derive((ulong)request.Seed, "weights") >> 1;
        if (request.Family is "cnn" or "lstm")
        {
            SequenceConfig sequence = new()
            {
                ModelType = request.Family == "cnn" ? SequenceConfig.Convolutional : SequenceConfig.Recurrent,
                VocabularySize = vocabulary,
                EmbeddingSize = size.Width,
                HiddenSize = size.Inner,
                MaxTokens = size.MaxTokens,
                Labels = request.Labels,
            };
            return new NetworkPlan(SequenceNetwork.Create(sequence, seed), sequence.Write);
        }
        if (request.Family != "bert")
        {
            throw new ModelException($"family '{request.Family}' is no network that learns labels");
        }
        EncoderConfig config = new()
        {
            Family = EncoderFamily.Bert,
            VocabularySize = vocabulary,
            EmbeddingSize = size.Width,
            HiddenSize = size.Width,
            Layers = size.Layers,
            Heads = size.Heads,
            IntermediateSize = size.Inner,
            MaxPositions = size.MaxTokens,
            TypeVocabularySize = 2,
            Labels = request.Labels,
        };
        return new NetworkPlan(
            EncoderNetwork.Create(config, seed),
            (path, temperature) => config.Write(path, temperature)
        );
    }

    /// <summary>Writes the configuration with the fitted temperature.</summary>
    public void WriteConfig(string path, double temperature) => _writeConfig(path, temperature);

    public void Dispose() => Network.Dispose();
}
