namespace Whylight.Documents.Prompts;

/// <summary>Which marks of a prompt are templates rather than text.</summary>
[Flags]
internal enum TemplateSyntax
{
    /// <summary>Double braces: <c>{{field}}</c>, and Handlebars or Mustache tags, which stand for no text of their own.</summary>
    Braces = 0,

    /// <summary>Jinja and Nunjucks statements and comments.</summary>
    Statements = 1,

    /// <summary>Variables of VS Code's prompt files: <c>${input:name}</c>.</summary>
    Variables = 2,

    /// <summary>Lines such as <c>system:</c> that say who speaks.</summary>
    Roles = 4,
}
