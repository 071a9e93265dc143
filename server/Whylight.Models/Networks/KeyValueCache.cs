using static TorchSharp.torch;

namespace Whylight.Models.Networks;

/// <summary>Keys and values of the tokens that a decoder has read, layer by layer, so that the next token runs alone.</summary>
/// <remarks>
/// Rotary keys are kept turned, so scalings whose frequencies change with the length cannot use it. Calls on one cache follow one another;
/// none runs while it is disposed.
/// </remarks>
internal sealed class KeyValueCache : IDisposable
{
    private readonly List<(Tensor Key, Tensor Value)> _layers = [];

    /// <summary>Tokens read.</summary>
    public long Length => _layers.Count == 0 ? 0 : _layers[0].Key.shape[2];

    /// <summary>Adds the keys and values of new tokens, each [batch, heads, tokens, width].</summary>
    /// <returns>Those of all tokens so far; the cache owns them.</returns>
    public (Tensor Key, Tensor Value) Append(int layer, Tensor key, Tensor value)
    {
        if (layer == _layers.Count)
        {
            _layers.Add((key.clone().DetachFromDisposeScope(), value.clone().DetachFromDisposeScope()));
            return _layers[layer];
        }
        (Tensor oldKey, Tensor oldValue) = _layers[layer];
        _layers[layer] = (
            cat([oldKey, key], 2).DetachFromDisposeScope(),
            cat([oldValue, value], 2).DetachFromDisposeScope()
        );
        oldKey.Dispose();
        oldValue.Dispose();
        return _layers[layer];
    }

    public void Dispose()
    {
        foreach ((Tensor key, Tensor value) in _layers)
        {
            key.Dispose();
            value.Dispose();
        }
        _layers.Clear();
    }
}
