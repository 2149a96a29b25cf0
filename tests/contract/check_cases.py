#!/usr/bin/env python3
"""One suite of cases on every transport: cases/*.jsonl, each line a call, the lines of a file in order from an empty server.

check_cases.py QDRANTCTL [FILE [TRANSPORT...]]

The answers of tests/reference, asked over HTTP by this script alone, are what `qdrantctl call` has to print over gRPC and REST from the same server,
over REST in place of a gRPC port where nobody is ("failover"), from `qdrantctl serve` over both, and from the embedded engine. Scores may differ by a few
millionths, and lists without a defined order are compared as sets ("order": "any"). An error has the server's text of the protocol. divergences.jsonl lists
where that is not so, each with its reason; a line of it that is no longer needed is a failure too.
"""
import collections
import contextlib
import json
import pathlib
import re
import socket
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "oracle"))

try:
    import uvicorn  # noqa: F401, the reference server needs it
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

from compare import Rules, result_differences  # noqa: E402
from reference import reference_server  # noqa: E402
from rest import Rest  # noqa: E402


TRANSPORTS = ("grpc", "rest", "failover", "memory", "served grpc", "served rest")


def load(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def unused_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def run_script(qdrantctl, options, cases):
    """The answers to a scenario's cases, of one process."""
    text = "".join(json.dumps({"rpc": case["rpc"], "request": case["request"]}) + "\n" for case in cases)
    done = subprocess.run([qdrantctl, *options, "call", "--script", "-"], input=text.encode(), capture_output=True, timeout=600)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(cases):
        raise SystemExit(f"{options}: {len(answers)} answers to {len(cases)} lines; {done.stderr.decode(errors='replace')[-2000:]}")
    return answers


@contextlib.contextmanager
def served_engine(qdrantctl):
    """Options that lead to a fresh `qdrantctl serve`, over gRPC and over REST."""
    process = subprocess.Popen(
        [qdrantctl, "serve", "--grpc-port", "0", "--rest-port", "0", "--output", "json"], stdout=subprocess.PIPE, text=True)
    try:
        said = json.loads(process.stdout.readline())
        yield ["--url", said["url"], "--rest-port", str(said["rest_port"])]
    finally:
        process.terminate()
        process.wait(timeout=60)


class Runs:
    """A scenario on every transport."""

    def __init__(self, qdrantctl, server):
        self.qdrantctl = qdrantctl
        self.rest = Rest(server["host"], server["http_port"])
        self.reference = ["--url", f"http://{server['host']}:{server['grpc_port']}", "--rest-port", str(server["http_port"])]

    def fresh(self):
        self.rest.send("POST", "/_control/reset")

    def oracle(self, cases):
        self.fresh()
        return [self.rest.call(case["rpc"], case["request"]) for case in cases]

    def tool(self, options, cases):
        return run_script(self.qdrantctl, options, cases)

    def answers(self, transport, cases):
        """The engine is asked directly and behind both its ports."""
        more = ["--rest"] if transport.endswith("rest") else []
        if transport == "memory":
            return self.tool(["--url", ":memory:"], cases)
        if transport.startswith("served"):
            with served_engine(self.qdrantctl) as options:
                return self.tool([*options, *more], cases)
        if transport == "failover":
            more = ["--grpc-port", str(unused_port())]
        self.fresh()
        return self.tool([*self.reference, *more], cases)


def is_unreadable(error):
    """JSON that no message can be made of: refused by whoever reads it first, in words of its own."""
    return error["status"] == "INVALID_ARGUMENT" and re.match(r"Format error in JSON body|Deserialize error", error["message"])


def error_differences(ours, theirs, texts):
    """theirs: the error over HTTP; texts: those that fit the transport."""
    if ours["status"] != theirs["status"]:
        yield f"{ours['status']} {ours['message']!r} instead of {theirs['status']} {theirs['message']!r}"
    elif ours["delivery"] == "NOT_SENT" and is_unreadable(theirs):
        return
    elif ours["message"] not in texts:
        yield f"{ours['message']!r} instead of {' or '.join(map(repr, texts))}"


def fitting_texts(transport, over_http, over_grpc):
    """A server's errors are worded by protocol. The engine words them as the gRPC port does, and over its REST port it may do either."""
    by_protocol = {"rest": [over_http], "failover": [over_http], "served rest": [over_http, over_grpc]}
    return [answer["error"]["message"] for answer in by_protocol.get(transport, [over_grpc]) if "error" in answer]


def answer_differences(transport, case, ours, theirs, over_grpc):
    if "error" in ours and "error" in theirs:
        yield from error_differences(ours["error"], theirs["error"], fitting_texts(transport, theirs, over_grpc))
    elif "error" in ours or "error" in theirs:
        yield f"{json.dumps(ours)[:300]} instead of {json.dumps(theirs)[:300]}"
    else:
        rules = Rules(is_ordered=case.get("order") != "any", has_offset="offset" in case["request"])
        yield from result_differences(case["rpc"], ours["result"], theirs["result"], rules)


class Divergences:
    """The list of what may differ, and what of it was needed."""

    def __init__(self, path):
        self.lines = load(path)
        self.used = set()

    def allows(self, scenario, case, transport, difference):
        protocol = "rest" if transport == "failover" else transport
        for i, line in enumerate(self.lines):
            is_meant = line["scenario"] == scenario and line["case"] in (case, "*") and protocol in line["transports"]
            if is_meant and re.search(line["difference"], difference):
                self.used.add(i)
                return True
        return False

    def unused(self, scenarios, transports):
        """Those that a run of these would have needed."""
        asked = [line["scenario"] in scenarios and set(line["transports"]) <= set(transports) for line in self.lines]
        return [line for i, line in enumerate(self.lines) if asked[i] and i not in self.used]


def check_scenario(runs, transports, name, cases, divergences, counts):
    """Prints what differs and returns how much that is."""
    oracle = runs.oracle(cases)
    grpc = oracle
    n_wrong = 0
    for transport in transports:
        answers = runs.answers(transport, cases)
        grpc = answers if transport == "grpc" else grpc
        for case, ours, theirs, over_grpc in zip(cases, answers, oracle, grpc):
            found = list(answer_differences(transport, case, ours, theirs, over_grpc))
            wrong = [text for text in found if not divergences.allows(name, case["case"], transport, text)]
            counts[transport, "wrong" if wrong else "diverging" if found else "equal"] += 1
            if wrong:
                n_wrong += 1
                print(f"{name}: {case['case']}: {transport}: {wrong[0]}", flush=True)
    return n_wrong


def main():
    qdrantctl, only = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    transports = sys.argv[3:] or TRANSPORTS
    scenarios = {path.stem: load(path) for path in sorted((HERE / "cases").glob("*.jsonl")) if only in path.stem}
    divergences = Divergences(HERE / "divergences.jsonl")
    counts = collections.Counter()
    with reference_server() as server:
        runs = Runs(qdrantctl, server)
        n_wrong = sum(check_scenario(runs, transports, name, cases, divergences, counts) for name, cases in scenarios.items())
    for line in divergences.unused(scenarios, transports):
        n_wrong += 1
        print(f"divergences.jsonl: {line['scenario']}: {line['case']}: not needed")
    print(f"{sum(map(len, scenarios.values()))} cases")
    for transport in transports:
        print(f"  {transport:12} " + ", ".join(f"{counts[transport, word]} {word}" for word in ("equal", "diverging", "wrong")))
    sys.exit(1 if n_wrong else 0)


if __name__ == "__main__":
    main()
