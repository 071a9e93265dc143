namespace Whylight.Models.Tokenization.Decoding;

/// <summary>One step from vocabulary pieces back to text; the results of the last step are joined.</summary>
internal interface IDecoder
{
    List<string> Decode(List<string> tokens);
}
