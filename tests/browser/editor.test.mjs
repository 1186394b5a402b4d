// The manifest editor: suggestions, hints at their line, what applying would change, files, and the terminals beside it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, downloaded, has, item, open, paste, type, waitForText } from './hands.mjs';
import { launch, screenshot, startServer } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

const service = (label, port) => `apiVersion: v1
kind: Service
metadata:
  name: carts2
  namespace: sock-shop
spec:
  selector:
    name: ${label}
  ports:
  - port: 80
    targetPort: ${port}
`;

async function newDocument(page, text) {
  await click(page, 'inspector/tabs/manifest');
  await click(page, 'inspector/manifest/new/open');
  await click(page, 'inspector/manifest/new/empty');
  await page.waitForTimeout(300);
  await paste(page, text);
  await page.waitForTimeout(900);
}

for (const lang of ['en', 'zh-CN']) {
  test(`${lang}: hints that teach: a letter off, a port nobody listens on, admission while typing`, async () => {
    const page = await open(browser, site, lang, { at: '?scenario=sock-shop' });
    await newDocument(page, service('cart', 80));
    await waitForText(page, lang === 'en' ? /one letter off/ : /写错了一个字母/);
    await screenshot(page, `hint-letter-${lang}`);
    await page.keyboard.press('Control+a');
    await paste(page, service('carts', 8080));
    await waitForText(page, lang === 'en' ? /Nobody listens on port 8080/ : /没有进程监听端口 8080/);
    await page.keyboard.press('Control+a');
    await paste(page, service('carts', 80).replace('sock-shop', 'nowhere'));
    await waitForText(page, /namespaces "nowhere" not found/);
    await screenshot(page, `hint-admission-${lang}`);
    await page.keyboard.press('Control+a');
    await paste(page, service('carts', 80));
    await page.waitForTimeout(900);
    await page.keyboard.press('Control+s');
    await type(page, 'kubectl -n sock-shop get svc carts2');
    await waitForText(page, /carts2\s+ClusterIP/);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

test('what applying would change: diff and three ways', async () => {
  const page = await open(browser, site, 'en', { at: '?scenario=sock-shop&view=cluster' });
  await type(page, 'kubectl -n sock-shop scale deployment carts --replicas=3');
  await waitForText(page, /carts scaled/);
  await click(page, 'view/cluster/deployments/sock-shop/carts');
  await click(page, 'inspector/tabs/manifest');
  await click(page, 'inspector/manifest/mode/diff');
  await page.waitForTimeout(400);
  await screenshot(page, 'diff-en');
  await click(page, 'inspector/manifest/mode/three-ways');
  await page.waitForTimeout(400);
  await screenshot(page, 'three-ways-en');
  await click(page, 'inspector/manifest/mode/edit');
  const file = await downloaded(page, () => click(page, 'inspector/manifest/save'));
  assert.equal(file.name, 'carts.yaml');
  assert.match(file.bytes.toString(), /kind: Deployment/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('suggestions from the schema, taken with the keyboard; a file from the disk', async () => {
  const page = await open(browser, site, 'en', { at: '?scenario=empty' });
  await newDocument(page, 'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ');
  await page.keyboard.type('sel', { delay: 30 });
  await item(page, 'editor/suggestion/selector');
  await page.waitForTimeout(400);
  await screenshot(page, 'suggestions-en');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(200);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), click(page, 'inspector/manifest/open-file')]);
  await chooser.setFiles({ name: 'bad.yaml', mimeType: 'text/yaml', buffer: Buffer.from('kind: [\n') });
  await waitForText(page, /yaml: line/);
  await page.context().close();
});

test('terminals side by side: a watch in one, changes in the other', async () => {
  const page = await open(browser, site, 'en', { at: '?scenario=empty' });
  await type(page, 'kubectl get pods -w');
  await click(page, 'bottom/terminal/tabs/new');
  await page.waitForTimeout(300);
  await page.keyboard.type('kubectl run web --image=nginx:1.27', { delay: 2 });
  await page.keyboard.press('Enter');
  await waitForText(page, /pod\/web created/);
  await page.waitForTimeout(3000);
  await screenshot(page, 'terminals-en');
  await click(page, 'bottom/terminal/tabs/1');
  await waitForText(page, /web\s+1\/1\s+Running/);
  assert.ok(await has(page, 'bottom/terminal/tabs/2'));
  await page.keyboard.press('Control+c');
  await waitForText(page, /\^C/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
