using Whylight.Explanations.Local;

namespace Whylight.Explanations.Game;

/// <summary>The methods that ask a text's game, in the order of the command line's documentation.</summary>
internal static class PerturbationMethods
{
    public static IEnumerable<IExplanationMethod> All() =>
        [
            ShapleyMethod.ByRegression,
            ShapleyMethod.ByPermutations,
            new OwenMethod(),
            new InteractionsMethod(),
            new LimeMethod(),
            new AnchorsMethod(),
            new CounterfactualMethod(),
            new PrimeImplicantsMethod(),
        ];
}
