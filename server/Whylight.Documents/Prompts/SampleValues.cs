using Whylight.Documents.Yaml;

namespace Whylight.Documents.Prompts;

/// <summary>
/// Sample values of template fields, wherever prompt formats keep them. The first place that names a field wins.
/// </summary>
internal static class SampleValues
{
    /// <summary>
    /// From front matter: Prompty's <c>sample</c>, <c>inputs</c> and <c>inputSchema</c>, dotprompt's
    /// <c>input.default</c>.
    /// </summary>
    public static Dictionary<string, string> OfFrontMatter(YamlMapping mapping)
    {
        Dictionary<string, string> samples = [];
        AddValues(samples, mapping["sample"]);
        AddDeclared(samples, mapping["inputs"]);
        AddDeclared(samples, (mapping["inputSchema"] as YamlMapping)?["properties"]);
        if (mapping["input"] is YamlMapping input)
        {
            AddValues(samples, input["sample"]);
            AddValues(samples, input["example"]);
            AddValues(samples, input["default"]);
        }
        return samples;
    }

    /// <summary>
    /// From a YAML prompt file: promptfoo's <c>tests[].vars</c> and <c>defaultTest.vars</c>, GitHub Models'
    /// <c>testData</c>, and what front matter may hold.
    /// </summary>
    public static Dictionary<string, string> OfPromptFile(YamlMapping mapping)
    {
        Dictionary<string, string> samples = OfFrontMatter(mapping);
        foreach (YamlNode test in Items(mapping["tests"]))
        {
            AddValues(samples, (test as YamlMapping)?["vars"]);
        }
        AddValues(samples, (mapping["defaultTest"] as YamlMapping)?["vars"]);
        foreach (YamlNode test in Items(mapping["testData"]))
        {
            AddValues(samples, test);
        }
        return samples;
    }

    private static IReadOnlyList<YamlNode> Items(YamlNode? node) => node is YamlSequence sequence ? sequence.Items : [];

    // name: value; nested mappings by dotted names; of a list of alternatives the first.
    private static void AddValues(Dictionary<string, string> samples, YamlNode? node, string prefix = "", int depth = 0)
    {
        if (node is not YamlMapping mapping || depth > 8)
        {
            return;
        }
        foreach (YamlEntry entry in mapping.Entries)
        {
            string name = prefix + entry.Key.Value;
            switch (entry.Value)
            {
                case YamlScalar scalar:
                    Add(samples, name, scalar);
                    break;
                case YamlSequence { Items: [YamlScalar first, ..] }:
                    Add(samples, name, first);
                    break;
                case YamlMapping:
                    AddValues(samples, entry.Value, name + ".", depth + 1);
                    break;
            }
        }
    }

    // name: {default: value}, name: value, or a list of {name: …, default: …}.
    private static void AddDeclared(Dictionary<string, string> samples, YamlNode? node)
    {
        if (node is YamlMapping mapping)
        {
            foreach (YamlEntry entry in mapping.Entries)
            {
                if (entry.Value is YamlMapping declared)
                {
                    AddFirst(samples, entry.Key.Value, declared);
                }
                else if (entry.Value is YamlScalar scalar)
                {
                    Add(samples, entry.Key.Value, scalar);
                }
            }
        }
        foreach (YamlNode item in Items(node))
        {
            if (item is YamlMapping declared && declared["name"] is YamlScalar name)
            {
                AddFirst(samples, name.Value, declared);
            }
        }
    }

    private static void AddFirst(Dictionary<string, string> samples, string name, YamlMapping declared)
    {
        foreach (string key in (string[])["sample", "example", "default", "value"])
        {
            if (declared[key] is YamlScalar scalar)
            {
                Add(samples, name, scalar);
            }
        }
    }

    private static void Add(Dictionary<string, string> samples, string name, YamlScalar scalar)
    {
        if (!scalar.IsNull && scalar.Value.Length > 0 && !scalar.Value.StartsWith("file:", StringComparison.Ordinal))
        {
            samples.TryAdd(name, scalar.Value);
        }
    }
}
