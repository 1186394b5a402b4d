// The course, walked as a learner walks it: one lesson of each part in both languages; with ./test.sh --full every
// lesson. A picture of each step stays in results/ as course-LESSON-NUMBER-STEP-LANGUAGE.png: look at them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { click, item, open } from './hands.mjs';
import { launchQuick, screenshot, startServer } from './harness.mjs';
import { course, hurried, kept, lessonOf, reach, walks } from './walk.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launchQuick(); });
after(async () => { await browser?.close(); await site?.close(); });

const full = process.env.KUBEWALK_FULL === 'yes';

// The lesson of each part that is walked every time: a short one that uses much of the page.
const chosen = {
  welcome: 'welcome',
  architecture: 'deployments',
  network: 'service-env',
  'ways-in': 'way-nodeport',
  requests: 'inside-request',
  hops: 'hops-near',
  policies: 'policy-path',
  cases: 'case-nameless',
  sandbox: 'scale-rules',
};

test('each part of the course has a lesson that is walked every time', () => {
  assert.deepEqual(Object.keys(chosen), course().parts.map((part) => part.id));
  for (const part of course().parts) assert.ok(part.lessons.includes(chosen[part.id]), part.id);
});

for (const part of course().parts) {
  for (const slug of full ? part.lessons : [chosen[part.id]]) {
    for (const lang of ['en', 'zh-CN']) {
      test(`${lang}: ${slug}, from its first step to its last`, async () => {
        const lesson = lessonOf(slug, lang);
        const page = await open(browser, site, lang, { at: `#lesson=${slug}`, before: hurried, context: { reducedMotion: 'reduce' } });
        await walks(page, lesson, lang);
        const tasks = lesson.steps.flatMap((step) => (step.tasks ?? []).map((task) => task.id));
        const predictions = lesson.steps.flatMap((step) => (step.predict ?? []).map((one) => one.id));
        const { done, predictions: picked } = await kept(page, slug);
        assert.deepEqual([...done].sort(), [...tasks].sort());
        assert.deepEqual(Object.keys(picked).sort(), predictions.sort());
        // The course ticks it.
        await click(page, 'topbar/where');
        await reach(page, `dialog/course/list/${part.id}/${slug}`, () => item(page, 'panel/course'));
        await screenshot(page, `course-${slug}-done-${lang}`);
        assert.deepEqual(page.problems, []);
        await page.context().close();
      });
    }
  }
}
