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
  ime.setAttribute('autocapitalize', 'off');
  ime.setAttribute('autocomplete', 'off');
  ime.setAttribute('autocorrect', 'off');
  ime.setAttribute('spellcheck', 'false');
  if (canvas.tabIndex < 0) canvas.tabIndex = 0;
  const kw = Module.kw = { canvas, ime, mirror, wanted: false, composing: false, scheduled: false, timer: 0 };
  // Another file of the site, once; it is handed to C when it has arrived.
  const fetched = new Set();
  kw.fetchFile = (name) => {
    const boot = Module.kubewalk;
    if (!boot || !boot.loadFile || fetched.has(name)) return;
    fetched.add(name);
    boot.loadFile(name).then((bytes) => {
      const at = _malloc(bytes.length);
      HEAPU8.set(bytes, at);
      text((path) => _kwp_file_bytes(path, at, bytes.length), name);
      _free(at);
    }).catch((error) => { fetched.delete(name); console.warn('file', name, error); });
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

  // --- pointer: mouse, pen and touch alike
  let touches = new Map();
  const place = (e) => { const r = canvas.getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top]; };
  canvas.addEventListener('pointermove', (e) => {
    const [x, y] = place(e);
    if (e.pointerType === 'touch' && touches.has(e.pointerId)) {
      const was = touches.get(e.pointerId);
      touches.set(e.pointerId, [x, y]);
      // Two fingers scroll.
      if (touches.size > 1) { _kwp_wheel((x - was[0]) / 60, (y - was[1]) / 60); return; }
    }
    _kwp_pointer(x, y, e.pointerType === 'touch' ? 1 : e.pointerType === 'pen' ? 2 : 0);
  });
  canvas.addEventListener('pointerdown', (e) => {
    const [x, y] = place(e);
    if (e.pointerType === 'touch') touches.set(e.pointerId, [x, y]);
    try { canvas.setPointerCapture(e.pointerId); } catch (error) {}
    _kwp_pointer(x, y, e.pointerType === 'touch' ? 1 : e.pointerType === 'pen' ? 2 : 0);
    if (touches.size > 1) { _kwp_button(0, 0, modifiers(e)); return; }
    _kwp_button(e.button, 1, modifiers(e));
    // The focus stays where typing goes; a phone's keyboard opens only inside this gesture.
    kw.gesture = true;
    setTimeout(() => { kw.gesture = false; }, 600);
    e.preventDefault();
    (kw.wanted ? ime : canvas).focus({ preventScroll: true });
  });
  const up = (e) => {
    touches.delete(e.pointerId);
    const [x, y] = place(e);
    _kwp_pointer(x, y, 0);
    _kwp_button(e.button < 0 ? 0 : e.button, 0, modifiers(e));
    if (kw.wanted && document.activeElement !== ime) ime.focus({ preventScroll: true });
  };
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', up);
  canvas.addEventListener('pointerleave', () => { if (touches.size === 0) _kwp_pointer(-1e6, -1e6, 0); });
  canvas.addEventListener('wheel', (e) => {
    const unit = e.deltaMode === 1 ? 1 / 3 : e.deltaMode === 2 ? 3 : 1 / 100;
    const x = e.shiftKey && !e.deltaX ? e.deltaY : e.deltaX;
    const y = e.shiftKey && !e.deltaX ? 0 : e.deltaY;
    _kwp_wheel(-x * unit, -y * unit);
    e.preventDefault();
  }, { passive: false });

  // --- keyboard: what the browser keeps for itself is never touched
  const ours = (e) => {
    if (e.key.length > 1 && e.key[0] === 'F' && !isNaN(e.key.slice(1))) return false;
    const command = e.ctrlKey || e.metaKey;
    if (!command) return e.key !== 'Unidentified';
    if (!kw.wanted) return e.key === 'Enter' || e.key.startsWith('Arrow');
    const letter = e.key.length === 1 ? e.key.toLowerCase() : ' ';
    if ('tn'.includes(letter) || (letter === 'w' && (e.metaKey || e.shiftKey))) return false;
    if (e.shiftKey && 'irjc'.includes(letter)) return false;
    return 'aceflgkpruvwxyz'.includes(letter) || e.key.startsWith('Arrow') || ['Home', 'End', 'Backspace', 'Delete', 'Enter'].includes(e.key);
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
      e.preventDefault();
      return;
    }
    if (down && e.key !== 'Shift' && e.key !== 'Control' && e.key !== 'Alt' && e.key !== 'Meta' && e.key !== 'Dead') e.preventDefault();
  };
  window.addEventListener('keydown', onKey(true), true);
  window.addEventListener('keyup', onKey(false), true);
  const take = () => {
    const value = ime.value;
    ime.value = "";
    if (value) text((at) => _kwp_text(at), value.split('\n').join(""));
  };
  ime.addEventListener('compositionstart', () => { kw.composing = true; });
  ime.addEventListener('compositionend', () => { kw.composing = false; take(); });
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
  window.kubewalk_frames = () => _kwp_frames();
});

EM_JS(void, kw_set_text_input_js, (int wanted, float x, float y, float height), {
  const kw = Module.kw;
  kw.wanted = wanted !== 0;
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
  requestAnimationFrame(() => { kw.scheduled = false; if (!document.hidden) _kwp_frame(); });
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

EM_JS(int, kw_store_js, (const char* key, const char* value), {
  try { localStorage.setItem(UTF8ToString(key), UTF8ToString(value)); return 1; } catch (error) { return 0; }
});

EM_JS(void, kw_do_js, (int which, const char* first, const char* second, const char* third), {
  const a = UTF8ToString(first);
  if (which === 0) { try { history.replaceState(null, "", '#' + a); } catch (error) {} }
  if (which === 1) { document.documentElement.lang = a; try { localStorage.setItem('kubewalk.language', a); } catch (error) {} }
  if (which === 2) { document.documentElement.dataset.theme = a; try { localStorage.setItem('kubewalk.theme', a); } catch (error) {} }
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
    const mirror = Module.kw.mirror;
    let part = document.getElementById('mirror-' + a);
    if (!part) {
      part = document.createElement(a === 'terminal' ? 'pre' : 'div');
      part.id = 'mirror-' + a;
      part.setAttribute('role', a === 'status' || a === 'tasks' ? 'status' : a === 'terminal' ? 'log' : 'region');
      part.setAttribute('aria-label', a);
      if (a !== 'lesson') part.setAttribute('aria-live', 'polite');
      mirror.appendChild(part);
    }
    if (a === 'lesson') {
      part.replaceChildren(...text.split('\n\n').filter((p) => p).map((p, i) => {
        const block = document.createElement(i === 0 ? 'h1' : 'p');
        block.textContent = p;
        return block;
      }));
    } else {
      part.textContent = text;
    }
  }
  if (which === 6) Module.kw.canvas.style.cursor = a;
  if (which === 7 && Module.kubewalk && Module.kubewalk.ready) {
    Module.kubewalk.ready();
    // The fields' texts come when the page is in use already; `kubectl explain` and the editor want them.
    setTimeout(() => Module.kw.fetchFile('schema/kubernetes-docs.json'), 3000);
  }
  if (which === 8 && Module.kubewalk && Module.kubewalk.fail) Module.kubewalk.fail(a, UTF8ToString(second));
});

EM_JS(double, kw_number_js, (int which), {
  const canvas = Module.kw ? Module.kw.canvas : document.getElementById('canvas');
  if (which === 0) return window.devicePixelRatio || 1;
  if (which === 1) return matchMedia('(prefers-reduced-motion: reduce)').matches ? 1 : 0;
  if (which === 2) return ((Module.kubewalk && Module.kubewalk.theme) ? Module.kubewalk.theme === 'light' : matchMedia('(prefers-color-scheme: light)').matches) ? 1 : 0;
  if (which === 3) return canvas.clientWidth;
  if (which === 4) return canvas.clientHeight;
  if (which === 5) return document.hidden ? 1 : 0;
  if (which === 6) return ['Mac', 'iPhone', 'iPad'].some((name) => (navigator.platform || navigator.userAgent).includes(name)) ? 1 : 0;
  return 0;
});

EM_JS(void, kw_resize_canvas_js, (int width, int height), {
  const canvas = Module.kw.canvas;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
});

// Hands the file's bytes to C, which writes them where Dear ImGui reads them.
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
  if (there) { give(there); return 1; }
  if (boot.loadFont) boot.loadFont(name).then((bytes) => { boot.fonts.set(name, bytes); _kwp_font_arrived(); }).catch((error) => console.warn('font', name, error));
  return 0;
});

EM_JS(void, kw_file_js, (const char* pointer), { Module.kw.fetchFile(UTF8ToString(pointer)); });

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
void kw_set_theme(const char* theme) { kw_do_js(2, theme, "", ""); }
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
void kw_file(const char* name) { kw_file_js(name); }
}
