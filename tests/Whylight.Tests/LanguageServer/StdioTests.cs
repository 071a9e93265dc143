using System.Diagnostics;
using System.Text.Json;

namespace Whylight.Tests.LanguageServer;

/// <summary>The command itself, as an editor starts it.</summary>
public class StdioTests
{
    [Fact]
    public async Task OnlyTheProtocolReachesStandardOutputAndTheProcessEndsWithZero()
    {
        using Process process = Start();
        await using TestEditor editor = new(process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        JsonElement result = await editor.InitializeAsync();
        Assert.Equal("Whylight", result.GetProperty("serverInfo").GetProperty("name").GetString());
        // A file that asks for a model, whatever this build ships: loading must not write to standard output either.
        using TestWorkspace workspace = new();
        string uri = workspace.Write("reviews.tsv", "sentence\tlabel\na good film\tpositive\n");
        editor.Open(uri, "sentence\tlabel\na good film\tpositive\n");
        await editor.RequestAsync("textDocument/hover", TestEditor.At(uri, 1, 3));
        await editor.ResultAsync("shutdown", null);
        editor.Notify("exit", null);
        await process
            .WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.Empty(editor.Violations);
    }

    [Fact]
    public async Task InitializeDoesNotLoadTheNativeLibraries()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a process's maps are read from /proc, which only Linux has");
        using Process process = Start();
        await using TestEditor editor = new(process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        await editor.InitializeAsync();
        string maps = await File.ReadAllTextAsync($"/proc/{process.Id}/maps", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("libtorch", maps, StringComparison.Ordinal);
        Assert.Contains("StreamJsonRpc", maps, StringComparison.Ordinal);
        editor.CloseInput();
        await process
            .WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
    }

    [Fact]
    public async Task AServerWhoseEditorDiedEnds()
    {
        using Process parent = Process.Start(new ProcessStartInfo("sleep", "300"))!;
        using Process process = Start();
        await using TestEditor editor = new(process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        await editor.ResultAsync("initialize", new { processId = parent.Id, capabilities = new { } });
        parent.Kill();
        await parent.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process
            .WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TestEditor.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
    }

    private static Process Start()
    {
        ProcessStartInfo start = new("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "whylight.dll"), "lsp" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }
}
