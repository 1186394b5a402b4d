// Loads the program, shows how far it is, and says clearly when it cannot run.
//
// What the program finds in Module.kubewalk (web/platform/browser_*.cpp):
//   language          "en" or "zh-CN"; theme "dark" or "light"
//   fonts             Map: "Inter-Regular" -> Uint8Array, loaded before main() runs
//   files             Map: "languages/zh-CN.json" -> Uint8Array, those loaded before main() runs
//   loadFile(name)    Promise<Uint8Array>; other files of the site ("schema/kubernetes-docs.json")
//   rest              the second file of the program (cmake/split): 'there', 'coming', or 'missing' while it is tried again
//   restAwaited       set by the program: it is to be woken when the rest is there, or missing
//   newRelease        true once another release has been fetched while this page was open
//   ready()           call after the first complete frame: takes the loading card away
//   fail(title, detail)  shows the problem card instead of the canvas
//   release           identifies the build
// <html data-state> is loading, ready or failed.

'use strict';

(() => {
  // Filled in when dist/ is put together: { release, files: { name: { url, size } } }, sizes before compression,
  // because what arrives in a stream is counted decompressed.
  const MANIFEST = /*KUBEWALK_MANIFEST*/{ release: 'development', files: {} }/*END*/;

  const TEXTS = {
    en: {
      tagline: 'A Kubernetes cluster in one browser tab',
      loading: 'Loading', starting: 'Starting the cluster', slow: 'Loading - the connection is slow, please wait',
      reload: 'Reload', details: 'Details',
      noWasm: ['This browser cannot run KubeWalk', 'WebAssembly is missing or turned off.',
        ['Update the browser: any Chrome, Edge, Firefox or Safari since 2022 will do.', 'If WebAssembly is turned off by a policy or a “lockdown” mode, allow it for this site.']],
      noWebGL: ['KubeWalk cannot draw here', 'WebGL 2 is missing or turned off in this browser.',
        ['Turn on hardware acceleration in the browser’s settings, then restart the browser.', 'Update the browser and the graphics driver.', 'Try another browser: Chrome, Edge, Firefox or Safari 15 and later.']],
      noServer: ['KubeWalk must come from a web server', 'Browsers do not let a page opened as a file load its program.',
        ['Serve this folder with any web server, for example: python3 -m http.server']],
      loadFailed: ['KubeWalk could not be loaded', 'A file of the page did not arrive.', ['Check the connection and reload the page.']],
      restMissing: 'A part of KubeWalk did not arrive, and it is needed now. Check the connection, then press OK: KubeWalk tries again and goes on where it is.',
      crashed: ['KubeWalk has stopped', 'An error in the program. What you had not saved since the last automatic save may be lost.',
        ['Reload the page to go on. If it happens again, please report it with the details below.']],
      memory: ['Out of memory', 'The browser gave this page no more memory.', ['Close other tabs, reload, and try a smaller cluster.']],
    },
    'zh-CN': {
      tagline: '运行在一个浏览器标签页里的 Kubernetes 集群',
      loading: '正在加载', starting: '正在启动集群', slow: '正在加载，网络较慢，请稍候',
      reload: '重新加载', details: '详细信息',
      noWasm: ['此浏览器无法运行 KubeWalk', '浏览器不支持或已禁用 WebAssembly。',
        ['请更新浏览器：2022 年以后的 Chrome、Edge、Firefox 或 Safari 均可。', '如果 WebAssembly 被策略或“锁定模式”禁用，请为本站点启用它。']],
      noWebGL: ['KubeWalk 无法在此绘图', '浏览器不支持或已禁用 WebGL 2。',
        ['请在浏览器设置中启用硬件加速，然后重启浏览器。', '请更新浏览器和显卡驱动。', '请换用其他浏览器：Chrome、Edge、Firefox 或 Safari 15 及以上版本。']],
      noServer: ['KubeWalk 需要通过 Web 服务器访问', '以文件方式打开的页面，浏览器不允许加载程序。',
        ['请用任意 Web 服务器提供此目录，例如：python3 -m http.server']],
      loadFailed: ['KubeWalk 加载失败', '页面的某个文件未能下载。', ['请检查网络连接，然后重新加载页面。']],
      restMissing: 'KubeWalk 的一部分未能下载，而现在正需要它。请检查网络连接，然后按“确定”：KubeWalk 会重试，并从当前位置继续。',
      crashed: ['KubeWalk 已停止运行', '程序出错。上次自动保存之后的内容可能会丢失。',
        ['请重新加载页面以继续。如果再次发生，请附上下面的详细信息反馈给我们。']],
      memory: ['内存不足', '浏览器无法再为此页面分配内存。', ['请关闭其他标签页后重新加载，并使用较小的集群。']],
    },
  };

  const root = document.documentElement;
  const element = (id) => document.getElementById(id);

  // What the learner chose earlier goes before what the browser says; storage may be forbidden.
  function remembered(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  }
  const parameters = new URLSearchParams(location.search);
  const wanted = parameters.get('lang') || remembered('kubewalk.language') || navigator.language || 'en';
  const language = /^zh/i.test(wanted) ? 'zh-CN' : 'en';
  const wantedTheme = parameters.get('theme') || remembered('kubewalk.theme');
  const theme = wantedTheme === 'light' || wantedTheme === 'dark' ? wantedTheme
    : matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  const texts = TEXTS[language];
  root.lang = language;
  root.dataset.theme = theme;
  element('boot-tagline').textContent = texts.tagline;
  element('boot-status').textContent = texts.loading;
  element('boot-retry').textContent = texts.reload;
  element('boot-retry').addEventListener('click', () => location.reload());

  // --- problems ---------------------------------------------------------------------------------

  let failed = false;
  function problem([title, text, steps], detail) {
    if (failed) return; // the first problem is the cause of the others
    failed = true;
    root.dataset.state = 'failed';
    element('boot-problem-title').textContent = title;
    element('boot-problem-text').textContent = text;
    element('boot-problem-steps').replaceChildren(...steps.map((step) => {
      const item = document.createElement('li');
      item.textContent = step;
      return item;
    }));
    if (detail) {
      element('boot-problem-more').hidden = false;
      element('boot-problem-more-title').textContent = texts.details;
      element('boot-problem-detail').textContent = `${detail}\n\nKubeWalk ${MANIFEST.release}\n${navigator.userAgent}`;
    }
    element('boot-problem').hidden = false;
    element('boot-retry').focus();
  }

  function crash(error) {
    const detail = error && error.stack ? `${error.message}\n${error.stack}` : String(error);
    problem(/out of memory|OOM|enlarge memory/i.test(detail) ? texts.memory : texts.crashed, detail);
  }

  // --- progress ---------------------------------------------------------------------------------

  const fileOf = (name) => MANIFEST.files[name] || { url: name, size: 0 };
  const expected = new Map(); // name -> bytes
  const received = new Map();
  let lastArrival = performance.now();

  function showProgress() {
    let total = 0;
    let done = 0;
    for (const [name, size] of expected) {
      total += size;
      done += Math.min(size, received.get(name) || 0);
    }
    const part = total > 0 ? done / total : 0;
    element('boot-progress').value = part;
    if (root.dataset.state === 'loading') {
      element('boot-status').textContent = part < 1 ? `${texts.loading} ${Math.floor(part * 100)} %` : texts.starting;
    }
  }
  function arrived(name, bytes) {
    received.set(name, (received.get(name) || 0) + bytes);
    lastArrival = performance.now();
    showProgress();
  }
  const patience = setInterval(() => {
    if (root.dataset.state !== 'loading') clearInterval(patience);
    else if (performance.now() - lastArrival > 8000 && element('boot-progress').value < 1) element('boot-status').textContent = texts.slow;
  }, 1000);

  // A response whose body counts what passes. One more try: a lost packet must not cost the whole visit.
  async function counted(name, type) {
    const { url } = fileOf(name);
    let response;
    try {
      response = await fetch(url);
      if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
    } catch (first) {
      response = await fetch(url, { cache: 'reload' });
      if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
    }
    if (!response.body || typeof TransformStream === 'undefined') {
      const bytes = await response.arrayBuffer();
      arrived(name, bytes.byteLength);
      return new Response(bytes, { headers: { 'Content-Type': type } });
    }
    const counter = new TransformStream({
      transform(chunk, controller) {
        arrived(name, chunk.byteLength);
        controller.enqueue(chunk);
      },
    });
    // Our own Content-Type: a plain file host may not know .wasm, and streaming compilation insists on it.
    return new Response(response.body.pipeThrough(counter), { headers: { 'Content-Type': type } });
  }

  async function bytesOf(name) {
    const response = await counted(name, 'application/octet-stream');
    return new Uint8Array(await response.arrayBuffer());
  }

  function script(name) {
    return new Promise((resolve, reject) => {
      const tag = document.createElement('script');
      tag.src = fileOf(name).url;
      tag.onload = () => { arrived(name, fileOf(name).size); resolve(); };
      tag.onerror = () => reject(new Error(`${tag.src} did not load`));
      document.head.append(tag);
    });
  }

  // --- the program --------------------------------------------------------------------------------

  const fontFile = (name) => Object.keys(MANIFEST.files).find((file) => file.startsWith(`fonts/${name}.`)) || `fonts/${name}`;
  const pending = new Map(); // a file wanted twice is fetched once
  function once(name) {
    if (!pending.has(name)) pending.set(name, bytesOf(name).catch((error) => { pending.delete(name); throw error; }));
    return pending.get(name);
  }

  function hasWebGL2() {
    try {
      const context = document.createElement('canvas').getContext('webgl2');
      if (!context) return false;
      // Browsers allow few contexts a page: give this one back.
      context.getExtension('WEBGL_lose_context')?.loseContext();
      return true;
    } catch {
      return false;
    }
  }

  // A new release: this page goes on with the old one, is told, and the next visit has the new one. This page itself
  // may be the new one already while the old worker still serves: then the new worker takes over at once.
  async function followReleases(registration) {
    if (registration.waiting) registration.waiting.postMessage('take over');
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      if (!worker || !navigator.serviceWorker.controller) return; // the first one is no update
      worker.addEventListener('statechange', async () => {
        if (worker.state !== 'installed') return;
        // With a search the old worker has no copy and asks the host.
        const page = await (await fetch(`./?release=${Date.now()}`, { cache: 'no-store' })).text();
        const mine = document.querySelector('script[src*="boot."]').getAttribute('src');
        if (page.includes(mine)) return worker.postMessage('take over');
        module.newRelease = true;
        window.kubewalk_wake && window.kubewalk_wake();
      });
    });
    const look = () => { if (!document.hidden) registration.update().catch(() => {}); };
    document.addEventListener('visibilitychange', look);
    setInterval(look, 3600 * 1000);
  }

  // A second visit works offline: what was loaded is kept, and sw.js serves it.
  async function keepForOffline() {
    if (!('serviceWorker' in navigator) || !('caches' in window) || MANIFEST.release === 'development') return;
    try {
      await followReleases(await navigator.serviceWorker.register('sw.js'));
      const cache = await caches.open(`kubewalk-${MANIFEST.release}`);
      const page = [...document.querySelectorAll('script[src], link[rel="stylesheet"]')].map((tag) => tag.src || tag.href);
      const files = Object.keys(MANIFEST.files).filter((name) => received.has(name) || name.startsWith('lessons/')).map((name) => fileOf(name).url);
      const urls = ['./', ...new Set([...page, ...files].map((url) => new URL(url, location.href).href))];
      await cache.addAll(urls.map((url) => new Request(url, { cache: url === './' ? 'no-cache' : 'force-cache' })));
    } catch (error) {
      console.info('KubeWalk is not kept for offline use:', error.message);
    }
  }

  const module = { get rest() { return REST.state; } }; // Module.kubewalk

  // --- the rest of the program ----------------------------------------------------------------------

  // The first file has a placeholder in its table for each function of the other two, which put their own in their places
  // when they are instantiated. `state` is what Module.kubewalk.rest says of the second.
  const REST = { file: 'kubewalk.rest.wasm', state: 'coming' };
  const SELDOM = { file: 'kubewalk.seldom.wasm', state: 'coming' };
  let primary; // what the first file exports

  const linked = () => ({ primary });
  const join = (part) => { part.state = 'there'; };

  // Some come back to a lesson, or by a link: what they need nobody knows before, so they begin with all of it.
  function beginsWithAll() {
    if (location.hash.length > 1 || [...parameters.keys()].some((key) => key !== 'lang' && key !== 'theme')) return true;
    try { return Object.keys(localStorage).some((key) => key.startsWith('kubewalk.') && !/\.(language|theme)$/.test(key)); } catch { return false; }
  }

  const compiled = async (part) => WebAssembly.compileStreaming(await counted(part.file, 'application/wasm'));

  // Again and again until it is there. Meanwhile the program keeps back what may need the second file
  // (web/platform/browser_main.cpp).
  async function fetchPart(part) {
    for (let wait = 2; part.state !== 'there'; wait = Math.min(60, wait * 2)) {
      try {
        const program = await compiled(part);
        if (part.state !== 'there') {
          await WebAssembly.instantiate(program, linked());
          join(part);
        }
      } catch (error) {
        console.warn(part.file, error.message);
        if (part.state !== 'there') part.state = 'missing';
      }
      if (module.restAwaited) window.kubewalk_wake();
      if (part.state !== 'there') await new Promise((done) => { setTimeout(done, wait * 1000); });
    }
  }

  async function afterFirstFrame() {
    await fetchPart(REST);
    await fetchPart(SELDOM);
    await keepForOffline();
  }

  // A function is called although its file is not there. Of the second file that is a mistake in cmake/split/parts.txt, which
  // costs a moment and nothing else; of the third it may happen. The call must not fail in the middle of the program's work, so
  // it waits.
  function fetchNow(part, slot) {
    if (part === REST) {
      window.kubewalk_early.push(slot);
      console.error(`the program called function ${slot} of its second file before that was there`);
    }
    for (let refusals = 0; ;) {
      try {
        const request = new XMLHttpRequest();
        request.open('GET', fileOf(part.file).url, false);
        request.overrideMimeType('text/plain; charset=x-user-defined'); // bytes: a synchronous request gives no buffer
        request.send();
        if (request.status !== 200) throw new Error(`HTTP ${request.status}`);
        const bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0));
        new WebAssembly.Instance(new WebAssembly.Module(bytes), linked());
        arrived(part.file, bytes.length); // kept for offline like the others
        return join(part);
      } catch (error) {
        const asked = performance.now();
        alert(texts.restMissing);
        // Where dialogs are forbidden there is nobody to wait for.
        if (performance.now() - asked < 50 && ++refusals > 2) {
          problem(texts.loadFailed, error.stack || String(error));
          throw error;
        }
      }
    }
  }
  window.kubewalk_early = []; // tests want it empty
  const placeholders = (part) => new Proxy({}, {
    get: (_, slot) => (...values) => {
      if (part.state !== 'there') fetchNow(part, slot);
      return Object.values(primary).find((one) => one instanceof WebAssembly.Table).get(Number(slot))(...values);
    },
  });

  async function boot() {
    if (location.protocol === 'file:') return problem(texts.noServer);
    if (typeof WebAssembly !== 'object') return problem(texts.noWasm);
    if (!hasWebGL2()) return problem(texts.noWebGL);

    const fontNames = ['Inter-Regular', 'Inter-SemiBold', 'JetBrainsMono-Regular'];
    // English is in the program. Without these the page still works: the program tries again, and says so.
    const [chineseFont, chineseTexts] = language === 'zh-CN' ? ['NotoSansSC-Regular', 'languages/zh-CN.json'] : [];
    const wanted = ['kubewalk.js', 'kubewalk.wasm', ...fontNames.map(fontFile)];
    if (chineseFont) wanted.push(fontFile(chineseFont), chineseTexts);
    const all = beginsWithAll();
    if (all) wanted.push(REST.file, SELDOM.file);
    for (const name of wanted) expected.set(name, fileOf(name).size);

    const wasm = counted('kubewalk.wasm', 'application/wasm');
    wasm.catch(() => {}); // reported where it is awaited
    const parts = all ? [REST, SELDOM].map((part) => [part, compiled(part)]) : [];
    for (const [, program] of parts) program.catch(() => {});
    const fonts = new Map();
    const files = new Map();
    const ifPossible = async (promise) => { try { await promise; } catch (error) { console.warn(error.message); } };
    await Promise.all([
      script('kubewalk.js'),
      ...fontNames.map(async (name) => { fonts.set(name, await once(fontFile(name))); }),
      chineseFont && ifPossible(once(fontFile(chineseFont)).then((bytes) => fonts.set(chineseFont, bytes))),
      chineseTexts && ifPossible(once(chineseTexts).then((bytes) => files.set(chineseTexts, bytes))),
    ]);

    const canvas = element('canvas');
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
    await window.createKubeWalk({
      canvas,
      print: (text) => console.info(text),
      printErr: (text) => console.warn(text),
      onAbort: (what) => crash(new Error(`aborted: ${what}`)),
      instantiateWasm(imports, done) {
        wasm.then((response) => WebAssembly.instantiateStreaming(response, { ...imports, placeholder: placeholders(REST), seldom: placeholders(SELDOM) }))
          .then(async ({ instance, module }) => {
            primary = instance.exports;
            for (const [part, program] of parts) {
              await WebAssembly.instantiate(await program, linked());
              join(part);
            }
            done(instance, module);
          })
          .catch((error) => problem(texts.loadFailed, error.stack || String(error)));
        return {};
      },
      kubewalk: Object.assign(module, {
        language, theme, fonts, files, release: MANIFEST.release,
        loadFile: (name) => once(name),
        ready() {
          if (failed || root.dataset.state === 'ready') return;
          root.dataset.state = 'ready';
          performance.mark('kubewalk-ready');
          afterFirstFrame();
        },
        fail: (title, detail) => problem([title, '', texts.crashed[2]], detail),
      }),
    });
  }

  // A trap in WebAssembly after the start: the program's memory can no longer be trusted.
  window.addEventListener('error', (event) => {
    if (typeof WebAssembly === 'object' && event.error instanceof WebAssembly.RuntimeError) crash(event.error);
  });
  window.addEventListener('unhandledrejection', (event) => {
    if (typeof WebAssembly === 'object' && event.reason instanceof WebAssembly.RuntimeError) crash(event.reason);
  });

  boot().catch((error) => {
    if (typeof WebAssembly === 'object' && error instanceof WebAssembly.RuntimeError) crash(error);
    else problem(texts.loadFailed, error.stack || String(error));
  });
})();
