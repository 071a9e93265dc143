using System.Text;
using Whylight.Measures;

namespace Whylight.Explanations;

/// <summary>The names that the command line, JSON and specs use for the members of an enumeration: snake case.</summary>
public static class Names
{
    /// <summary>The snake-case name of a member, such as <c>attention_masked</c>.</summary>
    public static string Of<T>(T member)
        where T : struct, Enum
    {
        string name = member.ToString();
        StringBuilder snake = new(name.Length + 4);
        foreach (char c in name)
        {
            if (char.IsAsciiLetterUpper(c) && snake.Length > 0)
            {
                snake.Append('_');
            }
            snake.Append(char.ToLowerInvariant(c));
        }
        return snake.ToString();
    }

    /// <summary>All names of an enumeration, in its order.</summary>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(Of)];

    /// <summary>The member that a name stands for; a hyphen counts as an underscore.</summary>
    /// <param name="name">A name such as <c>log_odds</c>.</param>
    /// <param name="what">What is named, for the message: "value", "baseline".</param>
    /// <exception cref="ExplanationException">No member has this name; the message suggests one.</exception>
    public static T Parse<T>(string name, string what)
        where T : struct, Enum
    {
        string wanted = name.Replace('-', '_');
        foreach (T member in Enum.GetValues<T>())
        {
            if (string.Equals(Of(member), wanted, StringComparison.OrdinalIgnoreCase))
            {
                return member;
            }
        }
        throw new ExplanationException(Unknown(what, name, All<T>()));
    }

    /// <summary>"there is no METHOD 'shaply'; did you mean 'shapley'? (a, b, c)".</summary>
    public static string Unknown(string what, string name, IReadOnlyList<string> known)
    {
        string? near = known
            .Select(k => (Name: k, Distance: EditDistance.Levenshtein(k.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(k => k.Distance <= Math.Max(2, k.Name.Length / 3))
            .OrderBy(k => k.Distance)
            .Select(k => k.Name)
            .FirstOrDefault();
        string list = string.Join(", ", known);
        return near is null
            ? $"there is no {what} '{name}'; choose one of: {list}"
            : $"there is no {what} '{name}'; did you mean '{near}'? (known: {list})";
    }
}
