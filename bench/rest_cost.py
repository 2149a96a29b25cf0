#!/usr/bin/env python3
"""What a point costs over REST: libqdrant beside the official Python client, against one test server.

rest_cost.py [--build DIR] [--rounds N] [--points N] [--dim N] [--batch N]. Each contender is a process of its own that upserts the same number of
points of random floats in batches; its user plus system time is divided by the points. Ratios are taken within a round. The number of points that the
server has afterwards is checked; a difference is an error. Needs the Python that scripts/prepare-python makes.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

PYTHON_UPSERT = """
import sys
import numpy
from qdrant_client import QdrantClient, models
port, collection, n_points, dim, batch = int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])
client = QdrantClient(host="127.0.0.1", port=port, prefer_grpc=False, check_compatibility=False, timeout=60)
rows = numpy.random.default_rng(1).random((batch, dim), dtype=numpy.float32).tolist()
for first in range(0, n_points, batch):
    points = models.Batch(ids=list(range(first, first + batch)), vectors=rows)
    client.upsert(collection, points, wait=True)
"""


def seconds_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def call(tool, port, rpc, request):
    command = [tool, "--rest", "--url", f"http://127.0.0.1:{port}", "--rest-port", str(port), "call", rpc, json.dumps(request)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


class Contenders:
    def __init__(self, tool, port, options):
        self.tool, self.port, self.options = tool, port, options

    def recreate(self):
        call(self.tool, self.port, "Collections/Delete", {"collection_name": "cost"})
        call(self.tool, self.port, "Collections/Create", {"collection_name": "cost", "vectors": {"size": self.options.dim, "distance": "Dot"}})

    def check(self, who, n_points):
        found = call(self.tool, self.port, "Points/Count", {"collection_name": "cost", "exact": True})["count"]
        if found != n_points:
            sys.exit(f"{who}: {found} points arrived, not {n_points}")

    def library(self, n_points):
        self.recreate()
        o = self.options
        seconds = seconds_of(
            [self.tool, "--rest", "--url", f"http://127.0.0.1:{self.port}", "--rest-port", str(self.port), "bench", "upsert", "--no-create",
             "--collection", "cost", "--dim", str(o.dim), "--batch", str(o.batch), "--calls", str(n_points // o.batch), "--in-flight", "1"])
        self.check("libqdrant", n_points)
        return seconds

    def python(self, n_points):
        self.recreate()
        o = self.options
        seconds = seconds_of([sys.executable, "-c", PYTHON_UPSERT, str(self.port), "cost", str(n_points), str(o.dim), str(o.batch)])
        self.check("Python", n_points)
        return seconds


def cost(run, n_points, batch):
    """Microseconds a point, without what starting the process costs."""
    return (run(n_points) - run(batch)) / (n_points - batch) * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--points", type=int, default=20000)
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--batch", type=int, default=100)
    options = parser.parse_args()
    tool = os.path.join(options.build, "cli/qdrantctl")
    server = subprocess.Popen([tool, "serve", "--grpc-port", "0", "--output", "json"], stdout=subprocess.PIPE, text=True)
    try:
        contenders = Contenders(tool, json.loads(server.stdout.readline())["rest_port"], options)
        rounds = [(cost(contenders.library, options.points, options.batch), cost(contenders.python, options.points, options.batch)) for _ in range(options.rounds)]
    finally:
        server.terminate()
        server.wait(timeout=30)
    ours, theirs = (statistics.median(column) for column in zip(*rounds))
    ratios = [python / library for library, python in rounds]
    print(f"upsert over REST, {options.points} points of {options.dim} floats, {options.batch} a call, one call in flight, {options.rounds} rounds")
    print(f"libqdrant            {ours:8.2f} us CPU/point")
    print(f"Python qdrant-client {theirs:8.2f} us CPU/point, {statistics.median(ratios):.1f} times ours ({min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main()
