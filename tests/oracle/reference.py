"""Starts tests/reference for a test and stops it again."""
import contextlib
import json
import pathlib
import subprocess
import sys

SERVER = pathlib.Path(__file__).resolve().parent.parent / "reference" / "server.py"


@contextlib.contextmanager
def reference_server(*arguments):
    """Yields what the server says of itself: host, grpc_port, http_port."""
    process = subprocess.Popen(
        [sys.executable, str(SERVER), "--grpc-port", "0", "--http-port", "0", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=30)
