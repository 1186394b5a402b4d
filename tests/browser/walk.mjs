// A learner who walks a lesson from its first step to its last: reads, predicts, does each task, goes on. What they
// read is compared with the lesson's files; what they do is the recorded solution, done as the page offers it:
// components, machines and cables in the Architecture view, the first request in the Traffic view and the first lookup
// in the DNS view, going back in the bar below, the rest in the terminal.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { click, has, item, items, paste } from './hands.mjs';
import { ROOT, screenshot } from './harness.mjs';

const read = (...path) => readFileSync(join(ROOT, ...path), 'utf8');
const json = (...path) => JSON.parse(read(...path));

export const course = () => json('lessons/course.json');

// A lesson with its prose: { slug, steps, texts: { key: Markdown } }.
export function lessonOf(slug, lang) {
  const texts = {};
  for (const piece of read('lessons', slug, `text.${lang}.md`).split('<!-- ').slice(1)) {
    const [key, ...rest] = piece.split(' -->');
    texts[key] = rest.join(' -->').trim();
  }
  return { slug, texts, ...json('lessons', slug, 'lesson.json') };
}

// What is left of Markdown, or of the page's own text, without marks and spaces.
const letters = (text) => text.replace(/^```\w*$/gm, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/^ *\d+\. /gm, '')
  .replace(/[\s`*_|:#>\\-]/g, '');

async function until(page, what, condition, timeout = 90_000) {
  const deadline = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      await screenshot(page, `walk-stuck-${await page.evaluate(() => document.documentElement.lang)}`);
      throw new Error(await what());
    }
    await page.waitForTimeout(100);
  }
}

const textOf = (page, id) => page.evaluate((name) => document.getElementById(name).textContent, id);

export async function reads(page, lesson, ...keys) {
  const wanted = keys.map((key) => letters(lesson.texts[key] ?? assert.fail(`${lesson.slug} has no text ${key}`))).join('');
  await until(page, async () => `the page does not say ${keys.join(', ')} of ${lesson.slug}:\n${wanted}\nbut\n${letters(await textOf(page, 'mirror-lesson'))}`,
    async () => letters(await textOf(page, 'mirror-lesson')).includes(wanted), 20_000);
}

// Scrolls the list or panel at `area` until the middle of the widget is in sight; says its path.
export async function reach(page, path, area) {
  // Of a Pod that a workload made, lessons know the workload's name only.
  const isIt = (one) => one.path === path || (one.path.startsWith(`${path}-`) && /^-[a-z0-9]+-[a-z0-9]{5}$/.test(one.path.slice(path.length)));
  for (let i = 0; i < 60; ++i) {
    const { x, y, w, h } = await area();
    const found = (await items(page)).find(isIt);
    const middle = found ? found.y + found.h / 2 : null;
    if (found && middle > y + 6 && middle < y + h - 6) return found.path;
    if (i === 0) await page.mouse.move(x + w / 2, y + h / 2);
    await page.mouse.wheel(0, found && middle <= y + 6 ? -60 : 160);
    await page.waitForTimeout(100);
  }
  await screenshot(page, `walk-stuck-${await page.evaluate(() => document.documentElement.lang)}`);
  throw new Error(`nothing at ${path}; there are:\n${(await items(page)).map((one) => one.path).join('\n')}`);
}

async function choose(page, list, entry) {
  await click(page, `${list}/open`);
  const open = await item(page, `${list}/open`);
  // The list hangs below its button, or stands above it where there is no room.
  const path = await reach(page, `${list}/${entry}`, async () => {
    const rows = (await items(page)).filter((one) => one.path.startsWith(`${list}/`) && one.path !== open.path);
    const first = rows[0] ?? open;
    const top = first.y < open.y ? 0 : open.y + open.h + 4;
    const height = first.y < open.y ? open.y - 4 : 11 * 30 + 12;
    return { x: first.x, y: top, w: first.w, h: height };
  });
  await click(page, path);
}

async function fill(page, field, text) {
  await click(page, field);
  await page.waitForTimeout(150);
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
  await page.waitForTimeout(150);
}

// What a word of a script stands for on the page. Everything else is typed.
const ways = {
  async trace(page, [from, url]) {
    await click(page, 'view/tabs/traffic');
    await choose(page, 'view/traffic/from', from);
    await fill(page, 'view/traffic/url', url);
    await click(page, 'view/traffic/send');
  },
  async dig(page, [from, name, kind]) {
    await click(page, 'view/tabs/dns');
    await choose(page, 'view/dns/from', from);
    if (kind) await choose(page, 'view/dns/type', kind);
    await fill(page, 'view/dns/name', name);
    await click(page, 'view/dns/look-up');
  },
  async component(page, [, name, node]) {
    await click(page, 'view/tabs/architecture');
    const shown = name === 'containerd' ? 'runtime' : name; // the box has the part's name, whichever program plays it
    await click(page, `view/architecture/board/${node ? `${shown}/${node}` : shown}/power`);
  },
  async node(page, [, node]) {
    await click(page, 'view/tabs/architecture');
    await click(page, `view/architecture/board/node/${node}/power`);
  },
  async link(page, [, node]) {
    await click(page, 'view/tabs/architecture');
    await click(page, `view/architecture/board/node/${node}/link`);
  },
  async rewind(page) { await click(page, 'time/start'); },
  async settle() { /* it is what the page does after each command */ },
};

const patience_ms = 15_000;

// Time stops by itself when nothing more is to be expected. Where something is tried again and again, an image that is
// not there for example, it is stopped by hand.
async function rests(page, state, words) {
  state.stopped = false;
  await page.waitForTimeout(300);
  const resting = async () => (await textOf(page, 'mirror-status')).startsWith(words['status.paused']);
  for (const start = Date.now(); !(await resting());) {
    if (Date.now() - start > patience_ms) {
      state.typing = false;
      state.stopped = true;
      // It may have stopped by itself while the hand was on its way: then the press started it, and another one stops it.
      await until(page, () => 'time does not stop', async () => {
        await click(page, 'time/play');
        for (let i = 0; i < 80 && !(await resting()); ++i) await page.waitForTimeout(100);
        return resting();
      });
      return;
    }
    await page.waitForTimeout(100);
  }
}

// A line, or several up to the end of a here-document.
function commandsOf(solution) {
  const commands = [];
  let end = null;
  for (const line of solution) {
    if (end) commands[commands.length - 1] += `\n${line}`;
    else commands.push(line);
    const here = /<<-?'?(\w+)'?\s*$/.exec(line.split('\n')[0]);
    if (end === line) end = null;
    else if (here && !line.includes('\n')) end = here[1];
  }
  return commands;
}

// What is long to do by hand and short to type is done by hand once.
const onceByHand = ['trace', 'dig'];

// `state`: what has been done by hand already, and whether the keys are the terminal's.
async function does(page, command, state, words) {
  const [verb, ...rest] = command.split(/\s+/);
  // What the shell has to fill in first is for the shell.
  if (ways[verb] && !command.includes('$(') && !(onceByHand.includes(verb) && state.known.has(verb))) {
    state.known.add(verb);
    state.typing = state.typing && verb === 'settle';
    // What was stopped by hand has not settled yet.
    if (verb === 'settle' && state.stopped) await click(page, 'time/play');
    await ways[verb](page, rest);
  } else {
    if (!state.typing) {
      await click(page, 'bottom/terminal/input');
      await page.waitForTimeout(200); // the click's frame
      state.typing = true;
    }
    if (command.includes('\n')) await paste(page, `${command}\n`);
    else {
      await page.keyboard.insertText(command);
      await page.keyboard.press('Enter');
    }
  }
  await rests(page, state, words);
}

// The part of the lesson panel that scrolls.
export const lessonPanel = (page) => async () => {
  const { x, y, w, h } = await item(page, 'panel/lesson');
  // Below stand the buttons, and above them what is next while that is out of sight.
  const strip = (await items(page)).find((one) => one.path.includes('/lesson/body/strip/'));
  return { x, y, w, h: (strip ? strip.y - 8 : y + h - 80) - y };
};

async function predicts(page, lesson, prediction, right) {
  await reads(page, lesson, `${prediction.id}.question`, ...prediction.choices.map((choice) => `${prediction.id}.${choice}`));
  const choice = right ? prediction.answer : prediction.choices.find((one) => one !== prediction.answer);
  const path = `left/lesson/body/${prediction.id}/${choice}`;
  // The task that is next may have come to stand upon it meanwhile.
  for (let i = 0; i < 3 && (i === 0 || await has(page, path)); ++i) {
    await click(page, await reach(page, path, lessonPanel(page)));
    await page.waitForTimeout(300);
  }
  await reads(page, lesson, `${prediction.id}.explain`);
}

async function ticked(page, lesson, step, number, words, state) {
  const says = () => page.evaluate((index) => document.querySelectorAll('#mirror-tasks li')[index]?.textContent ?? '', number);
  const done = async () => (await says()).startsWith(words['lesson.task_done']);
  const ticks = () => until(page, async () => `${lesson.slug}, ${step.id}: the task does not tick itself: ${await says()}\n${(await textOf(page, 'mirror-terminal')).slice(-2000)}`, done);
  // What was stopped by hand may not have come to its end: time runs on until it has.
  for (let i = 0; state.stopped && i < 20 && !(await done()); ++i) await page.waitForTimeout(100);
  if (state.stopped && !(await done())) {
    await click(page, 'time/play');
    await ticks();
    await rests(page, state, words);
  }
  await ticks();
}

// The widget that the step points at, or its tab when it is not in front (Interface::draw_highlight).
async function points(page, lesson, step) {
  if (!step.highlight) return;
  const name = step.highlight.split('/').pop();
  const places = [step.highlight, ...['inspector', 'bottom', 'view'].map((dock) => `${dock}/tabs/${name}`)];
  await until(page, () => `${lesson.slug}, ${step.id}: nothing is at ${step.highlight}`,
    async () => (await items(page)).some((one) => places.includes(one.path)), 20_000);
}

// The page of somebody who has set time to run as fast as it can: some things take minutes in a cluster.
export const hurried = () => {
  if (!localStorage.getItem('kubewalk.settings')) localStorage.setItem('kubewalk.settings', JSON.stringify({ speed: 100 }));
};

// From the first step to the last; a picture of every step stays in results/.
export async function walks(page, lesson, lang) {
  const words = json('assets/strings', `${lang}.json`);
  let wrong = true; // the first guess
  const known = new Set();
  for (const [index, step] of lesson.steps.entries()) {
    await reads(page, lesson, `${step.id}.title`, `${step.id}.body`);
    await points(page, lesson, step);
    for (const prediction of step.predict ?? []) {
      await predicts(page, lesson, prediction, !wrong);
      wrong = false;
    }
    const state = { known, typing: false };
    for (const [number, task] of (step.tasks ?? []).entries()) {
      for (const command of commandsOf(task.solution)) await does(page, command, state, words);
      await ticked(page, lesson, step, number, words, state);
    }
    await page.mouse.move(700, 20); // nothing is pointed at
    await page.waitForTimeout(300);
    await screenshot(page, `course-${lesson.slug}-${index + 1}-${step.id}-${lang}`);
    if (index + 1 < lesson.steps.length) await click(page, 'left/lesson/next');
  }
}

// What the browser keeps of a lesson.
export const kept = (page, slug) => page.evaluate((name) => JSON.parse(localStorage.getItem(`kubewalk.progress.${name}`)), slug);
