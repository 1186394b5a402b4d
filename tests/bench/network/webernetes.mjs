// What the nearest peer, @ngrok/webernetes, costs where it has the same feature: a request from a Pod through a
// ClusterIP, an answer of its DNS server alone, a lookup through the kube-dns Service. Installed at set-up into the
// cache (cmake/setup.sh bench), never part of the project. Its network judges no packets.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const cache = process.env.KUBEWALK_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kubewalk');

// Bundled, as a page would load it (its modules name each other without extensions). Null when it is not installed.
export async function webernetes() {
  const modules = join(cache, 'bench', 'node_modules');
  const entry = join(modules, '@ngrok', 'webernetes', 'dist', 'index.js');
  if (!existsSync(entry)) return null;
  const bundle = join(cache, 'bench', 'webernetes.mjs');
  execFileSync(join(modules, '.bin', 'esbuild'),
    [entry, '--bundle', '--platform=node', '--format=esm', '--log-level=error', `--outfile=${bundle}`]);
  return import(pathToFileURL(bundle).href);
}

async function until(what, condition) {
  const give_up = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > give_up) throw new Error(`webernetes: ${what} takes more than a minute`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// Best of five: what it can do, not what the machine was busy with.
async function per_second(count, work) {
  let best = 0;
  for (let run = 0; run < 5; ++run) {
    const start = performance.now();
    for (let i = 0; i < count; ++i) await work(i);
    best = Math.max(best, count / (performance.now() - start) * 1000);
  }
  return best;
}

// { requests, answers, lookups } per second, with that many Services beside the one that is asked.
export async function measure(package_, services) {
  const cluster = new package_.Cluster();
  await cluster.init();
  const pod = (name, labels) => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name, labels },
    spec: { containers: [{ name: 'main', image: 'hashicorp/http-echo:1.0', args: ['-text=hello', '-listen=:8080'] }] },
  });
  await cluster.apply(['web-0', 'web-1'].map((name) => pod(name, { app: 'web' })));
  await cluster.apply([pod('client', {})]);
  const service = (name) => ({
    apiVersion: 'v1', kind: 'Service', metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] },
  });
  await cluster.apply([service('web')]);
  for (let i = 0; i < services; ++i) await cluster.apply([service(`svc-${i}`)]);
  const read = (name) => cluster.api.corev1.readNamespacedPod({ namespace: 'default', name });
  await until('the start of a Pod', async () => (await read('client')).status?.podIP && (await read('web-1')).status?.podIP);
  const client = await read('client');
  const web = await cluster.api.corev1.readNamespacedService({ namespace: 'default', name: 'web' });
  const url = `http://${web.spec.clusterIP}:80/`;
  const get = () => cluster.network.fetch(cluster.ctx, client, url);
  await until('the Service', () => get().then((response) => response.status === 200, () => false));
  const name = (i) => `svc-${i % Math.max(services, 1)}.default.svc.cluster.local`;
  const dns = (await cluster.api.corev1.listNamespacedPod({ namespace: 'kube-system' })).items
    .find((item) => item.metadata.name.startsWith('coredns'));
  const lookup = (i) => cluster.network.resolveDns(client, services ? name(i) : 'web.default.svc.cluster.local');
  await until('DNS', () => lookup(0).then((response) => response.answers.length === 1, () => false));
  const target = `${dns.status.podIP}:53`;
  const result = {
    requests: await per_second(20_000, get),
    answers: await per_second(50_000, (i) => cluster.network.sendDns(target, { name: name(i), type: 'A' })),
    lookups: await per_second(50_000, lookup),
  };
  await cluster.close?.();
  return result;
}

if (process.argv[1]?.endsWith('webernetes.mjs')) {
  const package_ = await webernetes();
  console.log(package_ ? await measure(package_, Number(process.argv[2] ?? 100)) : 'not installed');
  process.exit(0);
}
