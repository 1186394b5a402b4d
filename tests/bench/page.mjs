// Page weight, time from navigation to first interaction, CPU per frame: node tests/bench/page.mjs dist
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { launch, openPage, startServer, waitForReady } from '../browser/harness.mjs';

const dist = process.argv[2] ?? 'dist';

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}
const twin = (path) => { try { return statSync(`${path}.br`).size; } catch { return statSync(path).size; } };

const site = await startServer();
const browser = await launch();
const loads = [];
let page;
for (let run = 0; run < 3; ++run) {
  if (page) await page.context().close();
  site.requests.length = 0;
  const start = performance.now();
  page = await openPage(browser, site.url, { size: { width: 1280, height: 800 } });
  await waitForReady(page);
  loads.push(performance.now() - start);
}
const asked = [...new Set(site.requests.map((p) => p.replace('/some/sub-path/', '') || 'index.html'))];
// The other lessons, the fields' texts and the rest of the program come when the page already takes input (browser_glue.cpp, boot.js).
const later = asked.filter((name) => /^lessons|^schema|\.rest\.|\.seldom\./.test(name));
const loaded = asked.filter((name) => !later.includes(name));
const weight = loaded.reduce((sum, name) => sum + twin(join(dist, name)), 0);
console.log(`first load, brotli           ${(weight / 1e3).toFixed(0)} kB (budget 1500 kB): ${loaded.join(', ')}`);
console.log(`afterwards, by itself        ${later.map((name) => `${name} ${(twin(join(dist, name)) / 1e3).toFixed(0)} kB`).join(', ')}`);
console.log(`navigation to first frame    ${loads.sort((a, b) => a - b)[1].toFixed(0)} ms (median of 3, software WebGL)`);

const session = await page.context().newCDPSession(page);
await session.send('Performance.enable');
const metric = async (name) => (await session.send('Performance.getMetrics')).metrics.find((m) => m.name === name).value;
const frames = () => page.evaluate(() => window.kubewalk_frames());
const [cpu, count] = [await metric('TaskDuration'), await frames()];
for (let i = 0; i < 60; ++i) await page.mouse.move(300 + i * 8, 400 + i);
const drawn = (await frames()) - count;
console.log(`main thread per frame        ${(((await metric('TaskDuration')) - cpu) * 1000 / Math.max(drawn, 1)).toFixed(1)} ms over ${drawn} frames (software WebGL included)`);
const total = files(dist).filter((f) => !/\.(gz|br)$/.test(f)).reduce((sum, f) => sum + readFileSync(f).length, 0);
console.log(`the whole site               ${(total / 1e6).toFixed(1)} MB uncompressed`);
await browser.close();
await site.close();
