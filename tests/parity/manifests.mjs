// Every manifest of lessons/ and assets/ is read by a real kubectl (`kubectl annotate --local`), and has only
// fields that the official client's models know. Manifests inside lesson.json (here-documents of solutions and
// of wrong answers) count as well. Without a real kubectl everything is skipped, and that is said.
//
//   node tests/parity/manifests.mjs CACHE     CACHE as in cmake/setup.sh: kubectl/usr/bin, npm/node_modules
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = new URL('../..', import.meta.url).pathname;
const cache = process.argv[2];
const kubectl = join(cache, 'kubectl/usr/bin/kubectl');
const models = join(cache, 'npm/node_modules/@kubernetes/client-node/dist/gen/models/all.js');

function files(folder, ending) {
  return readdirSync(join(root, folder)).sort().flatMap((name) => {
    const path = join(folder, name);
    if (statSync(join(root, path)).isDirectory()) return files(path, ending);
    return ending.test(name) ? [path] : [];
  });
}

// The here-documents that a list of script lines feeds to kubectl.
function hereDocuments(lines) {
  const found = [];
  for (let i = 0; i < lines.length; ++i) {
    const word = /^kubectl\b.*-f -.*<<-?\s*['"]?(\w+)['"]?$/.exec(lines[i])?.[1];
    if (!word) continue;
    const end = lines.indexOf(word, i + 1);
    found.push(lines.slice(i + 1, end).join('\n'));
    i = end;
  }
  return found;
}

// What core/cluster/bootstrap.cpp puts into the templates of assets/bootstrap.
const filled = {
  podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12', clusterDNS: '10.96.0.10', clusterDomain: 'cluster.local',
  controlPlaneName: 'control-plane', controlPlaneIP: '192.168.122.11', version: 'v1.36.1', flannelBackend: 'vxlan',
};

function manifests() {
  const all = [...files('lessons', /\.ya?ml$/), ...files('assets', /\.ya?ml$/)]
    .map((path) => ({ where: path, text: readFileSync(join(root, path), 'utf8').replace(/\{\{(\w+)\}\}/g, (all, name) => filled[name] ?? all) }));
  for (const path of files('lessons', /^lesson\.json$/))
    for (const step of JSON.parse(readFileSync(join(root, path), 'utf8')).steps)
      for (const task of step.tasks ?? [])
        for (const script of [task.solution ?? [], ...(task.wrong ?? []).map((w) => w.script ?? [])])
          for (const text of hereDocuments(script.flatMap((line) => line.split('\n'))))
            all.push({ where: `${path} ${task.id}`, text });
  return all;
}

let passed = 0, failed = 0;
function judge(where, problem) {
  if (problem) console.log(`FAIL ${where}: ${problem}`);
  problem ? ++failed : ++passed;
}

if (!existsSync(kubectl) || !existsSync(models)) {
  const count = manifests().length;
  console.log(`no real kubectl (${relative(cache, kubectl)}) or no client-node here: ${count} manifests skipped`);
  console.log(`0 passed, 0 failed, ${count} skipped`);
  process.exit(0);
}
const known = await import(pathToFileURL(models).href);

function modelOf(object) {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
  const prefix = version[0].toUpperCase() + version.slice(1);
  for (const name of [`${prefix}${object.kind}`, `Core${prefix}${object.kind}`]) if (known[name]) return name;
  return `unknown kind ${group ? `${group}/` : ''}${version} ${object.kind}`;
}

// The first field that the model does not know, as a path; '' when all are known.
function strangeField(value, type, path) {
  const list = /^Array<(.*)>$/.exec(type);
  if (list) {
    if (!Array.isArray(value)) return value === null ? '' : `${path} should be a list`;
    return value.map((item, i) => strangeField(item, list[1], `${path}[${i}]`)).find(Boolean) ?? '';
  }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) return Object.entries(value ?? {}).map(([key, item]) => strangeField(item, map[1], `${path}.${key}`)).find(Boolean) ?? '';
  const model = known[type]?.getAttributeTypeMap?.();
  if (!model || value === null || typeof value !== 'object') return '';
  for (const [key, item] of Object.entries(value)) {
    const field = model.find((f) => f.baseName === key);
    const problem = field ? strangeField(item, field.type, `${path}.${key}`) : `${path}.${key} is no field of ${type}`;
    if (problem) return problem;
  }
  return '';
}

for (const { where, text } of manifests()) {
  let printed;
  try {
    printed = execFileSync(kubectl, ['annotate', '--local', '-f', '-', 'kubewalk/read=yes', '-o', 'json'],
      { input: text, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, KUBECONFIG: '/dev/null' } });
  } catch (error) {
    judge(where, `kubectl cannot read it: ${String(error.stderr || error.message).trim().split('\n')[0]}`);
    continue;
  }
  // One JSON object after the other.
  const objects = JSON.parse(`[${printed.trim().replace(/^\}\n\{$/gm, '},\n{')}]`);
  judge(`${where}: kubectl reads it`, objects.length ? '' : 'it holds no object');
  for (const object of objects) {
    const model = modelOf(object);
    judge(`${where}: ${object.kind} ${object.metadata?.name}`,
      known[model] ? strangeField(object, model, object.kind) : model);
  }
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed ? 1 : 0;
