import * as vscode from 'vscode';
import { documentSelector } from './documents';

/** What the server is doing, as it reports in `whylight/status`. */
export interface ServerStatus {
  state: 'starting' | 'loading' | 'ready' | 'error' | 'stopped';
  /** The model last loaded or being loaded. */
  model?: string;
  /** One sentence for the user. */
  message?: string;
}

/** Shows the server's state and model in the language status of the files that Whylight serves. */
export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.LanguageStatusItem;

  constructor() {
    this.item = vscode.languages.createLanguageStatusItem('whylight.server', documentSelector());
    this.item.name = 'Whylight';
    this.show({ state: 'starting' });
  }

  show(status: ServerStatus): void {
    const model = status.model === undefined ? 'Whylight' : `Whylight: ${status.model}`;
    this.item.busy = status.state === 'starting' || status.state === 'loading';
    this.item.text = model;
    this.item.detail = status.message ?? describe(status.state);
    const failed = status.state === 'error' || status.state === 'stopped';
    this.item.severity = failed ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    this.item.command = failed
      ? { title: vscode.l10n.t('Restart'), command: 'whylight.restartServer' }
      : { title: vscode.l10n.t('Output'), command: 'whylight.showOutput' };
  }

  dispose(): void {
    this.item.dispose();
  }
}

function describe(state: ServerStatus['state']): string {
  switch (state) {
    case 'starting':
      return vscode.l10n.t('Server is starting');
    case 'loading':
      return vscode.l10n.t('Model is loading');
    case 'ready':
      return vscode.l10n.t('Ready');
    case 'error':
      return vscode.l10n.t('An error occurred; see the output');
    case 'stopped':
      return vscode.l10n.t('Server is not running');
  }
}
