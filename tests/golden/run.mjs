// Runs each *.script of a folder and compares outputs. In a script, lines that begin with "#>" follow a
// command and say what it must print; they come from the source named at the script's top, never from our
// own output. "*" stands for any text without a blank, "**" for any text; runs of blanks count as one.
// "#> exit N" is the exit code (0 where nothing is said), "#> ..." skips lines.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { lessonTools } from './lessons.mjs';

const [program, folder] = process.argv.slice(2);
let passed = 0, failed = 0;

function parse(text) {
  const expectations = [];
  const lines = [];
  let here = null;
  for (const line of text.split('\n')) {
    if (here === null && line.startsWith('#>')) {
      expectations.at(-1).lines.push(line.slice(2).replace(/^ /, ''));
      continue;
    }
    lines.push(line);
    if (here !== null) {
      if (line === here) here = null;
      continue;
    }
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) {
      if (trimmed.startsWith('# options:')) expectations.options = trimmed.slice(10).trim().split(/\s+/);
      continue;
    }
    const word = /<<-?\s*['"]?(\w+)['"]?$/.exec(trimmed);
    if (word) here = word[1];
    expectations.push({ command: trimmed, lines: [] });
  }
  return { script: lines.join('\n'), expectations };
}

const squeeze = (line) => line.trim().replace(/\s+/g, ' ');

function pattern(line) {
  const escaped = squeeze(line).replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**', '\u0000').replaceAll('*', '[^ ]*').replaceAll('\u0000', '.*');
  return new RegExp(`^${escaped}$`);
}

// Index of the first mismatch as text, or null.
function compare(expected, printed) {
  let at = 0;
  let skipping = false;
  for (const line of expected) {
    if (line.trim() === '...') {
      skipping = true;
      continue;
    }
    const wanted = pattern(line);
    while (skipping && at < printed.length && !wanted.test(squeeze(printed[at]))) ++at;
    skipping = false;
    if (at >= printed.length) return `missing: ${line}`;
    if (!wanted.test(squeeze(printed[at]))) return `expected: ${line}\n    found:    ${printed[at]}`;
    ++at;
  }
  if (!skipping && at < printed.length) return `not expected: ${printed[at]}`;
  return null;
}

for (const name of readdirSync(folder).filter((n) => n.endsWith('.script')).sort()) {
  const { script, expectations } = parse(readFileSync(join(folder, name), 'utf8'));
  let results;
  try {
    const out = execFileSync(program, [...(expectations.options ?? []), 'script', '--json', '-'],
      { input: script, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120_000 });
    results = out.trim().split('\n').map((line) => JSON.parse(line));
  } catch (error) {
    console.log(`FAIL ${name}: ${error.message.slice(0, 2000)}`);
    ++failed;
    continue;
  }
  if (results.length !== expectations.length) {
    console.log(`FAIL ${name}: ${expectations.length} commands, ${results.length} results`);
    ++failed;
  }
  expectations.forEach((expectation, i) => {
    const result = results[i];
    if (!result || expectation.lines.length === 0) return;
    const wantedExit = Number(expectation.lines.find((l) => /^exit \d+$/.test(l))?.slice(5) ?? 0);
    const wanted = expectation.lines.filter((l) => !/^exit \d+$/.test(l));
    const printed = (result.stdout + result.stderr).replace(/\n$/, '').split('\n');
    const problem = result.exit !== wantedExit ? `exit ${result.exit} instead of ${wantedExit}: ${result.stderr}`
      : compare(wanted, printed.length === 1 && printed[0] === '' ? [] : printed);
    if (problem === null) {
      ++passed;
    } else {
      ++failed;
      console.log(`FAIL ${name}: ${expectation.command}\n    ${problem}`);
    }
  });
}
for (const [what, problem] of lessonTools(resolve(program))) {
  if (problem === null) {
    ++passed;
  } else {
    ++failed;
    console.log(`FAIL lessons ${what}\n    ${problem}`);
  }
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
