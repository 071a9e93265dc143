using Whylight.Documents.Yaml;

namespace Whylight.Documents.Prompts;

/// <summary>
/// Prompts in YAML: promptfoo's <c>prompts:</c> (each an example), chat <c>messages:</c> (one example), or a single
/// <c>prompt:</c>, <c>template:</c> or <c>content:</c>.
/// </summary>
internal static class PromptYamlParser
{
    private const TemplateSyntax Syntax = TemplateSyntax.Statements;

    public static ParsedDocument Parse(ParsedDocument document, ReadOptions options)
    {
        YamlDocument read = YamlReader.Parse(document.Path, document.Source);
        List<DocumentProblem> problems = [.. read.Problems];
        List<Example> examples = [];
        List<(List<(string Text, SourceMap Map)> Messages, YamlNode Node)> prompts = [];
        Dictionary<string, string> samples = [];
        bool declared = false;
        switch (read.Root)
        {
            case YamlMapping root:
                samples = SampleValues.OfPromptFile(root);
                declared = Collect(root, prompts);
                break;
            case YamlSequence list when Messages(list) is { Count: > 0 } messages:
                prompts.Add((messages, list));
                declared = true;
                break;
        }
        foreach ((List<(string Text, SourceMap Map)> messages, YamlNode node) in prompts)
        {
            if (examples.Count >= options.Limit)
            {
                break;
            }
            if (
                PromptParser.MakeExample(document, examples.Count, messages, (node.Start, node.End), Syntax, samples) is
                { } example
            )
            {
                examples.Add(example);
            }
        }
        if (!declared && problems.Count == 0)
        {
            problems.Add(
                new DocumentProblem(
                    0,
                    read.Lines.EndOf(0),
                    ProblemSeverity.Warning,
                    "no-prompt",
                    "there is no prompt here; write one under prompts:, messages:, prompt: or template:"
                )
            );
        }
        return document with { Examples = examples, Problems = problems };
    }

    // True where the file says where its prompts are, even if they are in other files.
    private static bool Collect(YamlMapping root, List<(List<(string, SourceMap)>, YamlNode)> prompts)
    {
        if (root["messages"] is YamlSequence chat)
        {
            prompts.Add((Messages(chat), chat));
            return true;
        }
        if (root["prompts"] is { } list)
        {
            foreach (YamlNode item in list is YamlSequence sequence ? sequence.Items : [list])
            {
                if (PromptText(item) is { } text)
                {
                    prompts.Add(([text.Mapped], item));
                }
                else if (item is YamlSequence messages && Messages(messages) is { Count: > 0 } found)
                {
                    prompts.Add((found, item));
                }
            }
            return true;
        }
        foreach (string key in (string[])["prompt", "template", "content", "text"])
        {
            if (root[key] is YamlScalar { IsNull: false } text)
            {
                prompts.Add(([text.Mapped], text));
                return true;
            }
        }
        return false;
    }

    private static YamlScalar? PromptText(YamlNode item)
    {
        if (item is YamlScalar { IsNull: false } scalar)
        {
            return IsReference(scalar.Value) ? null : scalar;
        }
        if (item is YamlMapping mapping)
        {
            foreach (string key in (string[])["raw", "prompt", "content", "template"])
            {
                if (mapping[key] is YamlScalar { IsNull: false } text && !IsReference(text.Value))
                {
                    return text;
                }
            }
        }
        return null;
    }

    private static List<(string, SourceMap)> Messages(YamlSequence chat)
    {
        List<(string, SourceMap)> messages = [];
        foreach (YamlNode message in chat.Items)
        {
            if (message is not YamlMapping mapping)
            {
                continue;
            }
            if (mapping["content"] is YamlScalar { IsNull: false } content)
            {
                messages.Add(content.Mapped);
            }
            else if (mapping["content"] is YamlSequence parts)
            {
                foreach (YamlNode part in parts.Items)
                {
                    if (part is YamlMapping piece && piece["text"] is YamlScalar { IsNull: false } text)
                    {
                        messages.Add(text.Mapped);
                    }
                }
            }
        }
        return messages;
    }

    // promptfoo takes a prompt from another file by file:// or by a bare file name.
    private static bool IsReference(string value) =>
        value.StartsWith("file:", StringComparison.Ordinal)
        || value.StartsWith("exec:", StringComparison.Ordinal)
        || !value.Contains(' ', StringComparison.Ordinal)
            && !value.Contains("{{", StringComparison.Ordinal)
            && Path.GetExtension(value).ToLowerInvariant()
                is ".txt"
                    or ".json"
                    or ".jsonl"
                    or ".yaml"
                    or ".yml"
                    or ".py"
                    or ".js"
                    or ".cjs"
                    or ".mjs"
                    or ".ts"
                    or ".md"
                    or ".csv"
                    or ".j2";
}
