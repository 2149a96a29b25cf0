#!/usr/bin/env python3
"""Prints include/qdrant/rpc.h and include/qdrant/calls.h from core/rpc.def, the one list of RPCs.

Run by whoever changes core/rpc.def; `--check` compares what is there with what would be printed and exits 1 on a difference. C can make the
functions from the list by itself (client/calls.c does); real declarations are printed so that people and tools can read them.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROW = re.compile(r'QD_RPC_ROW\((\w+), (\w+), "(\w+)", "(\w+)",\s+(\w+), (\w+), (\w+), (\w+), (\w+), (\d+),\s+"([^"]*)"\)')
CONTAINER = 'extern "C" {'


def read_rows():
    text = (ROOT / "core/rpc.def").read_text()
    rows = ROW.findall(text)
    if len(rows) != text.count("\nQD_RPC_ROW("):
        sys.exit("core/rpc.def: a row is not in the form of the others")
    return rows


def print_rpc_header(rows):
    lines = [
        "#ifndef QDRANT_RPC_H",
        "#define QDRANT_RPC_H",
        "",
        "/* Printed by scripts/print_calls.py from core/rpc.def. */",
        "/* clang-format off */",
        "",
        '#include "qdrant/export.h"',
        "",
        "#ifdef __cplusplus",
        CONTAINER,
        "#endif",
        "",
        "/* The RPCs of Qdrant's public gRPC API. Numbers may change between versions of the library: use the names. */",
        "typedef enum qdrant_rpc {",
    ]
    lines += [f"  QDRANT_RPC_{row[0]} = {i}, /* {row[2]}/{row[3]} */" for i, row in enumerate(rows)]
    lines += [
        f"  QDRANT_N_RPCS = {len(rows)}",
        "} qdrant_rpc;",
        "",
        '/* "Points/Upsert" and the like, or NULL for a number that is none. Static text. */',
        "QDRANT_API const char *qdrant_rpc_name(qdrant_rpc rpc);",
        "",
        '/* The RPC of a name such as "Points/Upsert": 1, or 0 when there is none. */',
        "QDRANT_API int qdrant_rpc_find(const char *name, qdrant_rpc *rpc);",
        "",
        "#ifdef __cplusplus",
        "}",
        "#endif",
        "#endif",
    ]
    return "\n".join(lines) + "\n"


def print_call(row):
    name, service, method, request, reply, doc = row[1], row[2], row[3], row[4], row[6], row[10]
    return [
        f"/* {doc} qdrant.{service}/{method}. */",
        f"QDRANT_API qdrant_status qdrant_{name}(qdrant_client *client, const Qdrant__{request} *request,",
        "    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);",
        f"QDRANT_API qdrant_status qdrant_{name}_start(qdrant_client *client, const Qdrant__{request} *request,",
        "    const qdrant_call_options *options, const qdrant_then *then, qdrant_error *err);",
        f"QDRANT_API const Qdrant__{reply} *qdrant_{name}_response(qdrant_reply *reply, qdrant_error *err);",
        "",
    ]


def print_calls_header(rows):
    lines = [
        "#ifndef QDRANT_CALLS_H",
        "#define QDRANT_CALLS_H",
        "",
        "/* clang-format off */",
        "/* Printed by scripts/print_calls.py from core/rpc.def.",
        " *",
        " * All RPCs with their types. For each RPC `name`:",
        " *",
        " *   qdrant_name(client, request, options, &reply, err)        makes the call and waits; the reply is the caller's and decoded;",
        " *   qdrant_name_start(client, request, options, then, err)    starts it and returns; `then` hears of its end exactly once;",
        " *   qdrant_name_response(reply, err)                          the message of a reply to this RPC, owned by the reply; NULL with *err",
        " *                                                             when the reply answers another RPC or cannot be decoded.",
        " *",
        " * request is borrowed until the function returns. options and err may be NULL. Ownership, threads and errors as in call.h: qdrant_call,",
        " * qdrant_call_start and qdrant_reply_message. */",
        "",
        '#include "qdrant/call.h"',
        '#include "qdrant/pb/collections.pb-c.h"',
        '#include "qdrant/pb/points.pb-c.h"',
        '#include "qdrant/pb/qdrant.pb-c.h"',
        '#include "qdrant/pb/snapshots.pb-c.h"',
        "",
        "#ifdef __cplusplus",
        CONTAINER,
        "#endif",
        "",
    ]
    for row in rows:
        lines += print_call(row)
    lines += ["#ifdef __cplusplus", "}", "#endif", "#endif"]
    return "\n".join(lines) + "\n"


def main():
    rows = read_rows()
    printed = {"include/qdrant/rpc.h": print_rpc_header(rows), "include/qdrant/calls.h": print_calls_header(rows)}
    stale = [path for path, text in printed.items() if not (ROOT / path).exists() or (ROOT / path).read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path} is not what core/rpc.def gives: run scripts/print_calls.py")
        sys.exit(1 if stale else 0)
    for path in stale:
        (ROOT / path).write_text(printed[path])


if __name__ == "__main__":
    main()
