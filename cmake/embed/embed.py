#!/usr/bin/env python3
"""Files -> one C++ source with their content as string literals.

embed.py [--without LANGUAGE] SET LIST OUTPUT ROOT...: LIST names one file a line; a file's path inside the program is
its path relative to the first ROOT that holds it. Defines kubewalk::embedded::files_of_SET(). --without leaves out what our
own JSON says in a language that the page fetches (make_dist.py puts it beside the page).
"""
import json
import os
import sys

# Literals are split here and joined by the compiler, to keep the lines of the generated file readable by tools.
CHUNK = 8000

ESCAPES = {ord("\n"): "\\n", ord("\t"): "\\t", ord('"'): '\\"', ord("\\"): "\\\\", ord("?"): "\\?"}


def literal(data: bytes) -> str:
    parts = []
    for start in range(0, len(data), CHUNK):
        chunk = data[start:start + CHUNK]
        # Octal escapes end after three digits, so no following digit can join them.
        parts.append('"' + "".join(
            ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in chunk) + '"')
    return "\n".join(parts) or '""'


def compact(path: str, data: bytes, without: str | None) -> bytes:
    """Our own JSON is written for readers; the program needs no blanks. Lessons' files stay as their authors wrote them."""
    if path.startswith("assets/") and path.endswith(".json"):
        content = json.loads(data, object_pairs_hook=lambda pairs: {key: value for key, value in pairs if key != without})
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return data


def main() -> None:
    arguments = sys.argv[1:]
    without = None
    if arguments[0] == "--without":
        without = arguments[1]
        arguments = arguments[2:]
    name, list_file, output, *roots = arguments
    with open(list_file, encoding="utf-8") as lines:
        paths = [line.strip() for line in lines if line.strip()]
    files = []
    for path in paths:
        root = next(root for root in roots if path.startswith(root + os.sep))
        with open(path, "rb") as file:
            files.append((os.path.relpath(path, root), compact(os.path.relpath(path, root), file.read(), without)))
    files.sort()

    # Longer than the standard asks compilers to take; every compiler of ours takes it.
    text = ['#pragma GCC diagnostic ignored "-Woverlength-strings"\n',
            "#include <kubewalk/embedded.h>\n\n#include <array>\n\nnamespace kubewalk::embedded {\n",
            f"std::span<const File> files_of_{name}();\n"]
    if files:
        text.append("namespace {\n")
        for number, (path, data) in enumerate(files):
            text.append(f"// {path}\nconstexpr char file_{number}[] =\n{literal(data)};\n")
        text.append(f"constexpr std::array<File, {len(files)}> all {{{{")
        for number, (path, data) in enumerate(files):
            text.append(f"    {{ {literal(path.encode())}, {{ file_{number}, {len(data)} }} }},")
        text.append("}};\n\n}\n")
        text.append(f"std::span<const File> files_of_{name}() {{ return all; }}\n")
    else:
        text.append(f"std::span<const File> files_of_{name}() {{ return {{}}; }}\n")
    text.append("}\n")
    with open(output, "w", encoding="utf-8") as out:
        out.write("\n".join(text))


main()
