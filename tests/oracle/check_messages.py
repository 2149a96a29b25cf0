#!/usr/bin/env python3
"""Compare the generated C messages with the Python package qdrant-client, byte for byte.

Usage: check_messages.py REPACK_PROGRAM [SEED]

Serialises random requests and replies of every RPC in Python, and has the C program unpack and pack
them again. Exits 0 (equal), 1 (different) or 77 (skipped: no package of the recorded version).
"""

import functools
import random
import struct
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MIN_MESSAGES_PER_TYPE = 30
MAX_MESSAGES_PER_TYPE = 3000
MAX_DEPTH = 12
TEXT = "abcXYZ 019_-äß漢字🚀"


def skip(reason):
    print(f"skipped: {reason}")
    raise SystemExit(77)


def require_recorded_package():
    recorded = (ROOT / "proto" / "QDRANT_CLIENT_VERSION").read_text(encoding="utf-8").strip()
    try:
        installed = f"qdrant-client {version('qdrant-client')}"
    except PackageNotFoundError:
        skip(f"{sys.executable} has no package qdrant-client")
    if installed != recorded:
        skip(f"the definitions are those of {recorded}, installed is {installed}")


require_recorded_package()
sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True

from google.protobuf.descriptor import FieldDescriptor  # noqa: E402
from google.protobuf.message_factory import GetMessageClass  # noqa: E402
from print_proto import BYTES_FIELDS  # noqa: E402
from qdrant_client.grpc import (  # noqa: E402
    collections_service_pb2,
    points_service_pb2,
    qdrant_pb2,
    snapshots_service_pb2,
)

SERVICE_MODULES = (qdrant_pb2, collections_service_pb2, points_service_pb2, snapshots_service_pb2)
RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}


class Filler:
    """Fills messages with random contents and remembers which fields it has set."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seen = set()

    def text(self, may_hold_nul):
        letters = TEXT + "\0" if may_hold_nul else TEXT
        return "".join(self.random.choices(letters, k=self.random.choice((0, 1, 5, 200))))

    def scalar(self, field, may_hold_nul=False):
        if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            return self.text(may_hold_nul or f".{field.full_name}" in BYTES_FIELDS)
        if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
            return self.random.random() < 0.5
        if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
            return self.random.choice([value.number for value in field.enum_type.values])
        if field.cpp_type in RANGES:
            low, high = RANGES[field.cpp_type]
            return self.random.choice((0, 1, low, high, self.random.randint(low, high)))
        return self.random.choice((0.0, -0.0, 1.5, float("inf"), self.random.uniform(-1, 1)))

    def fill_map(self, message, field, depth):
        key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
        is_payload = value.message_type is not None and value.message_type.full_name == "qdrant.Value"
        for _ in range(self.random.randint(1, 3)):
            entry = getattr(message, field.name)[self.scalar(key, may_hold_nul=is_payload)]
            self.fill(entry, depth + 1)

    def fill_repeated(self, message, field, depth):
        items = getattr(message, field.name)
        for _ in range(self.random.choice((1, 2, 3, 40) if field.message_type is None else (1, 2))):
            if field.message_type is not None:
                self.fill(items.add(), depth + 1)
            else:
                items.append(self.scalar(field))

    def fill_field(self, message, field, depth):
        self.seen.add(field.full_name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            self.fill_map(message, field, depth)
        elif field.is_repeated:
            self.fill_repeated(message, field, depth)
        elif field.message_type is not None:
            getattr(message, field.name).SetInParent()
            self.fill(getattr(message, field.name), depth + 1)
        else:
            setattr(message, field.name, self.scalar(field))

    def has_unseen(self, field):
        inside = reachable_fields(field.message_type) if field.message_type else frozenset()
        return not self.seen.issuperset(inside | {field.full_name})

    def fill(self, message, depth=0):
        """Sets a few fields, fewer further down, preferring those that lead to unseen ones."""
        n_wanted = 4 if depth < 2 else 1.5
        groups = [list(oneof.fields) for oneof in message.DESCRIPTOR.oneofs]
        groups += [[field] for field in message.DESCRIPTOR.fields if field.containing_oneof is None]
        for group in groups:
            unseen = [field for field in group if self.has_unseen(field)]
            field = self.random.choice(unseen or group)
            if field.message_type is not None and depth >= MAX_DEPTH:
                continue
            if field.full_name not in self.seen or self.random.random() * len(groups) < n_wanted:
                self.fill_field(message, field, depth)


@functools.cache
def reachable_fields(descriptor):
    found = set()
    waiting = [descriptor]
    while waiting:
        for field in waiting.pop().fields:
            if field.full_name not in found:
                found.add(field.full_name)
                if field.message_type is not None:
                    waiting.append(field.message_type)
    # Entries of maps are filled through the map, not field by field.
    return frozenset(name for name in found if not name.rsplit(".", 2)[-2].endswith("Entry"))


def rpc_types():
    for module in SERVICE_MODULES:
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                path = f"/{service.full_name}/{method.name}"
                yield path, 0, method.input_type
                yield path, 1, method.output_type


def records(filler):
    for path, is_reply, descriptor in rpc_types():
        for n_made in range(MAX_MESSAGES_PER_TYPE):
            if n_made >= MIN_MESSAGES_PER_TYPE and filler.seen >= reachable_fields(descriptor):
                break
            message = GetMessageClass(descriptor)()
            filler.fill(message)
            body = message.SerializeToString(deterministic=True)
            name = path.encode()
            yield struct.pack("<BBI", is_reply, len(name), len(body)) + name + body


def never_set(filler):
    wanted = set().union(*(reachable_fields(descriptor) for _, _, descriptor in rpc_types()))
    return sorted(wanted - filler.seen)


def main():
    filler = Filler(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    stream = list(records(filler))
    if missing := never_set(filler):
        raise SystemExit(f"fields that no message set: {' '.join(missing)}")
    result = subprocess.run([sys.argv[1]], input=b"".join(stream), stdout=subprocess.PIPE, check=False)
    sys.stdout.write(result.stdout.decode())
    if result.returncode != 0 or result.stdout.decode().strip() != f"equal: {len(stream)}":
        raise SystemExit(f"different, or not all of {len(stream)} messages were compared")


if __name__ == "__main__":
    main()
