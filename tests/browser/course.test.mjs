// The course, walked as a learner walks it: one lesson of each part, the parts taking turns at the two languages; with
// ./test.sh --full every lesson in both, on a larger screen. A picture of each step stays in results/ as
// course-LESSON-NUMBER-STEP-LANGUAGE.png: look at them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { click, item, open } from './hands.mjs';
import { launch, screenshot, startServer } from './harness.mjs';
import { course, hurried, kept, lessonOf, reach, reads, walks } from './walk.mjs';

let site;
before(async () => { site = await startServer(); });
after(async () => { await site?.close(); });

const full = process.env.KUBEWALK_FULL === 'yes';
const size = full ? { width: 1440, height: 900 } : { width: 1024, height: 700 };

// The lesson of each part that is walked every time: a short one that uses much of the page.
const chosen = {
  welcome: 'welcome',
  architecture: 'the-api',
  network: 'pod-addresses',
  'ways-in': 'way-choose',
  requests: 'inside-request',
  hops: 'hops-whose',
  policies: 'policy-path',
  cases: 'case-closed-counter',
  sandbox: 'scale-rules',
};
// A walk costs a CPU twenty seconds. The first part's turn is Chinese: newcomer.test.mjs walks it in English from the bare
// address.
const turnOf = (index, lang) => full || lang === ['zh-CN', 'en'][index % 2];

test('each part of the course has a lesson that is walked every time', () => {
  assert.deepEqual(Object.keys(chosen), course().parts.map((part) => part.id));
  for (const part of course().parts) assert.ok(part.lessons.includes(chosen[part.id]), part.id);
});

// Both languages at a time, each with a browser and so a clipboard of its own.
describe('the course', { concurrency: 2 }, () => {
  for (const lang of ['en', 'zh-CN']) describe(lang, { concurrency: 1 }, () => walksInto(lang));
});

function walksInto(lang) {
  let browser;
  let page; // a learner goes on from lesson to lesson
  before(async () => { browser = await launch(); });
  after(async () => { await browser?.close(); });

  // The first lesson is opened by its address, those after it from the list of lessons.
  async function goesTo(lesson, part) {
    if (page) {
      await click(page, 'topbar/where');
      await click(page, await reach(page, `dialog/course/list/${part.id}/${lesson.slug}`, () => item(page, 'panel/course')));
    } else {
      page = await open(browser, site, lang, { at: `#lesson=${lesson.slug}`, before: hurried, size, context: { reducedMotion: 'reduce' } });
    }
    await reads(page, lesson, 'title');
  }

  async function walksThrough(slug, part) {
    const lesson = lessonOf(slug, lang);
    await goesTo(lesson, part);
    await walks(page, lesson, lang);
    const all = (kind) => lesson.steps.flatMap((step) => (step[kind] ?? []).map((one) => one.id)).sort();
    const { done, predictions } = await kept(page, slug);
    assert.deepEqual([...done].sort(), all('tasks'));
    assert.deepEqual(Object.keys(predictions).sort(), all('predict'));
    assert.deepEqual(page.problems, []);
  }

  for (const part of course().parts.filter((one, index) => turnOf(index, lang))) {
    for (const slug of full ? part.lessons : [chosen[part.id]]) {
      test(`${lang}: ${slug}, from its first step to its last`, () => walksThrough(slug, part).catch(async (error) => {
        await page?.context().close(); // one that is stuck is no place to go on from
        page = undefined;
        throw error;
      }));
    }
  }

  test(`${lang}: the list of lessons shows what is done`, async () => {
    assert.ok(page, 'the last walk did not end');
    await click(page, 'topbar/where');
    await item(page, 'panel/course');
    await screenshot(page, `course-list-${lang}`);
  });
}
