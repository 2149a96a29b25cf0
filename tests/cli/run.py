#!/usr/bin/env python3
"""Runs qdrantctl as a user would: every command and every bad input, against `qdrantctl serve`. Python's standard library only.

usage: run.py QDRANTCTL DATA_FOLDER [NAME...]
"""
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

TOOL, DATA = sys.argv[1], pathlib.Path(sys.argv[2])
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("QDRANT_")}
URL = REST_PORT = None
FOLDER = None


class Failure(Exception):
    pass


def check(claim, what):
    if not claim:
        raise Failure(what)


def run(*words, stdin=b"", env=None, url=True):
    """Exit status, standard output and standard error of one command."""
    line = [TOOL, *(["--url", URL] if url else []), *map(str, words)]
    done = subprocess.run(line, input=stdin, capture_output=True, env={**ENVIRONMENT, **(env or {})}, timeout=300)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def good(*words, **options):
    status, out, err = run(*words, **options)
    check(status == 0, f"{words}: exit status {status}, {err}")
    check(err == "", f"{words}: says on standard error {err!r}")
    return out


def good_json(*words, **options):
    return json.loads(good("--output", "json", *words, **options))


def bad(expected_status, pattern, *words, **options):
    """The command fails with one error line that the pattern matches whole, and prints nothing else."""
    status, out, err = run(*words, **options)
    check(status == expected_status, f"{words}: exit status {status}, not {expected_status}; {err}")
    check(out == "", f"{words}: prints {out!r}")
    check(re.fullmatch(pattern + r"\n", err), f"{words}: says {err!r}, not {pattern!r}")


def write(name, content):
    path = FOLDER / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def npy(rows, descr="<f4", version=1, order="False", shape=None, code=None):
    """Bytes of a .npy file."""
    code = code or {"<f4": "f", "<f8": "d", "<f2": "e"}.get(descr, "f")
    shape = shape or (len(rows), len(rows[0]))
    header = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    header += b" " * (63 - (len(header) + 10) % 64) + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    body = b"".join(struct.pack(f"<{len(row)}{code}", *row) for row in rows)
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + body


def fvecs(rows):
    return b"".join(struct.pack(f"<i{len(row)}f", len(row), *row) for row in rows)


def lines(points):
    return "".join(json.dumps(point) + "\n" for point in points)


def fresh(name, dim=4, *more):
    """A new collection of a name."""
    run("collections", "delete", name)
    good("collections", "create", name, "--dim", dim, *more)
    return name


def count(name):
    return good_json("count", "--collection", name)["count"]


class Server:
    """qdrantctl serve on a free port."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            [TOOL, "serve", "--grpc-port", "0", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
        self.line = self.process.stdout.readline().decode()
        found = re.fullmatch(r"serving gRPC on (https?://127\.0\.0\.1:\d+)\n", self.line)
        check(found, f"serve prints {self.line!r}; {self.process.stderr.read().decode() if not found else ''}")
        self.url = found[1]
        self.rest_port = re.fullmatch(r"serving REST on https?://127\.0\.0\.1:(\d+)\n", self.process.stdout.readline().decode())[1]

    def end(self, signal_number):
        self.process.send_signal(signal_number)
        rest, err = self.process.communicate(timeout=60)
        return self.process.returncode, rest.decode(), err.decode()


# --- the line ---------------------------------------------------------------------------------------------------------


def test_help_of_every_command_names_its_options():
    top = good("--help", url=False)
    commands = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ", top.split("Commands")[1].split("'qdrantctl")[0], re.M)
    check(len(commands) == 16, f"{len(commands)} commands are listed: {commands}")
    for command in commands:
        text = good(*command.split(), "--help", url=False)
        check(text.startswith(f"usage: qdrantctl {command}"), f"{command} --help begins {text[:60]!r}")
        check("--url URL" in text and "Exit status" in text, f"{command} --help leaves out the common options")
    check("--allow-duplicates" in good("--help", "import", url=False), "--help before the command is not the command's")


def test_version_is_printed():
    check(re.fullmatch(r"qdrantctl \d+\.\d+\.\d+\n", good("--version", url=False)), "--version")


def test_wrong_lines_exit_with_2():
    for pattern, *words in [
        (r"error: INVALID_ARGUMENT: no command is given; see 'qdrantctl --help'",),
        (r"error: INVALID_ARGUMENT: serch is not a command; did you mean search\?; see 'qdrantctl --help'", "serch"),
        (r"error: INVALID_ARGUMENT: collections alone is not a command; see 'qdrantctl collections --help'", "collections"),
        (r"error: INVALID_ARGUMENT: collections drop is not a command; see 'qdrantctl collections --help'",
         "collections", "drop"),
        (r"error: INVALID_ARGUMENT: --colection is not an option; did you mean --collection\?; see 'qdrantctl count --help'",
         "count", "--colection", "x"),
        (r"error: INVALID_ARGUMENT: --batch is an option of other commands; see 'qdrantctl count --help'",
         "--batch", "3", "count", "--collection", "x"),
        (r"error: INVALID_ARGUMENT: --limit 0: a whole number from 1 to 1000000 is needed",
         "scroll", "--collection", "x", "--limit", "0"),
        (r"error: INVALID_ARGUMENT: --limit -3: a whole number from 1 to 1000000 is needed",
         "scroll", "--collection", "x", "--limit", "-3"),
        (r"error: INVALID_ARGUMENT: --grpc-port 65536: .*", "ping", "--grpc-port", "65536"),
        (r"error: INVALID_ARGUMENT: --timeout 0: a number of seconds from 0.001 to 86400 is needed", "ping", "--timeout", "0"),
        (r"error: INVALID_ARGUMENT: --output xml: is none of table, json", "ping", "--output", "xml"),
        (r"error: INVALID_ARGUMENT: --limit needs a value: .*", "scroll", "--collection", "x", "--limit"),
        (r"error: INVALID_ARGUMENT: --limit is given twice", "scroll", "--limit", "1", "--limit", "2"),
        (r"error: INVALID_ARGUMENT: --multi takes no value", "collections", "create", "x", "--multi=1"),
        (r"error: INVALID_ARGUMENT: -v is not an option: .*", "ping", "-v"),
        (r"error: INVALID_ARGUMENT: collections show needs NAME; see 'qdrantctl collections show --help'",
         "collections", "show"),
        (r"error: INVALID_ARGUMENT: more: ping takes no such word; see 'qdrantctl ping --help'", "ping", "more"),
        (r"error: INVALID_ARGUMENT: the collection's name is empty", "count", "--collection", ""),
        (r"error: INVALID_ARGUMENT: --collection is missing; see 'qdrantctl count --help'", "count"),
        (r"error: INVALID_ARGUMENT: --dim is missing; see 'qdrantctl collections create --help'", "collections", "create", "x"),
        (r"error: INVALID_ARGUMENT: one of --id, --vector and --vectors is needed; see 'qdrantctl search --help'",
         "search", "--collection", "x"),
        (r"error: INVALID_ARGUMENT: --id is missing; see 'qdrantctl delete --help'", "delete", "--collection", "x"),
    ]:
        bad(2, pattern, *words)


def test_options_go_before_and_after_the_command():
    for words in (["--output", "json", "ping"], ["ping", "--output", "json"], ["ping", "--output=json"]):
        check(json.loads(good(*words))["endpoint"] == URL, str(words))
    check(good("ping", "--timeout", "2.5", "--retries", "0", "--pool", "2"), "fractions of seconds")


def count_unanswered(*words):
    """How many requests of a command reach a server that never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections = []

    def accept():
        try:
            while True:
                connection, _ = listener.accept()
                if connection.recv(1):
                    connections.append(connection)
        except OSError:
            pass

    thread = threading.Thread(target=accept)
    thread.start()
    port = str(listener.getsockname()[1])
    bad(1, r"error: DEADLINE_EXCEEDED: .*", "--url", f"http://127.0.0.1:{port}", "--rest", "--rest-port", port,
        "--timeout", "30", "--attempt-timeout", "0.2", *words, "collections", "list", url=False)
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    return len(connections)


def test_attempts_end_by_themselves_and_are_repeated_as_told():
    check(count_unanswered("--retries", "1") == 2, "a read is made again after an attempt's time")
    check(count_unanswered("--retries", "0") == 1, "no retries")
    check(count_unanswered("--repeat", "not-sent") == 1, "nothing is repeated that was sent")
    bad(2, r"error: INVALID_ARGUMENT: --repeat sometimes: is none of not-sent, safe, always", "--repeat", "sometimes", "ping")


def test_unknown_scheme_is_refused():
    bad(2, r"error: CONFIG_INVALID: .*ftp.*", "--url", "ftp://localhost", "ping", url=False)


def test_unreachable_server_is_said():
    bad(1, r"error: (UNAVAILABLE|DEADLINE_EXCEEDED): .+", "--url", "http://127.0.0.1:1", "--timeout", "2", "ping", url=False)


def test_tls_to_a_plain_server_is_one_line():
    bad(1, r"error: UNAVAILABLE: .*: TLS: one side speaks TLS and the other does not; .*", "--url", URL.replace("http:", "https:"),
        "ping", url=False)


def test_log_level_says_what_is_told():
    leave = ("--url", "http://127.0.0.1:1/prefix", "--rest-port", "1", "--timeout", "1", "ping")
    loud = run("--log-level", "warn", *leave, url=False)[2]
    quiet = run("--log-level", "off", *leave, url=False)[2]
    check("qdrant WARN" in loud and "qdrant WARN" not in quiet, loud + quiet)
    bad(2, r"error: INVALID_ARGUMENT: --log-level loud: is none of off, error, warn, info, debug", "ping", "--log-level", "loud")


def test_url_comes_from_the_environment():
    check(URL in good("ping", env={"QDRANT_URL": URL}, url=False), "QDRANT_URL")


def test_api_key_comes_from_line_file_and_environment():
    server = Server("--api-key", "secret-key")
    try:
        key_file = write("key", "secret-key\n")
        words = ["--url", server.url, "collections", "list"]
        bad(1, r"error: (UNAUTHENTICATED|PERMISSION_DENIED): .*", *words, url=False)
        good(*words, "--api-key", "secret-key", url=False)
        good(*words, "--api-key-file", key_file, url=False)
        good(*words, env={"QDRANT_API_KEY": "secret-key"}, url=False)
        bad(2, r"error: INVALID_ARGUMENT: --api-key and --api-key-file are both given; .*", *words, "--api-key", "a",
            "--api-key-file", key_file, url=False)
        bad(1, r"error: IO_ERROR: --api-key-file /nowhere: No such file or directory", *words, "--api-key-file", "/nowhere",
            url=False)
        status, out, err = run(*words, "--api-key", "wrong-key", url=False)
        check(status == 1 and "wrong-key" not in err, f"a key shows in {err!r}")
    finally:
        server.end(signal.SIGTERM)


def make_certificate(name, *issuer):
    """Writes NAME.pem and NAME.key: an authority, or, with the name of one, a certificate of it for 127.0.0.1."""
    folder = pathlib.Path(FOLDER)
    signer = ["-CA", folder / f"{issuer[0]}.pem", "-CAkey", folder / f"{issuer[0]}.key", "-addext", "subjectAltName=IP:127.0.0.1",
              "-addext", "basicConstraints=critical,CA:FALSE"] if issuer else []
    done = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                           "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem", *signer],
                          capture_output=True)
    check(done.returncode == 0, done.stderr.decode())
    return str(folder / f"{name}.pem"), str(folder / f"{name}.key")


def test_tls_is_spoken_over_grpc_and_rest():
    ca, _ = make_certificate("ca")
    cert, key = make_certificate("server", "ca")
    mine, my_key = make_certificate("mine", "ca")
    server = Server("--tls-cert", cert, "--tls-key", key, "--tls-ca", ca)
    try:
        check(server.url.startswith("https://"), server.url)
        for transport in (["--url", server.url, "--grpc-port", server.url.rsplit(":", 1)[1]],
                          ["--url", server.url, "--rest", "--rest-port", str(server.rest_port)]):
            known = [*transport, "--tls-ca", ca, "--tls-cert", mine, "--tls-key", my_key]
            good(*known, "collections", "list", url=False)
            bad(1, r"error: UNAVAILABLE: .* TLS: the server wants a client certificate.*", *transport, "--tls-ca", ca, "collections",
                "list", url=False)
            bad(1, r"error: UNAVAILABLE: .* TLS: the server's certificate is of an unknown authority.*", *transport, "collections",
                "list", url=False)
            status, _, err = run(*known, "--tls-verify", "none", "collections", "list", url=False)
            check(status == 0 and "qdrant WARN tls: tls_verify is NONE" in err, err)
            bad(2, r"error: CONFIG_INVALID: .*tls_key_path.*is not the key.*", *transport, "--tls-cert", mine, "--tls-key", key,
                "collections", "list", url=False)
    finally:
        server.end(signal.SIGTERM)
    bad(2, r"error: INVALID_ARGUMENT: --tls-cert and --tls-key go together; .*", "serve", "--tls-cert", cert, url=False)
    bad(2, r"error: CONFIG_INVALID: .*tls_ca_path is set, but url .*", "--tls-ca", ca, "ping")


def test_output_that_cannot_be_written_is_a_failure():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([TOOL, "--version"], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT)
    check(done.returncode == 1, f"exit status {done.returncode}")
    check(done.stderr == b"error: IO_ERROR: standard output: No space left on device\n", repr(done.stderr))


# --- server and collections -------------------------------------------------------------------------------------------


def test_ping_and_info():
    check(re.fullmatch(re.escape(URL) + r" answers, \d+\.\d ms, version [0-9.]+\n", good("ping")), "ping")
    check(good_json("ping")["version"] == good_json("info")["version"], "the version")
    info = good_json("info")
    check(info["endpoint"] == URL and info["version"] and info["client"], str(info))
    check("version" in good("info"), "info as a table")


def test_endpoints_are_asked_in_place_of_the_url():
    other = Server()
    nodes = ["--endpoint", URL, "--endpoint", other.url]
    good(*nodes, "ping", url=False, env={"QDRANT_URL": "http://127.0.0.1:1"})
    good(*nodes, "--hedge", "collections", "list", url=False)
    told = good_json(*nodes, "info", url=False)
    check([told[f"endpoint {i}"].split()[0] for i in (1, 2)] == [URL, other.url], f"info names {told}")
    bad(2, r"error: CONFIG_INVALID: url and endpoints are both set; make the url .* one of the endpoints", *nodes, "ping")
    bad(2, r"error: CONFIG_INVALID: hedge_reads is on, but there is nowhere else to ask: .*", "--hedge", "--pool", 1, "ping")
    other.end(signal.SIGTERM)
    status, _, err = run(*nodes, "ping", url=False)
    check(status == 0, f"with one of two nodes gone: {err}")


def test_collections_are_created_listed_shown_and_deleted():
    run("collections", "delete", "zoo")
    check(good("collections", "create", "zoo", "--dim", 4, "--distance", "dot") == "created collection zoo\n", "create")
    bad(1, r"error: ALREADY_EXISTS: .*zoo.*", "collections", "create", "zoo", "--dim", 4)
    check({"name": "zoo"} in good_json("collections", "list"), "list as JSON")
    check("zoo" in good("collections", "list").split("\n"), "list as a table")
    shown = good_json("collections", "show", "zoo")
    check(shown["points"] == 0 and shown["vectors"] == [{"kind": "dense", "dim": 4, "distance": "dot"}], str(shown))
    check(good("collections", "delete", "zoo") == "deleted collection zoo\n", "delete")
    bad(1, r"error: NOT_FOUND: .*zoo.*", "collections", "show", "zoo")
    bad(1, r"error: NOT_FOUND: .*zoo.*", "collections", "delete", "zoo")


def test_named_sparse_and_multi_vectors_are_created():
    fresh("kinds", 3, "--vector-name", "text", "--sparse", "a,b")
    check(good_json("collections", "show", "kinds")["vectors"] == [
        {"name": "text", "kind": "dense", "dim": 3, "distance": "cosine"},
        {"name": "a", "kind": "sparse"}, {"name": "b", "kind": "sparse"}], "named and sparse")
    fresh("kinds", 3, "--multi", "--distance", "euclid")
    check(good_json("collections", "show", "kinds")["vectors"] == [{"kind": "multi", "dim": 3, "distance": "euclid"}], "multi")
    bad(2, r"error: INVALID_ARGUMENT: --sparse a,,b: a name is empty; .*", "collections", "create", "k2", "--sparse", "a,,b")
    bad(2, r"error: INVALID_ARGUMENT: the collection's name is empty; .*", "collections", "create", "", "--dim", 3)


# --- import -----------------------------------------------------------------------------------------------------------

ROWS = [[1, 0, 0, 0.5], [0, 1, 0, 0.25], [0, 0, 1, 0.125]]


def vectors_of(name):
    points = good_json("scroll", "--collection", name, "--with-vectors")["points"]
    return {point["id"]: point["vector"] for point in points}


def test_npy_of_every_version_and_dtype_is_imported():
    for version in (1, 2, 3):
        for descr in ("<f4", "<f8", "<f2"):
            fresh("rows", 4, "--distance", "dot")
            path = write("rows.npy", npy(ROWS, descr, version))
            out = good("import", path, "--collection", "rows")
            check(re.fullmatch(r"stored 3 points in rows in \d+\.\d\d s \([\d,]+ points/s\)\n", out), out)
            check(vectors_of("rows") == {1: ROWS[0], 2: ROWS[1], 3: ROWS[2]}, f"version {version}, {descr}")


def test_fvecs_and_standard_input_are_imported():
    fresh("rows", 4, "--distance", "dot")
    path = write("rows.fvecs", fvecs(ROWS))
    result = good_json("import", path, "--collection", "rows", "--first-id", 100)
    check(result["points"] == 3 and result["collection"] == "rows", str(result))
    check(list(vectors_of("rows")) == [100, 101, 102], "--first-id")
    for content in (npy(ROWS), fvecs(ROWS), lines({"id": i + 1, "vector": row} for i, row in enumerate(ROWS)).encode()):
        fresh("rows", 4, "--distance", "dot")
        check(good_json("import", "-", "--collection", "rows", stdin=content)["points"] == 3, f"sniffed {content[:8]}")
        check(vectors_of("rows") == {1: ROWS[0], 2: ROWS[1], 3: ROWS[2]}, f"sniffed {content[:8]}")
    odd = fvecs([[0.5] * 123] * 2)
    good("import", "-", "--collection", "rows123", "--create", stdin=odd)
    check(count("rows123") == 2, "rows of 123 floats begin with the byte of {")
    good("collections", "delete", "rows123")


def test_json_lines_keep_ids_vectors_and_payload():
    fresh("docs", 4, "--distance", "dot")
    uuid = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
    points = [
        {"id": 18446744073709551615, "vector": ROWS[0], "payload": {"city": "Zürich", "n": 9007199254740993, "x": 1.5}},
        {"id": uuid, "vector": ROWS[1], "payload": {"deep": {"list": [1, None, True, {"a": "b\u0000c"}]}}},
        {"id": 0, "vector": ROWS[2]},
    ]
    text = lines(points[:1]) + "\n  \r\n" + lines(points[1:])
    check(good_json("import", write("docs.jsonl", text), "--collection", "docs")["points"] == 3, "import")
    got = {p["id"]: p for p in good_json("scroll", "--collection", "docs", "--with-payload", "--with-vectors")["points"]}
    for point in points:
        have = got[point["id"]]
        check(have["vector"] == point["vector"] and have["payload"] == point.get("payload", {}), f"{have} is not {point}")


def test_json_lines_take_named_sparse_and_multi_vectors():
    fresh("kinds", 2, "--vector-name", "text", "--sparse", "terms")
    points = [{"id": 1, "vector": {"text": [0.6, 0.8], "terms": {"indices": [7, 3], "values": [0.5, 0.25]}}},
              {"id": 2, "vector": {"text": [1, 0]}}, {"id": 3, "vector": {"terms": {"indices": [9], "values": [2]}}}]
    good("import", write("kinds.jsonl", lines(points)), "--collection", "kinds")
    got = vectors_of("kinds")
    check(got[1]["text"] == [0.6, 0.8] and dict(zip(got[1]["terms"]["indices"], got[1]["terms"]["values"])) ==
          {7: 0.5, 3: 0.25}, str(got[1]))
    check(got[2] == {"text": [1, 0]} and got[3] == {"terms": {"indices": [9], "values": [2]}}, str(got))
    good("import", write("named.npy", npy([[0, 1]])), "--collection", "kinds", "--vector-name", "text", "--first-id", 8)
    check(vectors_of("kinds")[8] == {"text": [0, 1]}, "rows as a named vector")
    fresh("kinds", 2, "--multi", "--distance", "dot")
    good("import", write("multi.jsonl", lines([{"id": 5, "vector": [[1, 2], [3, 4]]}])), "--collection", "kinds")
    check(vectors_of("kinds")[5] == [[1, 2], [3, 4]], "multi")


def test_create_makes_the_collection_that_the_file_needs():
    for name, content, want in [
        ("made.npy", npy(ROWS), [{"kind": "dense", "dim": 4, "distance": "manhattan"}]),
        ("made.jsonl", lines([{"id": 1, "vector": {"a": [1, 2], "s": {"indices": [1], "values": [1]}, "m": [[1, 2, 3]]}}]),
         [{"name": "a", "kind": "dense", "dim": 2, "distance": "manhattan"},
          {"name": "m", "kind": "multi", "dim": 3, "distance": "manhattan"}, {"name": "s", "kind": "sparse"}]),
    ]:
        run("collections", "delete", "made")
        bad(1, r"error: NOT_FOUND: .* \(--create makes it\)", "import", write(name, content), "--collection", "made")
        good("import", FOLDER / name, "--collection", "made", "--create", "--distance", "manhattan")
        vectors = good_json("collections", "show", "made")["vectors"]
        check(sorted(vectors, key=lambda v: v.get("name", "")) == want, str(vectors))
        good("import", FOLDER / name, "--collection", "made", "--create")


def test_options_without_effect_on_an_import_are_refused():
    fresh("rows", 4)
    made = write("rows.npy", npy(ROWS))
    points = write("rows.jsonl", lines([{"id": 1, "vector": ROWS[0]}]))
    help_line = "; see 'qdrantctl import --help'"
    bad(2, r"error: INVALID_ARGUMENT: --first-id is for \.npy and \.fvecs; a JSON line has its id" + help_line, "import", points,
        "--collection", "rows", "--first-id", 7)
    bad(2, r"error: INVALID_ARGUMENT: --vector-name is for \.npy and \.fvecs; a JSON line names its vectors" + help_line, "import",
        points, "--collection", "rows", "--vector-name", "text")
    bad(2, r"error: INVALID_ARGUMENT: --distance is for a collection that --create makes" + help_line, "import", made,
        "--collection", "rows", "--distance", "dot")
    check(count("rows") == 0, "something was stored")


def test_bad_npy_files_are_refused_and_nothing_is_stored():
    fresh("rows", 4)
    whole = npy(ROWS)
    for pattern, content in [
        (r"truncated: its header promises 3 rows of 16 bytes, 44 follow", whole[:-4]),
        (r"truncated: the \.npy header is not whole", whole[:40]),
        (r"is not a \.npy file: it does not begin with .*", b"\x93NUMPX" + whole[6:]),
        (r"is not a \.npy file: it does not begin with .*", b""),
        (r"\.npy version 4\.0; 1 to 3 are understood", whole[:6] + b"\x04" + whole[7:]),
        (r"dtype '<i4'; '<f4', '<f8' and '<f2' are understood .*", npy(ROWS, "<i4")),
        (r"dtype '>f4'; .*", npy(ROWS, ">f4")),
        (r"the dtype is of several fields; .*", whole.replace(b"'<f4'", b"[('x', '<f4')]")),
        (r"its columns come first; rows must .*", npy(ROWS, order="True")),
        (r"an array of 1 dimensions; 2 are needed: rows and floats", npy(ROWS, shape="(12,)")),
        (r"an array of 3 dimensions; 2 are needed: rows and floats", npy(ROWS, shape="(3, 2, 2)")),
        (r"rows of 0 floats; 1 to 65536 are possible", npy(ROWS, shape="(3, 0)")),
        (r"truncated: its header promises 18446744073709551615 rows .*", npy(ROWS, shape="(18446744073709551615, 4)")),
        (r"the \.npy header cannot be read.*", npy(ROWS, shape="(3, x)")),
        (r"rows of 3 floats; the collection takes 4", npy([[1, 2, 3]])),
    ]:
        path = write("bad.npy", content)
        bad(1, re.escape(f"error: INVALID_ARGUMENT: {path}: ") + pattern, "import", path, "--collection", "rows")
    check(count("rows") == 0, "something was stored")


def test_bad_fvecs_files_are_refused():
    fresh("rows", 4)
    whole = fvecs(ROWS)
    for pattern, content in [
        (r"truncated: 56 bytes are no whole number of rows of 20 bytes \(4 floats\)", whole[:-4]),
        (r"row 1 says that it has 0 floats; 1 to 65536 are possible: is it an \.fvecs file\?", b"\0\0\0\0"),
        (r"has 2 bytes; an \.fvecs file begins with a dimension of 4", b"\1\0"),
        (r"row 2 of 3: has 3 floats, the first row has 4; all rows must be alike; stored 1 of 3 points; "
         r"it ended before row 2", whole[:20] + b"\3" + whole[21:]),
    ]:
        path = write("bad.fvecs", content)
        bad(1, re.escape(f"error: INVALID_ARGUMENT: {path}: ") + pattern, "import", path, "--collection", "rows")
    bad(1, r"error: INVALID_ARGUMENT: standard input: row 3: truncated: 16 bytes of the 20 of a row are there; stored 2 "
        r"points; it ended before row 3", "import", "-", "--collection", "rows", stdin=whole[:-4])
    check(count("rows") == 2, "the rows before the bad one")


def test_floats_that_are_not_finite_are_refused():
    fresh("rows", 4)
    for value, text in ((float("nan"), "nan"), (float("-inf"), "-inf")):
        path = write("nan.npy", npy([ROWS[0], [1, 2, value, 4]]))
        bad(1, re.escape(f"error: INVALID_ARGUMENT: {path}: row 2 of 2: float 3 is {text}; a vector takes finite floats; "
                         "stored 1 of 2 points; it ended before row 2"), "import", path, "--collection", "rows")


def test_bad_json_lines_name_line_rule_and_value():
    fresh("docs", 2)
    fine = '{"id": 1, "vector": [1, 2]}\n'
    stored = "; stored 1 points; it ended before line 2"
    for pattern, line in [
        (r"the JSON ends where ',' or '}' is needed", '{"id": 2, "vector": [1, 2]'),
        (r"\"vector\": byte 20 of the JSON: '\[' is needed", '{"id": 2, "vector":: [1, 2]}'),
        (r"byte 29: something follows the point", '{"id": 2, "vector": [1, 2]} {}'),
        (r"byte 1 of the JSON: '{' is needed", "[1, 2]"),
        (r"\"id\" is missing", '{"vector": [1, 2]}'),
        (r"\"id\": 2\.5 is no whole number from 0 to 18446744073709551615", '{"id": 2.5, "vector": [1, 2]}'),
        (r"\"id\": -2 is no whole number from 0 to 18446744073709551615", '{"id": -2, "vector": [1, 2]}'),
        (r"\"id\": 18446744073709551616 is no whole number .*", '{"id": 18446744073709551616, "vector": [1, 2]}'),
        (r"\"id\": \"two\" is no UUID, and other text is no id", '{"id": "two", "vector": [1, 2]}'),
        (r"\"vector\" is missing", '{"id": 2}'),
        (r"\"vector\": 3 floats; the collection takes 2", '{"id": 2, "vector": [1, 2, 3]}'),
        (r"\"vector\": float 2: byte 25 of the JSON: a number is needed", '{"id": 2, "vector": [1, "2"]}'),
        (r"\"vector\": float 2: 1e39 is too large for a 32-bit float", '{"id": 2, "vector": [1, 1e39]}'),
        (r"\"vector\": float 2: byte 25 of the JSON: a number is needed", '{"id": 2, "vector": [1, NaN]}'),
        (r"\"vector\": \"x\": the collection has no such vector", '{"id": 2, "vector": {"x": [1, 2]}}'),
        (r"\"payload\": byte 40: an object is needed", '{"id": 2, "vector": [1, 2], "payload": []}'),
        (r"\"payload\": JSON is wrong at byte .*", '{"id": 2, "vector": [1, 2], "payload": {"a": NaN}}'),
        (r"\"vectors\" is none of \"id\", \"vector\", \"payload\"", '{"id": 2, "vectors": [1, 2]}'),
        (r"id 1 is also that of line 1; equal ids are refused", fine.strip()),
    ]:
        path = write("bad.jsonl", fine + line + "\n")
        bad(1, re.escape(f"error: INVALID_ARGUMENT: {path}: line 2: ") + pattern + stored, "import", path, "--collection",
            "docs")
    check(count("docs") == 1, "more than the line before was stored")
    path = write("first.jsonl", "nonsense\n")
    bad(1, re.escape(f"error: INVALID_ARGUMENT: {path}: line 1: byte 1 of the JSON: '") + ".*", "import", path,
        "--collection", "docs")


def test_bad_sparse_and_multi_vectors_are_refused():
    fresh("kinds", 2, "--multi", "--sparse", "ignored")
    fresh("sparse", 2, "--vector-name", "text", "--sparse", "terms")
    for pattern, vector in [
        (r"2 indices and 1 values; as many are needed", {"indices": [1, 2], "values": [1]}),
        (r"index 2: -1 is no whole number from 0 to 4294967295", {"indices": [1, -1], "values": [1, 2]}),
        (r"index 5 is there twice", {"indices": [5, 1, 5], "values": [1, 2, 3]}),
        (r"byte 31 of the JSON: '{' is needed", [1, 2]),
    ]:
        path = write("sparse.jsonl", lines([{"id": 1, "vector": {"terms": vector}}]))
        bad(1, re.escape(f"error: INVALID_ARGUMENT: {path}: line 1: \"vector\": \"terms\": ") + pattern + "; stored 0 points; .*",
            "import", path, "--collection", "sparse")


def test_equal_ids_pass_when_allowed_and_the_last_wins():
    fresh("docs", 2, "--distance", "dot")
    path = write("twice.jsonl", lines([{"id": 1, "vector": [1, 2]}, {"id": 1, "vector": [3, 4]}]))
    good("import", path, "--collection", "docs", "--allow-duplicates")
    check(vectors_of("docs") == {1: [3, 4]}, "the last wins")


def test_a_failure_says_how_many_points_were_stored_before():
    fresh("docs", 2)
    points = [{"id": i, "vector": [i, 1]} for i in range(1, 4001)]
    points[3200]["vector"] = [1]
    path = write("long.jsonl", lines(points))
    bad(1, re.escape(f"error: INVALID_ARGUMENT: {path}: line 3201: \"vector\": 1 floats; the collection takes 2; "
                     "stored 3,200 points; it ended before line 3201"), "import", path, "--collection", "docs")
    check(count("docs") == 3200, f"{count('docs')} are stored")
    rows = [[i, 1] for i in range(2500)]
    rows[1700][1] = float("nan")
    fresh("docs", 2)
    path = write("long.npy", npy(rows))
    bad(1, re.escape(f"error: INVALID_ARGUMENT: {path}: row 1701 of 2500: float 2 is nan; a vector takes finite floats; "
                     "stored 1,700 of 2,500 points; it ended before row 1701"), "import", path, "--collection",
        "docs", "--batch", 500)
    check(count("docs") == 1700, f"{count('docs')} are stored")


def test_unreadable_files_are_named():
    fresh("rows", 4)
    bad(1, r"error: NOT_FOUND: /nowhere/x\.npy: No such file or directory", "import", "/nowhere/x.npy", "--collection", "rows")
    bad(1, re.escape(f"error: IO_ERROR: {FOLDER}: Is a directory"), "import", FOLDER, "--collection", "rows")
    bad(1, r"error: NOT_FOUND: .*", "import", write("rows.npy", npy(ROWS)), "--collection", "no-such-collection")
    bad(1, r"error: INVALID_ARGUMENT: the collection has no vector \"x\"; it has an unnamed one: see --vector-name",
        "import", FOLDER / "rows.npy", "--collection", "rows", "--vector-name", "x")
    bad(1, r"error: INVALID_ARGUMENT: first id 18446744073709551615: the ids of the rows would pass 2\^64 - 1",
        "import", FOLDER / "rows.npy", "--collection", "rows", "--first-id", "18446744073709551615")


def test_a_line_above_64_mib_is_refused():
    fresh("docs", 2)
    process = subprocess.Popen([TOOL, "--url", URL, "import", "-", "--format", "jsonl", "--collection", "docs"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    try:
        for _ in range(65):
            process.stdin.write(b" " * (1 << 20))
        process.stdin.close()
    except BrokenPipeError:
        pass
    err = process.stderr.read().decode()
    process.stdout.close()
    process.stderr.close()
    check(process.wait() == 1, "exit status")
    check(err == "error: RESOURCE_EXHAUSTED: standard input: line 1: the line is longer than 64 MiB; stored 0 points; it ended "
          "before line 1\n", repr(err))


# --- reading back -----------------------------------------------------------------------------------------------------


def places():
    fresh("places", 2, "--distance", "euclid")
    points = [{"id": 1, "vector": [0, 0], "payload": {"city": "A", "n": 1}},
              {"id": 2, "vector": [0, 3], "payload": {"city": "B", "n": 2, "note": "two\nlines"}},
              {"id": 3, "vector": [4, 0], "payload": {"city": "C", "n": 3, "open": True}}]
    good("import", write("places.jsonl", lines(points)), "--collection", "places")


def test_search_by_vector_id_and_file():
    places()
    hits = good_json("search", "--collection", "places", "--vector", "0,0.5", "--limit", 2)
    check(hits == [{"id": 1, "score": 0.5}, {"id": 2, "score": 2.5}], str(hits))
    check(good("search", "--collection", "places", "--vector", "0,0.5", "--limit", "2") ==
          "id  score\n 1    0.5\n 2    2.5\n", "as a table")
    check([h["id"] for h in good_json("search", "--collection", "places", "--id", 2)] == [1, 3], "by id")
    hits = good_json("search", "--collection", "places", "--id", "1,2", "--limit", 1)
    check([(h["query"], h["id"]) for h in hits] == [(1, 2), (2, 1)], str(hits))
    for path in (write("q.npy", npy([[4, 1], [0, 1]])), write("q.fvecs", fvecs([[4, 1], [0, 1]]))):
        hits = good_json("search", "--collection", "places", "--vectors", path, "--limit", 1, "--with-payload")
        check([(h["query"], h["id"], h["payload"]["city"]) for h in hits] == [(1, 3, "C"), (2, 1, "A")], str(hits))


def test_filters_narrow_search_scroll_and_count():
    places()
    for want, text in [
        ([2], '{"must": [{"key": "city", "match": {"value": "B"}}]}'),
        ([2, 3], '{"must": [{"key": "n", "range": {"gte": 2}}]}'),
        ([1], '{"must_not": [{"key": "n", "match": {"any": [2, 3]}}]}'),
        ([1, 3], '{"should": [{"has_id": [1]}, {"key": "open", "match": {"value": true}}]}'),
        ([1, 3], '{"must": [{"is_empty": {"key": "note"}}]}'),
        ([3], '{"must": [{"should": [{"key": "city", "match": {"any": ["C", "D"]}}]}]}'),
    ]:
        check(good_json("count", "--collection", "places", "--filter", text)["count"] == len(want), f"count of {text}")
        page = good_json("scroll", "--collection", "places", "--filter", text)
        check([p["id"] for p in page["points"]] == want, f"scroll of {text}: {page}")
        hits = good_json("search", "--collection", "places", "--vector", "0,0", "--filter", text)
        check(sorted(h["id"] for h in hits) == want, f"search of {text}: {hits}")
    for pattern, text in [
        (r"byte 2 is not JSON: .*", "nonsense"), (r'\{"musst":\[\]\}: must, should and must_not are understood', '{"musst": []}'),
        (r'\{"key":"a"\}: match, range, .* are understood', '{"must": [{"key": "a"}]}'),
        (r"3: an array of conditions is needed", '{"must": 3}'), (r"\[\]: an object is needed", "[]"),
    ]:
        bad(2, r"error: INVALID_ARGUMENT: --filter: " + pattern, "count", "--collection", "places", "--filter", text)


def test_bad_searches_are_refused():
    places()
    bad(2, r'error: INVALID_ARGUMENT: float 2 of the vector, "x", is no finite number', "search", "--collection", "places",
        "--vector", "1,x")
    bad(2, r'error: INVALID_ARGUMENT: float 1 of the vector, "nan", is no finite number', "search", "--collection",
        "places", "--vector", "nan,1")
    for vector, position in (("1,,2", 2), ("1,2,", 3), (",1,2", 1), ("1 2 ,, 3", 3)):
        bad(2, rf'error: INVALID_ARGUMENT: float {position} of the vector, "", is no finite number', "search", "--collection",
            "places", "--vector", vector)
    bad(2, r"error: INVALID_ARGUMENT: the vector has no floats", "search", "--collection", "places", "--vector", "")
    bad(1, r"error: INVALID_ARGUMENT: --vector: 3 floats a query; the collection takes 2", "search", "--collection", "places",
        "--vector", "1,2,3")
    bad(1, r"error: INVALID_ARGUMENT: .*wide\.npy: 4 floats a query; the collection takes 2", "search", "--collection", "places",
        "--vectors", write("wide.npy", npy(ROWS)))
    bad(1, r'error: INVALID_ARGUMENT: the collection has no vector "text"; it has an unnamed one: see --vector-name', "search",
        "--collection", "places", "--vector", "1,2", "--vector-name", "text")
    fresh("terms", 2, "--sparse", "terms")
    bad(1, r"error: INVALID_ARGUMENT: --vector: the vector is sparse; queries are dense", "search", "--collection", "terms",
        "--vector", "1,2", "--vector-name", "terms")
    bad(1, r"error: NOT_FOUND: .*", "search", "--collection", "nowhere", "--vector", "1,2")
    bad(2, r'error: INVALID_ARGUMENT: id "one": whole numbers from 0 and UUIDs are ids', "search", "--collection", "places",
        "--id", "one")
    bad(2, r"error: INVALID_ARGUMENT: id 18446744073709551616: numbers up to 18446744073709551615 are ids", "search",
        "--collection", "places", "--id", "18446744073709551616")
    bad(1, r"error: INVALID_ARGUMENT: --vectors .*places\.jsonl: \.npy and \.fvecs are read", "search", "--collection",
        "places", "--vectors", FOLDER / "places.jsonl")


def test_scroll_pages_through_a_collection():
    places()
    page = good_json("scroll", "--collection", "places", "--limit", 2)
    check(page == {"points": [{"id": 1}, {"id": 2}], "next_page_offset": 3}, str(page))
    page = good_json("scroll", "--collection", "places", "--limit", 2, "--offset", 3)
    check(page == {"points": [{"id": 3}]}, str(page))
    check(good("scroll", "--collection", "places", "--limit", 1) == "id\n 1\nnext page: --offset 2\n", "as a table")
    check('B' in good("scroll", "--collection", "places", "--with-payload"), "with payload")
    bad(2, r'error: INVALID_ARGUMENT: id "x": whole numbers from 0 and UUIDs are ids', "scroll", "--collection", "places",
        "--offset", "x")


def test_delete_takes_ids():
    places()
    check(good("delete", "--collection", "places", "--id", "1,3") == "deleted 2 ids from places\n", "delete")
    check([p["id"] for p in good_json("scroll", "--collection", "places")["points"]] == [2], "what is left")
    check(good("count", "--collection", "places") == "1\n", "count")
    bad(2, r'error: INVALID_ARGUMENT: id "": whole numbers from 0 and UUIDs are ids', "delete", "--collection", "places",
        "--id", "1,,2")
    bad(1, r"error: NOT_FOUND: .*", "delete", "--collection", "nowhere", "--id", "1")


# --- serve, quickstart, bench -----------------------------------------------------------------------------------------


def test_serve_ends_on_sigint_and_sigterm():
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        server = Server()
        good("--url", server.url, "ping", url=False)
        status, rest, err = server.end(signal_number)
        check((status, rest, err) == (0, "", ""), f"{signal_number}: {status}, {rest!r}, {err!r}")


def test_serve_says_that_a_port_is_taken():
    port = URL.rsplit(":", 1)[1]
    bad(1, r"error: UNAVAILABLE: .*", "serve", "--grpc-port", port, url=False)


def test_quickstart_serves_itself_and_finds_neighbours():
    out = good("quickstart", "--data", DATA, url=False)
    check("collection words: created, 100 floats a vector, cosine distance\n" in out, out)
    check(re.search(r"^  king       prince 0\.\d+  ", out, re.M) or re.search(r"^  king       queen 0\.\d+  ", out, re.M), out)
    check(len(re.findall(r"^  [a-z]+ +[a-z]+ \d\.\d{3}", out, re.M)) == 32, "32 words")
    check(re.search(r"^10,000 points in \d+\.\d\d s: [\d,]+ points/s, 20 batches; 24 calls in all over 4 connections$", out, re.M), out)
    check("QDRANT_URL=http" in out.splitlines()[-1], out.splitlines()[-1])


def test_quickstart_may_be_run_again_on_a_server():
    run("collections", "delete", "words")
    first = json.loads(good("quickstart", "--data", DATA, "--output", "json", env={"QDRANT_URL": URL}, url=False))
    again = json.loads(good("quickstart", "--data", DATA, "--output", "json", env={"QDRANT_URL": URL}, url=False))
    check("--collection words --id 42" in good("quickstart", "--data", DATA).splitlines()[-1], "the last line")
    check(first["answers"] == again["answers"] and len(again["answers"]) == 32, "answers differ")
    check(count("words") == 10000, "points")
    for answer in again["answers"]:
        words = [near["word"] for near in answer["nearest"]]
        check(len(words) == 5 and answer["word"] not in words, str(answer))
    point = good_json("scroll", "--collection", "words", "--limit", 1, "--with-payload")["points"][0]
    check(point == {"id": 1, "payload": {"rank": 1, "word": "the"}}, str(point))
    good("collections", "delete", "words")


def test_quickstart_leaves_a_foreign_collection_alone():
    refused = r'error: FAILED_PRECONDITION: collection "words" is there and is not the quick start\'s: '
    fresh("words", 3)
    status, out, err = run("quickstart", "--data", DATA)
    check(status == 1 and re.fullmatch(refused + r"it does not take .*; nothing was changed\n", err), err)
    fresh("words", 100)
    good("import", write("w.npy", npy([[1] * 100])), "--collection", "words")
    status, out, err = run("quickstart", "--data", DATA)
    check(status == 1 and re.fullmatch(refused + r"its point 1 is another; nothing was changed\n", err), err)
    check(count("words") == 1, "it was changed")
    good("collections", "delete", "words")


def on_terminal(*words):
    """Runs a command whose standard error is a terminal; what appears there."""
    master, slave = os.openpty()
    process = subprocess.Popen([TOOL, "--url", URL, *map(str, words)], stdout=subprocess.DEVNULL, stderr=slave, env=ENVIRONMENT)
    os.close(slave)
    shown = b""
    try:
        while part := os.read(master, 4096):
            shown += part
    except OSError:  # the other end is closed
        pass
    os.close(master)
    return process.wait(), shown.decode()


def test_progress_is_drawn_on_a_terminal_and_taken_away():
    run("collections", "delete", "words")
    status, shown = on_terminal("quickstart", "--data", DATA)
    check(status == 0 and re.match(r"\rupserting \[ {24}\] 0 of 10,000\r", shown), repr(shown[:80]))
    check(shown.endswith("\r\x1b[K"), repr(shown[-40:]))
    fresh("docs", 2)
    status, shown = on_terminal("import", write("d.jsonl", lines([{"id": 1, "vector": [1, 2]}])), "--collection", "docs")
    check(status == 0 and shown.startswith("\rimporting 0") and shown.endswith("\r\x1b[K"), repr(shown))
    good("collections", "delete", "words")


def import_1001_lines(url):
    """An import that has stored the first 1,000 lines of its standard input and waits for more."""
    words = [TOOL, "--url", url, "--retries", "0", "--timeout", "5", "import", "-", "--format", "jsonl", "--collection",
             "pipe", "--create"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    process.stdin.write(lines({"id": i, "vector": [i, 1]} for i in range(1, 1002)).encode())
    process.stdin.flush()
    for _ in range(600):
        status, out, _ = run("--url", url, "count", "--collection", "pipe", url=False)
        if (status, out) == (0, "1000\n"):
            return process
        time.sleep(0.1)
    raise Failure("the first 1,000 lines are not stored")


MORE_LINES = lines({"id": i, "vector": [i, 1]} for i in range(1002, 2501)).encode()


def test_a_server_that_goes_away_is_accounted_for():
    server = Server()
    process = import_1001_lines(server.url)
    server.end(signal.SIGTERM)
    out, err = process.communicate(MORE_LINES)
    check(process.returncode == 1 and out == b"", f"{process.returncode} {out}")
    check(re.fullmatch(r"error: [A-Z_]+: .*; stored 1,000 points(, perhaps [\d,]+ more)?(, [\d,]+ were not sent)?, the first that is not "
                       r"stored is line 1001(; it ended before line \d+)?; the collection was created( \(the server may have applied "
                       r"it\))?\n", err.decode()), err.decode())


def test_an_interrupted_import_says_what_is_stored():
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        run("collections", "delete", "pipe")
        process = import_1001_lines(URL)
        process.send_signal(signal_number)
        out, err = process.communicate(MORE_LINES)
        check(process.returncode == 128 + signal_number and out == b"", f"{process.returncode} {out}")
        check(err == b"error: CANCELLED: interrupted; stored 1,000 points; it ended before line 1001; the collection was created\n", repr(err))
    good("collections", "delete", "pipe")


def test_quickstart_names_missing_data():
    bad(1, r"error: NOT_FOUND: /nowhere/words-100d\.npy: No such file or directory \(--data names the folder\)", "quickstart",
        "--data", "/nowhere", url=False)


def test_bench_prints_one_json_line():
    keys = {"items", "seconds", "cpu_seconds", "request_bytes", "p50_us", "p99_us", "max_rss_mib", "errors"}
    for words, items in [
        (["upsert", "--batch", 10, "--dim", 8, "--calls", 50, "--in-flight", 4], 500),
        (["upsert", "--batch", 1, "--dim", 8, "--calls", 20, "--with-payload"], 20),
        (["search", "--batch", 4, "--dim", 8, "--calls", 25, "--limit", 3, "--points", 700, "--with-payload"], 100),
        (["search", "--batch", 1, "--dim", 8, "--calls", 25, "--points", 700, "--in-flight", 32], 25),
    ]:
        out = good("bench", *words)
        check(out.count("\n") == 1, out)
        figures = json.loads(out)
        check(keys <= set(figures), f"{keys - set(figures)} is missing")
        check(figures["items"] == items and figures["errors"] == 0, out)
        check(figures["request_bytes"] > 0 and 0 < figures["p50_us"] <= figures["p99_us"], out)
    check(count("qdrantctl-bench") == 700, "points to search in")


def test_bench_uses_an_existing_collection_only_when_told():
    fresh("load", 8)
    bad(1, r"error: ALREADY_EXISTS: .* \(--no-create uses it as it is\)", "bench", "upsert", "--collection", "load", "--dim", 8)
    good("bench", "upsert", "--collection", "load", "--dim", 8, "--batch", 5, "--calls", 10, "--no-create")
    check(count("load") == 50, f"{count('load')} points")


def test_metrics_are_written_to_a_file():
    path = FOLDER / "figures.prom"
    good("call", "Qdrant/HealthCheck", "--metrics", path)
    check(re.search(r'attempt_duration_seconds_count\{rpc="Qdrant/HealthCheck",endpoint="[^"]+",outcome="OK"\} 1\n', path.read_text()), path.read_text())
    status, _, err = run("call", "Qdrant/HealthCheck", "--metrics", "/nowhere/figures")
    check(status == 1 and err.startswith("error: IO_ERROR: --metrics /nowhere/figures: "), err)


def test_bench_counts_errors_and_fails():
    fresh("load", 8)
    status, out, err = run("bench", "upsert", "--collection", "load", "--dim", 9, "--batch", 2, "--calls", 5, "--no-create")
    check(status == 1 and json.loads(out)["errors"] == 5 and json.loads(out)["items"] == 0, f"{status} {out}")
    check(re.fullmatch(r"error: INVALID_ARGUMENT: 5 of 5 calls failed, the first: .*\n", err), err)


def test_memory_engine_answers_in_the_process():
    check(":memory:" in good("--url", ":memory:", "ping", url=False), "ping")
    check(json.loads(good("--url", ":memory:", "bench", "search", "--dim", 4, "--calls", 5, "--points", 100, url=False))
          ["errors"] == 0, "bench")


def main(namespace):
    """Runs the tests of a module against a server of their own."""
    global URL, REST_PORT, FOLDER
    names = sys.argv[3:]
    tests = [(n, f) for n, f in namespace.items() if n.startswith("test_") and (not names or any(x in n for x in names))]
    check(tests, "no test has such a name")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        FOLDER = pathlib.Path(folder)
        server = Server()
        URL, REST_PORT = server.url, server.rest_port
        for name, test in tests:
            try:
                test()
                print(f"ok      {name}", flush=True)
            except (Failure, AssertionError, subprocess.TimeoutExpired, KeyError, ValueError) as problem:
                failed += 1
                print(f"FAILED  {name}: {type(problem).__name__} {problem}", flush=True)
        status, _, err = server.end(signal.SIGTERM)
        if status != 0 or err:
            failed += 1
            print(f"FAILED  the server ended with {status}: {err}")
    print(f"{len(tests)} tests, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(globals())
