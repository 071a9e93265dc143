using System.CommandLine;

namespace Whylight.Verbs;

/// <summary>All verbs, in the order of the help text.</summary>
internal static class Verb
{
    public static IEnumerable<Command> All(Streams streams) =>
        [
            PredictVerb.Build(streams),
            TokenizeVerb.Build(streams),
            ExplainVerb.Build(streams),
            LintVerb.Build(streams),
            CheckVerb.Build(streams),
            EvaluateVerb.Build(streams),
            TrainVerb.Build(streams),
            ModelsVerb.Build(streams),
            LspVerb.Build(streams),
        ];
}
