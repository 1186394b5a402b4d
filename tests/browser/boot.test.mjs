// The page around the program: it loads, breaks none of its own rules, and is never blank.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { click, item, type, waitForText } from './hands.mjs';
import { coloursOf, launch, openPage, screenshot, startServer, waitForKept, waitForReady } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

for (const [lang, theme] of [['en', 'dark'], ['zh-CN', 'light']]) {
  test(`loads from a sub-path without a complaint (${lang}, ${theme})`, async () => {
    const page = await openPage(browser, site.url, { lang, theme });
    await waitForReady(page);
    await screenshot(page, `boot-${lang}-${theme}`);
    assert.deepEqual(page.problems, []);
    assert.ok(await coloursOf(page) > 8, 'the page is blank');
    await page.context().close();
  });
}

test('English does not fetch Chinese letters or texts', async () => {
  const from = site.requests.length;
  const page = await openPage(browser, site.url, { lang: 'en' });
  await waitForReady(page);
  assert.deepEqual(site.requests.slice(from).filter((path) => /Noto|languages/.test(path)), []);
  await page.context().close();
});

const shown = (page, lang) => page.waitForFunction((wanted) => document.documentElement.lang === wanted, lang);
// The mirror's texts in the order they were there, from the very beginning.
const remember = () => {
  window.said = [];
  document.addEventListener('DOMContentLoaded', () => {
    new MutationObserver(() => window.said.push(document.getElementById('mirror').textContent)).observe(document.getElementById('mirror'), { childList: true, subtree: true, characterData: true });
  });
};

test('Chinese is fetched once when it is chosen, and what was English turns Chinese', async () => {
  const page = await openPage(browser, site.url, { lang: 'en' });
  await waitForReady(page);
  const from = site.requests.length;
  for (const lang of ['zh-CN', 'en', 'zh-CN']) {
    await click(page, 'topbar/language');
    await shown(page, lang);
  }
  await page.waitForFunction(() => /欢迎/.test(document.getElementById('mirror-lesson').textContent));
  const fetched = site.requests.slice(from).filter((path) => /Noto|languages/.test(path));
  assert.equal(fetched.length, 2, fetched.join());
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a page that begins in Chinese says nothing in English first', async () => {
  for (const query of ['', '?embed&view=traffic&lang=zh-CN']) {
    const page = await openPage(browser, site.url, { lang: query ? 'en' : 'zh-CN', before: remember, query });
    await waitForReady(page);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
    const said = (await page.evaluate(() => window.said)).join();
    assert.match(said, /暂停于|欢迎/);
    assert.doesNotMatch(said, /Paused|Welcome/);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  }
});

test('Chinese that does not arrive: the page says so, works in English, and turns Chinese when the network is back', async () => {
  for (const missing of ['languages/zh-CN', 'NotoSansSC']) {
    const page = await openPage(browser, site.url, { lang: 'zh-CN', before: `(${remember})();
      const original = window.fetch;
      window.fetch = (url, ...rest) => (!window.network && String(url).includes('${missing}') ? Promise.reject(new TypeError('no network')) : original(url, ...rest));` });
    await waitForReady(page);
    await shown(page, 'en');
    // A notice goes by while a slow machine looks elsewhere: what was said counts.
    await page.waitForFunction(() => window.said.some((text) => /could not be fetched/.test(text)));
    await screenshot(page, 'language-missing');
    await type(page, 'kubectl get nodes');
    await waitForText(page, /control-plane\s+Ready/);
    await page.evaluate(() => { window.network = true; });
    await shown(page, 'zh-CN');
    await page.waitForFunction(() => /欢迎/.test(document.getElementById('mirror-lesson').textContent));
    await page.context().close();
  }
});

test('a host that does not know .wasm will do', async () => {
  const plain = await startServer(undefined, { path: '/', wasmType: false });
  const page = await openPage(browser, plain.url);
  await waitForReady(page);
  assert.deepEqual(page.problems, []);
  await page.context().close();
  await plain.close();
});

test('without WebGL 2 a message says what to do', async () => {
  for (const lang of ['en', 'zh-CN']) {
    const page = await openPage(browser, site.url, { lang, before: () => {
      const original = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) { return kind === 'webgl2' ? null : original.call(this, kind, ...rest); };
    } });
    await page.waitForSelector('html[data-state="failed"]');
    assert.match(await page.locator('#boot-problem').innerText(), /WebGL 2/);
    assert.match(await page.locator('#boot-problem').innerText(), lang === 'en' ? /hardware acceleration/ : /硬件加速/);
    await screenshot(page, `boot-no-webgl-${lang}`);
    await page.context().close();
  }
});

test('without WebAssembly a message says what to do', async () => {
  const page = await openPage(browser, site.url, { before: () => { delete globalThis.WebAssembly; } });
  await page.waitForSelector('html[data-state="failed"]');
  assert.match(await page.locator('#boot-problem').innerText(), /WebAssembly/);
  await page.context().close();
});

test('a file that does not arrive is said, with a way to try again', async () => {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto(site.url);
  await page.waitForSelector('html[data-state="failed"]');
  assert.match(await page.locator('#boot-problem').innerText(), /could not be loaded/);
  assert.ok(await page.locator('#boot-retry').isVisible());
  await screenshot(page, 'boot-load-failed');
  await context.close();
});

test('lessons that do not arrive: the first one is there, and the rest when the network is back', async () => {
  const page = await openPage(browser, site.url, { query: '#lesson=outside-request', before: () => {
    const original = window.fetch;
    window.fetch = (url, ...rest) => (!window.network && String(url).includes('lessons/lessons.') ? Promise.reject(new TypeError('no network')) : original(url, ...rest));
  } });
  await waitForReady(page);
  await page.waitForFunction(() => /Welcome/.test(document.getElementById('mirror-lesson').textContent));
  await page.evaluate(() => { window.network = true; });
  await page.keyboard.press('l');
  await item(page, 'panel/course');
  await item(page, 'one-apply'); // comes with the next try
  await page.context().close();
});

for (const lang of ['en', 'zh-CN']) test(`a second visit works offline (${lang})`, async () => {
  const own = await startServer();
  const page = await openPage(browser, own.url, { serviceWorkers: 'allow', lang });
  await waitForReady(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await waitForKept(page); // after the first frame
  await own.close();
  await page.reload();
  await waitForReady(page);
  // Lessons that the program does not carry are there as well.
  await page.evaluate(() => { location.hash = '#lesson=outside-request'; });
  await page.waitForFunction(() => /How an outside request reaches a Pod|外部请求怎样到达 Pod/.test(document.getElementById('mirror-lesson').textContent));
  assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
  await page.context().close();
});
