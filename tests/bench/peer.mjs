// The nearest peer, @ngrok/webernetes (npm), with what it has: a Deployment of 1,000 Pods on 10 nodes. Ours natively and
// in WebAssembly run before it, on the same machine in the same minutes, so that the ratios mean something.
//   node tests/bench/peer.mjs [dist]
// The peer is installed into the cache, outside the tree, and bundled there (its modules name each other without
// ".js", which Node does not resolve). Without a network its rows are left out, and it is said.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const pods = 1000;
const nodes = 10;
const limit_ms = 600_000;
const cache = process.env.KUBEWALK_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kubewalk');
const folder = join(cache, 'bench');

const row = (what, value, unit, note = '') =>
  console.log(`${what.padEnd(56)} ${value.toFixed(3).padStart(11)} ${unit.padEnd(8)} ${note}`);

// The figure of our own bench's row that begins with `what`.
function ours(command, args, what) {
  try {
    const text = execFileSync(command, [...args, 'deployment'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    const line = text.split('\n').find((one) => one.startsWith(what));
    return line ? Number(line.slice(what.length).trim().split(/\s+/)[0]) : undefined;
  } catch {
    return undefined;
  }
}

function bundle() {
  const wanted = { '@ngrok/webernetes': '0.3.5', esbuild: '0.25.12' };
  const bundled = join(folder, 'webernetes.mjs');
  if (existsSync(bundled)) return bundled;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'kubewalk-bench', private: true, dependencies: wanted }));
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
  execFileSync(join(folder, 'node_modules/.bin/esbuild'),
    ['node_modules/@ngrok/webernetes/dist/index.js', '--bundle', '--format=esm', '--platform=node', `--outfile=${bundled}`],
    { cwd: folder, stdio: 'inherit' });
  return bundled;
}

async function peer() {
  const { Cluster, BaseImage } = await import(pathToFileURL(bundle()).href);
  class Web extends BaseImage {
    static imageName = 'web';
    static imageVersion = '1.0';
    defaultCommand = ['server'];
    async exec(context) { return await context.waitUntilKilled(); }
  }
  const cluster = new Cluster({ nodes });
  cluster.registerImage(Web);
  await cluster.init();
  const before = process.cpuUsage();
  const begun = Date.now();
  await cluster.apply([{
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: pods, selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1.0' }] } } },
  }]);
  let ready = 0;
  while (ready < pods && Date.now() - begun < limit_ms) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const deployment = await cluster.api.appsv1.readNamespacedDeployment({ name: 'web', namespace: 'default' });
    ready = (deployment.body ?? deployment).status?.readyReplicas ?? 0;
  }
  const spent = process.cpuUsage(before);
  return { ready, cpu_ms: (spent.user + spent.system) / 1000 };
}

const what = 'a Deployment of 1,000 Pods on 10 nodes, all Ready';
const native_ms = ours('build/native/kubewalk_bench', [], what);
const wasm_ms = existsSync('build/wasm/kubewalk_bench.js') ? ours(process.execPath, ['build/wasm/kubewalk_bench.js'], what) : undefined;
if (native_ms) row(`${what}: natively`, native_ms, 'ms', 'budget 150 ms');
if (wasm_ms) row(`${what}: WebAssembly`, wasm_ms, 'ms', 'budget 400 ms');
try {
  const { ready, cpu_ms } = await peer();
  row(`${what}: webernetes 0.3.5`, cpu_ms, 'ms', ready === pods ? '' : `${ready} of ${pods} Ready after ${limit_ms / 1000} s`);
  if (native_ms) row('  times ours natively', cpu_ms / native_ms, '');
  if (wasm_ms) row('  times ours in WebAssembly', cpu_ms / wasm_ms, '');
} catch (error) {
  console.log(`webernetes could not be measured: ${error.message.split('\n')[0]}`);
}
process.exit(0);
