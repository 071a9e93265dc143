namespace Whylight.Documents;

/// <summary>What a file holds, by its name.</summary>
public enum DocumentKind
{
    /// <summary>Not a dataset or prompt by its name.</summary>
    Unknown,

    /// <summary>Tab-separated values.</summary>
    Tsv,

    /// <summary>Comma-separated values.</summary>
    Csv,

    /// <summary>One JSON value a line.</summary>
    JsonLines,

    /// <summary>A JSON array.</summary>
    Json,

    /// <summary>Plain text, one example a line that is not blank.</summary>
    TextLines,

    /// <summary>A prompt with optional front matter: .prompt, .prompt.md, .prompt.txt.</summary>
    Prompt,

    /// <summary>A Prompty file.</summary>
    Prompty,

    /// <summary>Prompts in YAML: .prompt.yaml, or promptfoo's <c>prompts:</c>.</summary>
    PromptYaml,
}
