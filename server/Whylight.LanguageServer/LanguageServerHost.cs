using System.Text.Json;
using System.Text.Json.Serialization;
using StreamJsonRpc;
using Whylight.LanguageServer.Protocol;
using Whylight.LanguageServer.Rpc;
using Whylight.LanguageServer.State;
using Whylight.Models;

namespace Whylight.LanguageServer;

/// <summary>Runs the language server over a pair of streams (LSP 3.17, base protocol framing).</summary>
public static class LanguageServerHost
{
    /// <summary>
    /// Serves an editor until it says <c>exit</c>, closes its end, or dies. Standard output belongs to the protocol:
    /// anything written through <see cref="Console.Out"/> goes to standard error from here on.
    /// </summary>
    /// <param name="input">What the editor sends.</param>
    /// <param name="output">What it receives.</param>
    /// <param name="cancellation">Ends the server as a closed connection does.</param>
    /// <returns>The process's exit code: 0 after <c>shutdown</c> and <c>exit</c>, else 1.</returns>
    public static Task<int> RunAsync(Stream input, Stream output, CancellationToken cancellation = default)
    {
        Console.SetOut(Console.Error);
        LanguageServerOptions options = new() { LoadModel = LoadModelAsync };
        return RunAsync(input, output, options, cancellation);
    }

    internal static async Task<int> RunAsync(
        Stream input,
        Stream output,
        LanguageServerOptions options,
        CancellationToken cancellation = default
    )
    {
        using SystemTextJsonFormatter formatter = CreateFormatter();
        LspMessageHandler handler = new(output, input, formatter);
        using LspJsonRpc rpc = new(handler, exception => options.Log(exception.ToString()))
        {
            CancelLocallyInvokedMethodsWhenConnectionIsClosed = true,
        };
        Endpoints endpoints = new(new EditorClient(rpc), options);
        await using (endpoints.ConfigureAwait(false))
        {
            rpc.AddLocalRpcTarget(endpoints, new JsonRpcTargetOptions { MethodNameTransform = null });
            rpc.StartListening();
            Task canceled = Task.Delay(Timeout.Infinite, cancellation);
            Task first = await Task.WhenAny(endpoints.Completion, rpc.Completion, canceled).ConfigureAwait(false);
            if (first == endpoints.Completion)
            {
                return await endpoints.Completion.ConfigureAwait(false);
            }
            if (first.Exception is { } broken)
            {
                options.Log($"The connection to the editor broke: {broken.InnerException?.Message ?? broken.Message}");
            }
            return 1;
        }
    }

    /// <summary>The JSON of the protocol: strict about what comes in, silent about null going out.</summary>
    internal static SystemTextJsonFormatter CreateFormatter()
    {
        SystemTextJsonFormatter formatter = new();
        JsonSerializerOptions json = formatter.JsonSerializerOptions;
        json.TypeInfoResolver = LspJsonContext.Default;
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        json.RespectRequiredConstructorParameters = true;
        json.RespectNullableAnnotations = true;
        json.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return formatter;
    }

    private static Task<ITextClassifier> LoadModelAsync(
        ServedFile file,
        bool trusted,
        CancellationToken cancellation
    ) =>
        ModelLoader.LoadAsync(
            file.Location ?? throw new ModelException("no model serves this file"),
            new ModelLoadOptions
            {
                Name = file.Model,
                Trusted = trusted,
                Choices = file.Resolution.Choices is { Count: > 0 } choices ? choices : null,
                ChoiceScoring = new ChoiceScoring
                {
                    LengthNormalized = file.Resolution.Rule?.LengthNormalized ?? false,
                    ContentFreePrompt = file.Resolution.Rule?.ContentFreeText,
                },
            },
            cancellation
        );
}
