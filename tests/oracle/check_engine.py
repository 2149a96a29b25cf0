#!/usr/bin/env python3
"""The embedded engine answers as the official Python client's own engine does.

check_engine.py QDRANTCTL [SEED]. `qdrantctl serve` puts the engine behind a gRPC port; one client talks to it, another to its local mode. Both get
the same random writes and are asked the same random questions. Where a recording of the real server contradicts local mode, the recording is
right and the questions keep away: values_count of a missing key, scores equal to the threshold.
"""
import contextlib
import random
import subprocess
import sys
import uuid

try:
    from qdrant_client import QdrantClient, models
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SEED = 20261123
N_ROUNDS = 40
N_QUESTIONS = 30
DIM = 6
DENSE = {"dot": "Dot", "cos": "Cosine", "euclid": "Euclid", "man": "Manhattan"}


@contextlib.contextmanager
def served_engine(qdrantctl):
    process = subprocess.Popen([qdrantctl, "serve", "--grpc-port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        port = int(line.rsplit(":", 1)[1].split()[0].strip("/"))
        client = QdrantClient(host="127.0.0.1", grpc_port=port, prefer_grpc=True, check_compatibility=False, timeout=30)
        yield client
        client.close()
    finally:
        process.terminate()
        process.wait(timeout=30)


def make_collection(client):
    client.create_collection(
        "c",
        vectors_config={
            **{name: models.VectorParams(size=DIM, distance=distance) for name, distance in DENSE.items()},
            "multi": models.VectorParams(
                size=DIM,
                distance=models.Distance.DOT,
                multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
            ),
        },
        sparse_vectors_config={"sparse": models.SparseVectorParams()},
    )


def make_indexes(client):
    """For order, facets and texts the engine needs indexes, as the server does; local mode reads any key and cuts texts as this index does."""
    text = models.TextIndexParams(type=models.TextIndexType.TEXT, tokenizer=models.TokenizerType.WORD, phrase_matching=True)
    schemas = {"city": "keyword", "n": "integer", "price": "float", "ok": "bool", "when": "datetime", "text": text}
    for key, schema in schemas.items():
        client.create_payload_index("c", key, schema, wait=True)


class World:
    """Random points, filters and queries from one seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.ids = list(range(60)) + [str(uuid.UUID(int=self.rng.getrandbits(128))) for _ in range(20)]

    def floats(self):
        return [self.rng.uniform(-1, 1) for _ in range(DIM)]

    def sparse(self):
        indices = self.rng.sample(range(12), self.rng.randint(1, 6))
        return models.SparseVector(indices=indices, values=[self.rng.uniform(-1, 1) for _ in indices])

    def multi(self):
        return [self.floats() for _ in range(self.rng.randint(1, 3))]

    def payload(self):
        rng = self.rng
        keys = {
            "city": lambda: rng.choice(["Rome", "Paris", "Oslo", "", ["Rome", "Oslo"]]),
            "n": lambda: rng.choice([1, 2, 3, [2, 5], 2**62, -7]),
            "price": lambda: rng.choice([0.5, 1.5, -2.0, 3]),
            "ok": lambda: rng.choice([True, False, None]),
            "tags": lambda: rng.choice([[], None, ["a"], ["a", "b"], "a"]),
            "when": lambda: rng.choice(["2024-01-01T00:00:00Z", "2024-05-05T10:00:00+02:00", "2025-01-01T00:00:00Z"]),
            "text": lambda: rng.choice(["the quick fox", "a slow fox", "nothing"]),
            "at": lambda: {"lon": rng.uniform(-20, 20), "lat": rng.uniform(30, 60)},
            "a": lambda: {"b": rng.choice([1, 2, {"c": 3}]), "list": [{"k": rng.randint(0, 3), "v": rng.randint(0, 3)} for _ in range(rng.randint(0, 3))]},
        }
        return {key: make() for key, make in keys.items() if rng.random() < 0.7}

    def vectors(self):
        made = {name: self.floats() for name in DENSE if self.rng.random() < 0.9}
        if self.rng.random() < 0.8:
            made["multi"] = self.multi()
        if self.rng.random() < 0.8:
            made["sparse"] = self.sparse()
        return made

    def points(self):
        ids = self.rng.sample(self.ids, self.rng.randint(1, 15))
        return [models.PointStruct(id=i, vector=self.vectors(), payload=self.payload()) for i in ids]

    def condition(self, depth=0):
        rng = self.rng
        field = models.FieldCondition
        simple = [
            lambda: field(key="city", match=models.MatchValue(value=rng.choice(["Rome", "Oslo", "x"]))),
            lambda: field(key="city", match=models.MatchAny(any=["Rome", "Paris"])),
            lambda: field(key="n", match=models.MatchExcept(**{"except": [1, 2]})),
            lambda: field(key="n", match=models.MatchValue(value=rng.choice([1, 2, 5, 2**62]))),
            lambda: field(key="ok", match=models.MatchValue(value=rng.random() < 0.5)),
            lambda: field(key="text", match=models.MatchText(text=rng.choice(["fox", "quick fox"]))),
            lambda: field(key="text", match=models.MatchTextAny(text_any=rng.choice(["slow cat", "QUICK, nothing"]))),
            lambda: field(key="text", match=models.MatchPhrase(phrase=rng.choice(["slow fox", "Quick fox", "fox quick"]))),
            lambda: models.SliceCondition(slice=models.Slice(total=3, index=rng.randint(0, 2))),
            lambda: field(key="price", range=models.Range(gte=rng.choice([-1.0, 0.5]), lt=rng.choice([1.5, 3.5]))),
            lambda: field(key="n", range=models.Range(gt=1)),
            lambda: field(key="when", range=models.DatetimeRange(gt="2024-01-01T00:00:00Z", lte="2024-12-31T00:00:00Z")),
            lambda: field(key="a.b", match=models.MatchValue(value=1)),
            lambda: field(key="a.b.c", match=models.MatchValue(value=3)),
            lambda: field(key="a.list[].k", match=models.MatchValue(value=rng.randint(0, 3))),
            lambda: field(
                key="at",
                geo_bounding_box=models.GeoBoundingBox(
                    top_left=models.GeoPoint(lon=-10, lat=55), bottom_right=models.GeoPoint(lon=15, lat=35)
                ),
            ),
            lambda: field(key="at", geo_radius=models.GeoRadius(center=models.GeoPoint(lon=0, lat=45), radius=900000)),
            lambda: models.HasIdCondition(has_id=rng.sample(self.ids, 12)),
            lambda: models.HasVectorCondition(has_vector=rng.choice(list(DENSE) + ["sparse", "multi"])),
            lambda: models.IsEmptyCondition(is_empty=models.PayloadField(key=rng.choice(["tags", "ok", "city"]))),
            lambda: models.IsNullCondition(is_null=models.PayloadField(key=rng.choice(["tags", "ok"]))),
            lambda: models.NestedCondition(
                nested=models.Nested(
                    key="a.list",
                    filter=models.Filter(
                        must=[
                            field(key="k", match=models.MatchValue(value=rng.randint(0, 3))),
                            field(key="v", range=models.Range(gte=rng.randint(0, 3))),
                        ]
                    ),
                )
            ),
        ]
        if depth < 2 and rng.random() < 0.2:
            return self.filter(depth + 1)
        return rng.choice(simple)()

    def conditions(self, depth):
        return [self.condition(depth) for _ in range(self.rng.randint(1, 3))]

    def filter(self, depth=0):
        clauses = {}
        for name in ("must", "must_not", "should"):
            if self.rng.random() < 0.4:
                clauses[name] = self.conditions(depth)
        if self.rng.random() < 0.2:
            conditions = self.conditions(depth)
            clauses["min_should"] = models.MinShould(conditions=conditions, min_count=self.rng.randint(1, len(conditions)))
        return models.Filter(**clauses)

    def maybe_filter(self):
        return self.filter() if self.rng.random() < 0.6 else None

    def query(self, held):
        """Arguments of query_points."""
        using = self.rng.choice(list(DENSE) + ["multi", "sparse"])
        query = self.sparse() if using == "sparse" else self.multi() if using == "multi" else self.floats()
        having = [i for i, vectors in held.items() if using in vectors]
        if having and self.rng.random() < 0.3:
            query = self.rng.choice(having)
        return {
            "query": query,
            "using": using,
            "limit": self.rng.choice([1, 5, 100]),
            "offset": self.rng.choice([0, 0, 3]),
            "query_filter": self.maybe_filter(),
            "score_threshold": self.rng.choice([None, None, 0.25, 1.2]),
            "with_payload": self.payload_selector(),
            "with_vectors": self.rng.choice([True, False, ["dot", "sparse"]]),
        }

    def order_by(self):
        key = self.rng.choice(["n", "price", "when"])
        starts = {"n": [2, 2.5, -100], "price": [0.5, 1], "when": ["2024-01-01T00:00:00Z"]}
        return models.OrderBy(
            key=key,
            direction=self.rng.choice([models.Direction.ASC, models.Direction.DESC]),
            start_from=self.rng.choice([None, self.rng.choice(starts[key])]),
        )

    def payload_selector(self):
        return self.rng.choice(
            [
                True,
                False,
                ["city", "a.b"],
                models.PayloadSelectorInclude(include=["a.list[].k"]),
                models.PayloadSelectorExclude(exclude=["a.b", "tags"]),
            ]
        )


def is_close(a, b):
    return abs(a - b) <= 2e-5 * max(1.0, abs(a), abs(b))


def same_floats(a, b):
    if isinstance(a, (int, float)):
        return is_close(a, b)
    return len(a) == len(b) and all(same_floats(x, y) for x, y in zip(a, b))


def same_sparse(a, b):
    return dict(zip(a.indices, a.values)).keys() == dict(zip(b.indices, b.values)).keys() and all(
        is_close(dict(zip(a.indices, a.values))[i], v) for i, v in zip(b.indices, b.values)
    )


def same_vectors(a, b):
    a, b = a or {}, b or {}
    if a.keys() != b.keys():
        return False
    return all(same_sparse(a[k], b[k]) if k == "sparse" else same_floats(a[k], b[k]) for k in a)


def same_point(a, b):
    """Of no payload and an empty one gRPC makes the same."""
    return str(a.id) == str(b.id) and (a.payload or {}) == (b.payload or {}) and same_vectors(a.vector, b.vector)


def same_records(ours, theirs):
    return len(ours) == len(theirs) and all(same_point(a, b) for a, b in zip(ours, theirs))


def same_hits(ours, theirs, is_cut):
    """Equal scores may come in any order, and at the end of a page any of them may be the one that is left out."""
    if len(ours) != len(theirs) or not all(is_close(a.score, b.score) for a, b in zip(ours, theirs)):
        return False
    by_id = {str(b.id): b for b in theirs}
    for a in ours:
        b = by_id.get(str(a.id))
        if b is None:
            if not is_cut or not (is_close(a.score, theirs[-1].score) or is_close(a.score, theirs[0].score)):
                return False
            continue
        if not is_close(a.score, b.score) or not same_point(a, b):
            return False
    return True


def same_order(ours, theirs, limit):
    """Places with equal values may come in any order, and at the end of a page any of them may be the one that is left out."""
    if [a.order_value for a in ours] != [b.order_value for b in theirs]:
        return False
    values = {b.order_value for b in theirs if len(theirs) < limit or b.order_value != theirs[-1].order_value}
    return all(
        {str(a.id) for a in ours if a.order_value == value} == {str(b.id) for b in theirs if b.order_value == value} for value in values
    )


def same_groups(ours, theirs):
    return len(ours) == len(theirs) and all(
        str(a.id) == str(b.id) and same_hits(a.hits, b.hits, True) for a, b in zip(ours, theirs)
    )


def same_pairs(ours, theirs):
    ours = {(str(pair.a), str(pair.b)): pair.score for pair in ours}
    theirs = {(str(pair.a), str(pair.b)): pair.score for pair in theirs}
    return ours.keys() == theirs.keys() and all(is_close(ours[pair], theirs[pair]) for pair in ours)


class Comparison:
    def __init__(self, ours, theirs, world):
        self.ours, self.theirs, self.world = ours, theirs, world
        self.held = {}
        self.n_compared = 0
        self.n_with_content = 0
        self.problems = []

    def write(self):
        rng = self.world.rng
        kind = rng.random()
        if kind < 0.7:
            points = self.world.points()
            self.both("upsert", points=points)
            self.held.update({p.id: p.vector for p in points})
        elif kind < 0.9:
            ids = rng.sample(self.world.ids, rng.randint(1, 5))
            self.both("delete", points_selector=models.PointIdsList(points=ids))
        else:
            chosen = models.Filter(must=[self.world.condition()], must_not=[self.world.condition()])
            self.both("delete", points_selector=models.FilterSelector(filter=chosen))
        left = {record.id for record in self.theirs.scroll("c", limit=1000, with_payload=False)[0]}
        self.held = {i: v for i, v in self.held.items() if i in left}

    def both(self, method, **arguments):
        answers = []
        for client in (self.ours, self.theirs):
            answers.append(getattr(client, method)("c", **arguments))
        return answers

    def check(self, is_same, has_content, what, *answers):
        self.n_compared += 1
        self.n_with_content += bool(has_content)
        if not is_same:
            self.problems.append(f"{what}\n  engine: {answers[0]}\n  python: {answers[1]}")

    def ask(self):
        world = self.world
        kind = world.rng.random()
        if kind < 0.15:
            arguments = {"count_filter": world.maybe_filter(), "exact": True}
            a, b = self.both("count", **arguments)
            self.check(a.count == b.count, b.count, f"count {arguments}", a, b)
        elif kind < 0.35:
            offset = world.rng.choice([None, None, world.rng.choice(world.ids)])
            arguments = {"scroll_filter": world.maybe_filter(), "limit": world.rng.choice([1, 7, 200]), "offset": offset,
                         "with_payload": world.payload_selector(), "with_vectors": world.rng.random() < 0.5}
            a, b = self.both("scroll", **arguments)
            self.check(same_records(a[0], b[0]) and str(a[1]) == str(b[1]), b[0], f"scroll {arguments}", a, b)
        elif kind < 0.45:
            arguments = {"ids": world.rng.sample(world.ids, 9), "with_payload": world.payload_selector(), "with_vectors": True}
            a, b = self.both("retrieve", **arguments)
            self.check(same_records(a, b), b, f"retrieve {arguments}", a, b)
        elif kind < 0.55:
            arguments = {"scroll_filter": world.maybe_filter(), "limit": world.rng.choice([3, 200]), "order_by": world.order_by()}
            a, b = self.both("scroll", **arguments)
            self.check(same_order(a[0], b[0], arguments["limit"]), b[0], f"scroll {arguments}", a, b)
        elif kind < 0.62:
            arguments = {"key": world.rng.choice(["city", "n", "ok"]), "facet_filter": world.maybe_filter(),
                         "limit": world.rng.choice([2, 50]), "exact": world.rng.random() < 0.5}
            a, b = self.both("facet", **arguments)
            self.check(a.hits == b.hits, b.hits, f"facet {arguments}", a, b)
        elif kind < 0.68:
            arguments = {"query": world.floats(), "using": world.rng.choice(list(DENSE)), "group_by": world.rng.choice(["city", "n"]),
                         "limit": 10, "group_size": world.rng.choice([3, 8]), "query_filter": world.maybe_filter(),
                         "with_payload": world.payload_selector()}
            a, b = self.both("query_points_groups", **arguments)
            self.check(same_groups(a.groups, b.groups), b.groups, f"groups {arguments}", a, b)
        elif kind < 0.72:
            arguments = {"using": world.rng.choice(list(DENSE)), "sample": 1000, "limit": 3, "query_filter": world.maybe_filter()}
            a, b = self.both("search_matrix_pairs", **arguments)
            self.check(same_pairs(a.pairs, b.pairs), b.pairs, f"matrix {arguments}", a, b)
        else:
            arguments = world.query(self.held)
            a, b = self.both("query_points", **arguments)
            is_cut = len(b.points) == arguments["limit"] or arguments["offset"] > 0
            self.check(same_hits(a.points, b.points, is_cut), b.points, f"query {arguments}", a, b)


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    theirs = QdrantClient(":memory:")
    with served_engine(sys.argv[1]) as ours:
        for client in (ours, theirs):
            make_collection(client)
        make_indexes(ours)
        comparison = Comparison(ours, theirs, World(seed))
        for _ in range(N_ROUNDS):
            comparison.write()
            for _ in range(N_QUESTIONS):
                comparison.ask()
    for problem in comparison.problems[:10]:
        print(problem)
    n_compared, n_with_content = comparison.n_compared, comparison.n_with_content
    print(f"seed {seed}: {n_compared} answers compared, {n_with_content} of them not empty, {len(comparison.problems)} differ")
    sys.exit(1 if comparison.problems or n_with_content < n_compared / 2 else 0)


if __name__ == "__main__":
    main()
