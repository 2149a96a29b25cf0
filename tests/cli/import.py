#!/usr/bin/env python3
"""qdrantctl import when things go wrong: bad points, signals, kill -9, and going on by a checkpoint. As run.py runs the other commands.

usage: import.py QDRANTCTL DATA_FOLDER [NAME...]
"""
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import run  # noqa: E402
from run import bad, check, count, fresh, good, good_json, lines, npy, write  # noqa: E402

N_ROWS = 3000
# Slow enough to be met in the middle on any machine; the rest goes without it.
SLOW = ["--batch", "50", "--max-rate", "500"]


def rows_file(name="rows.npy", n=N_ROWS):
    return write(name, npy([[i, 1] for i in range(n)]))


def checkpoint_of(path):
    return pathlib.Path(f"{path}.qdrant-checkpoint")


def ids_of(collection):
    points = good_json("scroll", "--collection", collection, "--limit", 100000)["points"]
    return sorted(point["id"] for point in points)


def check_all(collection, n=N_ROWS):
    check(ids_of(collection) == list(range(1, n + 1)), f"{collection} holds {count(collection)} of {n} points, or others")


def begin(*words, stderr=subprocess.PIPE):
    return subprocess.Popen([run.TOOL, "--url", run.URL, "import", *map(str, words)], stdout=subprocess.PIPE, stderr=stderr,
                            env=run.ENVIRONMENT)


def wait_for_points(collection, process, at_least=100):
    """Returns in the middle of an import."""
    for _ in range(1200):
        check(process.poll() is None, f"the import ended early with {process.returncode}")
        if count(collection) >= at_least:
            return
        time.sleep(0.05)
    raise run.Failure("no points are stored")


def stopped_in_the_middle(collection, path, signal_number, *words):
    """An import that a signal ended, with its standard error."""
    process = begin(path, "--collection", collection, *SLOW, *words)
    wait_for_points(collection, process)
    process.send_signal(signal_number)
    out, err = process.communicate(timeout=60)
    check(out == b"", f"prints {out!r}")
    return process.returncode, err.decode()


def points_with_bad_lines():
    points = [{"id": i, "vector": [i, 1]} for i in range(1, 2501)]
    points[16]["vector"] = [1]
    points[1800]["id"] = "x"
    return points


def test_bad_lines_are_passed_and_listed_when_told():
    fresh("docs", 2)
    path = write("bad.jsonl", lines(points_with_bad_lines()))
    status, out, err = run.run("import", path, "--collection", "docs", "--continue-on-error")
    check(status == 1 and out == "", f"{status} {out}")
    wanted = (f'not stored: line 17: error: INVALID_ARGUMENT: {path}: line 17: "vector": 1 floats; the collection takes 2\n'
              f'not stored: line 1801: error: INVALID_ARGUMENT: {path}: line 1801: "id": "x" is no UUID, and other text is no id\n'
              f'error: INVALID_ARGUMENT: {path}: line 17: "vector": 1 floats; the collection takes 2; stored 2,498 points, '
              "2 could not be read\n")
    check(err == wanted, err)
    check(ids_of("docs") == [i for i in range(1, 2501) if i not in (17, 1801)], f"{count('docs')} points")


def test_bad_lines_are_in_the_json_account():
    fresh("docs", 2)
    path = write("bad.jsonl", lines(points_with_bad_lines()))
    status, out, _ = run.run("--output", "json", "import", path, "--collection", "docs", "--continue-on-error")
    account = json.loads(out)
    check(status == 1 and account["points"] == 2498 and account["unreadable"] == 2 and account["is_whole"] is True, out)
    check([(gap["place"], gap["point"], gap["points"], gap["status"], gap["delivery"]) for gap in account["not_stored"]] ==
          [("line 17", 16, 1, "INVALID_ARGUMENT", "NOT_SENT"), ("line 1801", 1800, 1, "INVALID_ARGUMENT", "NOT_SENT")], out)


def test_many_bad_lines_are_counted_and_ten_listed():
    fresh("docs", 2)
    path = write("many.jsonl", lines({"id": i, "vector": [1] if i % 2 else [1, 2]} for i in range(1, 101)))
    status, _, err = run.run("import", path, "--collection", "docs", "--continue-on-error")
    check(status == 1 and err.count("not stored: line ") == 10 and "not stored: 40 more such ranges\n" in err, err)
    check("stored 50 points, 50 could not be read\n" in err, err)


def test_an_interrupted_import_goes_on_with_the_line_it_prints():
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        fresh("rows", 2)
        path = rows_file()
        checkpoint_of(path).unlink(missing_ok=True)
        status, err = stopped_in_the_middle("rows", path, signal_number, "--resume", "--api-key", "hidden")
        check(status == 128 + signal_number, f"exit status {status}")
        found = re.fullmatch(r"to go on: (.+)\nerror: CANCELLED: interrupted; stored [\d,]+ of 3,000 points[,;] .+\n", err)
        check(found and "hidden" not in err, err)
        check(0 < count("rows") < N_ROWS, f"{count('rows')} points")
        words = shlex.split(found[1])
        check(words[0] == run.TOOL and "--resume" in words and words[words.index("--api-key") + 1] == "KEY", err)
        words[words.index("--max-rate") + 1] = "1000000"
        done = subprocess.run(words, capture_output=True, env=run.ENVIRONMENT, timeout=300)
        told = re.fullmatch(r"stored ([\d,]+) points in rows .+, ([\d,]+) before\n", done.stdout.decode())
        check(done.returncode == 0 and told, f"{done}")
        check(sum(int(number.replace(",", "")) for number in told.groups()) == N_ROWS, told[0])
        check_all("rows")
        good("import", path, "--collection", "rows", "--resume")


def test_a_killed_import_goes_on():
    fresh("rows", 2)
    path = rows_file("killed.npy")
    status, _ = stopped_in_the_middle("rows", path, signal.SIGKILL, "--resume")
    check(status == -signal.SIGKILL, f"exit status {status}")
    check(0 < count("rows") < N_ROWS, f"{count('rows')} points")
    good("import", path, "--collection", "rows", "--resume")
    check_all("rows")


def test_json_lines_with_blank_lines_go_on_too():
    fresh("docs", 2)
    text = "".join(json.dumps({"id": i, "vector": [i, 1], "payload": {"n": i}}) + "\n" * (1 + i % 3) for i in range(1, N_ROWS + 1))
    path = write("blank.jsonl", text)
    stopped_in_the_middle("docs", path, signal.SIGKILL, "--resume")
    stopped_in_the_middle("docs", path, signal.SIGINT, "--resume")
    good("import", path, "--collection", "docs", "--resume")
    check_all("docs")


def test_a_finished_import_has_nothing_to_do():
    fresh("rows", 2)
    path, kept = rows_file("done.npy", 10), run.FOLDER / "kept"
    good("import", path, "--collection", "rows", "--checkpoint", kept)
    check(not checkpoint_of(path).exists() and kept.exists(), "--checkpoint names the file")
    out = good("import", path, "--collection", "rows", "--resume", "--checkpoint", kept)
    check(out == f"nothing to do: {kept} says that all points of {path} are stored in rows\n", out)
    account = good_json("import", path, "--collection", "rows", "--resume", "--checkpoint", kept)
    check(account["points"] == 0 and account["points_before"] == 10, str(account))
    good("import", path, "--collection", "rows", "--checkpoint", kept)  # a complete one may be written over


def test_without_the_options_no_checkpoint_is_kept():
    fresh("rows", 2)
    path = rows_file("plain.npy", 10)
    good("import", path, "--collection", "rows")
    check(not checkpoint_of(path).exists(), "a checkpoint")
    good("import", path, "--collection", "rows", "--resume")
    check(checkpoint_of(path).exists(), "no checkpoint")


def test_a_changed_file_is_refused():
    fresh("rows", 2)
    path = rows_file("changed.npy")
    stopped_in_the_middle("rows", path, signal.SIGINT, "--resume")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    before = os.stat(path)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    refused = (rf"error: FAILED_PRECONDITION: {path}, or the way it is read, has changed since {checkpoint_of(path)} was written; "
               "delete that to import all of it")
    bad(1, refused, "import", path, "--collection", "rows", "--resume")
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    bad(1, refused, "import", path, "--collection", "rows", "--resume", "--first-id", 7)
    good("import", path, "--collection", "rows", "--resume")
    check_all("rows")


def test_a_checkpoint_of_another_collection_or_a_missing_one_is_refused():
    fresh("rows", 2)
    fresh("others", 2)
    path = rows_file("moved.npy")
    stopped_in_the_middle("rows", path, signal.SIGINT, "--resume")
    bad(1, rf'error: FAILED_PRECONDITION: {checkpoint_of(path)} is of an import into collection "rows"; delete it, or name another '
        "with --checkpoint", "import", path, "--collection", "others", "--resume")
    bad(1, rf"error: FAILED_PRECONDITION: {checkpoint_of(path)} is of an import that stored [\d,]+ points and not all; --resume "
        "goes on with it, deleting it begins anew", "import", path, "--collection", "rows", "--checkpoint", checkpoint_of(path))
    good("collections", "delete", "rows")
    bad(1, rf'error: FAILED_PRECONDITION: collection "rows" is not there, but {checkpoint_of(path)} says that it holds [\d,]+ points '
        "of this file; delete that to import all of them", "import", path, "--collection", "rows", "--resume", "--create")
    checkpoint_of(path).unlink()
    good("import", path, "--collection", "rows", "--resume", "--create")
    check_all("rows")


def test_a_damaged_checkpoint_is_refused():
    fresh("rows", 2)
    path = rows_file("damaged.npy", 10)
    checkpoint_of(path).write_text("nonsense\n")
    bad(1, r"error: INVALID_ARGUMENT: .*; deleting it begins anew", "import", path, "--collection", "rows", "--resume")


def test_standard_input_cannot_be_resumed():
    for words in (["--resume"], ["--checkpoint", run.FOLDER / "x"]):
        bad(2, r"error: INVALID_ARGUMENT: --resume and --checkpoint need a file: standard input cannot be read again; .*", "import", "-",
            "--collection", "rows", *words, stdin=npy([[1, 2]]))


def catches(process, signal_number):
    """Whether the process has a handler of its own for a signal."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"SigCgt:\s*([0-9a-f]+)", status)[1], 16) >> (signal_number - 1) & 1


def test_a_second_signal_ends_the_import_at_once():
    fresh("rows", 2)
    path = rows_file("twice.npy")
    # Nobody reads its standard error, which is full: the account cannot be written, and the import hangs in it.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while os.write(writer, b"x" * 4096):
            pass
    except BlockingIOError:
        pass
    os.set_blocking(writer, True)
    process = begin(path, "--collection", "rows", *SLOW, "--resume", stderr=writer)
    try:
        wait_for_points("rows", process)
        check(catches(process, signal.SIGINT), "no handler")
        process.send_signal(signal.SIGINT)
        while catches(process, signal.SIGINT):
            time.sleep(0.01)
        check(process.poll() is None, f"it ended with {process.returncode}")
        process.send_signal(signal.SIGTERM)
        check(process.wait(timeout=60) == -signal.SIGTERM, f"exit status {process.returncode}")
    finally:
        process.kill()
        process.stdout.close()
        os.close(reader)
        os.close(writer)
    good("import", path, "--collection", "rows", "--resume")
    check_all("rows")


def test_equal_ids_keep_the_last_after_a_resume():
    fresh("docs", 2, "--distance", "dot")
    points = [{"id": i % 700, "vector": [i, 1]} for i in range(N_ROWS)]
    path = write("equal.jsonl", lines(points))
    words = ["--allow-duplicates", "--resume"]
    stopped_in_the_middle("docs", path, signal.SIGKILL, *words)
    good("import", path, "--collection", "docs", *words)
    last = {point["id"]: point["vector"] for point in points}
    got = {p["id"]: p["vector"] for p in good_json("scroll", "--collection", "docs", "--limit", 1000, "--with-vectors")["points"]}
    check(got == last, "an earlier point of an id stayed")


def strict_collection(name):
    """A collection that takes at most ten points in a call."""
    run.run("collections", "delete", name)
    good("call", "Collections/Create", json.dumps({"collection_name": name, "vectors": {"size": 2, "distance": "Dot"},
                                                   "strict_mode_config": {"enabled": True, "upsert_max_batchsize": 10}}))


def test_batches_that_are_too_large_for_the_server_are_cut():
    strict_collection("strict")
    path = rows_file("strict.npy", 200)
    account = good_json("import", path, "--collection", "strict", "--batch", 64)
    check(account["points"] == 200 and account["calls"] > 4, str(account))
    check_all("strict", 200)


def test_without_bisection_a_refused_batch_is_refused_whole():
    strict_collection("strict")
    path = rows_file("strict.npy", 200)
    status, out, err = run.run("--output", "json", "import", path, "--collection", "strict", "--batch", 64, "--no-bisect",
                               "--continue-on-error")
    account = json.loads(out)
    check(status == 1 and account["points"] == 8 and account["refused"] == 192, f"{out} {err}")
    check(sum(gap["points"] for gap in account["not_stored"]) == 192 and account["not_stored"][0]["place"] == "row 1", out)
    check(all(gap["delivery"] == "ANSWERED" for gap in account["not_stored"]), out)


def test_batches_are_verified_when_told():
    fresh("rows", 2)
    account = good_json("import", rows_file("verified.npy", 1000), "--collection", "rows", "--verify", "--batch", 100, "--max-in-flight", 2)
    check(account["points"] == 1000 and account["calls"] >= 20, str(account))


if __name__ == "__main__":
    run.main(globals())
