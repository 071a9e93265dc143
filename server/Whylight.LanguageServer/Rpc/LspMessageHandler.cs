using System.IO.Pipelines;
using System.Text.Json;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;
using Whylight.LanguageServer.Protocol;

namespace Whylight.LanguageServer.Rpc;

/// <summary>
/// The base protocol's framing, with a message that is not JSON or not JSON-RPC answered by an error instead of the end
/// of the connection: its length was known, so the next message is found.
/// </summary>
internal sealed class LspMessageHandler(Stream output, Stream input, IJsonRpcMessageFormatter formatter)
    // The streams are the caller's, who flushes and closes them.
    : HeaderDelimitedMessageHandler(
        PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true)),
        PipeReader.Create(input, new StreamPipeReaderOptions(leaveOpen: true)),
        formatter
    )
{
    protected override async ValueTask<JsonRpcMessage?> ReadCoreAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int code;
            string message;
            try
            {
                return await base.ReadCoreAsync(cancellationToken).ConfigureAwait(false);
            }
            // The parser says where it stopped; the formatter, given JSON that is no message, does not.
            catch (JsonException exception)
                when (exception.LineNumber is not null || exception.InnerException is JsonException)
            {
                code = ErrorCodes.ParseError;
                message = $"The message is not valid JSON: {exception.Message}";
            }
            catch (Exception exception) when (exception is JsonException or UnrecognizedJsonRpcMessageException)
            {
                code = ErrorCodes.InvalidRequest;
                message = "The message is JSON, but not a JSON-RPC 2.0 request, notification or response.";
            }
            JsonRpcError error = new()
            {
                RequestId = RequestId.Null,
                Error = new JsonRpcError.ErrorDetail { Code = (JsonRpcErrorCode)code, Message = message },
            };
            await WriteAsync(error, cancellationToken).ConfigureAwait(false);
        }
    }
}
