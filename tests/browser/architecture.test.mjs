// The Architecture view in a real browser: components stopped and started, a wire cut and mended, an
// object's story in numbers.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, has, item, open, type, waitForText } from './hands.mjs';
import { launch, screenshot, startServer } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

test('a component is stopped on the canvas, and nothing is scheduled until it starts again', async () => {
  const page = await open(browser, site, 'en');
  await click(page, 'view/architecture/board/kube-scheduler/power');
  await type(page, 'kubectl create deployment idle --image=nginx');
  await waitForText(page, /deployment\.apps\/idle created/);
  await type(page, 'kubectl get pods');
  await waitForText(page, /idle-\S+\s+0\/1\s+Pending/);
  await click(page, 'view/architecture/board/kube-scheduler/power');
  await type(page, 'kubectl rollout status deployment/idle');
  await waitForText(page, /successfully rolled out/, { timeout: 150_000 }); // it waits for the old leader's lease
  await type(page, 'kubectl get pods');
  await waitForText(page, /idle-\S+\s+1\/1\s+Running/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a cable is cut and mended', async () => {
  const page = await open(browser, site, 'en');
  await click(page, 'view/architecture/board/node/node-1/link');
  await page.waitForTimeout(400);
  await screenshot(page, 'architecture-cut');
  await type(page, 'curl -m 2 http://192.168.122.12:30001/');
  await waitForText(page, /curl: \(28\)|curl: \(7\)|timed out/);
  await click(page, 'view/architecture/board/node/node-1/link');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('who touched an object: the chain from the command to the container has numbers', async () => {
  const page = await open(browser, site, 'en');
  await type(page, 'kubectl -n sock-shop scale deployment carts --replicas=2');
  await page.waitForTimeout(3000);
  await click(page, 'view/tabs/cluster');
  await click(page, 'view/cluster/deployments/sock-shop/carts');
  await click(page, 'view/tabs/architecture');
  await item(page, 'view/architecture/trail/5');
  assert.ok(await has(page, 'view/architecture/trail/1') || await has(page, 'view/architecture/trail/2'));
  await screenshot(page, 'architecture-story');
  await click(page, 'view/architecture/trail/5');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
