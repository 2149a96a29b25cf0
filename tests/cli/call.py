#!/usr/bin/env python3
"""qdrantctl call, as run.py runs the other commands.

usage: call.py QDRANTCTL DATA_FOLDER [NAME...]
"""
import json
import subprocess
import sys

sys.dont_write_bytecode = True

import run  # noqa: E402
from run import bad, check, good, write  # noqa: E402

CREATION = {"collection_name": "called", "vectors": {"size": 2, "distance": "Dot"}}
POINTS = {"collection_name": "called", "wait": True, "points": [
    {"id": 18446744073709551615, "vector": [1.0, 0.5], "payload": {"n": 9007199254740993, "x": 1.0, "s": "a\u0000\n"}}, {"id": 1, "vector": [0, 2]}]}
QUERY = {"collection_name": "called", "query": [1, 0.25], "with_payload": True}


def result(rpc, request=None, *words, **options):
    out = good(*words, "call", rpc, *([json.dumps(request)] if request is not None else []), **options)
    check(out.count("\n") == 1, f"{rpc} prints {out!r}")
    return json.loads(out)


def fill(*words):
    run.run(*words, "call", "Collections/Delete", '{"collection_name": "called"}')
    check(result("Collections/Create", CREATION, *words) is True, "Collections/Create")
    check(result("Points/Upsert", POINTS, *words) == {"operation_id": 1, "status": "completed"}, "Points/Upsert")


def test_result_is_one_line_of_json_on_both_protocols():
    for words in ([], ["--rest", "--rest-port", run.REST_PORT]):
        fill(*words)
        check(result("Points/Query", QUERY, *words)["points"] == [
            {"id": 18446744073709551615, "version": 1, "score": 1.125, "payload": {"n": 9007199254740993, "x": 1.0, "s": "a\u0000\n"}},
            {"id": 1, "version": 1, "score": 0.5}], f"Points/Query {words}")
        check(result("Collections/CollectionExists", {"collection_name": "none"}, *words) == {"exists": False}, "exists")
        check(result("Qdrant/HealthCheck", None, *words)["version"], "no JSON means {}")


def test_request_comes_from_line_file_and_standard_input():
    fill()
    path = write("request.json", json.dumps(QUERY, indent=2))
    want = result("Points/Query", QUERY)
    check(json.loads(good("call", "Points/Query", f"@{path}")) == want, "@FILE")
    check(json.loads(good("call", "Points/Query", "-", stdin=path.read_bytes())) == want, "-")
    bad(1, r"error: IO_ERROR: /nowhere: No such file or directory", "call", "Points/Query", "@/nowhere")


def test_engine_in_the_process_answers():
    check(result("Collections/List", {}, "--url", ":memory:", url=False) == {"collections": []}, ":memory:")


def test_error_is_the_servers_own():
    bad(1, r"error: NOT_FOUND: .*Not found: Collection `nowhere` doesn't exist!", "call", "Points/Count", '{"collection_name": "nowhere"}')
    bad(1, r'error: INVALID_ARGUMENT: .*Validation error in body: \[collection_name: value "" invalid, must be from 1 to 255 characters\]',
        "call", "Points/Count", '{"collection_name": ""}')
    bad(1, r"error: INVALID_ARGUMENT: .*Unable to parse UUID: abc", "call", "Points/Get", '{"collection_name": "called", "ids": ["abc"]}')


def test_json_that_is_no_request_is_refused_with_its_place():
    bad(1, r"error: INVALID_ARGUMENT: .*points\[1\]\.id: .*", "call", "Points/Upsert",
        '{"collection_name": "called", "points": [{"id": 1, "vector": [1, 2]}, {"id": true, "vector": [1, 2]}]}')
    bad(1, r"error: INVALID_ARGUMENT: .*limt.*", "call", "Points/Query", '{"collection_name": "called", "limt": 3}')
    bad(1, r"error: INVALID_ARGUMENT: .*", "call", "Points/Query", '{"collection_name": ')


def test_wrong_lines_exit_with_2():
    bad(2, r"error: INVALID_ARGUMENT: Points/Qury is not an RPC; did you mean Points/Query\?", "call", "Points/Qury")
    bad(2, r"error: INVALID_ARGUMENT: upsert is not an RPC: they are called as Points/Upsert", "call", "upsert")
    bad(2, r"error: INVALID_ARGUMENT: call needs RPC or --script; see 'qdrantctl call --help'", "call")
    bad(2, r"error: INVALID_ARGUMENT: --script has the RPCs in its lines: Points/Query is too much; .*", "call", "Points/Query", "--script", "x")


def lines(*calls):
    return "".join(json.dumps({"rpc": rpc, "request": request}) + "\n" for rpc, request in calls)


def test_script_answers_line_by_line():
    run.run("call", "Collections/Delete", '{"collection_name": "called"}')
    path = write("script.jsonl", lines(("Collections/Create", CREATION), ("Points/Upsert", POINTS)) + "\n"
                 + lines(("Points/Count", {"collection_name": "called"})) + '{"rpc": "Collections/CollectionExists", "request": {"collection_name": "x"}}')
    answers = [json.loads(line) for line in good("call", "--script", path).splitlines()]
    check(answers == [{"result": True}, {"result": {"operation_id": 1, "status": "completed"}}, {"result": {"count": 2}}, {"result": {"exists": False}}],
          str(answers))


def test_script_goes_on_after_an_error():
    text = lines(("Points/Count", {"collection_name": "nowhere"}), ("Nothing/Here", {})) + "[]\n" + '{"rpc": "Collections/List", "reqest": {}}\n' + lines(
        ("Collections/CollectionExists", {"collection_name": "x"}))
    status, out, err = run.run("call", "--script", "-", stdin=text.encode())
    answers = [json.loads(line) for line in out.splitlines()]
    check([next(iter(answer)) for answer in answers] == ["error"] * 4 + ["result"], out)
    check(answers[0]["error"] == {"status": "NOT_FOUND", "message": "Not found: Collection `nowhere` doesn't exist!", "delivery": "ANSWERED"}, out)
    check(all(answer["error"]["status"] == "INVALID_ARGUMENT" for answer in answers[1:4]), out)
    check(status == 1, f"exit status {status}")
    check(err == "error: NOT_FOUND: 4 of 5 calls failed, the first in line 1: Not found: Collection `nowhere` doesn't exist!\n", err)


def test_script_answers_before_the_next_line_is_written():
    line = [run.TOOL, "--url", run.URL, "call", "--script", "-"]
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=run.ENVIRONMENT)
    for _ in range(3):
        process.stdin.write(lines(("Collections/CollectionExists", {"collection_name": "x"})).encode())
        process.stdin.flush()
        check(json.loads(process.stdout.readline()) == {"result": {"exists": False}}, "an answer")
    process.stdin.close()
    check(process.wait(timeout=60) == 0, "exit status")
    process.stdout.close()


if __name__ == "__main__":
    run.main(globals())
