// The Cluster view in a real browser: search, the small map, zoom.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, has, item, open } from './hands.mjs';
import { launch, screenshot, startServer } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

test('search goes from hit to hit; the small map shows where one is', async () => {
  const page = await open(browser, site, 'en');
  await click(page, 'view/tabs/cluster');
  await click(page, 'view/cluster/tools/search');
  await page.waitForTimeout(200);
  await page.keyboard.type('catalogue');
  await page.keyboard.press('Enter');
  await item(page, 'view/cluster/minimap');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(300);
  await screenshot(page, 'cluster-search');
  await click(page, 'view/cluster/minimap');
  await click(page, 'view/cluster/tools/fit');
  await page.waitForTimeout(300);
  assert.equal(await has(page, 'view/cluster/minimap'), false);
  // The wheel comes nearer to what is under the pointer.
  const node = await item(page, 'view/cluster/nodes//node-1');
  await page.mouse.move(node.x + 40, node.y + 10);
  for (let i = 0; i < 8; ++i) await page.mouse.wheel(0, -120);
  await page.waitForTimeout(400);
  assert.ok((await item(page, 'view/cluster/nodes//node-1')).w > node.w);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
