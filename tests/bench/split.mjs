// Which functions the page's first frames need, and which every running cluster does: node tests/bench/split.mjs >proposed.txt
//
// Prints a table for cmake/split/parts.txt. Needs dist/ and what it was linked from (build/wasm/web/kubewalk.wasm, which has its
// functions' names), and takes some minutes: the program is instrumented by Binaryen's wasm-split.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { click } from '../browser/hands.mjs';
import { launch, openPage, ROOT, startServer, waitForReady } from '../browser/harness.mjs';

const program = join(ROOT, 'build/wasm/web/kubewalk.wasm');
const folder = mkdtempSync(join(tmpdir(), 'kubewalk-split-'));
const instrumented = join(folder, 'instrumented.wasm');
execFileSync('wasm-split', ['--enable-mutable-globals', '--instrument', program, '-o', instrumented]);

// What a newcomer does before deciding anything.
async function lookAround(page, { width, height }) {
  await page.waitForTimeout(4500); // the lessons and the fields' texts arrive
  for (let y = 10; y < height; y += 60) for (let x = 10; x < width; x += 80) await page.mouse.move(x, y);
  await page.mouse.move(width / 4, height / 2);
  await page.mouse.wheel(0, 300);
  await page.mouse.wheel(0, -300);
  if (width > 600) await click(page, 'bottom/terminal/input');
  await page.keyboard.type('kubectl get pods', { delay: 60 });
  for (const key of ['Backspace', 'ArrowLeft', 'Delete', 'Home', 'End']) await page.keyboard.press(key);
  await page.waitForTimeout(1000);
}
// Time runs, and every view is drawn while it does.
async function letRun(page) {
  await click(page, 'time/play');
  for (const view of ['cluster', 'traffic', 'dns', 'architecture']) {
    await page.waitForTimeout(4000);
    await click(page, `view/tabs/${view}`);
    await page.mouse.move(500, 300);
    await page.mouse.wheel(0, 200);
  }
  await page.waitForTimeout(8000);
}
const visits = [
  { does: lookAround },
  { lang: 'zh-CN', theme: 'light', does: lookAround },
  { theme: 'light', size: { width: 390, height: 800 }, scale: 2, does: lookAround },
  { query: '?scenario=sock-shop', does: letRun },
  { query: '?scenario=large', does: letRun },
];

const site = await startServer();
const browser = await launch();
const profiles = [];
for (const { does, ...visit } of visits) {
  const size = visit.size ?? { width: 1280, height: 800 };
  const page = await openPage(browser, `${site.url}none`, { ...visit, size, query: '', before: () => {
    const original = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...given) => { const made = await original.apply(WebAssembly, given); window.exported = made.instance.exports; return made; };
  } });
  const serve = (body) => (route) => route.fulfill({ body, contentType: 'application/wasm' });
  await page.route(/kubewalk\.\w+\.wasm$/, serve(readFileSync(instrumented)));
  await page.route(/kubewalk\.(rest|seldom)\.\w+\.wasm$/, serve(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))); // nothing comes later here
  await page.goto(site.url + (visit.query ?? ''));
  await waitForReady(page, { timeout: 600_000 });
  await does(page, size);
  const profile = await page.evaluate(() => {
    const memory = Object.values(window.exported).find((one) => one instanceof WebAssembly.Memory);
    const bytes = window.exported.__write_profile(0, 0);
    const at = memory.buffer.byteLength;
    memory.grow(Math.ceil(bytes / 65536));
    window.exported.__write_profile(at, bytes);
    return [...new Uint8Array(memory.buffer, at, bytes)];
  });
  profiles.push(join(folder, `profile.${profiles.length}`));
  writeFileSync(profiles.at(-1), Uint8Array.from(profile));
  await page.context().close();
}
await browser.close();
await site.close();
execFileSync('/usr/bin/python3', [join(ROOT, 'cmake/split/split.py'), 'propose', program, ...profiles], { stdio: 'inherit' });
rmSync(folder, { recursive: true });
