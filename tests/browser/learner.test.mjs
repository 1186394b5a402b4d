// What a learner does, in a real browser with mouse and keyboard, in both languages: the lesson, a request
// followed hop by hop, a manifest broken and mended, the terminal, time. Screenshots stay in results/.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { click, item, open as openAt, type, waitForText } from './hands.mjs';
import { launch, ROOT, screenshot, startServer } from './harness.mjs';

let site;
let browser;
before(async () => {
  site = await startServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const open = (lang, options) => openAt(browser, site, lang, options);

for (const lang of ['en', 'zh-CN']) {
  test(`${lang}: the lesson, with tasks that check themselves`, async () => {
    const page = await open(lang, { at: '#lesson=outside-request' });
    assert.match(await page.title(), lang === 'en' ? /How an outside request reaches a Pod/ : /外部请求怎样到达 Pod/);
    await screenshot(page, `lesson-start-${lang}`);
    await type(page, 'kubectl -n sock-shop get svc front-end -o wide');
    await waitForText(page, /80:30001\/TCP/);
    await waitForText(page, lang === 'en' ? /Done: Show the Service front-end/ : /完成.*Service/);
    await click(page, 'left/lesson/next');
    await waitForText(page, lang === 'en' ? /NodePort: the door on every node/ : /NodePort：每个节点上都有的门/);
    await screenshot(page, `lesson-door-${lang}`);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test(`${lang}: a request from the laptop, followed hop by hop to a Pod and back`, async () => {
    const page = await open(lang);
    await click(page, 'view/tabs/traffic');
    await click(page, 'view/traffic/send');
    await waitForText(page, /10\.244\.\d+\.\d+:8079/);
    await page.waitForTimeout(2500); // the packet is on its way
    await screenshot(page, `traffic-${lang}`);
    await waitForText(page, /KUBE-SEP-[A-Z2-7]{16}/);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test(`${lang}: carts' manifest: wrong, said at its line; right, applied; the controllers react`, async () => {
    const page = await open(lang);
    const manifest = readFileSync(join(ROOT, 'assets/sock-shop/carts.yaml'), 'utf8').split(/^---$/m)
      .find((document) => /^kind: Deployment$/m.test(document));
    const paste = async (text) => {
      await click(page, 'inspector/manifest/editor');
      await page.waitForTimeout(200);
      await page.keyboard.press('Control+a');
      await page.evaluate((value) => navigator.clipboard.writeText(value), text);
      await page.keyboard.press('Control+v');
      await page.waitForTimeout(900); // the check waits until the typing pauses
    };
    await click(page, 'view/tabs/cluster');
    await click(page, 'view/cluster/deployments/sock-shop/carts');
    await click(page, 'inspector/tabs/manifest');
    await paste(manifest.replace('replicas: 1', 'replicas: many'));
    await waitForText(page, /replicas.*int32|int32/);
    await screenshot(page, `editor-wrong-${lang}`);
    await paste(manifest.replace('replicas: 1', 'replicas: 2'));
    await click(page, 'inspector/manifest/apply');
    await click(page, 'view/tabs/architecture');
    await page.waitForTimeout(900); // time runs until the cluster is settled again
    await screenshot(page, `architecture-react-${lang}`);
    await page.waitForTimeout(4000);
    await type(page, 'kubectl -n sock-shop get rs');
    await waitForText(page, /carts-[a-z0-9]+\s+2\s+2/);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

for (const lang of ['en', 'zh-CN']) {
  test(`${lang}: the terminal: what a learner types`, async () => {
    const page = await open(lang);
    const commands = [
      ['kubectl get pods -A -o wide', /kube-apiserver-control-plane/],
      ['kubectl -n sock-shop exec deploy/carts -- cat /etc/resolv.conf', /search sock-shop\.svc\.cluster\.local svc\.cluster\.local cluster\.local lab\.internal/],
      ['kubectl -n sock-shop exec deploy/carts -- env', /CATALOGUE_SERVICE_HOST=10\./],
      ['kubectl -n sock-shop exec deploy/carts -- wget -qO- http://catalogue/health', /"service":"catalogue","status":"OK"/],
      ['kubectl -n sock-shop exec deploy/carts -- nslookup catalogue', /catalogue\.sock-shop\.svc\.cluster\.local/],
      ['curl http://192.168.122.12:30001/', /<html|<!DOCTYPE|WeaveSocks/i],
      ['kubectl -n sock-shop describe svc front-end', /NodePort:\s+<unset>\s+30001\/TCP/],
      ['kubectl -n sock-shop scale deployment/catalogue --replicas=2', /deployment\.apps\/catalogue scaled/],
      ['kubectl -n sock-shop logs deploy/catalogue', /catalogue/],
    ];
    for (const [command, expected] of commands) {
      await type(page, command);
      await waitForText(page, expected);
    }
    await screenshot(page, `terminal-${lang}`);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test(`${lang}: time: play, pause, one event on, one back, speed, the time line`, async () => {
    const page = await open(lang);
    // The clock is read out while time stands still.
    const clock = async () => /\d\d:\d\d:\d\d\.\d{3}/.exec(await waitForText(page, lang === 'en' ? /Paused at/ : /已暂停于/))?.[0];
    const start = await clock();
    assert.ok(start, 'the clock is in the mirror');
    for (let i = 0; i < 3; ++i) await click(page, 'time/forward');
    await page.waitForTimeout(400); // the twin follows the canvas
    const forward = await clock();
    assert.ok(forward > start, `${forward} after ${start}`);
    await click(page, 'time/back');
    await page.waitForTimeout(400);
    const back = await clock();
    assert.ok(back <= forward, `${back} not after ${forward}`);
    await click(page, 'time/play');
    await page.waitForTimeout(1500);
    await click(page, 'time/play');
    const played = await clock();
    assert.ok(played > back, `${played} after ${back}`);
    const line = await item(page, 'time/scrubber');
    await page.mouse.move(line.x + line.w - 2, line.y + line.h / 2);
    await page.mouse.down();
    await page.mouse.move(line.x + line.w * 0.97, line.y + line.h / 2, { steps: 6 });
    await page.mouse.up();
    await page.waitForTimeout(500);
    const dragged = await clock();
    assert.ok(dragged < played, `${dragged} before ${played}`);
    await click(page, 'time/speed/open');
    await screenshot(page, `time-${lang}`);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

test('idle costs zero frames', async () => {
  const page = await open('en', { context: { reducedMotion: 'reduce' } });
  await page.waitForTimeout(1500);
  const before_ = await page.evaluate(() => window.kubewalk_frames());
  await page.waitForTimeout(3000);
  const after_ = await page.evaluate(() => window.kubewalk_frames());
  assert.equal(after_ - before_, 0);
  await page.context().close();
});
