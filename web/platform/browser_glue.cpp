// JavaScript of the page's platform. The keyboard is ours entirely: a hidden textarea holds the focus
// while text is taken, so that input methods, phone keyboards and paste work as anywhere; keys that the
// browser needs stay the browser's.

#include "web/platform/browser_glue.h"

#include <emscripten.h>

// clang-format off

EM_JS(void, kw_attach_js, (), {
  const canvas = document.getElementById('canvas');
  const make = (tag, id) => {
    let found = document.getElementById(id);
    if (!found) {
      found = document.createElement(tag);
      found.id = id;
      found.className = 'out-of-sight';
      document.body.appendChild(found);
    }
    return found;
  };
  const ime = make('textarea', 'ime');
  const mirror = make('div', 'mirror');
  const controls = make('div', 'controls');
  ime.setAttribute('autocapitalize', 'off');
  ime.setAttribute('autocomplete', 'off');
  ime.setAttribute('autocorrect', 'off');
  ime.setAttribute('spellcheck', 'false');
  if (canvas.tabIndex < 0) canvas.tabIndex = 0;
  const kw = Module.kw = { canvas, ime, mirror, controls, wanted: false, composing: false, scheduled: false, timer: 0, given: [], ahead: [],
    spent: { total: 0, frames: 0, longest: 0 } };
  // Another file of the site, once; it is handed to C when it has arrived.
  const fetched = new Set();
  kw.awaited = new Set();
  kw.giveFile = (name, bytes) => {
    const at = _malloc(bytes.length);
    HEAPU8.set(bytes, at);
    // A frame only for those who wait: what was fetched ahead must not wake a page at rest.
    text((path) => _kwp_file_bytes(path, at, bytes.length, kw.awaited.has(name) ? 1 : 0), name);
    _free(at);
  };
  const missed = new Map(); // what did not arrive: seconds until the next try
  kw.fetchFile = (name) => {
    const boot = Module.kubewalk;
    if (!boot || !boot.loadFile || fetched.has(name)) return;
    fetched.add(name);
    boot.loadFile(name).then((bytes) => {
      kw.giveFile(name, bytes);
      missed.delete(name);
    }).catch((error) => {
      fetched.delete(name);
      console.warn('file', name, error);
      text((path) => _kwp_file_missing(path), name);
      const wait = Math.min(300, (missed.get(name) || 1) * 2); // seconds
      missed.set(name, wait);
      setTimeout(() => kw.fetchFile(name), wait * 1000);
    });
  };
  const text = (call, value) => {
    const size = lengthBytesUTF8(value) + 1;
    const at = _malloc(size);
    stringToUTF8(value, at, size);
    call(at);
    _free(at);
  };
  kw.text = text;
  const modifiers = (e) => (e.ctrlKey ? 1 : 0) | (e.shiftKey ? 2 : 0) | (e.altKey ? 4 : 0) | (e.metaKey ? 8 : 0);

  // --- pointer: mouse and pen as they are; fingers below
  const place = (e) => { const r = canvas.getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top]; };
  const source = (e) => e.pointerType === 'touch' ? 1 : e.pointerType === 'pen' ? 2 : 0;
  const gesture = () => {
    // The focus stays where typing goes; a phone's keyboard opens only inside this gesture.
    kw.gesture = true;
    setTimeout(() => { kw.gesture = false; }, 600);
  };
  const focusBack = () => (kw.wanted ? ime : canvas).focus({ preventScroll: true });

  // One finger: a tap is a click; a long press asks (the second button, and the pointer rests there); a drag moves
  // what wants to be dragged (canvas, dividers, time line) and scrolls everything else. Two fingers pan and zoom.
  const fingers = new Map();
  let touch = null; // { x, y, startX, startY, kind: 'maybe' | 'drag' | 'scroll' | 'long' | 'many', timer, gap }
  const middle = () => {
    const all = [...fingers.values()];
    const x = all.reduce((sum, p) => sum + p[0], 0) / all.length, y = all.reduce((sum, p) => sum + p[1], 0) / all.length;
    const gap = all.length > 1 ? Math.hypot(all[0][0] - all[1][0], all[0][1] - all[1][1]) : 0;
    return { x, y, gap };
  };
  const touchDown = (e) => {
    const [x, y] = place(e);
    fingers.set(e.pointerId, [x, y]);
    if (fingers.size > 1) {
      clearTimeout(touch && touch.timer);
      if (touch && touch.kind === 'drag') _kwp_button(0, 0, 0);
      touch = Object.assign({ kind: 'many' }, middle());
      _kwp_pointer(touch.x, touch.y, 1);
      return;
    }
    _kwp_pointer(x, y, 1);
    touch = { kind: 'maybe', x, y, startX: x, startY: y };
    touch.timer = setTimeout(() => {
      if (!touch || touch.kind !== 'maybe') return;
      touch.kind = 'long';
      _kwp_button(2, 1, 0);
      _kwp_button(2, 0, 0);
    }, 500);
  };
  const touchMove = (e) => {
    if (!fingers.has(e.pointerId) || !touch) return;
    const [x, y] = place(e);
    fingers.set(e.pointerId, [x, y]);
    if (touch.kind === 'many') {
      const now = middle();
      if (fingers.size < 2) return;
      _kwp_pan(now.x - touch.x, now.y - touch.y, now.x, now.y);
      if (touch.gap > 0 && now.gap > 0) _kwp_pinch(now.gap / touch.gap, now.x, now.y);
      Object.assign(touch, now);
      return;
    }
    if (touch.kind === 'maybe' && Math.hypot(x - touch.startX, y - touch.startY) > 8) {
      clearTimeout(touch.timer);
      touch.kind = _kwp_drags(touch.startX, touch.startY) ? 'drag' : 'scroll';
      if (touch.kind === 'drag') { _kwp_pointer(touch.startX, touch.startY, 1); _kwp_button(0, 1, 0); }
    }
    if (touch.kind === 'drag') _kwp_pointer(x, y, 1);
    if (touch.kind === 'scroll') _kwp_pan(x - touch.x, y - touch.y, touch.startX, touch.startY);
    touch.x = x;
    touch.y = y;
  };
  const touchUp = (e) => {
    if (!fingers.delete(e.pointerId) || !touch) return;
    clearTimeout(touch.timer);
    if (touch.kind === 'maybe' && e.type === 'pointerup') {
      gesture();
      _kwp_button(0, 1, 0);
      _kwp_button(0, 0, 0);
      // The program says in its next frames whether text is wanted there; the keyboard opens in this gesture only.
      _kwp_frame();
      _kwp_frame();
      _kwp_frame();
      _kwp_wake(); // and what comes of it
      focusBack();
    } else if (touch.kind === 'drag') {
      _kwp_button(0, 0, 0);
    }
    if (touch.kind !== 'long' && touch.kind !== 'maybe' && fingers.size === 0) _kwp_pointer(-1e6, -1e6, 1);
    if (fingers.size === 0) touch = null;
  };

  canvas.addEventListener('pointermove', (e) => {
    if (e.pointerType === 'touch') return touchMove(e);
    const [x, y] = place(e);
    _kwp_pointer(x, y, source(e));
  });
  canvas.addEventListener('pointerdown', (e) => {
    try { canvas.setPointerCapture(e.pointerId); } catch (error) {}
    e.preventDefault();
    if (e.pointerType === 'touch') return touchDown(e);
    const [x, y] = place(e);
    _kwp_pointer(x, y, source(e));
    _kwp_button(e.button, 1, modifiers(e));
    gesture();
    focusBack();
  });
  const up = (e) => {
    if (e.pointerType === 'touch') return touchUp(e);
    const [x, y] = place(e);
    _kwp_pointer(x, y, source(e));
    _kwp_button(e.button < 0 ? 0 : e.button, 0, modifiers(e));
    if (kw.wanted && document.activeElement !== ime) ime.focus({ preventScroll: true });
  };
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', up);
  canvas.addEventListener('pointerleave', (e) => { if (e.pointerType !== 'touch') _kwp_pointer(-1e6, -1e6, 0); });
  canvas.addEventListener('wheel', (e) => {
    const unit = e.deltaMode === 1 ? 1 / 3 : e.deltaMode === 2 ? 3 : 1 / 100;
    const x = e.shiftKey && !e.deltaX ? e.deltaY : e.deltaX;
    const y = e.shiftKey && !e.deltaX ? 0 : e.deltaY;
    _kwp_wheel(-x * unit, -y * unit);
    e.preventDefault();
  }, { passive: false });

  // --- keyboard: what the browser keeps for itself is never touched
  const ours = (e) => {
    // F8 leads from mistake to mistake; all the others are the browser's.
    if (e.key.length > 1 && e.key[0] === 'F' && !isNaN(e.key.slice(1))) return e.key === 'F8' && kw.wanted;
    const command = e.ctrlKey || e.metaKey;
    if (!command) return e.key !== 'Unidentified';
    if (!kw.wanted) return e.key === 'Enter' || e.key.startsWith('Arrow');
    const letter = e.key.length === 1 ? e.key.toLowerCase() : ' ';
    if ('tn'.includes(letter) || (letter === 'w' && (e.metaKey || e.shiftKey))) return false;
    if (e.shiftKey && 'irjc'.includes(letter)) return false;
    if (letter === 'd') return e.ctrlKey && !e.metaKey; // the end of input, as in every terminal
    return 'acefghklprsuvwxyz/'.includes(letter) || e.key === ' ' || e.key.startsWith('Arrow') || ['Home', 'End', 'Backspace', 'Delete', 'Enter'].includes(e.key);
  };
  const onKey = (down) => (e) => {
    const active = document.activeElement;
    // Somebody is in the page's own text (find, mirror, dialogs): not for us.
    if (active && active !== document.body && active !== canvas && active !== ime) return;
    if (e.isComposing || kw.composing || e.keyCode === 229) return;
    if (down && !ours(e)) return;
    const paste = (e.ctrlKey || e.metaKey) && (e.key === 'v' || e.key === 'V');
    // Ctrl+V: the paste event comes first, then the key (see below).
    if (paste) { if (down) return; }
    text((at) => _kwp_key(at, down ? 1 : 0, modifiers(e), e.repeat ? 1 : 0), e.code);
    const printable = e.key.length === 1 && !e.ctrlKey && !e.metaKey;
    if (printable && (kw.wanted ? active === ime : true)) {
      if (kw.wanted) return; // the textarea gives the character, input method included
      // Typed before the program has said that it wants text: the first letter is its own (it may be a shortcut), the rest follows.
      if (down && _kwp_holds()) {
        kw.give(e.key); // what it is for shows when what was held back before it has been done
      } else if (down && !kw.wanted) {
        const last = kw.ahead.at(-1);
        if (last && e.timeStamp - last.at > 300) kw.ahead.length = 0;
        kw.ahead.push({ letter: e.key, at: e.timeStamp });
      }
      e.preventDefault();
      return;
    }
    if (down && e.key !== 'Shift' && e.key !== 'Control' && e.key !== 'Alt' && e.key !== 'Meta' && e.key !== 'Dead') e.preventDefault();
  };
  window.addEventListener('keydown', onKey(true), true);
  window.addEventListener('keyup', onKey(false), true);
  kw.give = (value) => text((at) => _kwp_text(at), value);
  const take = () => {
    const value = ime.value;
    ime.value = "";
    if (value) text((at) => _kwp_text(at), value.split('\n').join(""));
  };
  // What is being composed stands at the caret, as in any text field, until the input method is done.
  ime.addEventListener('compositionstart', () => { kw.composing = true; ime.classList.add('composing'); });
  ime.addEventListener('compositionupdate', (e) => { ime.style.width = Math.max(2, 2 * (e.data || "").length + 1) + 'ch'; });
  ime.addEventListener('compositionend', () => { kw.composing = false; ime.classList.remove('composing'); ime.style.width = ""; take(); });
  ime.addEventListener('input', (e) => {
    if (kw.composing || e.isComposing) return;
    // A phone's keyboard sends no key events for these.
    if (e.inputType === 'deleteContentBackward') { _kwp_tap(0); ime.value = ""; return; }
    if (e.inputType === 'insertLineBreak') { _kwp_tap(1); ime.value = ""; return; }
    take();
  });
  const onPaste = (e) => {
    const active = document.activeElement;
    if (active && active !== document.body && active !== canvas && active !== ime) return;
    const data = (e.clipboardData || window.clipboardData).getData('text');
    e.preventDefault();
    text((at) => _kwp_paste(at), data);
  };
  document.addEventListener('paste', onPaste, true);
  // --- files: chosen in the system's dialog or dropped anywhere on the page
  const give = async (list) => {
    for (const file of list) {
      if (file.size > 8 << 20) continue;
      kw.given.push([file.name, await file.text()]);
    }
    _kwp_wake();
  };
  kw.chooseFile = (accept) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.multiple = true;
    input.onchange = () => give(input.files);
    input.click();
  };
  window.addEventListener('dragover', (e) => e.preventDefault());
  // A dropped folder (a lesson that a teacher writes) is read again whenever the teacher comes back from the editor.
  const folders = [];
  const within = (entry) => new Promise((done, failed) => {
    const reader = entry.createReader(), all = [];
    const more = () => reader.readEntries((some) => { if (!some.length) return done(all); all.push(...some); more(); }, failed);
    more();
  });
  const read = async (folder, path, depth, files) => {
    for (const entry of await within(folder)) {
      if (Object.keys(files).length >= 1000) return;
      if (entry.isDirectory) {
        if (depth > 0) await read(entry, path + entry.name + '/', depth - 1, files);
      } else if (/[.](json|md|yaml)$/.test(entry.name)) {
        const file = await new Promise((done, failed) => entry.file(done, failed));
        if (file.size <= 1 << 20) files[path + entry.name] = await file.text();
      }
    }
  };
  const giveFolder = async (folder) => {
    const files = {};
    try { await read(folder.entry, "", 1, files); } catch (error) { console.info('the folder cannot be read again:', error.message); return; }
    const content = JSON.stringify(files);
    if (content === folder.given) return;
    folder.given = content;
    kw.given.push([folder.entry.name + '/', content]);
    _kwp_wake();
  };
  window.addEventListener('drop', (e) => {
    e.preventDefault();
    if (!e.dataTransfer) return;
    const dropped = [...e.dataTransfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter((entry) => entry && entry.isDirectory);
    if (!dropped.length) return give(e.dataTransfer.files);
    folders.length = 0;
    for (const entry of dropped) { folders.push({ entry, given: "" }); giveFolder(folders[folders.length - 1]); }
  });
  window.addEventListener('focus', () => { for (const folder of folders) giveFolder(folder); });
  // --- another link was put into the address bar: the program begins anew with it
  window.addEventListener('hashchange', () => { if (location.hash !== kw.hash) location.reload(); });
  // --- the browser's own print command prints the lesson
  window.addEventListener('beforeprint', () => { if (!kw.printing) _kwp_prepare_print(); });
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => _kwp_wake());
  window.addEventListener('blur', () => _kwp_focus(0));
  window.addEventListener('focus', () => _kwp_focus(1));
  document.addEventListener('visibilitychange', () => { if (!document.hidden) _kwp_wake(); });
  window.addEventListener('resize', () => _kwp_wake());
  if (window.ResizeObserver) new ResizeObserver(() => _kwp_wake()).observe(canvas);
  matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', () => _kwp_wake());
  canvas.addEventListener('webglcontextlost', (e) => { e.preventDefault(); _kwp_context(0); });
  canvas.addEventListener('webglcontextrestored', () => _kwp_context(1));
  // For tests and assistive scripts: every widget's path, label and rectangle in CSS pixels.
  const items = () => { const at = _kwp_items(); const value = JSON.parse(UTF8ToString(at)); _free(at); return value; };
  Module.kubewalk_items = items;
  window.kubewalk_items = items;
  // What the frames since the last question cost the main thread, in milliseconds.
  window.kubewalk_spent = () => { const now = kw.spent; kw.spent = { total: 0, frames: 0, longest: 0 }; return now; };
  window.kubewalk_wake = () => _kwp_wake();
  window.kubewalk_frames = () => _kwp_frames();
});

EM_JS(void, kw_set_text_input_js, (int wanted, float x, float y, float height), {
  const kw = Module.kw;
  const begins = !kw.wanted && wanted !== 0;
  kw.wanted = wanted !== 0;
  if (begins) {
    const ahead = kw.ahead.splice(0);
    if (ahead.length > 1 && performance.now() - ahead.at(-1).at < 400) kw.give(ahead.slice(1).map((one) => one.letter).join(""));
  }
  const rect = kw.canvas.getBoundingClientRect();
  kw.ime.style.left = Math.max(0, rect.left + x) + 'px';
  kw.ime.style.top = Math.max(0, rect.top + y) + 'px';
  kw.ime.style.height = height + 'px';
  const active = document.activeElement;
  if (kw.wanted && active !== kw.ime) kw.ime.focus({ preventScroll: true });
  if (!kw.wanted && active === kw.ime) kw.canvas.focus({ preventScroll: true });
});

EM_JS(void, kw_request_frame_js, (), {
  const kw = Module.kw;
  if (kw.scheduled) return;
  kw.scheduled = true;
  requestAnimationFrame(() => {
    kw.scheduled = false;
    if (document.hidden) return;
    const begin = performance.now();
    _kwp_frame();
    const spent = performance.now() - begin;
    kw.spent.total += spent;
    kw.spent.frames += 1;
    if (spent > kw.spent.longest) kw.spent.longest = spent;
  });
});

EM_JS(void, kw_request_frame_in_js, (double seconds), {
  const kw = Module.kw;
  clearTimeout(kw.timer);
  kw.timer = setTimeout(() => _kwp_wake(), seconds * 1000);
});

EM_JS(void, kw_set_clipboard_js, (const char* pointer), {
  const value = UTF8ToString(pointer);
  const byCommand = () => {
    const kw = Module.kw;
    const area = document.createElement('textarea');
    area.className = 'out-of-sight';
    area.value = value;
    document.body.appendChild(area);
    area.select();
    try { document.execCommand('copy'); } catch (error) {}
    area.remove();
    (kw.wanted ? kw.ime : kw.canvas).focus({ preventScroll: true });
  };
  if (navigator.clipboard && navigator.clipboard.writeText) navigator.clipboard.writeText(value).catch(byCommand);
  else byCommand();
});

EM_JS(char*, kw_string_js, (int which, const char* argument), {
  let value = null;
  const key = argument ? UTF8ToString(argument) : "";
  try {
    if (which === 0) value = localStorage.getItem(key);
    if (which === 1) value = location.hash.slice(1);
    if (which === 2) value = location.href.split('#')[0];
    if (which === 3) value = (Module.kubewalk && Module.kubewalk.language) || navigator.language || 'en';
  } catch (error) {}
  if (value === null) return 0;
  const size = lengthBytesUTF8(value) + 1;
  const at = _malloc(size);
  stringToUTF8(value, at, size);
  return at;
});

EM_JS(char*, kw_given_js, (int which), {
  const given = Module.kw.given;
  if (given.length === 0) return 0;
  // Reading it takes all of the program.
  const boot = Module.kubewalk;
  if (boot && boot.rest !== 'there') { boot.restAwaited = true; return 0; }
  const value = given[0][which];
  if (which === 1) given.shift();
  const size = lengthBytesUTF8(value) + 1;
  const at = _malloc(size);
  stringToUTF8(value, at, size);
  return at;
});

// The pixels of the canvas as they were just drawn: only in the same task are they still there.
EM_JS(void, kw_picture_js, (const char* name, int x, int y, int width, int height), {
  const file = UTF8ToString(name);
  const copy = document.createElement('canvas');
  copy.width = width;
  copy.height = height;
  copy.getContext('2d').drawImage(Module.kw.canvas, x, y, width, height, 0, 0, width, height);
  copy.toBlob((blob) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }, 'image/png');
});

EM_JS(int, kw_store_js, (const char* key, const char* value), {
  try { localStorage.setItem(UTF8ToString(key), UTF8ToString(value)); return 1; } catch (error) { return 0; }
});

EM_JS(void, kw_do_js, (int which, const char* first, const char* second, const char* third), {
  const a = UTF8ToString(first);
  if (which === 0) { try { history.replaceState(null, "", '#' + a); } catch (error) {} Module.kw.hash = location.hash; }
  if (which === 1) document.documentElement.lang = a;
  if (which === 2) { document.documentElement.dataset.theme = a; }
  // What was chosen, for the loading card of the next visit; nothing when the system decides.
  if (which === 9) { try { a ? localStorage.setItem('kubewalk.theme', a) : localStorage.removeItem('kubewalk.theme'); } catch (error) {} }
  if (which === 10) { try { localStorage.removeItem(a); } catch (error) {} }
  if (which === 11) Module.kw.chooseFile(a);
  if (which === 12) { Module.kw.printing = true; window.print(); Module.kw.printing = false; }
  if (which === 13) location.reload();
  if (which === 14) Module.kw.ime.setAttribute('aria-label', a);
  if (which === 3 && (a.startsWith('https:') || a.startsWith('http:'))) window.open(a, '_blank', 'noopener,noreferrer');
  if (which === 4) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([UTF8ToString(third)], { type: UTF8ToString(second) }));
    link.download = a;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  if (which === 5) {
    const text = UTF8ToString(second);
    if (a === 'title') { document.title = text; return; }
    const kw = Module.kw;
    if (a === 'print') { document.getElementById('print').innerHTML = text; return; } // escaped by web/ui/html.cpp
    if (a === 'controls') {
      const made = JSON.parse(text).map(([path, label]) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.tabIndex = -1; // for screen readers: the keyboard's focus is on the canvas itself
        button.textContent = label;
        button.onclick = () => kw.text((at) => _kwp_press(at), path);
        return button;
      });
      kw.controls.replaceChildren(...made);
      return;
    }
    let part = document.getElementById('mirror-' + a);
    if (!part) return;
    if (a === 'lesson') part.innerHTML = text;
    else if (a === 'tasks') part.replaceChildren(...JSON.parse(text).map((task) => { const item = document.createElement('li'); item.textContent = task; return item; }));
    else part.textContent = text;
  }
  if (which === 6) Module.kw.canvas.style.cursor = a;
  if (which === 7 && Module.kubewalk && Module.kubewalk.ready) {
    Module.kubewalk.ready();
    // The other lessons, and then what is looked up in them.
    Module.kw.fetchFile('lessons/lessons.json');
    // The fields' texts come when the page is in use already; `kubectl explain` and the editor want them.
    setTimeout(() => Module.kw.fetchFile('schema/kubernetes-docs.json'), 3000);
  }
  if (which === 8 && Module.kubewalk && Module.kubewalk.fail) Module.kubewalk.fail(a, UTF8ToString(second));
});

EM_JS(double, kw_number_js, (int which), {
  const canvas = Module.kw ? Module.kw.canvas : document.getElementById('canvas');
  if (which === 0) return window.devicePixelRatio || 1;
  if (which === 1) return matchMedia('(prefers-reduced-motion: reduce)').matches ? 1 : 0;
  if (which === 2) return matchMedia('(prefers-color-scheme: light)').matches ? 1 : 0;
  if (which === 3) return canvas.clientWidth;
  if (which === 4) return canvas.clientHeight;
  if (which === 5) return document.hidden ? 1 : 0;
  if (which === 6) return ['Mac', 'iPhone', 'iPad'].some((name) => (navigator.platform || navigator.userAgent).includes(name)) ? 1 : 0;
  if (which === 7) return Module.kubewalk && Module.kubewalk.newRelease ? 1 : 0;
  if (which === 8) {
    const boot = Module.kubewalk;
    if (!boot || boot.rest === 'there') return 0;
    boot.restAwaited = true;
    return boot.rest === 'missing' ? 2 : 1;
  }
  return 0;
});

EM_JS(void, kw_resize_canvas_js, (int width, int height), {
  const canvas = Module.kw.canvas;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
});

// Hands the bytes of a font that the page began with to C, which keeps them for Dear ImGui.
EM_JS(int, kw_font_js, (const char* pointer), {
  const file = UTF8ToString(pointer);
  const name = file.slice(0, file.lastIndexOf('.'));
  const boot = Module.kubewalk;
  if (!boot) return 0;
  const give = (bytes) => {
    const at = _malloc(bytes.length);
    HEAPU8.set(bytes, at);
    Module.kw.text((path) => _kwp_font_bytes(path, at, bytes.length), file);
    _free(at);
  };
  const there = boot.fonts && boot.fonts.get(name);
  if (there) give(there);
  return there ? 1 : 0;
});

// A file that the page began with is there at once.
EM_JS(int, kw_file_js, (const char* pointer), {
  const kw = Module.kw;
  const name = UTF8ToString(pointer);
  kw.awaited.add(name);
  const files = Module.kubewalk && Module.kubewalk.files;
  if (files && files.has(name)) { kw.giveFile(name, files.get(name)); files.delete(name); return 1; }
  kw.fetchFile(name);
  return 0;
});

// clang-format on

extern "C" {
void kw_attach() { kw_attach_js(); }
double kw_now() { return emscripten_get_now() / 1000; }
void kw_request_frame() { kw_request_frame_js(); }
void kw_request_frame_in(double seconds) { kw_request_frame_in_js(seconds); }
void kw_set_clipboard(const char* text) { kw_set_clipboard_js(text); }
void kw_set_text_input(int wanted, float x, float y, float line_height) { kw_set_text_input_js(wanted, x, y, line_height); }
char* kw_load(const char* key) { return kw_string_js(0, key); }
int kw_store(const char* key, const char* value) { return kw_store_js(key, value); }
char* kw_fragment() { return kw_string_js(1, nullptr); }
char* kw_address() { return kw_string_js(2, nullptr); }
char* kw_language() { return kw_string_js(3, nullptr); }
void kw_set_fragment(const char* fragment) { kw_do_js(0, fragment, "", ""); }
void kw_set_page_language(const char* language) { kw_do_js(1, language, "", ""); }
void kw_set_theme(const char* theme, const char* chosen) {
  kw_do_js(2, theme, "", "");
  kw_do_js(9, chosen, "", "");
}
void kw_forget(const char* key) { kw_do_js(10, key, "", ""); }
void kw_choose_file(const char* accept) { kw_do_js(11, accept, "", ""); }
void kw_print() { kw_do_js(12, "", "", ""); }
void kw_reload() { kw_do_js(13, "", "", ""); }
char* kw_given(int which) { return kw_given_js(which); }
void kw_picture(const char* name, int x, int y, int width, int height) { kw_picture_js(name, x, y, width, height); }
int kw_rest() { return static_cast<int>(kw_number_js(8)); }
int kw_new_release() { return static_cast<int>(kw_number_js(7)); }
void kw_open_link(const char* url) { kw_do_js(3, url, "", ""); }
void kw_download(const char* name, const char* mime, const char* content) { kw_do_js(4, name, mime, content); }
void kw_mirror(const char* part, const char* text) { kw_do_js(5, part, text, ""); }
void kw_set_cursor(const char* cursor) { kw_do_js(6, cursor, "", ""); }
void kw_ready() { kw_do_js(7, "", "", ""); }
void kw_fail(const char* title, const char* detail) { kw_do_js(8, title, detail, ""); }
double kw_device_scale() { return kw_number_js(0); }
int kw_reduced_motion() { return static_cast<int>(kw_number_js(1)); }
int kw_prefers_light() { return static_cast<int>(kw_number_js(2)); }
int kw_canvas_width() { return static_cast<int>(kw_number_js(3)); }
int kw_canvas_height() { return static_cast<int>(kw_number_js(4)); }
int kw_hidden() { return static_cast<int>(kw_number_js(5)); }
int kw_is_mac() { return static_cast<int>(kw_number_js(6)); }
void kw_resize_canvas(int width, int height) { kw_resize_canvas_js(width, height); }
int kw_font(const char* name) { return kw_font_js(name); }
int kw_file(const char* name) { return kw_file_js(name); }
}
