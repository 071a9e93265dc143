using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Whylight.LanguageServer;

namespace Whylight.Tests.LanguageServer;

/// <summary>
/// An editor for tests: speaks the base protocol by hand over two streams, so that the server is judged by its bytes.
/// Server requests are answered with null, or as a test says.
/// </summary>
internal sealed class TestEditor : IAsyncDisposable
{
    private readonly Stream _toServer;
    private readonly Stream _fromServer;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly Channel<JsonElement> _others = Channel.CreateUnbounded<JsonElement>();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Task _reading;
    private int _nextId;

    public TestEditor(Stream toServer, Stream fromServer)
    {
        _toServer = toServer;
        _fromServer = fromServer;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>A server in this process, joined to the editor by two pipes.</summary>
    public static TestEditor Start(LanguageServerOptions options)
    {
        Pipe toServer = new();
        Pipe fromServer = new();
        TestEditor editor = new(toServer.Writer.AsStream(), fromServer.Reader.AsStream());
        editor.ExitCode = RunAsync();
        return editor;

        // As a process does: its end of the pipes closes when it ends.
        async Task<int> RunAsync()
        {
            int code = await LanguageServerHost.RunAsync(
                toServer.Reader.AsStream(),
                fromServer.Writer.AsStream(),
                options,
                editor._stop.Token
            );
            await fromServer.Writer.CompleteAsync();
            await toServer.Reader.CompleteAsync();
            return code;
        }
    }

    /// <summary>The server's exit code, for a server in this process.</summary>
    public Task<int> ExitCode { get; private set; } = Task.FromResult(-1);

    /// <summary>Answers to the server's requests by method; null is answered where there is none.</summary>
    public Dictionary<string, Func<JsonElement, JsonNode?>> Answers { get; } = [];

    /// <summary>Everything the server sent that was not a message, in order.</summary>
    public ConcurrentQueue<string> Violations { get; } = [];

    /// <summary>Notifications and requests from the server that <see cref="NextAsync"/> passed over.</summary>
    public List<JsonElement> PassedOver { get; } = [];

    /// <summary>A request's whole response, with <c>result</c> or <c>error</c>.</summary>
    public Task<JsonElement> RequestAsync(string method, object? parameters) => Begin(method, parameters).Response;

    /// <summary>Sends a request and returns its id, to cancel it, beside the response to come.</summary>
    public (int Id, Task<JsonElement> Response) Begin(string method, object? parameters)
    {
        int id = Interlocked.Increment(ref _nextId);
        TaskCompletionSource<JsonElement> response = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = response;
        JsonObject message = new()
        {
            ["jsonrpc"] = "2.0",
            ["id"] = id,
            ["method"] = method,
        };
        if (parameters is not null)
        {
            message["params"] = JsonSerializer.SerializeToNode(parameters, Web);
        }
        Send(message.ToJsonString());
        return (id, response.Task.WaitAsync(Patience));
    }

    /// <summary>A request's result; an error response fails the test.</summary>
    public async Task<JsonElement> ResultAsync(string method, object? parameters)
    {
        JsonElement response = await RequestAsync(method, parameters);
        Assert.False(response.TryGetProperty("error", out JsonElement error), error.ToString());
        return response.GetProperty("result");
    }

    /// <summary>A request's error code; a result fails the test.</summary>
    public async Task<int> ErrorAsync(string method, object? parameters)
    {
        JsonElement response = await RequestAsync(method, parameters);
        Assert.True(response.TryGetProperty("error", out JsonElement error), response.ToString());
        return error.GetProperty("code").GetInt32();
    }

    public void Notify(string method, object? parameters)
    {
        JsonObject message = new() { ["jsonrpc"] = "2.0", ["method"] = method };
        if (parameters is not null)
        {
            message["params"] = JsonSerializer.SerializeToNode(parameters, Web);
        }
        Send(message.ToJsonString());
    }

    /// <summary>The next message from the server of a method, notification or request; others are passed over.</summary>
    public async Task<JsonElement> NextAsync(string method)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            JsonElement message = await _others.Reader.ReadAsync(patience.Token);
            if (message.TryGetProperty("method", out JsonElement name) && name.GetString() == method)
            {
                return message.TryGetProperty("params", out JsonElement parameters) ? parameters : default;
            }
            PassedOver.Add(message);
        }
    }

    /// <summary>The next message from the server that has neither a method nor an id of ours.</summary>
    public async Task<JsonElement> NextResponseWithoutIdAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            JsonElement message = await _others.Reader.ReadAsync(patience.Token);
            if (!message.TryGetProperty("method", out _))
            {
                return message;
            }
        }
    }

    /// <summary>Sends a message as it stands, framed.</summary>
    public void Send(string json)
    {
        byte[] content = Encoding.UTF8.GetBytes(json);
        byte[] header = Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"Content-Length: {content.Length}\r\n\r\n")
        );
        SendRaw([.. header, .. content]);
    }

    public void SendRaw(byte[] bytes)
    {
        _writing.Wait();
        try
        {
            _toServer.Write(bytes);
            _toServer.Flush();
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Initializes with capabilities such as VS Code's, or those given.</summary>
    public async Task<JsonElement> InitializeAsync(
        object? capabilities = null,
        object? initializationOptions = null,
        string? root = null
    )
    {
        JsonElement result = await ResultAsync(
            "initialize",
            new
            {
                processId = (int?)null,
                rootUri = root is null ? null : new Uri(root).AbsoluteUri,
                capabilities = capabilities ?? new { },
                initializationOptions,
            }
        );
        Notify("initialized", new { });
        return result;
    }

    public void Open(string uri, string text, int version = 1) =>
        Notify(
            "textDocument/didOpen",
            new
            {
                textDocument = new
                {
                    uri,
                    languageId = "x",
                    version,
                    text,
                },
            }
        );

    public void Change(string uri, int version, params object[] contentChanges) =>
        Notify("textDocument/didChange", new { textDocument = new { uri, version }, contentChanges });

    public Task<JsonElement> HoverAsync(string uri, int line, int character) =>
        ResultAsync("textDocument/hover", At(uri, line, character));

    public static object At(string uri, int line, int character) =>
        new { textDocument = new { uri }, position = new { line, character } };

    public void CloseInput() => _toServer.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _toServer.DisposeAsync();
        await ExitCode.WaitAsync(Patience);
        await _fromServer.DisposeAsync();
        await _reading.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Long enough for a loaded machine; a test that reaches it has failed.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    private static JsonSerializerOptions Web { get; } = new(JsonSerializerDefaults.Web);

    private async Task ReadAsync()
    {
        try
        {
            while (await ReadMessageAsync() is { } message)
            {
                bool hasMethod = message.TryGetProperty("method", out JsonElement method);
                bool hasId = message.TryGetProperty("id", out JsonElement id) && id.ValueKind != JsonValueKind.Null;
                if (hasMethod)
                {
                    if (hasId)
                    {
                        Answer(method.GetString()!, id, message);
                    }
                    _others.Writer.TryWrite(message);
                }
                else if (hasId && id.TryGetInt32(out int number) && _pending.TryRemove(number, out var waiting))
                {
                    waiting.TrySetResult(message);
                }
                else
                {
                    _others.Writer.TryWrite(message);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException) { }
        foreach (TaskCompletionSource<JsonElement> waiting in _pending.Values)
        {
            waiting.TrySetException(new IOException("the server closed the connection"));
        }
        _others.Writer.TryComplete();
    }

    private void Answer(string method, JsonElement id, JsonElement message)
    {
        JsonNode? result = Answers.TryGetValue(method, out Func<JsonElement, JsonNode?>? answer)
            ? answer(message.GetProperty("params"))
            : null;
        JsonObject response = new()
        {
            ["jsonrpc"] = "2.0",
            ["id"] = JsonNode.Parse(id.GetRawText()),
            ["result"] = result,
        };
        Send(response.ToJsonString());
    }

    private async Task<JsonElement?> ReadMessageAsync()
    {
        int length = -1;
        while (await ReadLineAsync() is { } line)
        {
            if (line.Length == 0)
            {
                byte[] content = new byte[length];
                await _fromServer.ReadExactlyAsync(content);
                return JsonDocument.Parse(content).RootElement;
            }
            if (line.StartsWith("Content-Length: ", StringComparison.Ordinal))
            {
                length = int.Parse(line.AsSpan(16), CultureInfo.InvariantCulture);
            }
            else
            {
                Violations.Enqueue(line);
            }
        }
        return null;
    }

    private async Task<string?> ReadLineAsync()
    {
        List<byte> line = [];
        byte[] one = new byte[1];
        while (await _fromServer.ReadAsync(one) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.ASCII.GetString([.. line]).TrimEnd('\r');
            }
            line.Add(one[0]);
        }
        if (line.Count > 0)
        {
            Violations.Enqueue(Encoding.UTF8.GetString([.. line]));
        }
        return null;
    }
}
