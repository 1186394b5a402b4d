// What the browser keeps and gives away: progress, clusters by name, files, links, pictures, paper; releases.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { click, downloaded, gone, has, item, open, type, waitForText } from './hands.mjs';
import { DIST, launch, openPage, screenshot, startServer, waitForKept, waitForReady } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

const menu = async (page, entry) => { await click(page, 'topbar/menu/open'); await click(page, `topbar/menu/${entry}`); };

test('a cluster is kept by name, and comes back as it was after a reload', async () => {
  const page = await open(browser, site, 'en', { at: '?scenario=empty' });
  await type(page, 'kubectl create deployment web --image=nginx:1.27 --replicas=2');
  await waitForText(page, /deployment\.apps\/web created/);
  await menu(page, 'clusters');
  await click(page, 'dialog/clusters/name');
  await page.keyboard.type('my web');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(300);
  await screenshot(page, 'clusters-en');
  await page.reload();
  await waitForReady(page);
  await menu(page, 'clusters');
  await click(page, 'dialog/clusters/list/my web/open');
  await page.waitForTimeout(1000);
  await type(page, 'kubectl get deployment web');
  await waitForText(page, /web\s+\d\/2/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('all that is kept goes into a file and comes back in another browser', async () => {
  const page = await open(browser, site, 'en', { at: '#lesson=outside-request' });
  await type(page, 'kubectl -n sock-shop get svc front-end -o wide');
  await waitForText(page, /Done: /);
  const file = await downloaded(page, () => menu(page, 'export'));
  assert.equal(file.name, 'kubewalk.json');
  const data = JSON.parse(file.bytes);
  assert.equal(data.kubewalk, 1);
  assert.match(data.progress['outside-request'], /done/);
  await page.context().close();

  const other = await open(browser, site, 'en');
  const [chooser] = await Promise.all([other.waitForEvent('filechooser'), menu(other, 'import')]);
  await chooser.setFiles({ name: 'kubewalk.json', mimeType: 'application/json', buffer: file.bytes });
  await waitForText(other, /Imported: \d+ lessons/);
  await other.goto('about:blank'); // another address of the page that is open would make it load itself anew
  await other.goto(`${site.url}#lesson=outside-request`);
  await waitForReady(other);
  await waitForText(other, /Done: /);
  await other.context().close();
});

test('a browser that keeps nothing says so', async () => {
  const page = await open(browser, site, 'en', { before: () => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  } });
  await click(page, 'topbar/theme');
  await waitForText(page, /no room for more/);
  await page.context().close();
});

test('a link carries what was done and what was looked at', async () => {
  const page = await open(browser, site, 'en', { at: '?scenario=empty' });
  await type(page, 'kubectl create configmap shared');
  await waitForText(page, /configmap\/shared created/);
  await click(page, 'view/tabs/dns');
  await click(page, 'topbar/share');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /#s=[\w-]+&view=dns$/);
  assert.ok(link.length < 8200);
  const other = await openPage(browser, link, { lang: 'en', size: { width: 1440, height: 900 } });
  await waitForReady(other);
  await waitForText(other, /configmap\/shared created/);
  await other.context().close();
  await page.context().close();
});

test('a view as PNG and as SVG', async () => {
  const page = await open(browser, site, 'en', { scale: 2 });
  await click(page, 'view/tabs/architecture');
  const png = await downloaded(page, () => menu(page, 'picture'));
  assert.equal(png.name, 'kubewalk-architecture.png');
  assert.equal(png.bytes.subarray(1, 4).toString(), 'PNG');
  writeFileSync(new URL('./results/exported.png', import.meta.url), png.bytes);
  assert.ok(png.bytes.length > 20_000, `${png.bytes.length} bytes: an empty picture`);
  // On a plain screen it is drawn sharper than it is seen.
  const plain = await open(browser, site, 'en', { at: '?view=architecture' });
  const drawn = await downloaded(plain, () => menu(plain, 'picture'));
  assert.deepEqual([drawn.bytes.readUInt32BE(16), drawn.bytes.readUInt32BE(20)], [png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]);
  assert.equal(await plain.evaluate(() => document.getElementById('canvas').width), 1440);
  await plain.context().close();
  const svg = await downloaded(page, () => menu(page, 'drawing'));
  assert.equal(svg.name, 'kubewalk-architecture.svg');
  writeFileSync(new URL('./results/exported.svg', import.meta.url), svg.bytes);
  const text = svg.bytes.toString();
  // In a page without our Content-Security-Policy: the picture's own style sheet is for those who open the file.
  const reader = await page.context().newPage();
  const valid = await reader.evaluate((source) => {
    const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
    return parsed.querySelector('parsererror') ? parsed.querySelector('parsererror').textContent : parsed.querySelectorAll('text').length;
  }, text);
  assert.ok(valid > 20, `${valid}`);
  assert.match(text, />kube-apiserver</);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a lesson goes on paper: every step, no canvas', async () => {
  const page = await open(browser, site, 'en', { at: '#lesson=outside-request' });
  await page.evaluate(() => { window.print = () => { window.printed = document.getElementById('print').innerHTML; }; });
  await menu(page, 'print');
  await page.waitForFunction(() => window.printed);
  const html = await page.evaluate(() => window.printed);
  assert.match(html, /<h1>How an outside request reaches a Pod<\/h1>/);
  assert.ok(html.split('<section>').length > 3);
  assert.match(html, /<div class="question"><p><strong>Predict first\.<\/strong>/);
  assert.ok(html.split('class="choices"').length > 2);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#app').isVisible(), false);
  assert.equal(await page.locator('#print').isVisible(), true);
  await screenshot(page, 'print-en');
  await page.context().close();
});

// A folder as the browser hands it over; its files are what window.folder holds when they are read.
async function dropFolder(page, name, files) {
  await page.evaluate(({ name, files }) => {
    window.folder = files;
    const file = (of) => ({ isDirectory: false, name: of, file: (done) => done(new File([window.folder[of]], of)) });
    const entry = {
      isDirectory: true, name,
      createReader() {
        let left = Object.keys(window.folder).map(file);
        return { readEntries(done) { const some = left; left = []; done(some); } };
      },
    };
    const event = new Event('drop', { cancelable: true });
    Object.defineProperty(event, 'dataTransfer', { value: { files: [], items: [{ webkitGetAsEntry: () => entry }] } });
    window.dispatchEvent(event);
  }, { name, files });
}

test('a teacher drops a lesson\'s folder, and sees what was changed in it', async () => {
  const page = await open(browser, site, 'en');
  await click(page, 'topbar/sandbox');
  await gone(page, 'panel/lesson');
  const lesson = JSON.stringify({ start: { scenario: 'empty', workers: 1 }, steps: [
    { id: 'one', tasks: [{ id: 'map', check: { object: { kind: 'ConfigMap', name: 'notes' }, exists: true }, solution: ['kubectl create configmap notes'] }] },
    { id: 'two' }] });
  const text = '<!-- title -->\nMy lesson\n<!-- one.title -->\nThe first step\n<!-- one.body -->\nWords.\n<!-- one.hint -->\nh\n<!-- one.solution -->\ns\n'
    + '<!-- map.text -->\nMake a map.\n<!-- two.title -->\nThe second step\n<!-- two.body -->\nMore words.\n';
  await dropFolder(page, 'my-lesson', { 'lesson.json': lesson, 'text.en.md': text });
  await waitForText(page, /Make a map\./);
  await item(page, 'panel/lesson'); // and no longer the sandbox
  await click(page, 'left/lesson/next');
  await waitForText(page, /More words\./);
  // Back from the editor with other words: the same step, as it reads now.
  await page.evaluate(() => { window.folder['text.en.md'] = window.folder['text.en.md'].replace('More words.', 'Better words.'); window.dispatchEvent(new Event('focus')); });
  await waitForText(page, /Better words\./);
  // A mistake is named, and the lesson stays.
  await page.evaluate(() => { window.folder['lesson.json'] = '{'; window.dispatchEvent(new Event('focus')); });
  await waitForText(page, /my-lesson\/lesson\.json/);
  await waitForText(page, /Better words\./);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a new release: the open page is told, a reload has it, and it works offline', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubewalk-'));
  cpSync(DIST, folder, { recursive: true });
  const own = await startServer(folder);
  const page = await openPage(browser, own.url, { serviceWorkers: 'allow', size: { width: 1280, height: 800 } });
  await waitForReady(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  // Another release is put on the host: other names, another worker.
  const boot = readdirSync(folder).find((name) => /^boot\.\w+\.js$/.test(name));
  const next = 'boot.0123456789.js';
  writeFileSync(join(folder, next), readFileSync(join(folder, boot), 'utf8').replace(/"release":\s?"\w+"/, '"release":"next000000"'));
  const index = readFileSync(join(folder, 'index.html'), 'utf8').replaceAll(boot, next);
  writeFileSync(join(folder, 'index.html'), index);
  const worker = readFileSync(join(folder, 'sw.js'), 'utf8').replace(/kubewalk-\w+/, 'kubewalk-next000000');
  writeFileSync(join(folder, 'sw.js'), worker);
  rmSync(join(folder, boot));
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await click(page, 'update/open');
  await item(page, 'update/reload');
  await screenshot(page, 'update-ready-en');
  await click(page, 'update/reload');
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready' && document.querySelector('script[src*="0123456789"]'));
  await waitForKept(page, 'kubewalk-next000000');
  await own.close();
  await page.reload();
  await waitForReady(page);
  assert.ok(await page.evaluate(() => document.querySelector('script[src*="0123456789"]')));
  assert.equal(await has(page, 'update/open'), false);
  await page.context().close();
  rmSync(folder, { recursive: true });
});
