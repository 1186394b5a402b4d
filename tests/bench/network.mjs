// The network side by side: natively, in WebAssembly under Node, and @ngrok/webernetes where it has the feature, all in
// one run. node tests/bench/network.mjs (builds must be there: kubewalk_network_bench of presets native and wasm).
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { measure, webernetes } from './network/webernetes.mjs';

// name -> [value, unit]
function run(program, args) {
  const lines = execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n').map((line) => line.split('\t'));
  return new Map(lines.map(([name, value, unit]) => [name, [Number(value), unit]]));
}

const native = existsSync('build/native/kubewalk_network_bench') ? run('build/native/kubewalk_network_bench', []) : new Map();
const wasm = existsSync('build/wasm/kubewalk_network_bench.js')
  ? run(process.execPath, ['build/wasm/kubewalk_network_bench.js']) : new Map();
const package_ = await webernetes();
// Hundreds of Services take it minutes to make; the cost of what is measured does not depend on their number.
const peer = package_ ? await measure(package_, 100) : {};
const theirs = {
  "requests through a ClusterIP, the peer's cluster": peer.requests,
  'requests through a ClusterIP, a connection each': peer.requests,
  'answers of the DNS server alone: A': peer.answers,
  'lookups through the kube-dns Service': peer.lookups,
};

const number = (value) => value === undefined ? '-' : value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
console.log(`${''.padEnd(50)}${'native'.padStart(14)}${'WebAssembly'.padStart(14)}${'webernetes'.padStart(14)}`);
for (const name of new Set([...native.keys(), ...wasm.keys()])) {
  const unit = (native.get(name) ?? wasm.get(name))[1];
  console.log(`${name.padEnd(50)}${number(native.get(name)?.[0]).padStart(14)}${number(wasm.get(name)?.[0]).padStart(14)}` +
    `${number(theirs[name]).padStart(14)}  ${unit}`);
}
if (!package_) console.log('@ngrok/webernetes is not installed: ./test.sh --bench installs it into the cache');
process.exit(0);
