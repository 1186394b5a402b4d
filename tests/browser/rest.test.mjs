// The program comes in three files (cmake/split): what the first frames need, the rest right after them, and then what few ever
// call. Nobody is to notice, and where the second one is late or does not come, what was typed and clicked waits and
// the page says so.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { click, item, waitForText } from './hands.mjs';
import { coloursOf, launch, openPage, screenshot, startServer, waitForReady } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

// The second file comes when the test says so.
const withheld = () => {
  const original = window.fetch;
  window.fetch = async (url, ...more) => {
    if (String(url).includes('.rest.') && !window.network) {
      if (window.cut) throw new TypeError('no network');
      await new Promise((done) => { window.letIn = done; });
    }
    return original(url, ...more);
  };
};
const cutOff = `window.cut = true; (${withheld})();`;
const status = (page, pattern) => page.waitForFunction((source) => new RegExp(source).test(document.getElementById('mirror-status').textContent), pattern.source);
const early = (page) => page.evaluate(() => window.kubewalk_early);

// As a newcomer does who knows a terminal: a click, and off they go.
async function typeAtOnce(page, ...lines) {
  await click(page, 'bottom/terminal/input');
  for (const line of lines) {
    await page.keyboard.type(line, { delay: 20 });
    await page.keyboard.press('Enter');
  }
}

for (const lang of ['en', 'zh-CN']) test(`a plain first visit needs the first file alone (${lang})`, async () => {
  const page = await openPage(browser, site.url, { lang, before: withheld });
  await waitForReady(page);
  // What a newcomer does before deciding anything: looks around, reads, writes.
  for (let y = 20; y < 800; y += 130) for (let x = 20; x < 1280; x += 140) await page.mouse.move(x, y);
  await page.mouse.move(200, 400);
  await page.mouse.wheel(0, 300);
  await click(page, 'bottom/terminal/input');
  await page.keyboard.type('kubectl get nodse', { delay: 20 });
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('es');
  await waitForText(page, /kubectl get nodes/);
  assert.deepEqual(await early(page), []);
  assert.ok(await page.evaluate(() => !performance.getEntriesByType('resource').some((one) => one.name.includes('.seldom.'))));
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('the second file is asked for after the first frame, and a link begins with both', async () => {
  const page = await openPage(browser, site.url);
  await waitForReady(page);
  const asked = () => page.waitForFunction(() => performance.getEntriesByType('resource').find((one) => one.name.includes('.rest.'))?.startTime).then((at) => at.jsonValue());
  const ready = () => page.evaluate(() => performance.getEntriesByName('kubewalk-ready')[0].startTime);
  assert.ok(await asked() >= await ready());
  await typeAtOnce(page, 'kubectl get nodes');
  await waitForText(page, /control-plane\s+Ready/);
  assert.deepEqual(page.problems, []);
  // So does who comes back.
  await page.reload();
  await waitForReady(page);
  assert.ok(await asked() < await ready());
  await page.goto('about:blank');
  await page.goto(`${site.url}?view=traffic`);
  await waitForReady(page);
  assert.ok(await asked() < await ready());
  assert.deepEqual(await early(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a command typed before the second file is there waits for it, and so does what follows', async () => {
  const page = await openPage(browser, site.url, { before: withheld });
  await waitForReady(page);
  await typeAtOnce(page, 'kubectl get nodes', 'echo second');
  await click(page, 'view/tabs/traffic');
  await status(page, /is on its way/);
  await screenshot(page, 'rest-coming');
  assert.ok(await coloursOf(page) > 8, 'the page is blank');
  assert.doesNotMatch(await page.evaluate(() => document.getElementById('mirror-terminal').textContent), /NAME/);
  await page.evaluate(() => { window.network = true; window.letIn(); });
  await waitForText(page, /control-plane\s+Ready[\s\S]*echo second\s*second/);
  await item(page, 'view/traffic/send');
  await page.waitForFunction(() => !/is on its way/.test(document.getElementById('mirror-status').textContent));
  assert.deepEqual(await early(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

for (const lang of ['en', 'zh-CN']) test(`a second file that does not arrive is said, and nothing is lost (${lang})`, async () => {
  const page = await openPage(browser, site.url, { lang, before: cutOff });
  await waitForReady(page);
  await typeAtOnce(page, 'kubectl get nodes', 'echo second');
  await status(page, lang === 'en' ? /has not arrived.*check the connection/ : /请检查网络连接/);
  await screenshot(page, `rest-missing-${lang}`);
  assert.ok(await coloursOf(page) > 8, 'the page is blank');
  await page.evaluate(() => { window.network = true; });
  await waitForText(page, /control-plane\s+Ready[\s\S]*echo second\s*second/);
  assert.deepEqual(await early(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('what few ever call is waited for by a call into it alone', async () => {
  const page = await openPage(browser, site.url, { before: `const original = window.fetch;
    window.fetch = (url, ...more) => (String(url).includes('.seldom.') ? new Promise(() => {}) : original(url, ...more));` });
  await waitForReady(page);
  // jq is in the third file, which a synchronous request brings although the other one hangs.
  await typeAtOnce(page, `kubectl get ns default -o json | jq '.kind, .status.phase'`);
  await waitForText(page, /"Namespace"\s+"Active"/);
  assert.ok(await page.evaluate(() => performance.getEntriesByType('resource').some((one) => one.name.includes('.seldom.'))));
  assert.deepEqual(await early(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a link whose second file does not arrive: the page says so, with a way to try again', async () => {
  const page = await openPage(browser, site.url, { query: '#lesson=outside-request', before: cutOff });
  await page.waitForSelector('html[data-state="failed"]');
  assert.match(await page.locator('#boot-problem').innerText(), /could not be loaded/);
  assert.ok(await page.locator('#boot-retry').isVisible());
  await page.context().close();
});

test('a function of the second file that is called early is fetched on the spot; without a network the page asks, and goes on', async () => {
  const page = await openPage(browser, site.url, { mayBeEarly: true, before: `${cutOff}
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = (response, imports) => { window.placeholder = imports.placeholder; return instantiate(response, imports); };
    const send = XMLHttpRequest.prototype.send;
    let lost = 2;
    XMLHttpRequest.prototype.send = function () { if (lost-- > 0) throw new DOMException('no network', 'NetworkError'); send.call(this); };` });
  const said = [];
  page.on('dialog', async (dialog) => { said.push(dialog.message()); await page.waitForTimeout(200); await dialog.accept(); });
  await waitForReady(page);
  // No function stands in place 0: fetching is all that this call does.
  await page.evaluate(() => { try { window.placeholder[0](); } catch {} });
  assert.deepEqual(await early(page), ['0']);
  assert.equal(said.length, 2, said.join());
  assert.match(said[0], /did not arrive/);
  await typeAtOnce(page, 'kubectl get nodes');
  await waitForText(page, /control-plane\s+Ready/);
  assert.equal(page.problems.filter((problem) => !/second file/.test(problem)).length, 0, page.problems.join());
  await page.context().close();
});
