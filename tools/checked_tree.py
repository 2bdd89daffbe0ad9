"""What the checks of tools/ share: the files of the tree, C++ text without comments and strings,
the calls in CMakeLists.txt files, and the way findings are told."""

import os
import re
import subprocess
import sys

SKIPPED_FOLDERS = {".git", "build", ".millrace", ".cache", "__pycache__"}
CODE_FOLDERS = ("src/", "server/", "test/", "bench/", "fuzz/")


def root_from(arguments):
    """The root of the tree to check: --root DIR, else the folder above tools/."""
    if "--root" in arguments:
        return os.path.abspath(arguments[arguments.index("--root") + 1])
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def files(root):
    """All files that belong to the tree, as sorted relative paths with '/'."""
    if os.path.exists(os.path.join(root, ".git")):
        listing = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode().split("\0")
        return sorted(p for p in set(listing) if p and os.path.isfile(os.path.join(root, p)))
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS]
        found += [os.path.relpath(os.path.join(folder, n), root) for n in names]
    return sorted(found)


def cpp_files(root):
    return [p for p in files(root) if p.endswith((".h", ".cc")) and p.startswith(CODE_FOLDERS)]


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def is_test(path):
    return path.endswith("_test.cc") or path.startswith("test/")


_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|\bR"([^()\\\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|"""
    r"""(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'""", re.S)


def bare_code(text):
    """C++ text with comments and the insides of strings blanked out; lines stay where they are."""
    def blank(match):
        token = match.group(0)
        if token.startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", token)
        return '"' + re.sub(r"[^\n]", " ", token[1:-1]) + '"'
    return _TOKEN.sub(blank, text)


def comments(text):
    """Yields (line number, text) of each // comment."""
    for match in _TOKEN.finditer(text):
        if match.group(0).startswith("//"):
            yield text.count("\n", 0, match.start()) + 1, match.group(0)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def blocks(code):
    """Yields (kind, first line, last line, head) of each braced block of bare code, inner first.

    kind is "namespace", "type", "function" (bodies that lie in namespaces and types only) or
    "other". Line numbers start at the first line of the block's head.
    """
    stack = []
    start = 0
    line, start_line = 1, 1
    fresh = True  # nothing but white space since the last ; { or }
    for offset, character in enumerate(code):
        if character == "\n":
            line += 1
            continue
        if fresh and not character.isspace():
            start, start_line, fresh = offset, line, False
        if character == "{":
            head = code[start:offset] if start < offset else ""
            stack.append((_kind(head, stack), start_line, head.strip()))
            fresh, start = True, offset + 1
        elif character == "}":
            if stack:
                kind, first, head = stack.pop()
                yield kind, first, line, head
            fresh, start = True, offset + 1
        elif character == ";":
            fresh, start = True, offset + 1
        elif fresh:
            continue


def _kind(head, stack):
    head = re.sub(r"^\s*#[^\n]*$", " ", head, flags=re.M)
    if re.search(r"\bnamespace\b", head) or re.search(r'\bextern\s*""?\s*"?\s*$', head):
        return "namespace"
    if any(kind in ("function", "other") for kind, _, _ in stack):
        return "other"
    flat = re.sub(r"\btemplate\s*<[^{]*?>\s*(?=\b(class|struct)\b)", "", head)
    if re.match(r"\s*(typedef\s+)?(class|struct|union|enum)\b[^()]*$", flat):
        return "type"
    if "(" in head and not re.search(r"=\s*$", head):
        return "function"
    # The rest of a constructor's list of initialisers, after one that is written with braces.
    if head.strip() == "" or head.strip().startswith(","):
        return "function"
    return "other"


def cmake_calls(text):
    """Yields (command, first argument, {keyword: [values]}) of each call in CMake text."""
    text = re.sub(r"#[^\n]*", "", text)
    for match in re.finditer(r"\b([a-z_]+)\s*\(([^()]*)\)", text):
        words = match.group(2).split()
        if not words:
            continue
        parts, keyword = {}, ""
        for word in words[1:]:
            if re.fullmatch(r"[A-Z_]+", word):
                keyword = word
                parts.setdefault(keyword, [])
            else:
                parts.setdefault(keyword, []).append(word)
        yield match.group(1), words[0], parts


def tell(name, findings, what):
    """Prints the findings and returns the exit code: 0 without any, else 1."""
    for finding in findings:
        print(f"{name}: {finding}", file=sys.stderr)
    if findings:
        print(f"{name}: {len(findings)} found", file=sys.stderr)
        return 1
    print(f"{name}: {what}: ok")
    return 0
