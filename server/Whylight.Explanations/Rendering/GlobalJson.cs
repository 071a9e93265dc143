using System.Text.Json;
using Whylight.Explanations.Global;
using Whylight.Measures;

namespace Whylight.Explanations.Rendering;

/// <summary>Global explanations as JSON: the keys of <c>explain --dataset FILE --format json</c>, every number as it is.</summary>
public static class GlobalJson
{
    /// <summary>Version of the document's keys.</summary>
    public const int SchemaVersion = 1;

    /// <summary>Writes the document as one object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="e">The record.</param>
    /// <param name="dataset">The file, as the user named it.</param>
    /// <param name="lines">One-based line in the file of each text given, or null.</param>
    /// <param name="elapsedMs">Wall time; null leaves it out.</param>
    public static void Write(
        Utf8JsonWriter json,
        GlobalExplanation e,
        string dataset,
        IReadOnlyList<int>? lines = null,
        double? elapsedMs = null
    )
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(e);
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", SchemaVersion);
        json.WriteString("method", e.Method);
        json.WriteString("model", e.Model);
        json.WriteString("modelHash", e.ModelHash);
        json.WriteString("dataset", dataset);
        json.WriteNumber("texts", e.Texts);
        Counts(json, "predicted", e, e.Predicted.Select(p => (double)p));
        json.WriteNumber("seed", e.Seed);
        json.WriteNumber("modelCalls", e.ModelCalls);
        if (e.LocalMethod is { } local)
        {
            json.WriteString("explanations", local);
            json.WriteString("target", e.Target);
            json.WriteNumber("refused", e.Refused);
        }
        json.WriteNumber("truncated", e.Truncated);
        if (e.Fidelity is { } held)
        {
            Write(json, "fidelity", held, e.BaselineLabel);
            Write(json, "trainingFidelity", e.TrainingFidelity!, e.BaselineLabel);
        }
        if (e.Words is { } words)
        {
            json.WriteStartArray("words");
            foreach (string word in words)
            {
                json.WriteStringValue(word);
            }
            json.WriteEndArray();
        }
        if (e.Tree is { } tree)
        {
            Dictionary<TreeNode, RegionFidelity> regions = GlobalTreeText.Held(e, tree);
            json.WritePropertyName("tree");
            Write(json, e, tree, regions);
            json.WriteStartArray("pruningPath");
            foreach (double[] step in e.PruningPath!)
            {
                json.WriteStartObject();
                json.WriteNumber("alpha", step[0]);
                json.WriteNumber("impurity", step[1]);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (e.Rules is { } list)
        {
            json.WriteStartArray("rules");
            for (int k = 0; k < list.Rules.Count; k++)
            {
                Write(json, e, list.Rules[k], e.Regions![k]);
            }
            json.WriteEndArray();
        }
        if (e.Intercepts is { } intercepts)
        {
            json.WriteStartArray("intercepts");
            foreach ((string label, double value) in intercepts)
            {
                json.WriteStartObject();
                json.WriteString("label", label);
                json.WriteNumber("value", value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("resamples", e.Resamples!.Value);
        }
        if (e.Weights is { } weights)
        {
            json.WriteStartArray("weights");
            foreach (WordWeight weight in weights)
            {
                Write(json, weight);
            }
            json.WriteEndArray();
        }
        if (e.Patterns is { } patterns)
        {
            json.WriteNumber("patternsTested", e.PatternsTested!.Value);
            json.WriteString("correction", "holm");
            json.WriteStartArray("patterns");
            foreach (Pattern pattern in patterns)
            {
                Write(json, e, pattern);
            }
            json.WriteEndArray();
        }
        if (e.Representatives is { } representatives)
        {
            json.WriteStartArray("representatives");
            foreach (Representative representative in representatives)
            {
                Write(json, representative, lines);
            }
            json.WriteEndArray();
        }
        json.WriteString("note", string.Join(" ", GlobalView.Of(e, Messages.English).Limits));
        if (elapsedMs is { } elapsed)
        {
            json.WriteNumber("elapsedMs", elapsed);
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Fidelity fidelity, string? baselineLabel)
    {
        json.WriteStartObject(name);
        json.WriteNumber("accuracy", fidelity.Accuracy);
        Bounds(json, fidelity.Interval);
        json.WriteString("intervalMethod", "clopper_pearson");
        Number(json, "kappa", fidelity.Kappa);
        json.WriteNumber("texts", fidelity.Texts);
        json.WriteStartObject("baseline");
        json.WriteString("label", baselineLabel);
        Number(json, "accuracy", fidelity.Baseline);
        Number(json, "pValue", fidelity.PValue);
        if (fidelity.BeatsBaseline is { } beaten)
        {
            json.WriteBoolean("beaten", beaten);
        }
        else
        {
            json.WriteNull("beaten");
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(
        Utf8JsonWriter json,
        GlobalExplanation e,
        TreeNode node,
        Dictionary<TreeNode, RegionFidelity> regions
    )
    {
        json.WriteStartObject();
        json.WriteString("word", node.IsLeaf ? null : e.Words![node.Feature]);
        json.WriteString("label", e.Labels[node.Label]);
        json.WriteNumber("texts", node.Samples);
        json.WriteNumber("impurity", node.Impurity);
        Counts(json, "counts", e, node.Value);
        Counts(json, "probabilities", e, node.Probability);
        if (node.IsLeaf)
        {
            Region(json, regions[node]);
        }
        else
        {
            json.WritePropertyName("present");
            Write(json, e, node.Right!, regions);
            json.WritePropertyName("absent");
            Write(json, e, node.Left!, regions);
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GlobalExplanation e, Rule rule, RegionFidelity region)
    {
        json.WriteStartObject();
        json.WriteStartArray("words");
        foreach (int feature in rule.Features)
        {
            json.WriteStringValue(e.Words![feature]);
        }
        json.WriteEndArray();
        json.WriteString("label", e.Labels[rule.Label]);
        json.WriteNumber("covered", rule.Covered);
        json.WriteNumber("coverage", (double)rule.Covered / e.TrainingFidelity!.Texts);
        json.WriteNumber("precision", rule.Precision);
        Region(json, region);
        json.WriteEndObject();
    }

    private static void Region(Utf8JsonWriter json, RegionFidelity region)
    {
        json.WriteStartObject("heldOut");
        json.WriteNumber("texts", region.Texts);
        Number(json, "agreement", region.Agreement);
        Bounds(json, region.Interval);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, WordWeight weight)
    {
        json.WriteStartObject();
        json.WriteString("word", weight.Word);
        json.WriteString("label", weight.Label);
        json.WriteNumber("weight", weight.Weight);
        Number(json, "standardError", weight.StandardError);
        if (weight.SignStability is { } stability)
        {
            json.WriteNumber("signStability", stability);
        }
        if (weight.MeanAbsolute is { } absolute)
        {
            json.WriteNumber("meanAbsolute", absolute);
            Bounds(json, weight.Interval);
        }
        if (weight.Permutation is { } fall)
        {
            json.WriteStartObject("permutation");
            json.WriteNumber("fall", fall.Value);
            json.WriteNumber("standardError", fall.StandardError);
            json.WriteEndObject();
        }
        json.WriteNumber("texts", weight.Texts);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GlobalExplanation e, Pattern pattern)
    {
        json.WriteStartObject();
        json.WriteString("text", pattern.Text);
        json.WriteString("label", e.Labels[pattern.Label]);
        json.WriteNumber("texts", pattern.Texts);
        json.WriteNumber("share", pattern.Share);
        json.WriteNumber("lift", pattern.Lift);
        json.WriteNumber("chiSquare", pattern.ChiSquare);
        json.WriteNumber("mutualInformation", pattern.MutualInformation);
        json.WriteNumber("pValue", pattern.PValue);
        json.WriteNumber("adjustedPValue", pattern.AdjustedPValue);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Representative representative, IReadOnlyList<int>? lines)
    {
        json.WriteStartObject();
        json.WriteNumber("index", representative.Index);
        if (lines is not null)
        {
            json.WriteNumber("line", lines[representative.Index]);
        }
        json.WriteString("text", representative.Text);
        json.WriteString("label", representative.Label);
        json.WriteNumber("coverage", representative.Coverage);
        json.WriteStartArray("words");
        foreach (string word in representative.Words)
        {
            json.WriteStringValue(word);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Counts(Utf8JsonWriter json, string name, GlobalExplanation e, IEnumerable<double> values)
    {
        json.WriteStartObject(name);
        foreach ((string label, double value) in e.Labels.Zip(values))
        {
            json.WriteNumber(label, value);
        }
        json.WriteEndObject();
    }

    private static void Bounds(Utf8JsonWriter json, Interval? interval)
    {
        if (interval is not { } bounds)
        {
            json.WriteNull("interval");
            return;
        }
        json.WriteStartArray("interval");
        json.WriteNumberValue(bounds.Lower);
        json.WriteNumberValue(bounds.Upper);
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
