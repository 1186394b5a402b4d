// Every view in every theme, language and size: pictures to look at, in results/.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, open } from './hands.mjs';
import { launch, screenshot, startServer } from './harness.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

// Phone sideways and the large screen at scale 2 in one theme and language each: they are slow to draw in software.
const sizes = [
  ['1024x700', { width: 1024, height: 700 }, 1, ['en', 'zh-CN'], ['dark', 'light']],
  ['1440x900', { width: 1440, height: 900 }, 1, ['en', 'zh-CN'], ['dark', 'light']],
  ['844x390', { width: 844, height: 390 }, 2, ['en', 'zh-CN'], ['dark']],
  ['2560x1440', { width: 2560, height: 1440 }, 2, ['en'], ['dark', 'light']],
];

const full = process.env.KUBEWALK_FULL === 'yes';

for (const [name, size, scale, languages, themes] of sizes) {
  // Each pair of language and theme is seen at one size in CI; ./test.sh --full draws all.
  test(`every view at ${name}`, { skip: full || scale === 1 ? false : 'only with --full' }, async () => {
    for (const lang of languages) {
      for (const theme of full ? themes : themes.filter((one) => (one === 'dark') === (lang === 'en') || name === '1440x900')) {
        const page = await open(browser, site, lang, { theme, size, scale });
        for (const view of ['architecture', 'cluster', 'traffic', 'dns']) {
          await click(page, `view/tabs/${view}`);
          await page.waitForTimeout(200);
          await screenshot(page, `view-${view}-${lang}-${theme}-${name}`);
        }
        assert.deepEqual(page.problems, []);
        await page.context().close();
      }
    }
  });
}
