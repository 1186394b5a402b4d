// What a learner has: a mouse, a keyboard, fingers, and eyes that read what the page says.

import { openPage, screenshot, waitForReady } from './harness.mjs';

export const items = async (page) => {
  const found = await page.evaluate(() => window.kubewalk_items());
  return typeof found === 'string' ? JSON.parse(found) : found;
};

// The widget whose path is, or ends in, the given one. Paths never depend on the language.
export async function item(page, path, { timeout = 45_000 } = {}) {
  const deadline = Date.now() + timeout;
  for (;;) {
    const all = await items(page);
    const found = all.find((i) => i.path === path) ?? all.find((i) => i.path.endsWith(`/${path}`));
    if (found) return found;
    if (Date.now() > deadline) {
      await screenshot(page, `missing-${path.replaceAll('/', '-')}`);
      throw new Error(`no widget ${path}; there are:\n${all.map((i) => i.path).join('\n')}`);
    }
    await page.waitForTimeout(100);
  }
}

// Waits until it is there no more.
export async function gone(page, path, { timeout = 30_000 } = {}) {
  const end = Date.now() + timeout;
  while (await has(page, path)) {
    if (Date.now() > end) throw new Error(`${path} is still there`);
    await page.waitForTimeout(100);
  }
}

export const has = async (page, path) => (await items(page)).some((i) => i.path === path || i.path.endsWith(`/${path}`));

export async function click(page, path) {
  let at = await item(page, path);
  // What still moves (a panel that scrolls) is followed until it rests.
  for (let i = 0; i < 20; ++i) {
    await page.mouse.move(at.x + at.w / 2, at.y + at.h / 2);
    await page.waitForTimeout(60);
    const now = await item(page, path);
    if (now.x === at.x && now.y === at.y) break;
    at = now;
  }
  await page.mouse.down();
  await page.waitForTimeout(60);
  await page.mouse.up();
  await page.waitForTimeout(150);
}

export async function tap(page, path) {
  const { x, y, w, h } = await item(page, path);
  await page.touchscreen.tap(x + w / 2, y + h / 2);
  await page.waitForTimeout(250);
}

// What a screen reader would read: the canvas's twin in the DOM.
export const mirror = (page) => page.evaluate(() => document.getElementById('mirror').textContent);

export async function waitForText(page, pattern, { timeout = 90_000 } = {}) {
  const deadline = Date.now() + timeout;
  for (;;) {
    const text = await mirror(page);
    if (pattern.test(text)) return text;
    if (Date.now() > deadline) throw new Error(`the page never said ${pattern}; it says:\n${text.slice(-3000)}`);
    await page.waitForTimeout(100);
  }
}

export async function type(page, line) {
  await click(page, 'bottom/terminal/input');
  await page.waitForTimeout(200); // the click's frame: then the keys are the terminal's
  await page.keyboard.insertText(line); // as composed; everyone.test.mjs and editor.test.mjs type key by key
  await page.keyboard.press('Enter');
}

export async function paste(page, text) {
  await page.evaluate((value) => navigator.clipboard.writeText(value), text);
  await page.keyboard.press('Control+v');
}

// options.at: what stands behind the address, "?embed" or "#lesson=dns-names".
export async function open(browser, site, lang, options = {}) {
  const page = await openPage(browser, site.url, { lang, size: { width: 1440, height: 900 }, query: options.at ?? '', ...options });
  await waitForReady(page);
  return page;
}

// The file that is downloaded while `action` runs: its name and its bytes.
export async function downloaded(page, action) {
  const [download] = await Promise.all([page.waitForEvent('download'), action()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return { name: download.suggestedFilename(), bytes: Buffer.concat(chunks) };
}
