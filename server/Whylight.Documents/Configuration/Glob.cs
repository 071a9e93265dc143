using System.Text;
using System.Text.RegularExpressions;

namespace Whylight.Documents.Configuration;

/// <summary>
/// A file pattern: <c>*</c> and <c>?</c> within a name, <c>**</c> across folders, <c>[abc]</c>, <c>{a,b}</c>. A pattern
/// without a slash matches the file name in any folder, as in .gitignore and .editorconfig. Matching takes linear time.
/// </summary>
internal sealed class Glob
{
    private readonly Regex _regex;

    private Glob(Regex regex) => _regex = regex;

    /// <summary>Reads a pattern; null, with the reason, where it is none.</summary>
    public static Glob? Parse(string pattern, out string reason)
    {
        reason = "";
        string text = pattern.Replace('\\', '/');
        if (text.StartsWith("./", StringComparison.Ordinal))
        {
            text = text[2..];
        }
        if (text.Length == 0)
        {
            reason = "it is empty";
            return null;
        }
        if (text.StartsWith('/') || text.Length > 1 && text[1] == ':')
        {
            reason = "it is relative to the folder of whylight.yaml and begins with no slash or drive";
            return null;
        }
        if (!text.Contains('/', StringComparison.Ordinal))
        {
            text = "**/" + text;
        }
        StringBuilder regex = new(@"\A");
        int braces = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            switch (c)
            {
                case '*' when i + 1 < text.Length && text[i + 1] == '*':
                    bool whole = (i == 0 || text[i - 1] == '/') && i + 2 < text.Length && text[i + 2] == '/';
                    regex.Append(whole ? "(?:[^/]+/)*" : ".*");
                    i += whole ? 2 : 1;
                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                case '[' when text.IndexOf(']', i + 2 > text.Length ? text.Length : i + 2) is > 0 and int close:
                    string set = text[(i + 1)..close];
                    bool negated = set[0] is '!' or '^';
                    regex
                        .Append(negated ? "[^/" : "[")
                        .Append(
                            (negated ? set[1..] : set)
                                .Replace("\\", @"\\", StringComparison.Ordinal)
                                .Replace("[", @"\[", StringComparison.Ordinal)
                        )
                        .Append(']');
                    i = close;
                    break;
                case '{':
                    regex.Append("(?:");
                    braces++;
                    break;
                case '}' when braces > 0:
                    regex.Append(')');
                    braces--;
                    break;
                case ',' when braces > 0:
                    regex.Append('|');
                    break;
                default:
                    regex.Append(Regex.Escape(c.ToString()));
                    break;
            }
        }
        if (braces > 0)
        {
            reason = "a '{' is never closed";
            return null;
        }
        RegexOptions options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;
        if (OperatingSystem.IsWindows())
        {
            options |= RegexOptions.IgnoreCase;
        }
        try
        {
            return new Glob(new Regex(regex.Append(@"\z").ToString(), options));
        }
        catch (ArgumentException)
        {
            reason = "its brackets are not a set of characters";
            return null;
        }
    }

    /// <summary>Whether a path relative to the pattern's folder, with forward slashes, matches.</summary>
    public bool Matches(string relativePath) => _regex.IsMatch(relativePath);
}
