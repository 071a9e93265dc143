import * as vscode from 'vscode';
import { isOurs } from './documents';
import { Server } from './server';

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const started = new Server(context);
  server = started;
  const startFor = (document: vscode.TextDocument): void => {
    if (!started.running && isOurs(document)) {
      void started.startOnce();
    }
  };
  context.subscriptions.push(
    started,
    vscode.commands.registerCommand('whylight.restartServer', () => started.restart()),
    vscode.commands.registerCommand('whylight.showOutput', () => started.showOutput()),
    vscode.workspace.onDidOpenTextDocument(startFor),
    // Trust, paths and patterns are fixed when a server starts.
    vscode.workspace.onDidGrantWorkspaceTrust(() => (started.running ? started.restart() : undefined)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const restarts = ['whylight.server', 'whylight.dotnet', 'whylight.include'];
      if (started.running && restarts.some((section) => change.affectsConfiguration(section))) {
        void started.restart();
      }
    }),
  );
  // The server costs memory: it starts with the first file it can say something about.
  vscode.workspace.textDocuments.forEach(startFor);
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
