// From the bare address to the end of the first lesson, as somebody would who has never seen it: reads, picks a
// prediction, types what the lesson is about, sees the tasks tick themselves, goes on.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { click, has, open, type, waitForText } from './hands.mjs';
import { launch, ROOT, screenshot, startServer } from './harness.mjs';
import { lessonPanel, reach } from './walk.mjs';

let site;
let browser;
before(async () => { site = await startServer(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

const json = (...path) => JSON.parse(readFileSync(join(ROOT, ...path), 'utf8'));

// Lines of a solution that are no commands of a terminal but of the recorder (time going by): the page does them.
const forTheTerminal = (line) => !/^(settle|wait|sleep|rewind|#)/.test(line);

test('the first lesson, from the bare address to its end', async () => {
  const page = await open(browser, site, 'en');
  const slug = json('lessons/course.json').parts[0].lessons[0];
  const lesson = json('lessons', slug, 'lesson.json');
  await screenshot(page, 'newcomer-0');
  let number = 0;
  for (const step of lesson.steps) {
    ++number;
    await waitForText(page, new RegExp(`Step ${number} of ${lesson.steps.length}`));
    for (const prediction of step.predict ?? []) {
      await click(page, await reach(page, `left/lesson/body/${prediction.id}/${prediction.answer}`, lessonPanel(page)));
    }
    for (const task of step.tasks ?? []) {
      let lines = task.solution ?? [];
      if (lines.every(forTheTerminal) && lines.length > 0) {
        for (const line of lines) {
          await type(page, line);
          await page.waitForTimeout(400);
        }
      } else {
        // What takes time to happen is shown by the page itself.
        if (!(await has(page, `left/lesson/body/${task.id}/run`))) await click(page, 'left/lesson/solution');
        await click(page, await reach(page, `left/lesson/body/${task.id}/run`, lessonPanel(page)));
      }
      // One after the other, as they build on each other.
      const tasks = (step.tasks ?? []).indexOf(task) + 1;
      await page.waitForFunction((count) => [...document.querySelectorAll('#mirror-tasks li')].filter((li) => li.textContent.startsWith('Done')).length >= count,
        tasks, { timeout: 60_000 }).catch(async () => {
        await screenshot(page, 'newcomer-stuck');
        throw new Error(`step ${number} (${step.id}) does not end: ${await page.locator('#mirror-tasks').textContent()}`);
      });
    }
    await screenshot(page, `newcomer-${number}`);
    await click(page, 'left/lesson/next');
  }
  // It goes on by itself.
  await waitForText(page, /Step 1 of/);
  assert.ok(!(await page.title()).includes('undefined'));
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
