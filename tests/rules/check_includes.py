#!/usr/bin/env python3
"""Fails when a file includes past its layer (docs/ARCHITECTURE.md, "Who may include whom")."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)

# folder: the folders (first part of a quoted include) and libraries it may include besides itself. "qdrant" stands for the public headers and the
# generated messages, "transport" for core/transport.h and what it needs.
ALLOWED = {
    "include": {"qdrant", "protobuf-c"},
    "core": {"qdrant", "protobuf-c"},
    "codec": {"qdrant", "protobuf-c", "core"},
    "tls": {"qdrant", "core", "openssl"},
    "pool": {"qdrant", "protobuf-c", "core", "tls", "grpc"},
    "fallback_rest": {"qdrant", "protobuf-c", "core", "codec", "tls", "curl"},
    "endpoints": {"qdrant", "protobuf-c", "core"},
    "memory": {"qdrant", "protobuf-c", "core"},
    "ingest": {"qdrant", "protobuf-c", "core"},
    "client": {"qdrant", "protobuf-c", "core", "codec"},
    "server": {"qdrant", "protobuf-c", "core", "codec", "memory", "grpc", "openssl"},
    "cli": {"qdrant", "protobuf-c"},
    "examples": {"qdrant", "protobuf-c"},
    "bench": {"qdrant", "protobuf-c", "grpc"},
}
LIBRARIES = {"grpc", "json-c", "curl", "yaml", "protobuf-c", "sodium", "openssl"}
FACES = {"client/options.h": {"tls/tls_options.h"}, "client/open.c": {
    "pool/grpc_transport.h", "memory/memory_transport.h", "fallback_rest/rest_transport.h", "fallback_rest/failover.h",
    "endpoints/endpoints_transport.h"}}
EXCEPTIONS = {"cli": {"json-c"}}
# A public header is used by pool, memory and server through core and by name only where it is theirs to implement.
LAYERS = set(ALLOWED) | {"config", "backends", "tests"}


def wrong_includes(path):
    relative = path.relative_to(ROOT).as_posix()
    folder = relative.split("/")[0]
    allowed = ALLOWED[folder] | EXCEPTIONS.get(folder, set()) | {folder}
    for name in INCLUDE.findall(path.read_text()):
        top = name.split("/")[0]
        is_ours = "/" in name and (top in LAYERS or top == "qdrant")
        is_library = "/" in name and top in LIBRARIES
        if (is_ours or is_library) and top not in allowed and name not in FACES.get(relative, set()):
            yield f"{relative}: includes {name}; {folder}/ may include {', '.join(sorted(allowed))}"


def main():
    files = [p for f in ALLOWED for p in sorted((ROOT / f).rglob("*.[ch]"))]
    problems = [line for path in files for line in wrong_includes(path)]
    print("\n".join(problems) or f"{len(files)} files, every include within its layer")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
