using System.CommandLine;
using System.Globalization;
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
        int width = models.Count == 0 ? 0 : models.Max(model => model.Name.Length);
        foreach ((string name, ModelInfo? info, string? problem) in models)
        {
            string what = info is null
                ? "cannot be loaded: " + problem
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{info.Family, -11} {(info.MaxTokens == int.MaxValue ? "any" : info.MaxTokens.ToString(CultureInfo.InvariantCulture)), 5} tokens  {info.Hash[..12]}  {string.Join(", ", info.Labels)}"
                );
            streams.Out.WriteLine($"{name.PadRight(width)}  {what}".TrimEnd());
        }
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
