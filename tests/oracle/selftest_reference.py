#!/usr/bin/env python3
"""Runs the self-test of tests/reference; says that it is skipped where its packages are missing."""
import pathlib
import subprocess
import sys

REFERENCE = pathlib.Path(__file__).resolve().parent.parent / "reference"

try:
    import grpc  # noqa: F401
    import qdrant_client  # noqa: F401
    import starlette  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)
sys.exit(subprocess.run([sys.executable, "selftest.py"], cwd=REFERENCE).returncode)
