#pragma once
// The page's side of BrowserPlatform, as C functions over JavaScript. Strings that come back were
// allocated with malloc and belong to the caller.

extern "C" {
void kw_attach();  // listeners on canvas, window and the hidden textarea
double kw_now();
void kw_request_frame();
void kw_request_frame_in(double seconds);
void kw_set_clipboard(const char* text);
void kw_set_text_input(int wanted, float x, float y, float line_height);
char* kw_load(const char* key);  // null: nothing there
int kw_store(const char* key, const char* value);
char* kw_fragment();
void kw_set_fragment(const char* fragment);
char* kw_address();
double kw_device_scale();
int kw_reduced_motion();
int kw_prefers_light();
char* kw_language();
void kw_set_page_language(const char* language);
// The theme shown, and what the learner chose ("" when the system decides).
void kw_set_theme(const char* theme, const char* chosen);
void kw_forget(const char* key);
void kw_choose_file(const char* accept);
// Of the oldest file that was given: 0 its name, 1 its content (and it is taken away). Null when there is none.
char* kw_given(int which);
// Device pixels of the canvas; only right after they were drawn.
void kw_picture(const char* name, int x, int y, int width, int height);
void kw_print();
void kw_reload();
int kw_new_release();
void kw_open_link(const char* url);
void kw_download(const char* name, const char* mime, const char* content);
// 1: the page began with it, and its bytes have been handed over (kwp_font_bytes).
int kw_font(const char* name);
// 1: the page began with it, and kwp_file_bytes has brought it. Else it starts to be fetched, once; kwp_file_bytes follows, or
// kwp_file_missing while it does not arrive.
int kw_file(const char* name);
void kw_mirror(const char* part, const char* text);
void kw_set_cursor(const char* cursor);
void kw_ready();
void kw_fail(const char* title, const char* detail);
int kw_canvas_width();   // CSS pixels
int kw_canvas_height();
void kw_resize_canvas(int width, int height);  // device pixels
int kw_hidden();
// The second file of the program: 0 there, 1 on its way, 2 missing while it is tried again. Who was told that it is not there is
// woken when that changes.
int kw_rest();
int kw_is_mac();
}
