#!/usr/bin/env python3
"""The page's program in three files: what its first frames need, the rest, which comes afterwards, and what few ever call
(boot.js).

  split.py split WASM_SPLIT PROGRAM RULES FIRST REST SELDOM   cuts PROGRAM (linked with its names) by the table RULES
  split.py propose PROGRAM PROFILE...                  prints a table for what was called (tests/bench/split.mjs measures)

A function belongs where the longest line of the table says that names it or a scope around it; without one it is in
the first file, and so is whatever is very small: calling it costs as much, and the optimiser makes one of such twins, by
whichever name. The files come out without names.
"""
import os
import re
import struct
import subprocess
import sys
import tempfile

LINE_BYTES = 2000  # what a line of a proposed table must move
SMALL_BYTES = 40


def number(data: bytes, at: int) -> tuple:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def encoded(value: int) -> bytes:
    out = bytearray()
    while True:
        value, byte = value >> 7, value & 127
        out.append(byte | (128 if value else 0))
        if not value:
            return bytes(out)


def sections_of(path: str):
    """(kind, body) of each section of a WebAssembly file."""
    with open(path, "rb") as file:
        data = file.read()
    at = 8
    while at < len(data):
        kind = data[at]
        size, start = number(data, at + 1)
        at = start + size
        yield kind, data[start:at]


def is_names(kind: int, body: bytes) -> bool:
    return kind == 0 and body.startswith(b"\x04name")


def joined(sections) -> bytes:
    return b"\0asm\1\0\0\0" + b"".join(bytes([kind]) + encoded(len(body)) + body for kind, body in sections)


def with_open_table(imports: bytes) -> bytes:
    """An import section that takes a table of any size: the second cut makes the table larger than the first one knew it."""
    count, at = number(imports, 0)
    out = bytearray(encoded(count))
    for _ in range(count):
        start = at
        for _ in range(2):
            size, at = number(imports, at)
            at += size
        kind, at = imports[at], at + 1
        if kind == 0:  # a function: its type
            _, at = number(imports, at)
        elif kind == 3:  # a global: type, mutability
            at += 2
        elif kind in (1, 2):  # a table (with its type) or a memory: limits
            kept = at + (kind == 1)
            bounded, at = imports[kept], kept + 1
            smallest, at = number(imports, at)
            if bounded & 1:
                _, at = number(imports, at)
            if kind == 1:
                out += imports[start:kept] + bytes([bounded & ~1]) + encoded(smallest)
                continue
        else:
            sys.exit("only functions, tables, memories and globals are expected among the imports")
        out += imports[start:at]
    return bytes(out)


class Program:
    """A WebAssembly file's sections, its functions' names and sizes; imported functions are not among them."""

    def __init__(self, path: str):
        self.sections, self.imported, self.sizes, self.names = [], 0, [], {}
        for kind, body in sections_of(path):
            if is_names(kind, body):
                self._read_names(body)
                continue
            self.sections.append((kind, body))
            if kind == 2:
                self._count_imports(body)
            elif kind == 10:
                self._read_sizes(body)
        if not self.names:
            sys.exit(f"{path} has no names of functions: it must be linked with --profiling-funcs")

    def _read_names(self, body: bytes) -> None:
        size, at = number(body, 0)
        at += size
        while at < len(body):
            part = body[at]
            size, at = number(body, at + 1)
            if part == 1:
                count, here = number(body, at)
                for _ in range(count):
                    index, here = number(body, here)
                    length, here = number(body, here)
                    # Binaryen writes what its text format does not allow as \\xx.
                    self.names[index] = re.sub(r"\\([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), body[here:here + length].decode())
                    here += length
            at += size

    def _count_imports(self, body: bytes) -> None:
        count, at = number(body, 0)
        for _ in range(count):
            for _ in range(2):
                size, at = number(body, at)
                at += size
            if body[at] != 0:
                sys.exit("only functions are expected among the imports")
            self.imported += 1
            _, at = number(body, at + 1)

    def _read_sizes(self, body: bytes) -> None:
        count, at = number(body, 0)
        for _ in range(count):
            size, at = number(body, at)
            self.sizes.append(size)
            at += size

    def functions(self):
        """(index, scopes, size); scopes: "kubewalk", "kubectl", "command", "get". What is not ours has none."""
        for place, size in enumerate(self.sizes):
            index = self.imported + place
            yield index, scopes(self.names.get(index, "")), size

    def with_plain_names(self) -> bytes:
        """Every function is called f and its number: names with commas and brackets are no names for options."""
        plain = bytearray(encoded(self.imported + len(self.sizes)))
        for index in range(self.imported + len(self.sizes)):
            name = f"f{index}".encode()
            plain += encoded(index) + encoded(len(name)) + name
        body = encoded(4) + b"name" + b"\x01" + encoded(len(plain)) + bytes(plain)
        return joined(self.sections + [(0, body)])


def scopes(name: str) -> tuple:
    """A template of the library's that is made for one of our types goes with that type."""
    found = re.search(r"kubewalk(?:::~?[\w$]+)*", name.replace("(anonymous namespace)::", ""))
    return tuple(found[0].split("::")) if found else ()


def read_rules(path: str) -> dict:
    rules = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split("#")[0].split()
            if not words:
                continue
            if len(words) != 2 or words[0] not in ("first", "later", "seldom"):
                sys.exit(f"{path}: neither `first SCOPE` nor `later SCOPE` nor `seldom SCOPE`: {line.strip()}")
            rules[tuple(words[1].split("::"))] = words[0]
    return rules


def place_of(rules: dict, path: tuple, used: set) -> str:
    for length in range(len(path), 0, -1):
        if path[:length] in rules:
            used.add(path[:length])
            return rules[path[:length]]
    return "first"


def split(tool: str, program: str, rules_path: str, first: str, rest: str, seldom: str) -> None:
    parsed, rules, used = Program(program), read_rules(rules_path), set()
    moved = {"first": [], "later": [], "seldom": []}
    for index, path, size in parsed.functions():
        moved[place_of(rules, path, used) if size >= SMALL_BYTES else "first"].append(f"f{index}")
    for path in sorted(set(rules) - used):
        print(f"{os.path.basename(rules_path)}: nothing is called {'::'.join(path)} any more", file=sys.stderr)
    # Debian's Emscripten makes programs of WebAssembly's first version; a newer one uses more of it, which a count of data shows.
    newer = any(kind == 12 for kind, _ in parsed.sections)
    with tempfile.TemporaryDirectory() as folder:
        whole, without = (os.path.join(folder, name) for name in ("whole.wasm", "without.wasm"))
        with open(whole, "wb") as file:
            file.write(parsed.with_plain_names())

        # A function that is cut out leaves a placeholder that is imported from `namespace`.
        def cut(given: str, part: str, namespace: str, kept: str, taken: str, *options: str) -> None:
            names = os.path.join(folder, part)
            with open(names, "w", encoding="utf-8") as file:
                file.write("\n".join(moved[part]))
            subprocess.run([tool, "--all-features" if newer else "--enable-mutable-globals", "--split", given, f"--split-funcs=@{names}",
                            "--import-namespace=primary", f"--placeholder-namespace={namespace}", "-o1", kept, "-o2", taken, *options], check=True)

        named = os.path.join(folder, "named.wasm")
        cut(whole, "seldom", "seldom", without, named, "-g")  # the second cut goes by names too
        with open(seldom, "wb") as file:
            file.write(joined((kind, with_open_table(body) if kind == 2 else body) for kind, body in sections_of(named) if not is_names(kind, body)))
        cut(without, "later", "placeholder", first, rest)
    print(f"split: of {len(parsed.sizes)} functions {len(moved['later'])} come later, {len(moved['seldom'])} are called seldom; "
          + ", ".join(f"{os.path.getsize(path) / 1000:.0f} kB {name}" for name, path in (("first", first), ("later", rest), ("seldom", seldom))))


class Scope:
    def __init__(self):
        self.inner, self.called, self.uncalled = {}, 0, 0
        self.cost = {}

    def least(self, label: str) -> int:
        """Bytes that stay first although nobody called them, and the lines' own, where the scope around says `label`."""
        if label not in self.cost:
            own = self.uncalled if label == "first" else 10**9 if self.called else 0
            self.cost[label] = own + sum(min(scope.least("first") + (label != "first") * LINE_BYTES,
                                             scope.least("later") + (label != "later") * LINE_BYTES) for scope in self.inner.values())
        return self.cost[label]

    def write(self, label: str, path: tuple) -> None:
        for name, scope in sorted(self.inner.items()):
            best = min(("first", "later"), key=lambda one: scope.least(one) + (one != label) * LINE_BYTES)
            if best != label:
                print(best, "::".join(path + (name,)))
            scope.write(best, path + (name,))


def propose(program: str, profiles: list) -> None:
    parsed, root = Program(program), Scope()
    called = [False] * len(parsed.sizes)
    for profile in profiles:
        with open(profile, "rb") as file:
            data = file.read()[8:]  # a hash of the program goes first; then when each function was called, or 0
        if len(data) != 4 * len(called):
            sys.exit(f"{profile} is not of {program}")
        called = [before or when != 0 for before, when in zip(called, struct.unpack(f"<{len(called)}I", data))]
    for index, path, size in parsed.functions():
        if size < SMALL_BYTES:
            continue
        scope = root
        for name in path:
            scope = scope.inner.setdefault(name, Scope())
        if called[index - parsed.imported]:
            scope.called += 1
        else:
            scope.uncalled += size
    root.write("first", ())
    total, needed = sum(parsed.sizes), sum(size for size, was in zip(parsed.sizes, called) if was)
    print(f"called: {needed} of {total} bytes of code; with this table {root.least('first')} bytes, lines included, stay that nobody called",
          file=sys.stderr)


def main() -> None:
    if len(sys.argv) == 8 and sys.argv[1] == "split":
        split(*sys.argv[2:])
    elif len(sys.argv) > 3 and sys.argv[1] == "propose":
        propose(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(__doc__)


main()
