#!/usr/bin/env python3
"""The official Python client gets the same from `qdrantctl serve` over REST, over gRPC and from its own local mode.

check_serve.py QDRANTCTL. The operations and their comparison are the reference server's self-test, with our server in its place.
"""
import json
import pathlib
import subprocess
import sys

REFERENCE = pathlib.Path(__file__).resolve().parent.parent / "reference"
sys.path.insert(0, str(REFERENCE))

try:
    import selftest
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)


# A server fills groups in rounds, each with other filters, so that the ranks that a fusion goes by are new in each (recording
# query_batch_groups, groups-fusion); local mode ranks once.
UNLIKE_LOCAL = {"query groups prefetch"}


class Trio(selftest.Trio):
    def __call__(self, name, fn, **options):
        all_sides = self.sides
        if name in UNLIKE_LOCAL:
            self.sides = [all_sides[1], *all_sides[1:]]
        try:
            return super().__call__(name, fn, **options)
        finally:
            self.sides = all_sides


class Served(selftest.Server):
    def __init__(self, qdrantctl):
        self.process = subprocess.Popen(
            [qdrantctl, "serve", "--grpc-port", "0", "--output", "json"], stdout=subprocess.PIPE, text=True
        )
        selftest.Server.running.append(self.process)
        said = json.loads(self.process.stdout.readline())
        self.info = {"http_port": said["rest_port"], "grpc_port": said["grpc_port"]}
        self.http = f"127.0.0.1:{said['rest_port']}"
        self.grpc = f"127.0.0.1:{said['grpc_port']}"


def main():
    server = Served(sys.argv[1])
    tally = selftest.T
    trio = Trio(server)
    for part in (selftest.collections_and_writes, selftest.reads, selftest.refusals, selftest.settings_kept):
        part(trio)
    tally.check("stop on SIGTERM", server.stop() == 0)
    print(f"operations compared three ways: {trio.count}; checks: {tally.passed} passed, {len(tally.failed)} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        for process in selftest.Server.running:
            if process.poll() is None:
                process.kill()
