import * as vscode from 'vscode';
import { LanguageClient, RevealOutputChannelOn, State, type LanguageClientOptions } from 'vscode-languageclient/node';
import { documentSelector } from './documents';
import { findServer, ServerNotFound, type ServerCommand } from './serverCommand';
import { StatusItem, type ServerStatus } from './status';

const runtimeDownload = 'https://dotnet.microsoft.com/download/dotnet/10.0';

/** Commands that a link in a hover may run; everything else in a hover is inert. */
const hoverCommands = ['whylight.showOutput'];

/** Owns the language client: starts it once it is needed, restarts it, and says when it cannot run. */
export class Server implements vscode.Disposable {
  private readonly output = vscode.window.createOutputChannel('Whylight', { log: true });
  private readonly status = new StatusItem();
  private client: LanguageClient | undefined;
  /** A missing server is said once, not at every file that is opened. */
  private missing = false;

  constructor(private readonly context: vscode.ExtensionContext) {}

  get running(): boolean {
    return this.client !== undefined;
  }

  /** Starts the server unless it runs or could not be found. */
  async startOnce(): Promise<void> {
    if (!this.missing) {
      await this.start();
    }
  }

  showOutput(): void {
    this.output.show(true);
  }

  async start(): Promise<void> {
    if (this.client !== undefined) {
      return;
    }
    let command: ServerCommand;
    try {
      command = this.find();
    } catch (error) {
      if (!(error instanceof ServerNotFound)) {
        throw error;
      }
      this.missing = true;
      this.status.show({ state: 'error', message: error.message });
      await this.explainMissing(error);
      return;
    }
    this.output.info(`Starting ${command.command} ${command.args.join(' ')}`);
    const client = new LanguageClient('whylight', 'Whylight', command, this.clientOptions());
    this.client = client;
    client.onNotification('whylight/status', (status: ServerStatus) => this.status.show(status));
    client.onDidChangeState((change) => {
      if (change.newState === State.Stopped) {
        this.status.show({ state: 'stopped' });
      } else if (change.newState === State.Running) {
        this.status.show({ state: 'ready' });
      }
    });
    try {
      await client.start();
    } catch (error) {
      this.client = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      this.output.error(reason);
      this.status.show({ state: 'error', message: reason });
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.missing = false;
    await this.start();
  }

  dispose(): void {
    void this.stop();
    this.status.dispose();
    this.output.dispose();
  }

  private find(): ServerCommand {
    const settings = vscode.workspace.getConfiguration('whylight');
    return findServer({
      extensionRoot: this.context.extensionPath,
      serverPath: settings.get<string>('server.path', '').trim(),
      dotnetPath: settings.get<string>('dotnet.path', '').trim(),
      environment: process.env,
    });
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: documentSelector(),
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      markdown: { supportHtml: true, isTrusted: { enabledCommands: hoverCommands } },
      initializationOptions: {
        trusted: vscode.workspace.isTrusted,
        status: true,
        settings: vscode.workspace.getConfiguration().get('whylight'),
      },
      initializationFailedHandler: (error) => {
        this.output.error(`The server did not initialize: ${String(error)}`);
        return false;
      },
    };
  }

  private async explainMissing(error: ServerNotFound): Promise<void> {
    const install = vscode.l10n.t('Get .NET');
    const settings = vscode.l10n.t('Open Settings');
    const choice = await vscode.window.showErrorMessage(
      error.message,
      ...(error.runtimeMissing ? [install, settings] : [settings]),
    );
    if (choice === install) {
      await vscode.env.openExternal(vscode.Uri.parse(runtimeDownload));
    } else if (choice === settings) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'whylight');
    }
  }
}
