// The Traffic view in a real browser: several requests, ends picked on the canvas, two ways compared.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, item, items, open, type, waitForText } from './hands.mjs';
import { launch, screenshot, startServer } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

test('ten requests are counted by endpoint', async () => {
  const page = await open(browser, site, 'en');
  await type(page, 'kubectl -n sock-shop scale deployment front-end --replicas=2');
  await waitForText(page, /front-end scaled/);
  await type(page, 'kubectl -n sock-shop rollout status deployment front-end');
  await waitForText(page, /successfully rolled out/);
  await click(page, 'view/tabs/traffic');
  await click(page, 'view/traffic/count/open');
  await click(page, 'view/traffic/count/10');
  await click(page, 'view/traffic/send');
  await item(page, 'view/traffic/endpoint-1');
  await screenshot(page, 'traffic-counts');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('Cluster against Local policy, hop by hop', async () => {
  const page = await open(browser, site, 'en');
  await click(page, 'view/tabs/traffic');
  await click(page, 'view/traffic/send');
  await click(page, 'view/traffic/pin');
  await type(page, `kubectl -n sock-shop patch svc front-end -p '{"spec":{"externalTrafficPolicy":"Local"}}'`);
  await waitForText(page, /front-end patched/);
  await page.waitForTimeout(1500);
  await click(page, 'view/traffic/send');
  await item(page, 'view/traffic/compare/pair-0');
  await screenshot(page, 'traffic-compare');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

for (const lang of ['en', 'zh-CN']) {
  test(`${lang}: a name that is not found, and a sender that is gone, say so`, async () => {
    const page = await open(browser, site, lang, { at: '?scenario=sock-shop&view=traffic' });
    await item(page, 'inspector/tabs/hops');
    await type(page, 'curl http://nowhere.example/');
    await waitForText(page, /Could not resolve host/);
    await page.waitForTimeout(800);
    assert.equal((await item(page, 'view/traffic/outcome')).label, lang === 'en' ? 'name not found' : '域名未找到');
    assert.match((await item(page, 'inspector/hops/unresolved')).label, /nowhere\.example/);
    await screenshot(page, `traffic-unresolved-${lang}`);
    await click(page, 'view/traffic/from/open');
    let pod;
    for (let tries = 0; !pod && tries < 50; ++tries) {
      await page.waitForTimeout(100);
      pod = (await items(page)).find((i) => /traffic\/from\/pod\/sock-shop\/carts-db-/.test(i.path));
    }
    await click(page, pod.path);
    await type(page, 'kubectl -n sock-shop delete deployment carts-db');
    await waitForText(page, /"carts-db" deleted/);
    await page.waitForTimeout(4000);
    await click(page, 'view/traffic/send');
    assert.match((await item(page, 'view/traffic/notice')).label, lang === 'en' ? /does not exist any more/ : /已不存在/);
    await screenshot(page, `traffic-gone-${lang}`);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

test('both ends are picked on the canvas', async () => {
  const page = await open(browser, site, 'en');
  await click(page, 'view/tabs/traffic');
  await click(page, 'view/traffic/pick-source');
  await click(page, 'view/traffic/stage/node/node-1');
  await click(page, 'view/traffic/stage/node/node-2');
  await click(page, 'view/traffic/send');
  await waitForText(page, /node-1/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
