"""Whether two results of one call say the same."""
import json
from typing import NamedTuple

# Scores and vectors are sums of 32-bit floats, which engines add in another order; DBSF then divides by their deviation.
TOLERANCE = 5e-6
# What a server makes up by itself.
OWN_NAMES = {"creation_time", "checksum", "size", "peer_id", "name"}


class Rules(NamedTuple):
    """What is known of a call's lists."""

    is_ordered: bool = True  # else they are compared as sets
    has_offset: bool = False  # the first items may be others of those that tie there


def is_close(a, b):
    return a == b or abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def kind(value):
    return "number" if is_number(value) else type(value).__name__


def canonical(value):
    return json.dumps(value, sort_keys=True)


def rank_of(item):
    """What an item of a ranked list is sorted by: its place in the order asked for, its score, or that of a group's best hit. None: it is not ranked."""
    if not isinstance(item, dict) or "id" not in item:
        return None
    if item.get("hits"):
        return rank_of(item["hits"][0])
    rank = item.get("order_value")
    return item.get("score") if rank is None else rank


def identity(item):
    """A point may be listed once for each value of its order."""
    return canonical([item["id"], float(item.get("order_value") or 0)])


def is_ranked(items):
    return bool(items) and all(is_number(rank_of(item)) for item in items)


def show(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:157] + "..."


def differ(path, ours, theirs):
    yield f"{path or 'result'}: {show(ours)} instead of {show(theirs)}"


def exact_differences(path, ours, theirs):
    """Values of a payload: 1 and 1.0 are not the same, nor are null and nothing."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        for key in theirs:
            yield from exact_differences(f"{path}.{key}", ours[key], theirs[key])
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (a, b) in enumerate(zip(ours, theirs)):
            yield from exact_differences(f"{path}[{i}]", a, b)
    elif type(ours) is not type(theirs) or ours != theirs:
        yield from differ(path, ours, theirs)


def ranked_differences(path, ours, theirs, rules):
    """Items of equal rank may come in any order, and any of them may be cut off at the ends of a page."""
    if len(ours) != len(theirs) or not all(is_close(rank_of(a), rank_of(b)) for a, b in zip(ours, theirs)):
        return (yield from differ(path, *([[item["id"], rank_of(item)] for item in items] for items in (ours, theirs))))
    known = {identity(item): item for item in theirs}
    ends = theirs[-1:] + (theirs[:1] if rules.has_offset else [])
    for i, item in enumerate(ours):
        other = known.get(identity(item))
        if other is not None:
            yield from differences(f"{path}[{i}]", item, other, rules)
        elif not any(is_close(rank_of(item), rank_of(end)) for end in ends):
            yield from differ(f"{path}[{i}]", item["id"], theirs[i]["id"])


def differences(path, ours, theirs, rules):
    if path.endswith((".payload", ".metadata")) and theirs:
        yield from exact_differences(path, ours, theirs)
    elif isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            yield from differences(f"{path}.{key}", ours.get(key), theirs.get(key), rules)
    elif isinstance(ours, list) and isinstance(theirs, list):
        yield from list_differences(path, ours, theirs, rules)
    elif kind(ours) != kind(theirs) or (not is_close(ours, theirs) if is_number(ours) else ours != theirs):
        if not (path.rsplit(".", 1)[-1] == "payload" and not ours and not theirs):
            yield from differ(path, ours, theirs)


def list_differences(path, ours, theirs, rules):
    if not rules.is_ordered:
        ours, theirs = sorted(ours, key=sort_key), sorted(theirs, key=sort_key)
    elif is_ranked(ours) and is_ranked(theirs):
        return (yield from ranked_differences(path, ours, theirs, rules))
    if len(ours) != len(theirs):
        return (yield from differ(path, ours, theirs))
    for i, (a, b) in enumerate(zip(ours, theirs)):
        yield from differences(f"{path}[{i}]", a, b, rules)


def sort_key(item):
    """By what is exact: floats may differ in the last place."""
    if isinstance(item, dict):
        return canonical([item.get(key) for key in ("id", "a", "b", "name", "alias_name", "value")])
    return canonical(item)


def offsets_as_pairs(result):
    """A matrix's offsets mean pairs, whatever the order of the ids they point into."""
    ids = result["ids"]
    pairs = [{"a": ids[row], "b": ids[col], "score": score} for row, col, score in zip(result["offsets_row"], result["offsets_col"], result["scores"])]
    return {"pairs": pairs, "ids": ids}


def without_own_names(rpc, result):
    """The result without what each server calls and counts in its own way."""
    if rpc == "Points/SearchMatrixOffsets":
        return offsets_as_pairs(result)
    if rpc == "Points/Facet":
        return sorted(result["hits"], key=canonical)
    if rpc.startswith("Snapshots/") or rpc == "Collections/CollectionClusterInfo":
        parts = result if isinstance(result, list) else [result]
        return [{key: value for key, value in part.items() if key not in OWN_NAMES} if isinstance(part, dict) else part for part in parts]
    return result


def result_differences(rpc, ours, theirs, rules):
    yield from differences("", without_own_names(rpc, ours), without_own_names(rpc, theirs), rules)
