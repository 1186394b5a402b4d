// For everybody: keyboard alone, screen readers, fingers, composed Chinese, little motion, the system's theme; in a
// classroom and inside another page; and a graphics card that goes away.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { click, gone, has, item, items, mirror, open, paste, tap, type, waitForText } from './hands.mjs';
import { coloursOf, launch, screenshot, startServer, waitForReady } from './harness.mjs';

const cache = process.env.KUBEWALK_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kubewalk');
const axePath = createRequire(join(cache, 'npm', 'package.json')).resolve('axe-core/axe.min.js');

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

async function axe(page) {
  // The page's own rules forbid added scripts: axe comes by the debugger.
  const { readFileSync } = await import('node:fs');
  await page.evaluate(readFileSync(axePath, 'utf8'));
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html).join('\n  ')}`);
}

for (const lang of ['en', 'zh-CN']) {
  test(`${lang}: axe-core finds nothing on the page and its twin`, async () => {
    const page = await open(browser, site, lang, { at: '#lesson=outside-request' });
    await type(page, 'kubectl -n sock-shop get pods');
    await waitForText(page, /carts-/);
    await page.waitForTimeout(800);
    assert.deepEqual(await axe(page), []);
    // With a request, an object and a mistake in the editor to tell of, and with a dialog open.
    await click(page, 'view/tabs/traffic');
    await click(page, 'view/traffic/send');
    await click(page, 'inspector/tabs/manifest');
    await click(page, 'inspector/manifest/new/open');
    await click(page, 'inspector/manifest/new/empty');
    await page.waitForTimeout(300);
    await paste(page, 'kind: [');
    await page.waitForTimeout(1200);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+?');
    await item(page, 'panel/shortcuts');
    await page.waitForTimeout(800);
    assert.deepEqual(await axe(page), []);
    await page.context().close();
  });
}

test('the twin tells lesson, tasks, terminal and selection, and its buttons press', async () => {
  const page = await open(browser, site, 'en', { at: '#lesson=outside-request' });
  assert.match(await page.locator('#mirror-lesson').innerHTML(), /<h2>How an outside request reaches a Pod<\/h2>/);
  assert.ok((await page.locator('#mirror-tasks li').count()) > 0);
  await page.waitForTimeout(800);
  const names = await page.locator('#controls button').allTextContents();
  assert.ok(names.length > 20, names.join(', '));
  await page.evaluate(() => [...document.querySelectorAll('#controls button')].find((b) => b.textContent === 'DNS').click());
  await item(page, 'panel/dns');
  assert.equal(await page.locator('#mirror-status').getAttribute('role'), 'status');
  await page.context().close();
});

test('with the keyboard alone: views, terminal, dialogs, a control by Tab and Enter', async () => {
  const page = await open(browser, site, 'en', { at: '#lesson=outside-request' });
  await page.keyboard.press('2');
  await page.waitForTimeout(200);
  assert.ok((await items(page)).some((i) => i.path === 'panel/cluster'));
  await page.keyboard.press('t');
  await page.waitForTimeout(200);
  await page.keyboard.type('kubectl get nodes', { delay: 2 });
  await page.keyboard.press('Enter');
  await waitForText(page, /control-plane\s+Ready/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+?');
  await page.waitForTimeout(300);
  await item(page, 'panel/shortcuts');
  await screenshot(page, 'shortcuts-en');
  await page.keyboard.press('Escape');
  await page.waitForTimeout(200);
  for (let i = 0; i < 3; ++i) { await page.keyboard.press('Tab'); await page.waitForTimeout(60); }
  await screenshot(page, 'focus-ring-en');
  await page.keyboard.press('l');
  await page.waitForTimeout(300);
  await item(page, 'panel/course');
  await screenshot(page, 'course-en');
  await page.context().close();
});

test('fingers: tap, scroll, drag the canvas, pinch, long press, the keyboard of a phone', async () => {
  const page = await open(browser, site, 'en', { size: { width: 844, height: 390 }, scale: 2, at: '?scenario=sock-shop&view=cluster',
    context: { hasTouch: true, isMobile: true } });
  const session = await page.context().newCDPSession(page);
  const touch = (kind, ...points) => session.send('Input.dispatchTouchEvent', { type: kind, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  await tap(page, 'view/tabs/architecture');
  await item(page, 'panel/architecture');
  await tap(page, 'view/tabs/cluster');
  if (await has(page, 'layout/fold-left')) await tap(page, 'layout/fold-left');
  await page.waitForTimeout(400);
  await screenshot(page, 'phone-cluster');
  const panel = await item(page, 'panel/cluster');
  const place = async () => (await items(page)).filter((i) => i.path.startsWith('view/cluster/') && i.w > 20).map((i) => [i.path, i.x, i.y, i.w]);
  const start = await place();
  const [cx, cy] = [panel.x + panel.w / 2, panel.y + panel.h / 2];
  // Two fingers apart: larger.
  await touch('touchStart', [cx - 30, cy], [cx + 30, cy]);
  for (let i = 1; i <= 8; ++i) { await touch('touchMove', [cx - 30 - i * 8, cy], [cx + 30 + i * 8, cy]); await page.waitForTimeout(30); }
  await touch('touchEnd');
  await page.waitForTimeout(500);
  const zoomed = await place();
  assert.notDeepEqual(zoomed, start);
  await screenshot(page, 'phone-pinched');
  // A long press asks and clicks nothing.
  await touch('touchStart', [cx, cy]);
  await page.waitForTimeout(700);
  await touch('touchEnd');
  // The terminal takes the phone's keyboard.
  await tap(page, 'layout/fold-bottom');
  await page.waitForTimeout(300);
  await tap(page, 'bottom/terminal/input');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'ime');
  await page.keyboard.insertText('kubectl get nodes');
  await page.keyboard.press('Enter');
  await waitForText(page, /node-1\s+Ready/);
  await screenshot(page, 'phone-terminal');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a phone held upright: the lesson, its command and what was tapped, one below the other', async () => {
  const page = await open(browser, site, 'en', { size: { width: 390, height: 844 }, scale: 2, context: { hasTouch: true, isMobile: true } });
  const lesson = await item(page, 'panel/lesson');
  assert.equal(lesson.w, 390);
  await screenshot(page, 'upright-lesson');
  await tap(page, 'layout/fold-bottom');
  await tap(page, 'bottom/terminal/input');
  await page.keyboard.insertText('kubectl get nodes');
  await page.keyboard.press('Enter');
  await waitForText(page, /node-1\s+Ready/);
  await screenshot(page, 'upright-terminal');
  await tap(page, 'view/tabs/cluster');
  await tap(page, 'view/cluster/deployments/sock-shop/carts');
  await item(page, 'panel/describe');
  await page.waitForTimeout(600);
  await screenshot(page, 'upright-inspector');
  for (const view of ['cluster', 'traffic', 'dns', 'architecture']) {
    await tap(page, `view/tabs/${view}`);
    await item(page, `panel/${view}`);
    await screenshot(page, `upright-${view}`);
  }
  await tap(page, 'layout/fold-left');
  await item(page, 'panel/lesson');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('Chinese is composed at the caret and arrives whole', async () => {
  const page = await open(browser, site, 'zh-CN', { at: '?scenario=empty' });
  await click(page, 'bottom/terminal/input');
  await page.waitForTimeout(200);
  const session = await page.context().newCDPSession(page);
  await page.keyboard.type('echo ', { delay: 5 });
  await session.send('Input.imeSetComposition', { text: 'ni hao', selectionStart: 6, selectionEnd: 6 });
  await page.waitForTimeout(200);
  assert.ok(await page.evaluate(() => document.getElementById('ime').classList.contains('composing')));
  await screenshot(page, 'composing');
  await session.send('Input.insertText', { text: '你好' });
  await page.keyboard.press('Enter');
  await waitForText(page, /\$ echo 你好/);
  await page.context().close();
});

test('the theme follows the system until one is chosen', async () => {
  const page = await open(browser, site, 'en', { theme: 'light' });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  assert.equal(await theme(), 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  await click(page, 'topbar/theme');
  assert.equal(await theme(), 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForTimeout(300);
  assert.equal(await theme(), 'light');
  await page.context().close();
});

test('the graphics card goes away and comes back: the page goes on', async () => {
  const page = await open(browser, site, 'en');
  await page.evaluate(() => {
    const context = document.getElementById('canvas').getContext('webgl2');
    window.lose = context.getExtension('WEBGL_lose_context');
    window.lose.loseContext();
  });
  await page.waitForTimeout(500);
  await page.evaluate(() => window.lose.restoreContext());
  await page.waitForTimeout(1500);
  assert.ok(await coloursOf(page) > 20, 'the page is blank');
  await click(page, 'view/tabs/dns');
  await item(page, 'panel/dns');
  await screenshot(page, 'context-restored');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('in front of a class: larger, no hints, the steps in sight', async () => {
  const page = await open(browser, site, 'en', { at: '?present#lesson=outside-request' });
  const next = await item(page, 'left/lesson/next');
  assert.ok(next.h > 44, `${next.h}`);
  assert.equal(await has(page, 'left/lesson/hint'), false);
  await click(page, 'left/lesson/body/steps/2');
  await waitForText(page, /Step 2 of/);
  await screenshot(page, 'presenter-en');
  await page.context().close();
});

test('inside another page: canvas and time, a request under way', async () => {
  const page = await open(browser, site, 'en', { at: '?embed&view=traffic&scenario=sock-shop&from=laptop&to=http://192.168.122.12:30001/&theme=light', size: { width: 800, height: 450 } });
  for (const path of ['topbar/share', 'left/lesson/next', 'bottom/tabs/terminal']) assert.equal(await has(page, path), false);
  assert.ok(await has(page, 'time/play'));
  await waitForText(page, /KUBE-SEP-[A-Z2-7]{16}/);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  await screenshot(page, 'embed-traffic');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('no cluster: the reason stands on the canvas, with a way on', async () => {
  // 10.0.0.0/30 has no room for Services: kubeadm refuses, and so does the builder.
  const options = { v: 1, scenario: 'empty', workers: 1, serviceCIDR: '10.0.0.0/33', acts: [] };
  const fragment = Buffer.from(JSON.stringify(options)).toString('base64url');
  const page = await open(browser, site, 'en', { at: `#s=${fragment}` });
  const failure = await item(page, 'view/failure');
  assert.ok(failure.label.length > 5);
  await screenshot(page, 'failure-en');
  await click(page, 'view/failure-other');
  await click(page, 'dialog/scenarios/list/empty');
  await gone(page, 'view/failure');
  await page.context().close();
});
