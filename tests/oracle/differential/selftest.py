#!/usr/bin/env python3
"""The comparison sees what differs and nothing else, the shrinker ends at what matters, and a seed always makes the same requests."""
import copy
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent.parent / "contract")]

from asking import episode  # noqa: E402
from compare import Rules, result_differences  # noqa: E402
from shrink import shrink  # noqa: E402

HITS = [{"id": 1, "version": 3, "score": 2.0, "payload": {"a": 1}}, {"id": 2, "version": 3, "score": 1.0}, {"id": 3, "version": 4, "score": 1.0}]


def is_same(ours, theirs=HITS, **rules):
    return not list(result_differences("Points/Query", {"points": ours}, {"points": theirs}, Rules(**rules)))


def changed(path, value):
    hits = copy.deepcopy(HITS)
    part = hits
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return hits


def test_comparison_lets_rounding_and_ties_pass():
    assert is_same(HITS)
    assert is_same(changed([0, "score"], 2.000001))
    assert is_same([HITS[0], HITS[2], HITS[1]])
    assert is_same(changed([2, "id"], 9)), "another of the points that tie at the end of the page"
    assert is_same(changed([0, "id"], 9), has_offset=True), "or at its beginning"
    assert is_same(changed([1, "payload"], None)), "null is nothing"


def test_comparison_sees_each_change():
    for path, value in (([0, "score"], 2.001), ([0, "id"], 7), ([0, "id"], "1"), ([0, "version"], 2), ([0, "payload", "a"], 1.0), ([0, "payload", "a"], None),
                        ([0, "payload", "b"], None), ([0, "vector"], [1.0]), ([1, "score"], None)):
        assert not is_same(changed(path, value)), (path, value)
    assert not is_same(HITS[:2])
    assert not is_same([HITS[1], HITS[0], HITS[2]])


def test_lists_without_an_order_are_compared_as_sets():
    assert is_same(HITS[::-1], is_ordered=False)
    assert not is_same(HITS[:1] + HITS[:2], is_ordered=False)


def test_shrinking_ends_at_what_matters():
    requests = episode(7, 60)
    culprit = ("Points/Query", {"limit": 5, "filter": {"must": [{"a": 1}, {"bad": [1, 2, {"deep": "value"}]}], "should": [{"b": 2}]}})

    def is_failing(tried):
        rpcs = [rpc for rpc, _ in tried]
        return "deep" in json.dumps(tried[-1]) and "Collections/Create" in rpcs[:-1]

    small = shrink([*requests, culprit], is_failing)
    assert [rpc for rpc, _ in small] == ["Collections/Create", "Points/Query"], small
    assert small[1][1] == {"filter": {"must": [{"bad": [{"deep": "v"}]}]}}, small[1]


def test_a_seed_is_its_requests():
    assert episode(11, 50) == episode(11, 50)
    assert episode(11, 50) != episode(12, 50)


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print(f"ok  {name}")
