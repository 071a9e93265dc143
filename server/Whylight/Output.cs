using System.Text.Encodings.Web;
using System.Text.Json;

namespace Whylight;

/// <summary>Writes JSON documents: two-space indentation for one document, one line for JSON Lines, every double round-trips.</summary>
internal static class Output
{
    /// <summary>Version of every document's form; raised when a key changes its meaning or goes.</summary>
    public const int SchemaVersion = 1;

    /// <summary>Writes one JSON document and a line end.</summary>
    public static void Json(TextWriter output, Action<Utf8JsonWriter> write, bool indented = true)
    {
        using MemoryStream buffer = new();
        JsonWriterOptions options = new()
        {
            Indented = indented,
            NewLine = "\n",
            // The sink is a terminal or a file, never HTML: text stays readable in every script.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (Utf8JsonWriter writer = new(buffer, options))
        {
            write(writer);
        }
        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>Writes an array of numbers under a name.</summary>
    public static void Numbers(this Utf8JsonWriter writer, string name, IEnumerable<double> values)
    {
        writer.WriteStartArray(name);
        foreach (double value in values)
        {
            writer.WriteNumberValue(value);
        }
        writer.WriteEndArray();
    }

    /// <summary>Writes a number under a name, or null where it is undefined.</summary>
    public static void Number(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    /// <summary>Four decimals, or four significant digits where those would say nothing; for tables.</summary>
    public static string Short(double value) =>
        Math.Abs(value) is (> 1e-12 and < 0.001) or >= 10_000
            ? value.ToString("0.000e+0", System.Globalization.CultureInfo.InvariantCulture)
            : (Math.Round(value, 4) + 0.0).ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture);
}
