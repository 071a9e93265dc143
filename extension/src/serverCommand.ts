import * as fs from 'node:fs';
import * as path from 'node:path';

/** How to start the server: a program and its arguments. */
export interface ServerCommand {
  command: string;
  args: string[];
}

export interface ServerSearch {
  /** Folder of the extension's `package.json`. */
  extensionRoot: string;
  /** The setting `whylight.server.path`; empty when not set. */
  serverPath: string;
  /** The setting `whylight.dotnet.path`; empty when not set. */
  dotnetPath: string;
  environment: NodeJS.ProcessEnv;
  exists?: (file: string) => boolean;
}

/** A server or runtime that is not where it was looked for; the message is meant for the user. */
export class ServerNotFound extends Error {
  constructor(
    message: string,
    readonly runtimeMissing: boolean,
  ) {
    super(message);
  }
}

/** Looks for the server: the setting, the copy bundled with the extension, then a development build. */
export function findServer(search: ServerSearch): ServerCommand {
  const exists = search.exists ?? fs.existsSync;
  if (search.serverPath !== '') {
    if (!exists(search.serverPath)) {
      throw new ServerNotFound(
        `whylight.server.path points to '${search.serverPath}', which does not exist. Correct or empty the setting.`,
        false,
      );
    }
    return search.serverPath.endsWith('.dll')
      ? { command: findDotnet(search, exists), args: [search.serverPath, 'lsp'] }
      : { command: search.serverPath, args: ['lsp'] };
  }
  const candidates = [
    path.join(search.extensionRoot, 'extension', 'server', 'whylight.dll'),
    path.join(search.extensionRoot, 'server', 'Whylight', 'bin', 'Release', 'net10.0', 'whylight.dll'),
  ];
  const found = candidates.find(exists);
  if (found === undefined) {
    throw new ServerNotFound(
      `The Whylight server is missing: there is neither ${candidates.join(' nor ')}. ` +
        "In a checkout, run 'dotnet build Plugin.sln -c Release'.",
      false,
    );
  }
  return { command: findDotnet(search, exists), args: [found, 'lsp'] };
}

function findDotnet(search: ServerSearch, exists: (file: string) => boolean): string {
  const name = process.platform === 'win32' ? 'dotnet.exe' : 'dotnet';
  if (search.dotnetPath !== '') {
    if (!exists(search.dotnetPath)) {
      throw new ServerNotFound(`whylight.dotnet.path points to '${search.dotnetPath}', which does not exist.`, true);
    }
    return search.dotnetPath;
  }
  const folders = [search.environment['DOTNET_ROOT'], ...(search.environment['PATH'] ?? '').split(path.delimiter)];
  for (const folder of folders) {
    if (folder !== undefined && folder !== '' && exists(path.join(folder, name))) {
      return path.join(folder, name);
    }
  }
  throw new ServerNotFound(
    "Whylight needs the .NET 10 runtime, and no 'dotnet' is on the PATH. Install it, or set whylight.dotnet.path.",
    true,
  );
}
