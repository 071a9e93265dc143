using System.Collections.Concurrent;
using System.Text;

namespace Whylight.Models.Tokenization;

/// <summary>Unicode normalisation of single characters and short sequences, through the platform's ICU.</summary>
internal static class Decomposition
{
    private static readonly ConcurrentDictionary<int, string> CanonicalByCodePoint = new();

    static Decomposition() => Check("\u00E9".Normalize(NormalizationForm.FormD));

    /// <summary>Canonical decomposition (NFD) of one character.</summary>
    public static string Canonical(Rune rune) =>
        CanonicalByCodePoint.GetOrAdd(
            rune.Value,
            static value => Safe(new Rune(value).ToString(), NormalizationForm.FormD)
        );

    /// <summary>Normalises text without lone surrogates; what the platform refuses (noncharacters) stays as it is.</summary>
    public static string Safe(string text, NormalizationForm form)
    {
        try
        {
            return text.Normalize(form);
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    /// <summary>Without ICU, `Normalize` returns its input and accents would silently stay: refuse to run so.</summary>
    internal static void Check(string decomposedEAcute)
    {
        if (decomposedEAcute != "e\u0301")
        {
            throw new ModelException(
                "Unicode normalisation does nothing here, so accents would be tokenized wrongly: install ICU (libicu) and unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"
            );
        }
    }
}
