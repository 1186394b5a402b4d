// The names of the time zones and the rules they follow from now on -> kubewalk/time_zones.inc.
//
//   node generate.mjs ZONEINFO_DIR OUTPUT_FILE
//
// The source is the machine's tzdata (IANA time zone database). A compiled zone ends with a line in the form of
// POSIX's TZ variable that says what holds after its last recorded change ("CET-1CEST,M3.5.0,M10.5.0/3"):
// the simulation's time lies there. Names that are links (US/Eastern) are names like others.

import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [, , folder, output] = process.argv;

// Copies of the whole with other ways of counting, and the machine's own zone.
const LEFT_OUT = new Set(['posix', 'right', 'localtime', 'posixrules', 'Factory']);

function ruleOf(file) {
  const bytes = readFileSync(file);
  if (bytes.subarray(0, 4).toString('latin1') !== 'TZif' || bytes[4] < 0x32) return null;
  const text = bytes.toString('latin1');
  const end = text.lastIndexOf('\n');
  const start = text.lastIndexOf('\n', end - 1);
  return start >= 0 ? text.slice(start + 1, end) : null;
}

const zones = [];
function walk(relative) {
  for (const name of readdirSync(join(folder, relative)).sort()) {
    if (relative === '' && LEFT_OUT.has(name)) continue;
    const path = relative === '' ? name : `${relative}/${name}`;
    const file = join(folder, path);
    if (statSync(file).isDirectory()) {
      walk(path);
      continue;
    }
    const rule = ruleOf(file);
    if (rule) zones.push([path, rule]);
  }
}
walk('');
if (zones.length < 400 || !zones.some(([name]) => name === 'Europe/Berlin')) {
  console.error(`generate.mjs: only ${zones.length} time zones under ${folder}`);
  process.exit(1);
}
zones.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, zones.map(([name, rule]) => `{"${name}", "${rule}"},\n`).join(''));
