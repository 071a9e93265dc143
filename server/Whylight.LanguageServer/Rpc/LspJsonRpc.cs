using System.Text.Json;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;
using Whylight.Documents;
using Whylight.Explanations;
using Whylight.LanguageServer.Protocol;
using Whylight.Models;

namespace Whylight.LanguageServer.Rpc;

/// <summary>
/// The connection: guards the protocol's life cycle and turns failures into the protocol's error codes. Stack traces
/// stay on this side.
/// </summary>
internal sealed class LspJsonRpc(IJsonRpcMessageHandler handler, Action<Exception> report) : JsonRpc(handler)
{
    private bool _initialized;
    private bool _shutDown;

    /// <summary>Called in the order of arrival, so that the guard sees every message after those before it.</summary>
    protected override ValueTask<JsonRpcMessage> DispatchRequestAsync(
        JsonRpcRequest request,
        TargetMethod targetMethod,
        CancellationToken cancellationToken
    )
    {
        bool exit = request.Method == MethodNames.Exit;
        if (_shutDown && !exit)
        {
            return Refuse(request, ErrorCodes.InvalidRequest, "The server was shut down; only 'exit' may follow.");
        }
        bool initialize = request.Method == MethodNames.Initialize;
        if (initialize && _initialized)
        {
            return Refuse(request, ErrorCodes.InvalidRequest, "'initialize' may be sent only once.");
        }
        if (!initialize && !exit && !_initialized)
        {
            return Refuse(request, ErrorCodes.ServerNotInitialized, "The first message must be 'initialize'.");
        }
        _initialized |= initialize;
        _shutDown |= request.Method == MethodNames.Shutdown;
        return base.DispatchRequestAsync(request, targetMethod, cancellationToken);
    }

    protected override JsonRpcError.ErrorDetail CreateErrorDetails(JsonRpcRequest request, Exception exception)
    {
        (int code, string message) = exception switch
        {
            LocalRpcException e => (e.ErrorCode, e.Message),
            OperationCanceledException => (ErrorCodes.RequestCancelled, "The request was cancelled."),
            RpcArgumentDeserializationException e => (
                ErrorCodes.InvalidParams,
                InvalidParams(request, e.InnerException ?? e)
            ),
            JsonException e => (ErrorCodes.InvalidParams, InvalidParams(request, e)),
            ModelException or DocumentException or ExplanationException => (
                ErrorCodes.RequestFailed,
                exception.Message
            ),
            _ => (ErrorCodes.InternalError, $"'{request.Method}' failed inside the server; its log says why."),
        };
        if (code == ErrorCodes.InternalError)
        {
            report(exception);
        }
        return new JsonRpcError.ErrorDetail { Code = (JsonRpcErrorCode)code, Message = message };
    }

    private static string InvalidParams(JsonRpcRequest request, Exception exception) =>
        $"The parameters of '{request.Method}' are not as the protocol says: {exception.Message}";

    /// <summary>A request is answered with an error; a notification has no answer and is dropped.</summary>
    private static ValueTask<JsonRpcMessage> Refuse(JsonRpcRequest request, int code, string message) =>
        ValueTask.FromResult<JsonRpcMessage>(
            new JsonRpcError
            {
                RequestId = request.RequestId,
                Error = new JsonRpcError.ErrorDetail { Code = (JsonRpcErrorCode)code, Message = message },
            }
        );
}
