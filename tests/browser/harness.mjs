// What every browser test starts from: a plain file server on dist/, Chromium, a page, screenshots.
//
//   const site = await startServer();             { url, requests, close() }; a sub-path on purpose
//   const browser = await launch();
//   const page = await openPage(browser, site.url, { lang, theme, size, scale });
//   await waitForReady(page);
//   await screenshot(page, 'name');                -> tests/browser/results/name.png
//   page.problems                                  console errors, page errors, CSP violations, failed requests

import { createServer } from 'node:http';
import { createReadStream, mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const DIST = join(ROOT, 'dist');
export const RESULTS = join(ROOT, 'tests/browser/results');

// The packages live in set-up's cache, outside the tree.
const cache = process.env.KUBEWALK_CACHE
  ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kubewalk');
const require = createRequire(join(cache, 'npm', 'package.json'));
const { chromium } = require('playwright-core');

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.txt': 'text/plain', '.wasm': 'application/wasm', '.otf': 'font/otf', '.ttf': 'font/ttf' };

// As plain as a file host can be: no special headers. The site stands under a sub-path, as on a project's page.
export async function startServer(folder = DIST, { path = '/some/sub-path/', wasmType = true } = {}) {
  const requests = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    requests.push(pathname);
    const relative = pathname.startsWith(path) ? decodeURIComponent(pathname.slice(path.length)) || 'index.html' : null;
    const file = relative === null ? null : resolve(folder, normalize(relative));
    let size;
    try {
      if (!file || !file.startsWith(resolve(folder))) throw new Error('outside');
      const stat = statSync(file);
      if (!stat.isFile()) throw new Error('no file');
      size = stat.size;
    } catch {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
      return;
    }
    const extension = extname(file);
    const type = extension === '.wasm' && !wasmType ? 'application/octet-stream' : TYPES[extension] ?? 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': size });
    createReadStream(file).pipe(response);
  });
  // A test that fails before it closes its server must not keep the whole run from ending.
  server.unref();
  server.on('connection', (socket) => socket.unref());
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}${path}`,
    requests,
    close: () => new Promise((done) => { server.closeAllConnections?.(); server.close(done); }),
  };
}

const FLAGS = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
  '--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic',
  '--no-first-run'];

const start = (...flags) =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: [...FLAGS, ...flags] });

// Chromium draws with Mesa where it is there, which takes half of SwiftShader's time.
export async function launch() {
  const browser = await start('--use-angle=gl-egl');
  const page = await browser.newPage();
  const draws = await page.evaluate(() => document.createElement('canvas').getContext('webgl2') !== null);
  await page.close();
  if (draws) return browser;
  await browser.close();
  return start();
}

export async function openPage(browser, url, options = {}) {
  const { lang = 'en', theme = 'dark', size = { width: 1280, height: 800 }, scale = 1, permissions = ['clipboard-read', 'clipboard-write'],
    serviceWorkers = 'block', before, query = '' } = options;
  const context = await browser.newContext({
    locale: lang, colorScheme: theme, viewport: size, deviceScaleFactor: scale, serviceWorkers,
    permissions, ...(options.context ?? {}),
  });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000); // a busy machine with graphics in software
  page.problems = [];
  page.log = [];
  page.on('console', (message) => {
    page.log.push(`${message.type()}: ${message.text()}`);
    if (message.type() === 'error') page.problems.push(`console: ${message.text()}`);
    // Whatever the story is about: cmake/split/parts.txt has a mistake.
    if (!options.mayBeEarly && /of its second file/.test(message.text())) setImmediate(() => { throw new Error(message.text()); });
  });
  page.on('pageerror', (error) => page.problems.push(`error: ${error.stack ?? error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // What is still on its way when a page is left or loaded anew ends so, and nobody misses it.
    if (why !== 'net::ERR_ABORTED') page.problems.push(`request: ${request.url()} ${why}`);
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(url).origin) page.problems.push(`another origin: ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
  });
  if (before) await page.addInitScript(before);
  await page.goto(url + query);
  return page;
}

// The loading card is gone: the program has drawn its first complete frame.
export async function waitForReady(page, { timeout = 120_000 } = {}) {
  await page.waitForFunction(() => document.documentElement.dataset.state !== 'loading', null, { timeout })
    .catch((error) => { throw new Error(`${error.message}\n${[...page.problems, ...page.log].join('\n')}`); });
  const state = await page.evaluate(() => document.documentElement.dataset.state);
  if (state !== 'ready') {
    throw new Error(`the page says: ${await page.locator('#boot-problem').innerText()}\n${page.log.join('\n')}`);
  }
  await page.waitForTimeout(400); // the card fades
}

// The page has stored all its files, and itself with the last of them, in one go; single ones the worker keeps while they pass.
// (waitForFunction would take the promise of an async function for its answer.)
export async function waitForKept(page, cache = 'kubewalk-') {
  const kept = () => page.evaluate(async (wanted) => {
    const name = (await caches.keys()).find((key) => key.startsWith(wanted));
    return name !== undefined && await (await caches.open(name)).match(new URL('./', location.href).href) !== undefined;
  }, cache);
  for (const end = Date.now() + 120_000; !await kept();) {
    if (Date.now() > end) throw new Error(`nothing is kept as ${cache}; ${page.log.join('\n')}`);
    await page.waitForTimeout(200);
  }
}

export async function screenshot(page, name) {
  mkdirSync(RESULTS, { recursive: true });
  const path = join(RESULTS, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

// How many different colours the canvas area shows: a blank page has one.
export async function coloursOf(page) {
  const png = await page.screenshot({ type: 'png' });
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return seen.size;
  }, png.toString('base64'));
}
