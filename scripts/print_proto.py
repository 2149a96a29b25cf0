#!/usr/bin/env python3
"""Print proto/*.proto from the descriptors inside the Python package qdrant-client.

Usage: print_proto.py OUTPUT_DIRECTORY

A maintainer runs this when a new qdrant-client is published; building the library never does.
The result is proto2, because protoc-c refuses proto3 `optional`, and is the same on the wire as
the official proto3 definitions.
"""

import importlib
import sys
from importlib.metadata import version
from pathlib import Path

from google.protobuf import descriptor_pb2

FIELD = descriptor_pb2.FieldDescriptorProto

IMPORT_PREFIX = "qdrant/pb/"

SERVICES_NOTE = "The RPCs of this service. No C code is generated from this file."

# official file -> (file that gets the messages, what it holds), (file that gets the service, which)
MESSAGE_FILES = {
    "json_with_int": ("json_with_int", "Payload values: JSON with integers kept apart from doubles."),
    "qdrant_common": ("qdrant_common", "Point ids, filters and conditions."),
    "collections": ("collections", "Collections, aliases, shards and their settings."),
    "points": ("points", "Points, vectors, queries and their replies."),
    "snapshots_service": ("snapshots", "Snapshots of one collection and of the whole storage."),
    "qdrant": ("qdrant", "Health check of the server."),
}
SERVICE_FILES = {
    "collections_service": ("collections_service", ["collections"]),
    "points_service": ("points_service", ["points"]),
    "snapshots_service": ("snapshots_service", ["snapshots"]),
    "qdrant": ("qdrant_service", ["qdrant"]),
}

TIMESTAMP = "timestamp"
TIMESTAMP_BODY = """\
// Field for field the same as the well-known timestamp type of protobuf, for which distributions
// ship no C header.
message Timestamp {
  optional int64 seconds = 1;
  optional int32 nanos = 2;
}
"""

# Texts that replies carry from payloads. A C string would be cut at a NUL inside them.
BYTES_FIELDS = {
    ".qdrant.Value.string_value",
    ".qdrant.FacetValue.string_value",
    ".qdrant.GroupId.string_value",
}

# Messages with a field called `base`, which is protobuf-c's name for the header of every struct.
BASE_FIELD_NAME = {".qdrant.PowExpression": "message_base"}

SCALARS = {
    FIELD.TYPE_DOUBLE: "double",
    FIELD.TYPE_FLOAT: "float",
    FIELD.TYPE_INT64: "int64",
    FIELD.TYPE_UINT64: "uint64",
    FIELD.TYPE_INT32: "int32",
    FIELD.TYPE_FIXED64: "fixed64",
    FIELD.TYPE_FIXED32: "fixed32",
    FIELD.TYPE_BOOL: "bool",
    FIELD.TYPE_STRING: "string",
    FIELD.TYPE_BYTES: "bytes",
    FIELD.TYPE_UINT32: "uint32",
    FIELD.TYPE_SFIXED32: "sfixed32",
    FIELD.TYPE_SFIXED64: "sfixed64",
    FIELD.TYPE_SINT32: "sint32",
    FIELD.TYPE_SINT64: "sint64",
}
NEVER_PACKED = (FIELD.TYPE_STRING, FIELD.TYPE_BYTES, FIELD.TYPE_MESSAGE)


def header_comment(package, what):
    return (
        f"// {what}\n"
        "//\n"
        f"// Printed by scripts/print_proto.py from the descriptors in the Python package {package}.\n"
        "// Do not edit. It is proto2 because protoc-c refuses proto3 `optional`: on the wire it equals\n"
        "// the official definitions. Differences in the text: repeated numbers say `packed`, a map is a\n"
        "// repeated entry message, payload text is `bytes` since it may hold a NUL, and a oneof lists\n"
        "// enums and bytes last.\n"
    )


def file_start(package, what, imports, is_compiled):
    lines = [header_comment(package, what), 'syntax = "proto2";\n', "package qdrant;\n"]
    imports = [f"{IMPORT_PREFIX}{name}.proto" for name in imports]
    if is_compiled:
        imports = ["protobuf-c/protobuf-c.proto"] + imports
    lines.append("".join(f'import "{name}";\n' for name in imports))
    if is_compiled:
        lines.append("option (pb_c_file).gen_pack_helpers = false;\n")
    return "\n".join(lines)


def type_name(field, entry_of_value, path):
    if path in BYTES_FIELDS or (entry_of_value and field.name == "key"):
        return "bytes"
    if field.type in (FIELD.TYPE_MESSAGE, FIELD.TYPE_ENUM):
        if field.type_name == ".google.protobuf.Timestamp":
            return "Timestamp"
        # Relative to the package; check_is_printable() refuses names that a nested type hides.
        return field.type_name.removeprefix(".qdrant.")
    return SCALARS[field.type]


def is_initialised_by_zero(field, path):
    """Whether `{0}` initialises the C member: C++ refuses it for an enum, gcc warns for a struct."""
    return field.type not in (FIELD.TYPE_ENUM, FIELD.TYPE_BYTES) and path not in BYTES_FIELDS


def field_options(field, printed_type, is_in_oneof):
    if field.label == FIELD.LABEL_REPEATED:
        return "" if field.type in NEVER_PACKED else " [packed = true]"
    has_explicit_presence = is_in_oneof or field.proto3_optional
    if printed_type == "string" and not has_explicit_presence:
        return ' [default = ""]'
    return ""


def print_field(field, message, path, label, indent):
    is_entry_of_value = (
        message.options.map_entry and message.field[1].type_name == ".qdrant.Value"
    )
    printed_type = type_name(field, is_entry_of_value, f"{path}.{field.name}")
    options = field_options(field, printed_type, is_in_oneof=not label)
    return f"{indent}{label}{printed_type} {field.name} = {field.number}{options};\n"


def print_oneof(message, index, path, indent):
    members = [field for field in message.field
               if field.HasField("oneof_index") and field.oneof_index == index]
    # protoc-c initialises the first member of the union with `{0}`.
    members.sort(key=lambda field: not is_initialised_by_zero(field, f"{path}.{field.name}"))
    inner = "".join(print_field(field, message, path, "", indent + "  ") for field in members)
    return f"{indent}oneof {message.oneof_decl[index].name} {{\n{inner}{indent}}}\n"


def print_fields(message, path, indent):
    out = []
    printed_oneofs = set()
    for field in message.field:
        if field.HasField("oneof_index") and not field.proto3_optional:
            if field.oneof_index not in printed_oneofs:
                out.append(print_oneof(message, field.oneof_index, path, indent))
            printed_oneofs.add(field.oneof_index)
        else:
            label = "repeated " if field.label == FIELD.LABEL_REPEATED else "optional "
            out.append(print_field(field, message, path, label, indent))
    return "".join(out)


def print_reserved(message, indent):
    numbers = [str(r.start) if r.end == r.start + 1 else f"{r.start} to {r.end - 1}"
               for r in message.reserved_range]
    names = [f'"{name}"' for name in message.reserved_name]
    return "".join(f"{indent}reserved {', '.join(items)};\n" for items in (numbers, names) if items)


def print_enum(enum, indent):
    values = "".join(f"{indent}  {value.name} = {value.number};\n" for value in enum.value)
    return f"{indent}enum {enum.name} {{\n{values}{indent}}}\n"


def print_message(message, scope, indent=""):
    path = f"{scope}.{message.name}"
    inner = indent + "  "
    out = [f"{indent}message {message.name} {{\n"]
    if path in BASE_FIELD_NAME:
        out.append(f'{inner}option (pb_c_msg).base_field_name = "{BASE_FIELD_NAME[path]}";\n')
    out.append(print_reserved(message, inner))
    out.extend(print_enum(enum, inner) for enum in message.enum_type)
    out.extend(print_message(nested, path, inner) for nested in message.nested_type)
    out.append(print_fields(message, path, inner))
    out.append(f"{indent}}}\n")
    return "".join(out)


def print_method(method):
    reply = method.output_type.removeprefix(".qdrant.")
    request = method.input_type.removeprefix(".qdrant.")
    signature = f"  rpc {method.name}({request}) returns ({reply})"
    if method.options.deprecated:
        return signature + " {\n    option deprecated = true;\n  }\n"
    return signature + ";\n"


def print_service(service):
    return f"service {service.name} {{\n{''.join(map(print_method, service.method))}}}\n"


def message_imports(official):
    """The printed files that define a type named here; official imports also name unused files."""
    used = used_types(official.message_type)
    names = [TIMESTAMP] if ".google.protobuf.Timestamp" in used else []
    for dependency in official.dependency:
        name = dependency.removesuffix(".proto")
        if name in MESSAGE_FILES and used & defined_types(load(name)):
            names.append(MESSAGE_FILES[name][0])
    return sorted(names)


def defined_types(official):
    top_level = [*official.message_type, *official.enum_type]
    return {f".{official.package}.{item.name}" for item in top_level}


def used_types(messages):
    used = set()
    for message in messages:
        used.update(field.type_name for field in message.field)
        used |= used_types(message.nested_type)
    return used


def load(name):
    module = importlib.import_module(f"qdrant_client.grpc.{name}_pb2")
    official = descriptor_pb2.FileDescriptorProto()
    module.DESCRIPTOR.CopyToProto(official)
    check_is_printable(official)
    return official


def check_message(message, path, outer_names):
    hiding = outer_names | {m.name for m in message.nested_type} | {e.name for e in message.enum_type}
    for field in message.field:
        if field.options.HasField("packed") or field.type == FIELD.TYPE_GROUP:
            raise SystemExit(f"{path}.{field.name}: explicit packing or a group")
        if field.type_name.removeprefix(".qdrant.").split(".")[0] in hiding:
            raise SystemExit(f"{path}.{field.name}: {field.type_name} is hidden by a nested type")
    for nested in message.nested_type:
        check_message(nested, f"{path}.{nested.name}", hiding)


def check_is_printable(official):
    """Refuse whatever the printer would print wrongly."""
    if official.package != "qdrant" or official.syntax != "proto3":
        raise SystemExit(f"{official.name}: expected package qdrant in proto3")
    for message in official.message_type:
        check_message(message, message.name, set())
    for enum in official.enum_type:
        # proto2 takes the first value as default, proto3 the value 0.
        if enum.value[0].number != 0:
            raise SystemExit(f"{enum.name}: the first value is not 0")
    for service in official.service:
        for method in service.method:
            if method.client_streaming or method.server_streaming:
                raise SystemExit(f"{service.name}.{method.name}: streaming")


def print_files(package):
    files = {
        TIMESTAMP: file_start(package, "A point in time.", [], True) + "\n" + TIMESTAMP_BODY
    }
    for source, (target, what) in MESSAGE_FILES.items():
        official = load(source)
        parts = [file_start(package, what, message_imports(official), True)]
        parts.extend(print_enum(enum, "") for enum in official.enum_type)
        parts.extend(print_message(message, ".qdrant") for message in official.message_type)
        files[target] = "\n".join(parts)
    for source, (target, imports) in SERVICE_FILES.items():
        official = load(source)
        parts = [file_start(package, SERVICES_NOTE, imports, False)]
        parts.extend(print_service(service) for service in official.service)
        files[target] = "\n".join(parts)
    return files


def main():
    if len(sys.argv) != 2:
        raise SystemExit(f"usage: {sys.argv[0]} OUTPUT_DIRECTORY")
    output = Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    package = f"qdrant-client {version('qdrant-client')}"
    for name, text in print_files(package).items():
        (output / f"{name}.proto").write_text(text, encoding="utf-8")
    (output / "QDRANT_CLIENT_VERSION").write_text(package + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
