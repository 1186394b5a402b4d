"""THIRD-PARTY-NOTICES.txt: the licence texts of every part that dist/ carries, taken from where the part came from."""
import glob
import os
import re
import subprocess
import sys


def read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().strip()


def debian(package: str) -> str:
    """Debian's copyright file; where it only points to a common licence, that text follows once (see below)."""
    return read(f"/usr/share/doc/{package}/copyright")



def emscripten_root() -> str:
    emcc = subprocess.run(["sh", "-c", "readlink -f \"$(command -v emcc)\""], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return os.path.dirname(emcc)


def first_existing(*paths: str) -> str:
    for path in paths:
        for found in sorted(glob.glob(path)):
            return read(found)
    sys.exit(f"THIRD-PARTY-NOTICES: no licence text at any of {', '.join(paths)}")


def notices(cache: str) -> str:
    source = os.path.join(cache, "src")
    emscripten = emscripten_root()
    version = lambda name: read(os.path.join(source, name, "VERSION"))
    # Where emsdk is used, its own folder holds the texts; Debian's copyright file covers all of them.
    system = first_existing(os.path.join(emscripten, "LICENSE"), "/usr/share/doc/emscripten/copyright")
    parts = [
        (f"Dear ImGui {version('imgui')}", "The interface's library. Contains stb_rect_pack, stb_textedit and stb_truetype by Sean Barrett and ProggyClean by Tristan Grimmer.",
         read(os.path.join(source, "imgui/LICENSE.txt"))),
        ("stb_truetype, stb_rect_pack, stb_textedit", "By Sean Barrett, inside Dear ImGui.",
         stb_licence(os.path.join(source, "imgui/imstb_truetype.h"))),
        (f"libyaml {version('libyaml')}", "Reads YAML.", first_existing(os.path.join(source, "libyaml/License"), os.path.join(source, "libyaml/LICENSE"))),
        (f"md4c {version('md4c')}", "Reads Markdown.", first_existing(os.path.join(source, "md4c/LICENSE.md"))),
        ("JSON for Modern C++ (nlohmann)", "Reads and writes JSON.", debian("nlohmann-json3-dev")),
        ("Inter", "Text font, cut to the characters used.", debian("fonts-inter")),
        ("JetBrains Mono", "Code font, cut to the characters used.", debian("fonts-jetbrains-mono")),
        ("Noto Sans CJK SC", "Chinese font, cut to the characters used.", debian("fonts-noto-cjk")),
        ("Kubernetes API schema, from @kubernetes/client-node",
         "Field names, types and documentation are derived from the models of this package, which are generated from the API of Kubernetes. "
         "Copyright The Kubernetes Authors.",
         first_existing(os.path.join(cache, "npm/node_modules/@kubernetes/client-node/LICENSE"))),
        ("Emscripten's runtime and libraries, with musl, dlmalloc, compiler-rt, libc++ and libc++abi", "The C and C++ standard libraries and the JavaScript around them.", system),
    ]
    for common in ("Apache-2.0",):
        path = f"/usr/share/common-licenses/{common}"
        if os.path.exists(path):
            parts.append((f"Text of the licence {common}", "Referred to above.", read(path)))
    line = "=" * 100
    head = ("KubeWalk contains parts made by others. This file names each of them and carries its licence.\n"
            "It is generated when the site is built, from the texts that came with each part.\n\nContents:\n"
            + "".join(f"  - {title}\n" for title, _, _ in parts))
    return head + "".join(f"\n{line}\n{title}\n{about}\n{line}\n\n{text}\n" for title, about, text in parts)


def stb_licence(path: str) -> str:
    """stb's files end with their two alternative licences."""
    text = read(path)
    start = text.rfind("This software is available under 2 licenses")
    if start < 0:
        sys.exit(f"THIRD-PARTY-NOTICES: no licence in {path}")
    return text[start:].replace("*/", "").strip()
