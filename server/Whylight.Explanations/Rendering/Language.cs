namespace Whylight.Explanations.Rendering;

/// <summary>A language of the message catalogue.</summary>
public enum Language
{
    /// <summary>English.</summary>
    English,

    /// <summary>Simplified Chinese.</summary>
    SimplifiedChinese,
}
