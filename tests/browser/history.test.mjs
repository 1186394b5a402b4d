// Time in a real browser: what counts as an event, the selected object's next change, another history and back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, item, items, mirror, open, paste, type, waitForText } from './hands.mjs';
import { launch, screenshot, startServer } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

test('what if: back, something else done, and back to the first history', async () => {
  const page = await open(browser, site, 'en');
  await type(page, 'kubectl create namespace first');
  await waitForText(page, /namespace\/first created/);
  await page.waitForTimeout(1500);
  const line = await item(page, 'time/scrubber');
  await page.mouse.click(line.x + 3, line.y + line.h - 8);  // the learner's very beginning
  await page.waitForTimeout(600);
  await type(page, 'kubectl create namespace second');
  await waitForText(page, /namespace\/second created/);
  const branch = (await items(page)).find((i) => /time\/branch-/.test(i.path));
  assert.ok(branch, 'the first history is kept');
  await screenshot(page, 'time-branch');
  await click(page, branch.path);
  await page.waitForTimeout(600);
  await type(page, 'kubectl get namespaces');
  const text = await waitForText(page, /first\s+Active/);
  assert.ok(!/second\s+Active/.test(text));
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('several histories: each is told of, and the button beside the clock leads back to it; terminal and editor agree', async () => {
  const page = await open(browser, site, 'en', { at: '?scenario=sock-shop' });
  const beginning = async () => {
    const line = await item(page, 'time/scrubber');
    await page.mouse.click(line.x + 2, line.y + line.h - 8);
    await page.waitForTimeout(600);
  };
  await type(page, 'kubectl create namespace first');
  await waitForText(page, /namespace\/first created/);
  await page.waitForTimeout(1500);
  await beginning();
  assert.ok(!/namespace\/first/.test(await mirror(page)), 'the terminal is as it was then');
  await type(page, 'kubectl create namespace second');
  await waitForText(page, /Another history begins here/);
  await waitForText(page, /namespace\/second created/);
  await beginning();
  // What is applied in the editor makes a history as a command does.
  await click(page, 'inspector/manifest/new/open');
  await click(page, 'inspector/manifest/new/empty');
  await page.waitForTimeout(300);
  await paste(page, 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: third\n');
  await page.waitForTimeout(900);
  await click(page, 'inspector/manifest/apply');
  await page.waitForTimeout(1200);
  await click(page, 'time/histories/open');
  await page.waitForTimeout(300);
  await screenshot(page, 'time-histories');
  const first = (await items(page)).find((i) => /time\/histories\/\d/.test(i.path) && /namespace first/.test(i.label));
  await click(page, first.path);
  await page.waitForTimeout(800);
  await type(page, 'kubectl get namespaces');
  const text = await waitForText(page, /first\s+Active/);
  assert.ok(!/second\s+Active|third\s+Active/.test(text));
  assert.match(text, /namespace\/first created/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('the filter decides what a step stops at', async () => {
  const page = await open(browser, site, 'en');
  await click(page, 'time/filter/open');
  for (const one of ['api', 'control', 'network', 'component', 'learner']) await click(page, `time/filter/${one}`);
  await screenshot(page, 'time-filter');
  await page.keyboard.press('Escape');
  await click(page, 'time/back');
  await page.waitForTimeout(400);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
