using Whylight.Explanations.Attribution;
using Whylight.Explanations.Game;

namespace Whylight.Explanations;

/// <summary>The methods of this library, one a line, in the order of the command line's documentation.</summary>
internal static class MethodRegistry
{
    /// <summary>New objects of every method.</summary>
    public static IEnumerable<IExplanationMethod> All()
    {
        List<IExplanationMethod> methods =
        [
            RelevanceMethod.GradientTimesInput,
            new IntegratedGradients(),
            new DeepLift(),
            new SmoothGrad(),
            new ExpectedGradients(),
            RelevanceMethod.Lrp,
            RelevanceMethod.AttnLrp,
            RelevanceMethod.CpLrp,
            new Occlusion(),
            new AttentionRollout(),
            .. PerturbationMethods.All(),
        ];
        methods.Add(new Auto(name => methods.First(m => m.Name == name)));
        return methods;
    }
}
