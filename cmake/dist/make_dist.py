#!/usr/bin/env python3
"""Puts the static site together: make_dist.py SOURCE_DIR BUILD_DIR CACHE_DIR OUTPUT_DIR

Files carry a hash of their content in their name (boot.js and index.html are told the names), so any plain
file host and any cache in between will do. Each large file gets .gz and .br twins; compressed results are
kept in the cache, because the slowest setting is used and most files are the same as last time.
"""
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys

from notices import notices

COMPRESS_FROM = 1024  # bytes; below that a twin costs more than it saves
FIRST_FONTS = ("Inter-Regular", "Inter-SemiBold", "JetBrainsMono-Regular")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def hashed_name(name: str, data: bytes) -> str:
    stem, extension = os.path.splitext(name)
    return f"{stem}.{digest(data)[:10]}{extension}"


def brotli(data: bytes, window: int) -> bytes:
    return subprocess.run(["brotli", "-q", "11", "-w", str(window), "-c", "-"], input=data, stdout=subprocess.PIPE, check=True).stdout


class Site:
    def __init__(self, output: str, cache: str):
        self.output = output
        self.cache = os.path.join(cache, "compressed")
        self.written = set()
        os.makedirs(self.cache, exist_ok=True)

    def write(self, name: str, data: bytes) -> None:
        self._put(name, data)
        if len(data) >= COMPRESS_FROM:
            key = digest(data)
            self._put(name + ".gz", self._cached(key + ".gz", lambda: gzip.compress(data, 9, mtime=0)))
            # A larger window is not always the better one.
            self._put(name + ".br", self._cached(key + ".least.br", lambda: min((brotli(data, window) for window in (22, 24)), key=len)))

    def _cached(self, name: str, make) -> bytes:
        path = os.path.join(self.cache, name)
        if os.path.exists(path):
            os.utime(path)
            return read(path)
        data = make()
        with open(path + ".part", "wb") as file:
            file.write(data)
        os.replace(path + ".part", path)
        return data

    def _put(self, name: str, data: bytes) -> None:
        path = os.path.join(self.output, name)
        self.written.add(path)
        if os.path.exists(path) and read(path) == data:
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".part", "wb") as file:
            file.write(data)
        os.replace(path + ".part", path)

    def remove_the_rest(self) -> None:
        for folder, _, names in os.walk(self.output, topdown=False):
            for name in names:
                path = os.path.join(folder, name)
                if path not in self.written:
                    os.remove(path)
            if not os.listdir(folder):
                os.rmdir(folder)
        # What no build of the last weeks wanted.
        kept = sorted((os.path.join(self.cache, name) for name in os.listdir(self.cache)), key=os.path.getmtime)
        for path in kept[:-200]:
            os.remove(path)


def lesson_texts(folder: str) -> bytes:
    """Every lesson's files in one: { slug: { file: text } }. web/app/session_backend.cpp reads it."""
    lessons = {}
    for slug in sorted(os.listdir(folder)):
        path = os.path.join(folder, slug)
        if os.path.isfile(os.path.join(path, "lesson.json")):
            names = sorted(name for name in os.listdir(path) if name.endswith((".json", ".md", ".yaml", ".txt", ".script")))
            lessons[slug] = {name: read(os.path.join(path, name)).decode() for name in names}
    return json.dumps(lessons, ensure_ascii=False, separators=(",", ":")).encode()


def language_texts(source: str, language: str) -> bytes:
    """What the page says in a language that its program does not carry; web/app/language_pack.h reads it."""
    strings = {}
    folder = os.path.join(source, "assets/strings")
    for name in sorted(os.listdir(folder)):
        if name == f"{language}.json" or name.endswith(f".{language}.json"):
            strings.update(json.loads(read(os.path.join(folder, name))))
    simple = json.loads(read(os.path.join(source, "assets/simplifications.json")))["simplifications"]
    # The other lessons bring their own texts.
    first = json.loads(read(os.path.join(source, "lessons/course.json")))["parts"][0]["lessons"][0]
    name = f"text.{language}.md"
    pack = {
        "strings": strings,
        "simplifications": {one["id"]: one["text"][language] for one in simple},
        "lessons": {first: {name: read(os.path.join(source, "lessons", first, name)).decode()}},
    }
    return json.dumps(pack, ensure_ascii=False, separators=(",", ":")).encode()


def main() -> None:
    source, build, cache, output = (os.path.abspath(argument) for argument in sys.argv[1:5])
    site = Site(output, cache)
    manifest = {"release": "", "files": {}}

    def add(name: str, path: str, first: bool) -> None:
        add_bytes(name, read(path), first)

    def add_bytes(name: str, data: bytes, first: bool) -> None:
        url = hashed_name(name, data)
        site.write(url, data)
        manifest["files"][name] = {"url": url, "size": len(data)}
        if first:
            manifest["files"][name]["first"] = True  # part of the first load

    add("kubewalk.js", os.path.join(build, "web/kubewalk.js"), True)
    add("kubewalk.wasm", os.path.join(build, "web/kubewalk.first.wasm"), True)
    for part in ("rest", "seldom"):  # cmake/split
        add(f"kubewalk.{part}.wasm", os.path.join(build, f"web/kubewalk.{part}.wasm"), False)
    for name in sorted(os.listdir(os.path.join(build, "fonts"))):
        if name.endswith((".otf", ".ttf")):
            add(f"fonts/{name}", os.path.join(build, "fonts", name), name.rsplit(".", 1)[0] in FIRST_FONTS)
    add("schema/kubernetes-docs.json", os.path.join(build, "generated/schema/kubernetes-docs.json"), False)
    add_bytes("languages/zh-CN.json", language_texts(source, "zh-CN"), False)
    add_bytes("lessons/lessons.json", lesson_texts(os.path.join(source, "lessons")), False)

    page = os.path.join(source, "web/page")
    index = read(os.path.join(source, "index.html")).decode()
    style = read(os.path.join(page, "page.css"))
    boot = read(os.path.join(page, "boot.js")).decode()
    worker = read(os.path.join(page, "sw.js")).decode()

    manifest["release"] = digest(json.dumps(manifest).encode() + index.encode() + style + boot.encode() + worker.encode())[:10]
    start, end = boot.index("/*KUBEWALK_MANIFEST*/"), boot.index("/*END*/")
    boot = boot[:start] + json.dumps(manifest, separators=(",", ":")) + boot[end + len("/*END*/"):]

    for old, name, data in (("web/page/page.css", "page.css", style), ("web/page/boot.js", "boot.js", boot.encode())):
        url = hashed_name(name, data)
        if f'"{old}"' not in index:
            sys.exit(f"index.html does not name {old}")
        index = index.replace(f'"{old}"', f'"{url}"')
        site.write(url, data)
    # The browser may start on the large file before boot.js has run.
    wasm = manifest["files"]["kubewalk.wasm"]["url"]
    index = index.replace("</head>", f'<link rel="preload" as="fetch" crossorigin href="{wasm}">\n</head>')
    site.write("index.html", index.encode())
    site.write("sw.js", worker.replace("__RELEASE__", manifest["release"]).encode())
    site.write("THIRD-PARTY-NOTICES.txt", notices(cache).encode())
    site.remove_the_rest()

    def weight(name: str) -> int:
        path = os.path.join(output, name)
        return os.path.getsize(path + ".br" if os.path.exists(path + ".br") else path)

    first = [entry["url"] for entry in manifest["files"].values() if entry.get("first")]
    first += [name for name in os.listdir(output) if name.startswith(("boot.", "page.", "index.html")) and not name.endswith((".br", ".gz"))]
    print(f"dist: release {manifest['release']}, first load {sum(weight(name) for name in first) / 1000:.0f} kB brotli "
          f"(wasm {weight(wasm) / 1000:.0f} kB)"
          + "".join(f"; {part} {weight(manifest['files'][f'kubewalk.{part}.wasm']['url']) / 1000:.0f} kB" for part in ("rest", "seldom")))


main()
