#!/usr/bin/env python3
"""Fails when a C file of ours is longer than 800 lines, and when a line marks work as unfinished."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MAX_LINES = 800
FOLDERS = ["include", "core", "codec", "pool", "fallback_rest", "memory", "client", "server", "cli", "examples", "bench", "tests"]
MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")


def main():
    problems = []
    for path in [p for f in FOLDERS for p in sorted((ROOT / f).rglob("*.[ch]"))]:
        lines = path.read_text().splitlines()
        name = path.relative_to(ROOT).as_posix()
        if len(lines) > MAX_LINES:
            problems.append(f"{name}: {len(lines)} lines, more than {MAX_LINES}: split it by noun")
        problems += [f"{name}:{n}: {line.strip()}" for n, line in enumerate(lines, 1) if MARKS.search(line)]
    print("\n".join(problems) or "every file within its size")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
