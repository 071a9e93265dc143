import * as vscode from 'vscode';

/** Files that Whylight may know something about; which model serves which is the server's business (`whylight.yaml`). */
const patterns = [
  '**/*.{tsv,csv,jsonl,ndjson,json}',
  '**/*.{prompt,prompty}',
  '**/*.prompt.{md,txt,yaml,yml}',
  '**/promptfooconfig.{yaml,yml}',
  '**/*.spec.{yaml,yml}',
  '**/whylight.yaml',
];

export interface FilePattern {
  scheme: string;
  pattern: string;
}

export function documentSelector(): FilePattern[] {
  const further = vscode.workspace.getConfiguration('whylight').get<string[]>('include', []);
  return [...patterns, ...further].map((pattern) => ({ scheme: 'file', pattern }));
}

export function isOurs(document: vscode.TextDocument): boolean {
  return vscode.languages.match(documentSelector(), document) > 0;
}
