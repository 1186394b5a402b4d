import { open, click, item, type } from './hands.mjs';
import { launch, startServer } from './harness.mjs';
const site = await startServer(); const browser = await launch();
const shot = async (p, n) => { await p.waitForTimeout(800); await p.screenshot({ path: `/tmp/look/${n}.png` }); };
for (const lang of (process.argv[2] ?? 'en').split(',')) {
  let p = await open(browser, site, lang, { at: '#lesson=cloud&step=1' });
  await shot(p, `cloud-arch-${lang}`);
  await click(p, 'view/tabs/cluster'); await shot(p, `cloud-cluster-${lang}`);
  await click(p, 'view/tabs/traffic'); await shot(p, `cloud-traffic0-${lang}`);
  await click(p, 'view/traffic/send'); await p.waitForTimeout(1500); await shot(p, `cloud-traffic-${lang}`);
  await p.context().close();
  p = await open(browser, site, lang, { at: '#lesson=pod-addresses' });
  await click(p, 'view/tabs/cluster'); await shot(p, `pods-cluster-${lang}`);
  await p.context().close();
  p = await open(browser, site, lang, { at: '#lesson=outside-request' });
  await click(p, 'view/tabs/traffic'); await click(p, 'view/traffic/send'); await p.waitForTimeout(1500); await shot(p, `outside-${lang}`);
  await p.context().close();
}
await browser.close(); await site.close();
