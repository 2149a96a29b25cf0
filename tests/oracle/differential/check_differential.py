#!/usr/bin/env python3
"""Random requests from a fixed list of seeds, on every transport; each answer has to be the one of tests/reference.

check_differential.py QDRANTCTL [REQUESTS [FIRST_SEED [TRANSPORT...]]]

A seed makes an episode: a collection of its own and 200 requests on it. The reference is asked directly over HTTP; `qdrantctl call --script` asks another
such server over gRPC, a third over REST, and the embedded engine. The first wrong answer of an episode is shrunk: what is printed is the smallest list of
requests found that still ends in a wrong answer, as a script to run. Exits 0, 1 (wrong answers) or 77 (skipped: a package is not installed).
"""
import collections
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "contract")]

try:
    import uvicorn  # noqa: F401, the reference server needs it
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

from compare import Rules, result_differences  # noqa: E402
from reference import reference_server  # noqa: E402
from asking import episode  # noqa: E402
from rest import Rest  # noqa: E402
from shrink import shrink  # noqa: E402

N_REQUESTS = 20000
EPISODE = 200
FIRST_SEED = 1
TRANSPORTS = ("memory", "grpc", "rest")
MOST_FAILURES = 5
NAME = "c"


class Tool:
    """One `qdrantctl call --script` that answers line by line."""

    def __init__(self, qdrantctl, options):
        self.process = subprocess.Popen(
            [qdrantctl, *options, "call", "--script", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def call(self, rpc, request):
        self.process.stdin.write(json.dumps({"rpc": rpc, "request": request}).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"qdrantctl has ended at {rpc} {json.dumps(request)}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def answers(asked, requests):
    """From an empty server."""
    asked.call("Collections/Delete", {"collection_name": NAME})
    return [asked.call(rpc, {"collection_name": NAME, **request}) for rpc, request in requests]


def has_offset(request):
    return any("offset" in part for part in (request, *request.get("searches", ())))


def is_text(rpc, ours, theirs):
    """What is wrong with the form of a request each protocol, and who reads it first, says in its own words. Which of a batch's examples is missed first is
    open."""
    return ours == theirs or rpc == "Points/QueryBatch" or re.match(r"Validation error|Format error|Deserialize error", theirs) is not None


def difference(rpc, request, ours, theirs):
    """What is wrong with an answer, or None."""
    if "error" in ours and "error" in theirs:
        if ours["error"]["status"] == theirs["error"]["status"] and is_text(rpc, ours["error"]["message"], theirs["error"]["message"]):
            return None
    elif "result" in ours and "result" in theirs:
        rules = Rules(is_ordered=not rpc.startswith("Points/SearchMatrix"), has_offset=has_offset(request))
        return next(result_differences(rpc, ours["result"], theirs["result"], rules), None)
    return f"{json.dumps(ours)[:300]} instead of {json.dumps(theirs)[:300]}"


def wrong_answer(requests, ours, theirs):
    """Place and text of the first wrong answer, or None."""
    for i, (rpc, request) in enumerate(requests):
        text = difference(rpc, request, ours[i], theirs[i])
        if text:
            return i, text
    return None


def options_of(transport, stack):
    """What leads `qdrantctl` to a server of its own."""
    if transport == "memory":
        return ["--url", ":memory:"]
    server = stack.enter_context(reference_server())
    options = ["--url", f"http://{server['host']}:{server['grpc_port']}", "--rest-port", str(server["http_port"])]
    return options + (["--rest"] if transport == "rest" else [])


@contextlib.contextmanager
def everyone(qdrantctl, transports):
    """The oracle, and a tool for each transport."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(reference_server())
        oracle = Rest(server["host"], server["http_port"])
        tools = {name: Tool(qdrantctl, options_of(name, stack)) for name in transports}
        for asked in (oracle, *tools.values()):
            stack.callback(asked.close)
        yield oracle, tools


def kind(answer):
    return answer["error"]["status"] if "error" in answer else "result"


def report(oracle, tool, name, seed, requests, failure):
    place, text = failure
    print(f"seed {seed}, request {place + 1}, {name}: {text}", flush=True)

    def both(tried):
        return answers(tool, tried), answers(oracle, tried)

    def kinds(tried, ours, theirs):
        wrong = wrong_answer(tried, ours, theirs)
        return (kind(ours[-1]), kind(theirs[-1])) if wrong and wrong[0] == len(tried) - 1 else None

    failing = requests[: place + 1]
    first = kinds(failing, *both(failing))
    small = shrink(failing, lambda tried: kinds(tried, *both(tried)) == first)
    print("  the smallest script that fails so:")
    for rpc, request in small:
        print("   ", json.dumps({"rpc": rpc, "request": {"collection_name": NAME, **request}}, ensure_ascii=False))
    print("  ours:     ", json.dumps(answers(tool, small)[-1])[:600])
    print("  reference:", json.dumps(answers(oracle, small)[-1])[:600], flush=True)


def main():
    qdrantctl = sys.argv[1]
    n_requests = int(sys.argv[2]) if len(sys.argv) > 2 else N_REQUESTS
    first_seed = int(sys.argv[3]) if len(sys.argv) > 3 else FIRST_SEED
    transports = sys.argv[4:] or TRANSPORTS
    n_asked, failures, began = collections.Counter(), 0, time.monotonic()
    with everyone(qdrantctl, transports) as (oracle, tools), ThreadPoolExecutor(len(tools) + 1) as pool:
        for seed in range(first_seed, first_seed + -(-n_requests // EPISODE)):
            requests = episode(seed, EPISODE)
            theirs = pool.submit(answers, oracle, requests)
            running = {name: pool.submit(answers, tool, requests) for name, tool in tools.items()}
            expected = theirs.result()
            for name, ours in running.items():
                n_asked[name] += len(requests)
                failure = wrong_answer(requests, ours.result(), expected)
                if failure:
                    failures += 1
                    report(oracle, tools[name], name, seed, requests, failure)
            if failures >= MOST_FAILURES:
                break
    asked = ", ".join(f"{n} over {name}" for name, n in n_asked.items())
    print(f"{asked} requests in {time.monotonic() - began:.0f} s; {failures} episodes with wrong answers")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
