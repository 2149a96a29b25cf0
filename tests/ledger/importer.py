#!/usr/bin/env python3
"""qdrantctl import --resume while kill -9 ends the importer, the server, or both at seeded moments, until it is complete. What the checkpoint and
the account say is held against what the servers wrote down as applied. Python's standard library only.

usage: importer.py QDRANTCTL LEDGER N_SEEDS [FIRST_SEED]

LEDGER_LOSE=applied in the environment loses an applied point on the test's side, so that it has to fail.
"""
import array
import collections
import json
import os
import pathlib
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

TOOL, LEDGER = sys.argv[1], sys.argv[2]
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("QDRANT_")}
N_POINTS, DIM, N_BATCH = 100000, 4, 500
HANG_S, MOST_RUNS = 120, 60
MODES = ["importer", "server", "both"]


class Failure(Exception):
    pass


def check(claim, what):
    if not claim:
        raise Failure(what)


def row(number):
    """The vector of a point; its id is one more."""
    return [float(number), float(number % 7), 1.0, 2.0]


def write_points(path):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({N_POINTS}, {DIM}), }}".encode()
    header += b" " * (63 - (len(header) + 10) % 64) + b"\n"
    values = array.array("f", (value for number in range(N_POINTS) for value in row(number)))
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + values.tobytes())


class Server:
    """qdrantctl serve, which begins with the empty collection each time and writes down what it applied."""

    def __init__(self, folder):
        self.collection, self.applied = folder / "collection", folder / "applied"
        self.applied.unlink(missing_ok=True)
        self.ports, self.process = ("0", "0"), None
        self.begin()

    def begin(self):
        deadline = time.monotonic() + HANG_S
        while True:
            self.process = subprocess.Popen([TOOL, "serve", "--load", self.collection, "--applied", self.applied, "--grpc-port", self.ports[0],
                                             "--rest-port", self.ports[1], "--output", "json"], stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE, env=ENVIRONMENT)
            line = self.process.stdout.readline()
            if line:
                break
            error = self.process.communicate()[1].decode()
            check("UNAVAILABLE" in error and time.monotonic() < deadline, f"serve: {error}")  # the port is still another's
        told = json.loads(line)
        self.ports = (str(told["grpc_port"]), str(told["rest_port"]))

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def n_applied(self):
        return self.applied.stat().st_size // 8 if self.applied.exists() else 0

    def times(self):
        """How often each id was applied."""
        ids = array.array("Q", self.applied.read_bytes()) if self.applied.exists() else []
        return collections.Counter(ids)

    def words(self, is_rest):
        return ["--url", "http://127.0.0.1", "--grpc-port", self.ports[0], "--rest-port", self.ports[1], *(["--rest"] if is_rest else [])]


class Run:
    def __init__(self, folder, points, seed):
        self.random = random.Random(seed)
        self.mode = MODES[seed % 3]
        self.is_rest = self.random.random() < 0.3
        self.server = Server(folder)
        self.points, self.checkpoint = points, folder / f"checkpoint-{seed}"
        self.n_importer_kills = self.n_server_kills = self.n_failed_runs = self.n_runs = 0

    def begin_import(self):
        rate = self.random.choice([50000, 100000, 1000000])
        self.n_runs += 1
        return subprocess.Popen(
            [TOOL, *self.server.words(self.is_rest), "--log-level", "off", "--output", "json", "--retries", str(self.random.choice([1, 3, 8])),
             "import", self.points, "--collection", "ledger", "--resume", "--checkpoint", self.checkpoint, "--batch", str(N_BATCH),
             "--max-rate", str(rate), *self.random.choice([[], ["--continue-on-error"]])],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)

    def wait_for_moment(self, importer):
        """A seeded one: some more points are applied, or some time has passed. False: the import ended before."""
        by_time = self.random.random() < 0.3
        goal = self.server.n_applied() + self.random.randrange(1, N_POINTS // 2)
        until = time.monotonic() + (self.random.random() * 1.5 if by_time else HANG_S)
        while time.monotonic() < until and (by_time or self.server.n_applied() < goal):
            if importer.poll() is not None:
                return False
            time.sleep(0.001)
        return importer.poll() is None

    def claims(self):
        """The ids that the checkpoint says are stored."""
        if not self.checkpoint.exists():
            return range(0)
        text = self.checkpoint.read_text()
        low_water = int(re.search(r"^first_unreported (\d+)$", text, re.M)[1])
        ids = set(range(1, low_water + 1))
        for first, n in re.findall(r"^failed (\d+) (\d+)$", text, re.M):
            ids -= set(range(int(first) + 1, int(first) + int(n) + 1))
        return ids

    def check_claims(self, times):
        absent = [i for i in self.claims() if i not in times]
        check(not absent, f"the checkpoint says that {len(absent)} points are stored that no server applied, the first is {absent[:1]}")

    def disturb(self, importer):
        if self.mode == "server" or (self.mode == "both" and self.random.random() < 0.5):
            self.server.kill()
            time.sleep(self.random.random() * 0.3)
            self.server.begin()
            self.n_server_kills += 1
        else:
            importer.kill()
            self.n_importer_kills += 1

    def go_on(self, n_disturbances):
        """One run of the importer; True when it says that all is done."""
        importer = self.begin_import()
        while n_disturbances > 0 and self.wait_for_moment(importer):
            self.disturb(importer)
            n_disturbances -= 1
        out, err = importer.communicate(timeout=HANG_S)
        if importer.returncode == -signal.SIGKILL:
            return False
        check(importer.returncode in (0, 1), f"exit status {importer.returncode}: {err.decode()}")
        self.n_failed_runs += importer.returncode
        check(self.mode != "importer" or importer.returncode == 0, f"a server that is well, and yet: {err.decode()}")
        account = json.loads(out) if importer.returncode == 0 else {}
        check(not account or account["points"] + account["points_before"] == N_POINTS, f"the account does not sum up: {out.decode()}")
        return importer.returncode == 0

    def until_complete(self):
        is_complete = False
        n_left = self.random.randrange(1, 5)
        while not is_complete:
            check(self.n_runs < MOST_RUNS, f"not complete after {MOST_RUNS} runs")
            is_complete = self.go_on(1 if n_left > 0 else 0)
            n_left -= 1
            self.check_claims(self.server.times())

    def check_stored(self):
        """Where the server lived all the time: every id once, with its own vector."""
        done = subprocess.run([TOOL, *self.server.words(False), "--output", "json", "scroll", "--collection", "ledger", "--limit", str(N_POINTS + 1),
                               "--with-vectors"], capture_output=True, env=ENVIRONMENT, timeout=HANG_S, check=True)
        points = json.loads(done.stdout)["points"]
        check(sorted(p["id"] for p in points) == list(range(1, N_POINTS + 1)), f"{len(points)} points are stored, or others")
        check(all(p["vector"] == row(p["id"] - 1) for p in points), "a point has another's vector")

    def judge(self):
        times = self.server.times()
        if os.environ.get("LEDGER_LOSE") == "applied":
            del times[17]
        absent = [i for i in range(1, N_POINTS + 1) if i not in times]
        check(not absent, f"{len(absent)} points reported done and absent, the first is {absent[:1]}")
        check(len(times) == N_POINTS, "ids were applied that nobody sent")
        if self.n_server_kills == 0:
            self.check_stored()
        return sum(times.values()) - N_POINTS


def run_seed(folder, points, seed):
    began = time.monotonic()
    run = Run(folder, points, seed)
    try:
        run.until_complete()
        n_doubled = run.judge()
    finally:
        run.server.kill()
    print(f"seed {seed}: {run.n_importer_kills} kills of the importer, {run.n_server_kills} of the server, {run.n_failed_runs} runs that told of "
          f"points not stored, {run.n_runs} runs in all: every point is there; {n_doubled} were applied again; {time.monotonic() - began:.1f} s",
          flush=True)
    return [run.n_importer_kills, run.n_server_kills, n_doubled]


def main():
    n_seeds, first = int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 1
    totals, n_wrong = [0, 0, 0], 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([LEDGER, "collection", folder], check=True)
        points = folder / "points.npy"
        write_points(points)
        for seed in range(first, first + n_seeds):
            try:
                totals = [a + b for a, b in zip(totals, run_seed(folder, points, seed))]
            except Failure as failure:
                n_wrong += 1
                print(f"seed {seed}: WRONG: {failure}", flush=True)
    print(f"importer: {n_seeds} seeds of {N_POINTS} points from {first}: {n_wrong} wrong; {totals[0]} kills of the importer, {totals[1]} of the server; "
          f"{totals[2]} points applied again")
    sys.exit(1 if n_wrong else 0)


if __name__ == "__main__":
    main()
