using System.CommandLine;
using Whylight.LanguageServer;

namespace Whylight.Verbs;

/// <summary><c>whylight lsp</c>: the language server over standard input and output.</summary>
internal static class LspVerb
{
    public static Command Build(Streams streams)
    {
        Command command = new("lsp", "Serve an editor over standard input and output (Language Server Protocol)");
        // vscode-languageclient adds this to every server it starts over standard input and output.
        command.Options.Add(new Option<bool>("--stdio") { Description = "Accepted and ignored", Hidden = true });
        command.SetAction((_, cancellation) => LanguageServerHost.RunAsync(streams.In, streams.RawOut, cancellation));
        return command;
    }
}
