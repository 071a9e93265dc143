// What a user sees: opens a dataset, waits for squiggles, rests the pointer on a row, looks at the problems.
// usage: node e2e.mjs VSCODE_FOLDER EXTENSION_FOLDER WORKSPACE SCREENSHOTS
import fs from 'node:fs';
import path from 'node:path';
import { Workbench } from './workbench.mjs';

const [vscode, extension, workspace, out] = process.argv.slice(2).map((argument) => path.resolve(argument));
const started = Date.now();
const failures = [];
let checks = 0;

function check(what, holds, detail = '') {
  checks++;
  console.log(`${holds ? 'ok    ' : 'not ok'} ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)`, holds ? '' : detail);
  if (!holds) {
    failures.push(what);
  }
}

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
let workbench;
try {
  workbench = await Workbench.open({ vscode, extension, workspace, file: 'reviews.tsv', log: path.join(out, 'vscode.log') });
  const { page } = workbench;
  const shot = (name) => page.screenshot({ path: path.join(out, `${name}.png`) });
  const appears = (locator) =>
    locator
      .first()
      .waitFor({ timeout: 90000 })
      .then(
        () => true,
        () => false,
      );

  check('fragile rows are underlined', await appears(page.locator('.squiggly-warning')));
  await shot('1-editor');

  for (const name of ['2-hover-dark', '3-hover-light']) {
    if (name.endsWith('light')) {
      await workbench.toggleTheme();
    }
    const hover = await workbench.hover('not bad', /% sure/);
    await shot(name);
    const html = await hover.innerHTML();
    fs.writeFileSync(path.join(out, `${name}.html`), html);
    check(`${name}: words are shaded`, /<span [^>]*style="background-color:\s?#[0-9a-f]{6,8};/.test(html), html.slice(0, 2000));
    const size = await hover
      .locator('img')
      .first()
      .evaluate((image) => image.naturalWidth);
    check(`${name}: the chart is drawn`, size > 100, `natural width ${size}`);
  }
  const finding = await workbench.hover('would not call', /whylight/);
  check('the hover of a squiggle says what was found', /becomes 'positive'|labelled/.test(await finding.innerText()), await finding.innerText());
  await shot('4-finding');

  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Shift+M');
  const problems = page.locator('.markers-panel');
  const flips = await appears(problems.filter({ hasText: /becomes '(positive|negative)'/ }));
  check('the problems name the smallest edit that flips a prediction', flips, await problems.innerText().catch(() => ''));
  await shot('5-problems');

  await workbench.run('Whylight: Show Output');
  check('the output can be opened', await appears(page.locator('.output-view')));

  await workbench.run('Whylight: Restart Language Server');
  const again = await workbench.hover('surprisingly moving', /% sure/);
  check('after a restart the server answers', (await again.count()) > 0);
} catch (error) {
  console.error(error);
  failures.push(error.message.split('\n')[0]);
  await workbench?.page?.screenshot({ path: path.join(out, 'failure.png') }).catch(() => {});
} finally {
  await workbench?.close();
}
const seconds = ((Date.now() - started) / 1000).toFixed(0);
console.log(failures.length === 0 ? `vscode: ok, ${checks} checks in ${seconds} s` : `vscode: FAILED: ${failures.join('; ')}`);
process.exit(failures.length === 0 ? 0 : 1);
