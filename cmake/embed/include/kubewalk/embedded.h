#pragma once

// Files that travel inside the program, generated at build time by cmake/embed/embed.py:
// assets/**.{yaml,json}, lessons/**, schema/kubernetes.json, and (not in the page) schema/kubernetes-docs.json.

#include <span>
#include <string_view>

namespace kubewalk::embedded {

struct File {
    std::string_view path;  // "assets/sock-shop/carts.yaml", "lessons/x/lesson.json", "schema/kubernetes.json"
    std::string_view data;
};

// All files, ordered by path.
std::span<const File> files();

// The file's content, or an empty view with a null pointer where there is no such file.
std::string_view find(std::string_view path);

}
