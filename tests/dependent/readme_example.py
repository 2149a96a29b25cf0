#!/usr/bin/env python3
"""Prints the README's C program, so that the dependent project compiles what the README promises."""
import pathlib
import re
import sys

readme = (pathlib.Path(__file__).resolve().parent.parent.parent / "README.md").read_text()
programs = re.findall(r"```c\n(.*?)```", readme, re.S)
if len(programs) != 1:
    sys.exit(f"README.md has {len(programs)} C programs, one is expected")
print(programs[0])
