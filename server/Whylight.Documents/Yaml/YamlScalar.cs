using System.Globalization;
using System.Text.RegularExpressions;

namespace Whylight.Documents.Yaml;

/// <summary>How a scalar is written.</summary>
public enum YamlStyle
{
    /// <summary>Without quotes.</summary>
    Plain,

    /// <summary>'single-quoted'.</summary>
    SingleQuoted,

    /// <summary>"double-quoted", with escapes.</summary>
    DoubleQuoted,

    /// <summary>A block that keeps its line breaks (|).</summary>
    Literal,

    /// <summary>A block whose lines are folded (&gt;).</summary>
    Folded,
}

/// <summary>A scalar, typed by the core schema of YAML 1.2: yes, no, on and off are strings.</summary>
public sealed partial class YamlScalar : YamlNode
{
    private readonly string _source;
    private readonly bool _string;
    private (string, SourceMap)? _mapped;

    internal YamlScalar(string source, int start, int end, string value, YamlStyle style, bool taggedString)
        : base(start, end)
    {
        _source = source;
        Value = value;
        Style = style;
        _string = style != YamlStyle.Plain || taggedString;
    }

    /// <summary>The value as text: unquoted, unescaped, unfolded.</summary>
    public string Value { get; }

    /// <summary>How it is written.</summary>
    public YamlStyle Style { get; }

    /// <summary>Whether it is null: nothing at all, ~ or null.</summary>
    public bool IsNull => !_string && Value is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Whether the core schema reads it as a string.</summary>
    public bool IsString => !IsNull && AsBoolean is null && AsNumber is null;

    /// <summary>The boolean, or null where it is none.</summary>
    public bool? AsBoolean =>
        _string ? null
        : Value is "true" or "True" or "TRUE" ? true
        : Value is "false" or "False" or "FALSE" ? false
        : null;

    /// <summary>The integer (decimal, 0o octal, 0x hexadecimal), or null where it is none or does not fit 64 bits.</summary>
    public long? AsInteger
    {
        get
        {
            if (_string || !IntegerPattern().IsMatch(Value))
            {
                return null;
            }
            try
            {
                return Value.StartsWith("0o", StringComparison.Ordinal) ? Convert.ToInt64(Value[2..], 8)
                    : Value.StartsWith("0x", StringComparison.Ordinal)
                        ? long.Parse(Value[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                    : long.Parse(Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            }
            catch (OverflowException)
            {
                return null;
            }
        }
    }

    /// <summary>The number, integers included, or null where it is none.</summary>
    public double? AsNumber =>
        _string ? null
        : AsInteger is { } integer ? integer
        : Value is ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" ? double.PositiveInfinity
        : Value is "-.inf" or "-.Inf" or "-.INF" ? double.NegativeInfinity
        : Value is ".nan" or ".NaN" or ".NAN" ? double.NaN
        : FloatPattern().IsMatch(Value) ? double.Parse(Value, NumberStyles.Float, CultureInfo.InvariantCulture)
        : null;

    /// <summary>The value with the map from its characters to the file, exact through quotes, escapes and folding.</summary>
    public (string Text, SourceMap Map) Mapped => _mapped ??= YamlScalarMap.Of(_source, this);

    /// <inheritdoc/>
    public override string Description =>
        IsNull ? "nothing"
        : AsBoolean is not null ? "a boolean"
        : AsNumber is not null ? "a number"
        : "a string";

    [GeneratedRegex(@"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex IntegerPattern();

    [GeneratedRegex(@"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex FloatPattern();
}
