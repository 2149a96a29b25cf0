"""Where recorded traffic and the codec may differ, each with its reason: the one list of check_codec.py."""

import datetime
import re
import struct

REQUESTS = ("write_request", "read_request", "read_user", "write_user")
REPLIES = ("read_reply", "write_reply")


class Difference:
    """Allowed in these operations, where the case's notes, its name or the difference itself matches.

    What is converted must then still be the same there and back, unless it is not converted at all.
    """

    def __init__(self, reason, operations, *, notes=None, case=None, text=None, is_converted=True):
        self.reason = reason
        self.operations = operations
        self.patterns = {"notes": notes, "name": case, "text": text}
        self.is_converted = is_converted

    def allows(self, line, operation, difference):
        texts = {"notes": line.notes, "name": line.name, "text": difference}
        return operation in self.operations and all(
            pattern is None or re.search(pattern, texts[what]) for what, pattern in self.patterns.items()
        )


DIFFERENCES = (
    Difference(
        "the recording notes that the two servers' replies differ here",
        REPLIES,
        notes="gRPC .*, REST|another order|may differ|differ from run to run|random|depend on the optimizer|taken while|the order is",
    ),
    Difference(
        "max_disk_usage_percent is a setting that the definitions of 1.20 no longer have",
        REQUESTS + REPLIES,
        case="more_options/(create|info)-disk-limit",
        is_converted=False,
    ),
    Difference(
        "proto has an older field for the same number: JSON is read into the newer one",
        ("read_request", "read_user"),
        case="more_options/old-threads",
    ),
    Difference(
        "a value of a field that REST checks while reading: the message can say it, and who gets it refuses it as over gRPC",
        ("refuse_request",),
        case="key-shards-zero|create-size-zero|id-string|bad-geo-lat|bad-geo-open-polygon|bad-key|set-bad-key|id-not-uuid|id-empty"
        "|bad-timeout-zero|bad-consistency-zero",
    ),
    Difference(
        "the server refuses this body as well (refuse_request)",
        ("read_request",),
        text="missing field `vector`|Either list of point ids or filter must be provided",
        case="errors/no-vector-field|payload_ops/set-no-selector",
        is_converted=False,
    ),
    Difference(
        "integers beyond 64 bits are refused rather than rounded",
        ("refuse_request",),
        case="payload_values/integer-beyond-u64",
    ),
    Difference(
        "a date to start from is a text or a timestamp in proto: JSON is read into the text",
        ("read_request", "read_user"),
        case="query_basic/order-by-date|scroll_and_order/order-start-datetime",
    ),
    Difference(
        "the deprecated fields of a vector say the same as the newer ones, which JSON is read into",
        ("read_request", "read_user"),
        case="vector_kinds/old-vector-fields",
    ),
    Difference(
        "false is what an absent parameter means; the official converters fill it in",
        ("read_request", "read_user"),
        text=r"params.(exact|indexed_only): null is not false",
    ),
    Difference(
        "a value of no kind is null",
        ("read_request", "read_user"),
        case="payload_values/value-unset",
    ),
    Difference(
        "payload integers above 2^63 - 1 are doubles in proto",
        ("write_request", "write_user"),
        case="payload_values/upsert-1",
    ),
    Difference(
        "a server that measures prints zeros over REST where gRPC has no usage",
        REPLIES,
        text=r"^\.usage",
        case="hardware_usage",
    ),
    Difference(
        "a score's last bit differs between two runs",
        REPLIES,
        case="query_fusion_formula/prefetch-object",
    ),
    Difference(
        "snapshot calls always wait over gRPC, so that their messages cannot say it",
        ("write_request", "write_user"),
        case="snapshots/(create|delete)-wait",
    ),
)

# Normal differences between two runs of a server, and lists in no order.
RUN_DEPENDENT = {
    "operation_id", "version", "size", "checksum", "creation_time",
    "cpu", "payload_io_read", "payload_io_write", "payload_index_io_read", "payload_index_io_write",
    "vector_io_read", "vector_io_write",
}  # fmt: skip
UNORDERED = {"collections", "aliases", "shard_keys"}


def find(line, operation, difference):
    """The entry that allows a difference; None when none does."""
    return next((entry for entry in DIFFERENCES if entry.allows(line, operation, difference)), None)


def mask(value, key=None):
    """A tree of values without what differs from run to run."""
    if isinstance(value, dict):
        return {name: mask(member, name) for name, member in value.items() if name not in RUN_DEPENDENT}
    if isinstance(value, list):
        items = [mask(item) for item in value]
        return sorted(items, key=repr) if key in UNORDERED else items
    return value


def normalize_message(message):
    """Takes out the time, and a usage that says nothing."""
    fields = message.DESCRIPTOR.fields_by_name
    if "time" in fields:
        message.ClearField("time")
    if "usage" in fields and message.usage.ByteSize() == 0:
        message.ClearField("usage")


QUERIES = {
    "nearest", "recommend", "discover", "context", "order_by", "fusion", "rrf", "sample", "formula", "relevance_feedback",
}  # fmt: skip
ONE_OR_MANY = {"must", "should", "must_not", "prefetch", "context"}
EXAMPLES = {"positive", "negative"}
EMPTY_IS_ABSENT = ONE_OR_MANY | {"payload"}
DATES = {"gt", "gte", "lt", "lte", "start_from"}
FALSE_IS_ABSENT = {"exact", "indexed_only", "ignore"}


def wrap_query(value):
    return value if isinstance(value, dict) and value.keys() & QUERIES else {"nearest": value}


def points_of_batch(batch):
    """{"ids", "vectors", "payloads"} as a list of points."""
    ids, vectors, payloads = batch["ids"], batch["vectors"], batch.get("payloads") or []
    points = []
    for i, point_id in enumerate(ids):
        vector = {name: rows[i] for name, rows in vectors.items()} if isinstance(vectors, dict) else vectors[i]
        points.append({"id": point_id, "vector": vector, "payload": payloads[i] if payloads else None})
    return points


def canonical_date(value):
    """The same text for the same moment."""
    try:
        moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (ValueError, AttributeError):
        return value
    return moment.astimezone(datetime.timezone.utc).isoformat()


def ids_first(examples):
    """Ids and vectors are two lists in proto; none at all is an absent one."""
    return sorted(examples, key=lambda item: isinstance(item, list)) or None


SPELLINGS = (
    # keys, what a value of theirs is rewritten to: one request has several spellings in JSON, a message has one
    ({"query"}, wrap_query),
    ({"with_payload"}, lambda value: {"include": value} if isinstance(value, list) else value),
    ({"order_by"}, lambda value: {"key": value} if isinstance(value, str) else value),
    (ONE_OR_MANY, lambda value: [value] if isinstance(value, dict) else value),
    ({"with_lookup"}, lambda value: {"collection": value} if isinstance(value, str) else value),
    ({"shard_key"}, lambda value: value[0] if isinstance(value, list) and len(value) == 1 else value),
    (EMPTY_IS_ABSENT, lambda value: value or None),
    (EXAMPLES, lambda value: ids_first(value) if isinstance(value, list) else value),
    (FALSE_IS_ABSENT, lambda value: value or None),  # the official converters fill them in
    (DATES, canonical_date),
)
ALIASES = {"vectors": "vector", "with_vectors": "with_vector"}


def as_float(value):
    """The 32-bit float nearest to a number: what a message holds. Payloads have doubles, they are left alone."""
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return value


def canonical_object(value, is_point):
    if isinstance(value.get("batch"), dict):
        value = {**value, "points": points_of_batch(value["batch"]), "batch": None}
    made = {}
    for key, member in value.items():
        key = ALIASES.get(key, key) if is_point or key in ("with_vectors",) else key
        if key != "payload":
            member = canonical_request(member, key)
        for keys, rewrite in SPELLINGS:
            member = rewrite(member) if key in keys and member is not None else member
        if member is not None:
            made[key] = member
    return made


def canonical_request(value, key=None):
    """A request's JSON in one of its spellings."""
    if isinstance(value, dict):
        return canonical_object(value, "id" in value or key == "points")
    if isinstance(value, list):
        return [canonical_request(item, key) for item in value]
    return as_float(value) if isinstance(value, float) else value


def without_nulls(value):
    """null says the same as an absent key, an empty payload the same as none."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None and (k, v) != ("payload", {})}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def canonical_reply(value):
    if "result" not in value:
        return without_nulls(value)
    return without_nulls({**value, "time": None, "usage": without_nulls(value.get("usage")) or None})
