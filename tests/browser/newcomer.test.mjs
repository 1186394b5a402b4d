// From the bare address to the end of the first lesson, as somebody would who has never seen it: reads, picks a
// prediction, types what the lesson is about, sees the tasks tick themselves, goes on. newcomer.md says where people hesitated.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { click, has, item, mirror, open, type, waitForText } from './hands.mjs';
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

test('nobody has to click into the terminal to type a command, before and after an answer', async () => {
  const page = await open(browser, site, 'zh-CN', { size: { width: 1024, height: 700 } });
  assert.ok(!(await has(page, 'inspector/tabs/manifest')), 'a narrow window begins with room for the picture');
  await page.keyboard.type('kubectl get nodes', { delay: 90 });
  await page.keyboard.press('Enter');
  await waitForText(page, /control-plane\s+Ready/);
  assert.match(await mirror(page), /\$ kubectl get nodes/);
  const { id } = json('lessons', json('lessons/course.json').parts[0].lessons[0], 'lesson.json').steps[0].predict[0];
  await click(page, await reach(page, `left/lesson/body/${id}/tab`, lessonPanel(page)));
  await click(page, 'left/lesson/next');
  await page.keyboard.type('link cut node-2', { delay: 60 }); // "l" alone would open the list of lessons
  await page.keyboard.press('Enter');
  await waitForText(page, /\$ link cut node-2/);
  await screenshot(page, 'newcomer-typing');
  // A request is something to inspect.
  await click(page, 'view/traffic/url');
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('http://192.168.122.13:30001/');
  await page.keyboard.press('Enter');
  await item(page, 'inspector/tabs/hops');
  await screenshot(page, 'newcomer-cut');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
