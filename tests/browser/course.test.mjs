// The course, walked as a learner walks it: one lesson of each part in both languages; with ./test.sh --full every
// lesson, on a larger screen. A picture of each step stays in results/ as course-LESSON-NUMBER-STEP-LANGUAGE.png: look
// at them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, item, open } from './hands.mjs';
import { launchQuick, screenshot, startServer } from './harness.mjs';
import { course, hurried, kept, lessonOf, reach, reads, walks } from './walk.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launchQuick(); });
after(async () => { await browser?.close(); await site?.close(); });

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
// newcomer.test.mjs walks it from the bare address.
const walkedElsewhere = (slug, lang) => !full && slug === 'welcome' && lang === 'en';

const pages = {}; // by language: a learner goes on from lesson to lesson

// The first lesson is opened by its address, those after it from the list of lessons.
async function goesTo(lesson, part, lang) {
  if (pages[lang]) {
    await click(pages[lang], 'topbar/where');
    await click(pages[lang], await reach(pages[lang], `dialog/course/list/${part.id}/${lesson.slug}`, () => item(pages[lang], 'panel/course')));
  } else {
    pages[lang] = await open(browser, site, lang, { at: `#lesson=${lesson.slug}`, before: hurried, size, context: { reducedMotion: 'reduce' } });
  }
  await reads(pages[lang], lesson, 'title');
  return pages[lang];
}

test('each part of the course has a lesson that is walked every time', () => {
  assert.deepEqual(Object.keys(chosen), course().parts.map((part) => part.id));
  for (const part of course().parts) assert.ok(part.lessons.includes(chosen[part.id]), part.id);
});

for (const lang of ['en', 'zh-CN']) {
  for (const part of course().parts) {
    for (const slug of full ? part.lessons : [chosen[part.id]]) {
      if (walkedElsewhere(slug, lang)) continue;
      test(`${lang}: ${slug}, from its first step to its last`, async () => {
        const lesson = lessonOf(slug, lang);
        const page = await goesTo(lesson, part, lang);
        delete pages[lang]; // one that is stuck is no place to go on from
        await walks(page, lesson, lang);
        const all = (kind) => lesson.steps.flatMap((step) => (step[kind] ?? []).map((one) => one.id)).sort();
        const { done, predictions } = await kept(page, slug);
        assert.deepEqual([...done].sort(), all('tasks'));
        assert.deepEqual(Object.keys(predictions).sort(), all('predict'));
        assert.deepEqual(page.problems, []);
        pages[lang] = page;
      });
    }
  }

  test(`${lang}: the list of lessons shows what is done`, async () => {
    assert.ok(pages[lang], 'the last walk did not end');
    await click(pages[lang], 'topbar/where');
    await item(pages[lang], 'panel/course');
    await screenshot(pages[lang], `course-list-${lang}`);
  });
}
