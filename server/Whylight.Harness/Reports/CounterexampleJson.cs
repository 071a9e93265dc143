using System.Text.Json.Nodes;
using Whylight.Harness.Search;
using Whylight.Models;
using Whylight.Perturbations;

namespace Whylight.Harness.Reports;

/// <summary>Counterexamples as JSON.</summary>
internal static class CounterexampleJson
{
    public static JsonObject Of(Counterexample found)
    {
        JsonObject json = Case(found.Shrunk);
        json["before"] = Said(found.Before);
        json["after"] = Said(found.After);
        json["minimal"] = found.Minimal;
        json["original"] = Case(found.Original);
        return json;
    }

    public static JsonObject Case(PerturbedText value)
    {
        JsonArray edits = [];
        foreach (Edit edit in value.Edits.Edits)
        {
            edits.Add(
                (JsonNode)
                    new JsonObject
                    {
                        ["start"] = edit.Start,
                        ["length"] = edit.Length,
                        ["replacement"] = edit.Replacement,
                        ["perturbation"] = edit.Perturbation,
                    }
            );
        }
        return new JsonObject
        {
            ["text"] = value.Text,
            ["edited"] = value.Edited,
            ["edits"] = edits,
        };
    }

    private static JsonObject Said(Prediction prediction) =>
        new() { ["label"] = prediction.Label, ["confidence"] = prediction.Confidence };
}
