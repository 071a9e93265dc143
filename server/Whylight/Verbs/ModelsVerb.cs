using System.CommandLine;
using System.Globalization;
using Whylight.Explanations.Rendering;
using Whylight.Models;

namespace Whylight.Verbs;

/// <summary><c>whylight models</c>: the shipped models, and those that whylight.yaml names.</summary>
internal static class ModelsVerb
{
    public static Command Build(Streams streams)
    {
        FormatOption format = new("text", "json");
        Command command = new("models", "List the shipped models and those that whylight.yaml names");
        format.AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                List<(string Name, ModelInfo? Info, string? Problem)> models = [];
                ModelReference here = ModelReference.Resolve(null, null);
                IEnumerable<(string Name, string Location)> all = ModelLoader
                    .ShippedNames.Select(name => ("builtin:" + name, "builtin:" + name))
                    .Concat(
                        here.Configuration.Models.OrderBy(m => m.Key, StringComparer.Ordinal)
                            .Select(m => (m.Key, m.Value))
                    );
                foreach ((string name, string location) in all)
                {
                    try
                    {
                        using IModel model = await ModelLoader.LoadAnyAsync(
                            location,
                            new ModelLoadOptions { Name = name },
                            cancellation
                        );
                        models.Add((name, model.Info, null));
                    }
                    catch (ModelException exception)
                    {
                        models.Add((name, null, exception.Message));
                    }
                }
                if (format.Value(parsed) == "json")
                {
                    WriteJson(streams, models);
                }
                else
                {
                    WriteText(streams, models);
                }
                return models.Exists(model => model.Problem is not null) ? CommandLine.BadInput : 0;
            }
        );
        return command;
    }

    private static void WriteText(Streams streams, List<(string Name, ModelInfo? Info, string? Problem)> models)
    {
        if (models.Count == 0)
        {
            streams.Out.WriteLine("no model is shipped with this build, and whylight.yaml names none");
            return;
        }
        int width = Math.Max("name".Length, models.Max(model => TextFit.Columns(Escape.Terminal(model.Name))));
        streams.Out.WriteLine($"{"name".PadRight(width)}  {"family", -11} {"tokens", 6}  {"hash", -12}  labels");
        foreach ((string name, ModelInfo? info, string? problem) in models)
        {
            string what = info is null
                ? "cannot be loaded: " + problem
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{info.Family, -11} {(info.MaxTokens == int.MaxValue ? "any" : info.MaxTokens.ToString(CultureInfo.InvariantCulture)), 6}  {info.Hash[..12]}  {Labels(info.Labels)}"
                );
            string shown = Escape.Terminal(name);
            string pad = new(' ', width - TextFit.Columns(shown));
            streams.Out.WriteLine($"{shown}{pad}  {what}".TrimEnd());
        }
    }

    private static string Labels(IReadOnlyList<string> labels)
    {
        const int Most = 6;
        string shown = string.Join(", ", labels.Take(Most).Select(Escape.Terminal));
        return labels.Count > Most ? $"{shown} and {labels.Count - Most} more"
            : labels.Count == 0 ? "next token"
            : shown;
    }

    private static void WriteJson(Streams streams, List<(string Name, ModelInfo? Info, string? Problem)> models) =>
        Output.Json(
            streams.Out,
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("schemaVersion", Output.SchemaVersion);
                writer.WriteStartArray("models");
                foreach ((string name, ModelInfo? info, string? problem) in models)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name", name);
                    if (info is not null)
                    {
                        writer.WriteString("family", info.Family);
                        writer.WriteString("hash", info.Hash);
                        writer.WriteNumber("maxTokens", info.MaxTokens);
                        writer.WriteNumber("temperature", info.Temperature);
                        writer.WriteStartArray("labels");
                        foreach (string label in info.Labels)
                        {
                            writer.WriteStringValue(label);
                        }
                        writer.WriteEndArray();
                    }
                    else
                    {
                        writer.WriteString("error", problem);
                    }
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
        );
}
