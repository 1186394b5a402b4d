// The DNS view in a real browser: a name looked up twice, fresh and from the cache; its packets one click away.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, item, items, open, type, waitForText } from './hands.mjs';
import { launch, screenshot, startServer } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

test('a name is looked up, and its packets are followed', async () => {
  const page = await open(browser, site, 'en');
  await click(page, 'view/tabs/dns');
  await click(page, 'view/dns/look-up');
  await item(page, 'view/dns/query-0');
  await screenshot(page, 'dns-answer');
  await click(page, 'view/dns/query-0');
  await item(page, 'inspector/hops/list/1');
  while (!(await items(page)).some((i) => /netfilter/.test(i.path))) await page.waitForTimeout(100);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a program in a Pod looks a name up: the view shows it, and the bar below has its words', async () => {
  const page = await open(browser, site, 'en');
  await click(page, 'view/tabs/dns');
  await type(page, 'kubectl -n sock-shop exec deploy/front-end -- nslookup catalogue');
  await waitForText(page, /catalogue\.sock-shop\.svc\.cluster\.local/);
  await item(page, 'view/dns/query-0');
  await click(page, 'view/dns/look-up');
  await waitForText(page, /\$ dig pod\/sock-shop\/front-end-\S+ catalogue /);
  await screenshot(page, 'dns-terminal');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
