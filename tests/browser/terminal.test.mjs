// The terminal goes on: a shell in a container, an editor that a command waits for, filters, a watch that is interrupted.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, item, open, type, waitForText } from './hands.mjs';
import { launch, screenshot, startServer } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

test('a shell in a container, and out of it again', async () => {
  const page = await open(browser, site, 'en');
  await type(page, 'kubectl -n sock-shop exec -it deploy/carts -- sh');
  await page.waitForTimeout(800); // its prompt is drawn where the line is typed
  await type(page, 'cd /etc');
  await type(page, 'grep search resolv.conf');
  await waitForText(page, /search sock-shop\.svc\.cluster\.local/);
  await screenshot(page, 'terminal-exec');
  await page.keyboard.press('Control+d');
  await type(page, "kubectl -n sock-shop get svc front-end -o json | jq '.spec.ports[0].nodePort'");
  await waitForText(page, /^30001$/m);
  await type(page, 'watch kubectl -n sock-shop get deploy carts');
  await waitForText(page, /Every 2\.0s/);
  await page.keyboard.press('Control+c');
  await type(page, 'echo over');
  await waitForText(page, /^over$/m);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('what is typed while a command runs: given to the shell when it ends, thrown away by Ctrl+C', async () => {
  const page = await open(browser, site, 'en', { at: '?scenario=empty' });
  const keys = async (text) => { await page.keyboard.type(text, { delay: 4 }); await page.waitForTimeout(150); };
  await type(page, 'sleep 3');
  await keys('echo later');
  await page.keyboard.press('Enter');
  await waitForText(page, /\$ echo later\nlater/);
  await keys('kubectl get nodes -w');
  await page.keyboard.press('Enter');
  await waitForText(page, /node-1\s+Ready/);
  await keys('echo ahead');
  await page.keyboard.press('Enter');
  await keys('half a li');
  await screenshot(page, 'terminal-ahead');
  await page.keyboard.press('Control+c');
  const text = await waitForText(page, /echo ahead\nhalf a li\^C/);
  assert.ok(!/\$ echo ahead/.test(text));
  // At the prompt the line stays in sight, and nothing is run.
  await keys('kubectl delete node node-1');
  await page.keyboard.press('Control+c');
  await keys('kubectl get nodes');
  await page.keyboard.press('Enter');
  await waitForText(page, /\$ kubectl get nodes\nNAME[^$]*node-1\s+Ready/);
  await screenshot(page, 'terminal-dropped');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('ten thousand lines: found in, selected, copied', async () => {
  const page = await open(browser, site, 'en', { at: '?scenario=empty' });
  await type(page, 'seq 10000');
  await waitForText(page, /^10000$/m);
  await page.keyboard.press('Control+f');
  await page.waitForTimeout(200);
  await page.keyboard.type('4321', { delay: 4 });
  await page.waitForTimeout(400);
  assert.equal((await item(page, 'bottom/terminal/find/count')).label, '1 of 1');
  await screenshot(page, 'terminal-found');
  await page.keyboard.press('Escape');
  await page.waitForTimeout(300);
  await type(page, 'echo copied from here');
  await waitForText(page, /^copied from here$/m);
  // The line above the prompt, from its first letter to its end.
  const area = await item(page, 'bottom/terminal/input');
  const y = area.y + area.h - 10 - 30;
  await page.mouse.move(area.x + 14, y);
  await page.mouse.down();
  await page.mouse.move(area.x + 300, y, { steps: 6 });
  await page.mouse.up();
  await page.keyboard.press('Control+c');
  await page.waitForTimeout(300);
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^copied from here/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('kubectl edit opens the editor and waits for it', async () => {
  const page = await open(browser, site, 'en');
  await type(page, 'kubectl -n sock-shop edit deployment carts');
  await item(page, 'inspector/manifest/apply');
  await page.waitForTimeout(500);
  await screenshot(page, 'terminal-edit');
  await click(page, 'inspector/manifest/apply');
  await waitForText(page, /Edit cancelled, no changes made\./);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
