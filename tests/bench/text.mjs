// What text costs: typing in a manifest of 2,000 lines, scrolling 10,000 lines of terminal output. CPU of the main
// thread per frame in WebAssembly: node tests/bench/text.mjs dist
import { click, open, paste, type, waitForText } from '../browser/hands.mjs';
import { launch, startServer } from '../browser/harness.mjs';

const site = await startServer(process.argv[2] ?? undefined);
const browser = await launch();
const spent = (page) => page.evaluate(() => window.kubewalk_spent());
const row = (name, { total, frames, longest }) =>
  console.log(`${name.padEnd(44)} ${(total / Math.max(frames, 1)).toFixed(2)} ms a frame over ${frames} frames, the longest ${longest.toFixed(1)} ms (budget 8 ms)`);

// 2,000 lines: Deployments one after the other, as they come out of a repository.
let manifest = '';
for (let i = 0; manifest.split('\n').length < 2000; ++i) {
  manifest += `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${i}
  labels:
    app: web-${i}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web-${i}
  template:
    metadata:
      labels:
        app: web-${i}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - name: http
          containerPort: 80
        resources:
          requests:
            cpu: 10m
            memory: 32Mi
---
`;
}

{
  const page = await open(browser, site, 'en', { at: '?scenario=empty' });
  await click(page, 'inspector/tabs/manifest');
  await click(page, 'inspector/manifest/new/open');
  await click(page, 'inspector/manifest/new/empty');
  await page.waitForTimeout(300);
  await paste(page, manifest);
  await page.waitForTimeout(3000);
  await page.keyboard.press('Control+Home');
  for (let i = 0; i < 8; ++i) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.waitForTimeout(500);
  await spent(page);
  for (const letter of '\n  # the quick brown fox jumps over the lazy dog') {
    if (letter === '\n') await page.keyboard.press('Enter');
    else await page.keyboard.type(letter);
    await page.waitForTimeout(60);
  }
  row('typing in a 2,000-line manifest', await spent(page));
  await page.waitForTimeout(2500);
  row('  the check when typing pauses', await spent(page));
  await page.mouse.move(1250, 500);
  for (let i = 0; i < 60; ++i) { await page.mouse.wheel(0, 300); await page.waitForTimeout(16); }
  row('  scrolling it', await spent(page));
  await page.context().close();
}

{
  const page = await open(browser, site, 'en', { at: '?scenario=sock-shop' });
  // Each prints some 700 lines.
  for (let i = 0; i < 14; ++i) await type(page, 'kubectl get pods -A -o yaml | head -n 750');
  await waitForText(page, /head -n 750/);
  await page.waitForTimeout(3000);
  await page.mouse.move(700, 760);
  await spent(page);
  for (let i = 0; i < 120; ++i) { await page.mouse.wheel(0, -600); await page.waitForTimeout(16); }
  row('scrolling 10,000 lines of terminal output', await spent(page));
  await type(page, 'kubectl get nodes');
  row('  a command below them', await spent(page));
  await page.context().close();
}
await browser.close();
await site.close();
