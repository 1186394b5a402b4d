// A second visit works without a network. Files other than the page itself carry a hash of their content
// in their name, so a kept copy is never stale; the page itself comes from the network where there is one.
//
// Releases: a new worker waits until a page of its own release asks it to take over (boot.js), so that a page that
// is open keeps what it needs. The release before stays kept for pages that are still open.
'use strict';

const CACHE = 'kubewalk-__RELEASE__';

self.addEventListener('message', (event) => { if (event.data === 'take over') self.skipWaiting(); });

self.addEventListener('activate', (event) => event.waitUntil((async () => {
  const others = (await caches.keys()).filter((name) => name.startsWith('kubewalk-') && name !== CACHE);
  // In the order they were made: the last one is the release before.
  for (const name of others.slice(0, -1)) await caches.delete(name);
  await self.clients.claim();
})()));

async function keptPage() {
  const address = new URL('./', self.registration.scope).href;
  const own = await (await caches.open(CACHE)).match(address, { ignoreSearch: true });
  return own ?? await caches.match(address, { ignoreSearch: true }) ?? Response.error();
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(keptPage));
    return;
  }
  const named = /\.[0-9a-f]{10}\.\w+$/.test(new URL(request.url).pathname);
  event.respondWith((async () => {
    // The page itself has no hash in its name: a kept one may be the release before.
    if (!named) return fetch(request).catch(async () => await caches.match(request) ?? Response.error());
    const kept = await caches.match(request);
    if (kept) return kept;
    const response = await fetch(request);
    if (response.ok) {
      const cache = await caches.open(CACHE);
      const copy = response.clone();
      event.waitUntil(cache.put(request, copy).catch(() => {}));
    }
    return response;
  })());
});
