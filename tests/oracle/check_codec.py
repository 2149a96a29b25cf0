#!/usr/bin/env python3
"""Compare the JSON codec with recorded traffic of a real server, in every direction.

Usage: check_codec.py CONVERT_PROGRAM [CASE]

Every line of the recordings that was asked over both protocols holds the same request and the same
reply as a protobuf message and as REST. So each of them is converted to the other form and compared:

  write_request  the recorded message becomes verb, path, query and body of the recorded HTTP request
  read_request   the recorded HTTP request becomes the recorded message, as a server reads it
  read_user      the request in one JSON object becomes the recorded message
  write_user     and the recorded message becomes that object
  read_reply     the recorded HTTP reply becomes the recorded reply message
  write_reply    and the recorded reply message becomes the HTTP reply

Where they may differ is written down in codec_differences.py, with reasons. CASE ("file/case") prints
what one line converts to. Exits 0 (equal), 1 (different) or 77 (skipped: no recordings or package).
"""

import base64
import collections
import json
import os
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDINGS = Path(os.environ.get("QDRANT_RECORDINGS", ROOT.parent / "shared" / "recordings" / "qdrant-1.18.3"))
NOT_CALLS = {"bm25.jsonl"}
FIELDS = ("request_b64", "reply_b64")
REQUEST, REPLY = 0, 1
MALFORMED = re.compile("(Format|Deserialize) error in")


def skip(reason):
    print(f"skipped: {reason}")
    raise SystemExit(77)


try:
    from google.protobuf import json_format
    from google.protobuf.message import DecodeError
    from qdrant_client.grpc import (
        collections_service_pb2,
        points_service_pb2,
        qdrant_pb2,
        snapshots_service_pb2,
    )
except ImportError as error:
    skip(f"{sys.executable} has no package qdrant-client ({error})")
if not RECORDINGS.is_dir():
    skip(f"there are no recordings in {RECORDINGS}")

sys.dont_write_bytecode = True
import codec_differences  # noqa: E402


def message_types():
    """RPC -> (class of the request, class of the reply)."""
    from google.protobuf.message_factory import GetMessageClass

    types = {}
    for module in (qdrant_pb2, collections_service_pb2, points_service_pb2, snapshots_service_pb2):
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                types[f"{service.name}/{method.name}"] = (
                    GetMessageClass(method.input_type),
                    GetMessageClass(method.output_type),
                )
    return types


class Converter:
    """The C program, one line in, one line out."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *fields):
        self.process.stdin.write("\t".join(fields).encode() + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().decode()
        if not answer.endswith("\n"):
            raise SystemExit(f"the converter ended at: {fields}")
        return answer[:-1].split("\t")


class Line:
    def __init__(self, file, number, recorded):
        self.name = f"{file}/{recorded['case']}"
        self.number = number
        self.rpc = recorded["rpc"]
        self.notes = recorded.get("notes", "")
        self.request = recorded["request"]
        self.grpc = recorded["grpc"]
        self.rest = recorded["rest"]

    def message(self, which):
        """Bytes of the request or the reply; None when there is none."""
        text = self.grpc[which] if self.grpc else None
        return None if text is None else base64.b64decode(text)

    def http_request(self):
        """Verb, target and the body's JSON text."""
        target = self.rest["path"] + ("?" + self.rest["query"] if self.rest["query"] else "")
        body = self.rest.get("body")
        return [self.rest["method"], target, "" if body is None else dump(body)]


def lines(types):
    for path in sorted(RECORDINGS.glob("*.jsonl")):
        if path.name in NOT_CALLS:
            continue
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = Line(path.stem, number, json.loads(text))
            if line.rpc in types:
                yield line


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def plain(message):
    """A message as comparable values: maps in any order, unset equal to zero where proto3 says so."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def first_difference(a, b, path=""):
    """Where two trees of values differ: path and both values; None when they are equal."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys(), key=str):
            found = first_difference(a.get(key), b.get(key), f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            found = first_difference(x, y, f"{path}[{i}]")
            if found:
                return found
        return None
    is_equal = a == b and isinstance(a, bool) == isinstance(b, bool)
    return None if is_equal else f"{path or '.'}: {dump_short(a)} is not {dump_short(b)}"


def dump_short(value):
    return json.dumps(value, ensure_ascii=False)[:120]


def parse_query(query):
    return dict(urllib.parse.parse_qsl(query, keep_blank_values=True))


class Check:
    def __init__(self, converter, types):
        self.converter = converter
        self.types = types
        self.n_equal = collections.Counter()
        self.n_allowed = collections.Counter()
        self.problems = []

    def convert(self, line, operation, *fields):
        """The answer's fields, or None and the error."""
        answer = self.converter.ask(operation, line.rpc, *fields)
        return (None, ": ".join(answer[1:])) if answer[0] == "error" else (answer, None)

    def judge(self, line, operation, difference, there_and_back):
        """there_and_back: how the recorded form differs from itself after two conversions, if asked for."""
        entry = difference and codec_differences.find(line, operation, difference)
        if difference is None:
            self.n_equal[operation] += 1
        elif entry is None:
            self.problems.append(f"{line.name} ({line.rpc}) {operation}: {difference}")
        elif entry.is_converted and there_and_back():
            self.problems.append(f"{line.name} ({line.rpc}) {operation}, there and back: {there_and_back()}")
        else:
            self.n_allowed[entry.reason] += 1

    def recorded_message(self, line, which):
        """The message as the official package reads it; None where the case sent bytes that are none."""
        try:
            return self.types[line.rpc][which].FromString(line.message(FIELDS[which]))
        except DecodeError:
            return None

    def message_difference(self, line, which, made):
        """How a message in hexadecimal digits differs from the recorded one."""
        recorded = self.recorded_message(line, which)
        made = self.types[line.rpc][which].FromString(bytes.fromhex(made))
        for message in (recorded, made):
            codec_differences.normalize_message(message)
        if recorded == made:
            return None
        if which == REPLY and codec_differences.mask(plain(made)) == codec_differences.mask(plain(recorded)):
            return None
        return first_difference(plain(made), plain(recorded)) or "another message"

    def request_difference(self, line, verb, target, body):
        path, _, query = target.partition("?")
        if verb != line.rest["method"]:
            return f"verb: {verb} is not {line.rest['method']}"
        if urllib.parse.unquote(path) != urllib.parse.unquote(line.rest["path"]):
            return f"path: {path} is not {line.rest['path']}"
        found = first_difference(parse_query(query), parse_query(line.rest["query"]), "query")
        return found or request_json_difference(body or "null", line.rest["body"])

    def reply_json_difference(self, line, made):
        made = codec_differences.canonical_reply(json.loads(made))
        recorded = codec_differences.canonical_reply(line.rest["reply"])
        if codec_differences.mask(made) == codec_differences.mask(recorded):
            return None
        return first_difference(made, recorded)

    def check_direction(self, line, there, back):
        """there and back: (operation, what goes in, how what comes out differs from the record)."""
        operation, fields, difference = there
        answer, error = self.convert(line, operation, *fields)

        def return_difference():
            if error:
                return error
            returned, failure = self.convert(line, back[0], *answer)
            return failure or back[2](*returned)

        self.judge(line, operation, error or difference(*answer), return_difference)

    def check_both(self, line, first, second):
        self.check_direction(line, first, second)
        self.check_direction(line, second, first)

    def check_refusal(self, line):
        """What a server cannot read is not read here either, and the other way round."""
        verb, target, body = line.http_request()
        if line.rest.get("body_text") is not None:
            body = line.rest["body_text"]
        _, error = self.convert(line, "read_request", verb, target, body)
        is_refused = line.rest["status"] == 400 and bool(MALFORMED.search(dump(line.rest.get("reply"))))
        difference = None
        if is_refused != (error is not None):
            difference = f"the server: {dump_short(line.rest.get('reply'))}, here: {error or 'it is read'}"
        self.judge(line, "refuse_request", difference, lambda: None)

    def check(self, line):
        if line.rest and line.rest["status"] in (200, 400) and "\n" not in line.rest.get("body_text", ""):
            self.check_refusal(line)
        has_request = line.message("request_b64") is not None and self.recorded_message(line, REQUEST) is not None
        if has_request and line.rest and "body" in line.rest:
            self.check_both(
                line,
                ("write_request", [line.message("request_b64").hex()], lambda *made: self.request_difference(line, *made)),
                ("read_request", line.http_request(), lambda made: self.message_difference(line, REQUEST, made)),
            )
        if has_request and line.rest and isinstance(line.request, dict):
            self.check_both(
                line,
                ("write_user", [line.message("request_b64").hex()], lambda made: request_json_difference(made, line.request)),
                ("read_user", [dump(line.request)], lambda made: self.message_difference(line, REQUEST, made)),
            )
        has_replies = line.message("reply_b64") is not None and line.rest and line.rest["status"] // 100 == 2
        if has_replies and line.rest.get("reply") is not None:
            self.check_both(
                line,
                ("read_reply", [dump(line.rest["reply"])], lambda made: self.message_difference(line, REPLY, made)),
                ("write_reply", [line.message("reply_b64").hex()], lambda made: self.reply_json_difference(line, made)),
            )


def request_json_difference(made, recorded):
    made = codec_differences.canonical_request(json.loads(made))
    return first_difference(made, codec_differences.canonical_request(recorded), "body")


def show(converter, line):
    for operation, hexadecimal in (("write_request", "request_b64"), ("write_user", "request_b64"), ("write_reply", "reply_b64")):
        if line.message(hexadecimal) is not None:
            print(operation, *converter.ask(operation, line.rpc, line.message(hexadecimal).hex()))
    print("recorded request", dump(line.request))
    print("recorded", line.rest and dump(line.rest))


def main():
    types = message_types()
    converter = Converter(sys.argv[1])
    check = Check(converter, types)
    for line in lines(types):
        if len(sys.argv) == 2:
            check.check(line)
        elif line.name == sys.argv[2]:
            show(converter, line)
    if check.problems:
        print("\n".join(check.problems))
    for operation, n in check.n_equal.items():
        print(f"{operation}: {n} equal")
    for reason, n in sorted(check.n_allowed.items()):
        print(f"allowed, {n} times: {reason}")
    unused = [entry.reason for entry in codec_differences.DIFFERENCES if entry.reason not in check.n_allowed]
    for reason in unused:
        print(f"this difference no longer exists: {reason}")
    raise SystemExit(1 if check.problems or unused else 0)


if __name__ == "__main__":
    main()
