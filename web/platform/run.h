#pragma once
// Opens the window (or takes over the page's canvas) and runs the application. The browser's returns at
// once and lives on in callbacks.

namespace kubewalk::platform {

int run(int count, char** arguments);

}  // namespace kubewalk::platform
