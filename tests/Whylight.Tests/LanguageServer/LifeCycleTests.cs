using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Whylight.Tests.LanguageServer;

public class LifeCycleTests
{
    private const int ParseError = -32700;
    private const int InvalidRequest = -32600;
    private const int MethodNotFound = -32601;
    private const int InvalidParams = -32602;
    private const int ServerNotInitialized = -32002;

    [Fact]
    public async Task ShutdownThenExitEndsWithZero()
    {
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        JsonElement result = await editor.ResultAsync("shutdown", null);
        editor.Notify("exit", null);
        Assert.Equal(JsonValueKind.Null, result.ValueKind);
        Assert.Equal(0, await editor.ExitCode.WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken));
        Assert.Empty(editor.Violations);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task ShutdownAndExitMayHaveParameters(string parameters)
    {
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        await editor.ResultAsync(
            "shutdown",
            JsonNode.Parse(parameters) ?? (object)JsonDocument.Parse("null").RootElement
        );
        editor.Send($$"""{"jsonrpc":"2.0","method":"exit","params":{{parameters}}}""");
        Assert.Equal(0, await editor.ExitCode.WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ExitWithoutShutdownEndsWithOne()
    {
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        editor.Notify("exit", null);
        Assert.Equal(1, await editor.ExitCode.WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AnEditorThatHangsUpEndsTheServerWithOne()
    {
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        editor.CloseInput();
        Assert.Equal(1, await editor.ExitCode.WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task RequestsBeforeInitializeAreRefused()
    {
        await using TestEditor editor = TestServers.Start();
        int code = await editor.ErrorAsync("textDocument/hover", TestEditor.At(TestServers.Uri, 0, 0));
        Assert.Equal(ServerNotInitialized, code);
    }

    [Fact]
    public async Task NotificationsBeforeInitializeAreDropped()
    {
        await using TestEditor editor = TestServers.Start();
        editor.Open(TestServers.Uri, "sentence\na good film\n");
        await editor.InitializeAsync();
        Assert.Equal(JsonValueKind.Null, (await editor.HoverAsync(TestServers.Uri, 1, 3)).ValueKind);
    }

    [Fact]
    public async Task RequestsAfterShutdownAreRefused()
    {
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        await editor.ResultAsync("shutdown", null);
        int code = await editor.ErrorAsync("textDocument/hover", TestEditor.At(TestServers.Uri, 0, 0));
        Assert.Equal(InvalidRequest, code);
    }

    [Fact]
    public async Task InitializeTwiceIsRefused()
    {
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        Assert.Equal(InvalidRequest, await editor.ErrorAsync("initialize", new { capabilities = new { } }));
    }

    [Fact]
    public async Task UnknownMethodsAreSaidToBeUnknownAndTheServerLivesOn()
    {
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        editor.Notify("textDocument/noSuchNotification", new { a = 1 });
        Assert.Equal(MethodNotFound, await editor.ErrorAsync("textDocument/noSuchMethod", new { a = 1 }));
        Assert.Equal(MethodNotFound, await editor.ErrorAsync("$/noSuchMethod", null));
        await editor.ResultAsync("shutdown", null);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"textDocument":null,"position":{"line":0,"character":0}}""")]
    [InlineData("""{"textDocument":{"uri":5},"position":{"line":0,"character":0}}""")]
    [InlineData("""{"textDocument":{"uri":"file:///a"},"position":{"line":"0","character":0}}""")]
    [InlineData("""{"textDocument":{"uri":"file:///a"},"position":{"line":99999999999,"character":0}}""")]
    [InlineData("""[1,2]""")]
    [InlineData("""[]""")]
    public async Task BadParametersAreInvalidParamsWithoutAStackTrace(string parameters)
    {
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        JsonElement response = await editor.RequestAsync("textDocument/hover", JsonNode.Parse(parameters));
        JsonElement error = response.GetProperty("error");
        Assert.Equal(InvalidParams, error.GetProperty("code").GetInt32());
        Assert.DoesNotContain("   at ", response.ToString(), StringComparison.Ordinal);
        await editor.ResultAsync("shutdown", null);
    }

    [Theory]
    [InlineData("{\"jsonrpc\":\"2.0\",\"method\":", ParseError)]
    [InlineData("\u0000\u0001", ParseError)]
    [InlineData("{}", InvalidRequest)]
    [InlineData("[]", InvalidRequest)]
    [InlineData("5", InvalidRequest)]
    public async Task WhatIsNoMessageIsAnsweredAndTheServerLivesOn(string content, int code)
    {
        await using TestEditor editor = TestServers.Start();
        await editor.InitializeAsync();
        editor.Send(content);
        JsonElement response = await editor.NextResponseWithoutIdAsync();
        Assert.Equal(JsonValueKind.Null, response.GetProperty("id").ValueKind);
        Assert.Equal(code, response.GetProperty("error").GetProperty("code").GetInt32());
        await editor.ResultAsync("shutdown", null);
    }

    [Theory]
    [InlineData("Content-Length: 99999999999999999999999\r\n\r\n")]
    [InlineData("Content-Length: -5\r\n\r\n")]
    [InlineData("Nonsense: 1\r\n\r\n{}")]
    public async Task AHeaderThatCannotBeFollowedEndsTheServer(string bytes)
    {
        await using TestEditor editor = TestServers.Start();
        editor.SendRaw(Encoding.ASCII.GetBytes(bytes));
        Assert.Equal(1, await editor.ExitCode.WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task InitializeSaysWhatTheServerCan()
    {
        await using TestEditor editor = TestServers.Start();
        JsonElement capabilities = (await editor.InitializeAsync()).GetProperty("capabilities");
        Assert.Equal("utf-16", capabilities.GetProperty("positionEncoding").GetString());
        Assert.Equal(2, capabilities.GetProperty("textDocumentSync").GetProperty("change").GetInt32());
        Assert.True(capabilities.GetProperty("hoverProvider").GetBoolean());
        Assert.False(capabilities.TryGetProperty("diagnosticProvider", out _));
    }

    [Theory]
    [InlineData(new[] { "utf-8", "utf-16" }, "utf-8")]
    [InlineData(new[] { "utf-16", "utf-8" }, "utf-16")]
    [InlineData(new[] { "utf-32" }, "utf-16")]
    [InlineData(new string[0], "utf-16")]
    public async Task ThePositionEncodingIsTheFirstKnownOfTheEditors(string[] offered, string chosen)
    {
        await using TestEditor editor = TestServers.Start();
        JsonElement result = await editor.InitializeAsync(new { general = new { positionEncodings = offered } });
        Assert.Equal(chosen, result.GetProperty("capabilities").GetProperty("positionEncoding").GetString());
    }

    [Fact]
    public async Task AnEditorThatPullsDiagnosticsIsOfferedThem()
    {
        await using TestEditor editor = TestServers.Start();
        JsonElement result = await editor.InitializeAsync(new { textDocument = new { diagnostic = new { } } });
        Assert.True(result.GetProperty("capabilities").TryGetProperty("diagnosticProvider", out _));
    }
}
