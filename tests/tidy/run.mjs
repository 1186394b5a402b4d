// The house's rules (ARCHITECTURE.md) that no compiler checks. One line of output per broken rule.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
let passed = 0;
const broken = [];

function files(folder, ending) {
  const found = [];
  for (const name of readdirSync(join(root, folder))) {
    const path = join(folder, name);
    if (statSync(join(root, path)).isDirectory()) found.push(...files(path, ending));
    else if (ending.test(name)) found.push(path);
  }
  return found.sort();
}

// Who may enter which room: the table of core/CMakeLists.txt, with what those may include in turn.
const rooms = new Map();
const cmake = readFileSync(join(root, 'core/CMakeLists.txt'), 'utf8').replace(/#.*/g, '');
for (const [, name, rest] of cmake.matchAll(/kubewalk_room\(\s*(\w+)([^)]*)\)/g)) {
  const depends = /DEPENDS\s+([\w\s]*?)(?:LIBRARIES|ALONE|$)/.exec(rest)?.[1].trim().split(/\s+/).filter(Boolean) ?? [];
  rooms.set(name, new Set([name, ...depends.flatMap((d) => [...(rooms.get(d) ?? [d])])]));
}
rooms.set('cli', new Set([...rooms.keys(), 'cli']));

function rule(name, path, problem) {
  if (problem) broken.push(`${path}: ${name}: ${problem}`);
  else ++passed;
}

// Hash tables that are only looked up in, never walked through: their order cannot reach any output.
const lookedUpOnly = new Set(['core/net/netfilter.h', 'core/net/node_stack.h', 'core/net/network_state.h', 'core/net/path_memo.cpp',
  'core/addons/coredns/chain.h']);
const source = /\.(cpp|h)$/;
const impure = /#include *[<"](SDL|imgui|emscripten)|system_clock|steady_clock|random_device|std::thread|std::async|std::(uniform|normal|bernoulli)_\w*distribution|std::shuffle|\bunordered_(map|set)\b|\bdynamic_cast\b|\btypeid\b|\brand\(\)|\btime\(nullptr\)/;
for (const path of files('core', source)) {
  const text = readFileSync(join(root, path), 'utf8');
  const code = text.replace(lookedUpOnly.has(path) ? /\bunordered_map\b/g : /(?!)/g, 'map').replace(/\/\/.*$/gm, '').replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const room = path.split('/')[1];
  const allowed = rooms.get(room);
  const foreign = [...text.matchAll(/#include "core\/(\w+)\//g)].map((m) => m[1]).filter((r) => allowed && !allowed.has(r));
  rule('may only include what the room table allows', path, foreign.length ? foreign.join(', ') : '');
  if (room !== 'cli') rule('core is pure', path, impure.exec(code)?.[0] ?? '');
  if (room !== 'cli') rule('no input or output', path, /\b(fopen|fstream|std::cout|std::cerr|printf\s*\((?!.*snprintf))/.exec(code.replace(/snprintf/g, ''))?.[0] ?? '');
  if (path.endsWith('.h')) rule('#pragma once', path, text.startsWith('#pragma once') ? '' : 'missing on the first line');
}

for (const folder of ['core', 'web', 'tests']) {
  for (const path of files(folder, source)) {
    const lines = readFileSync(join(root, path), 'utf8').split('\n').length;
    rule('a file is one thing', path, lines > 700 ? `${lines} lines` : '');
    rule('names are snake_case', path, /^[a-z0-9_/.]+$/.test(relative('.', path)) ? '' : 'rename it');
  }
}

// Both languages of the interface have the same keys.
const strings = files('assets/strings', /\.json$/);
for (const path of strings.filter((p) => /(^|[./])en\.json$/.test(p))) {
  const other = path.replace(/en\.json$/, 'zh-CN.json');
  const en = JSON.parse(readFileSync(join(root, path), 'utf8'));
  const zh = strings.includes(other) ? JSON.parse(readFileSync(join(root, other), 'utf8')) : {};
  const missing = [...Object.keys(en).filter((k) => !(k in zh)), ...Object.keys(zh).filter((k) => !(k in en))];
  rule('both languages', path, missing.slice(0, 5).join(', '));
}

for (const line of broken) console.log(`FAIL ${line}`);
console.log(`${passed} passed, ${broken.length} failed, 0 skipped`);
process.exitCode = broken.length ? 1 : 0;
