"""Random parts of requests: ids, payloads, vectors, filters."""
import random
import uuid

DIM = 4
DENSE = ("dot", "cos", "euclid", "man")
EDGE_IDS = [0, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1]
WORDS = ["", "a", "b", "Rome", "rome", "New York", "日本", "é", "é", "🦀", "nul\u0000byte", "quote\"back\\slash", "line\nbreak", "\u2028", "x" * 300]
PLAIN_WORDS = [word for word in WORDS if "\0" not in word]  # a filter's keyword is a C string in the messages of the library
SENTENCES = ["", "the quick brown fox", "The slow fox", "to be or not to be", "日本 語", "one, two; three."]
NUMBERS = [0, 1, -1, 2, 3, 5, 100, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
FLOATS = [0.0, -0.0, 0.1, 0.5, 1.0, -2.5, 1e-7, 1e300, 5e-324, 3.141592653589793]
MOMENTS = ["2024-01-01T00:00:00Z", "2024-05-05T10:00:00+02:00", "2023-12-31T23:59:59.999999Z", "1969-07-20T20:17:40Z", "2024-02-29"]
KEYS = ["city", "n", "x", "ok", "tags", "when", "text", "at", "obj", "obj.in", "obj.list[].k", "tags[0]", "obj.list[0].v", "ünï", "missing"]
VECTOR_NAMES = [*DENSE, "multi", "sparse"]


class Values:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.names = [""] if seed % 5 == 0 else VECTOR_NAMES
        self.ids = list(range(1, 25)) + EDGE_IDS + [str(uuid.UUID(int=self.rng.getrandbits(128))) for _ in range(6)]

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, *items):
        return self.rng.choice(items)

    def some(self, items, most):
        return self.rng.sample(list(items), min(len(items), self.rng.randint(1, most)))

    def float(self):
        return self.rng.randint(-2000, 2000) / 1000

    def dense(self):
        return [self.float() for _ in range(DIM)]

    def sparse(self):
        indices = self.some([*range(10), 2**31, 2**32 - 1], 5)
        return {"indices": indices, "values": [self.float() or 0.5 for _ in indices]}

    def multi(self):
        return [self.dense() for _ in range(self.rng.randint(1, 3))]

    def vector(self, name):
        return self.sparse() if name == "sparse" else self.multi() if name == "multi" else self.dense()

    def vectors(self, least=0):
        names = [name for name in self.names if self.chance(0.75)]
        return {name: self.vector(name) for name in (names or self.names[:least])}

    def point_at(self):
        return {"lon": self.rng.randint(-1800, 1800) / 10, "lat": self.rng.randint(-850, 850) / 10}

    def any_value(self, depth=0):
        kinds = [lambda: self.pick(*WORDS), lambda: self.pick(*NUMBERS), lambda: self.pick(*FLOATS), lambda: self.pick(True, False, None)]
        if depth < 3:
            kinds += [lambda: [self.any_value(depth + 1) for _ in range(self.rng.randint(0, 3))],
                      lambda: {self.pick("k", "v", "in", "日本", "a b"): self.any_value(depth + 1) for _ in range(self.rng.randint(0, 3))}]
        return self.pick(*kinds)()

    def payload(self):
        makers = {
            "city": lambda: self.pick(*WORDS) if self.chance(0.7) else self.some(WORDS, 3),
            "n": lambda: self.pick(*NUMBERS) if self.chance(0.8) else self.some(NUMBERS, 3),
            "x": lambda: self.pick(*FLOATS),
            "ok": lambda: self.pick(True, False, None),
            "tags": lambda: self.pick([], None, ["a"], ["a", "b"], "a", ["b", "é"]),
            "when": lambda: self.pick(*MOMENTS),
            "text": lambda: self.pick(*SENTENCES),
            "at": lambda: self.point_at(),
            "obj": lambda: {"in": self.pick(*NUMBERS), "list": [{"k": self.rng.randint(0, 3), "v": self.pick(*WORDS)} for _ in range(self.rng.randint(0, 3))]},
            "ünï": lambda: self.any_value(),
        }
        return {key: make() for key, make in makers.items() if self.chance(0.6)}

    def id(self):
        return self.pick(*self.ids)

    def some_ids(self, most=6):
        return self.some(self.ids, most)

    def points(self, most=6):
        return [{"id": i, "vector": self.vectors(), "payload": self.payload()} for i in self.some_ids(most)]

    def match(self):
        key = self.pick("city", "city", "n", "ok", "tags", "obj.in", "obj.list[].k", "obj.list[].v", "tags[0]", "missing", "text")
        if key == "text":
            return {"key": key, "match": {self.pick("text", "text_any"): self.pick("fox", "quick fox", "be", "日本", "two")}}
        values = [True, False] if key == "ok" else NUMBERS if key in ("n", "obj.in") else [0, 1, 2, 3] if key == "obj.list[].k" else PLAIN_WORDS
        if key != "ok" and self.chance(0.4):
            return {"key": key, "match": {self.pick("any", "except"): self.some(values, 3)}}
        return {"key": key, "match": {"value": self.pick(*values)}}

    def range(self):
        names = self.some(["gt", "gte", "lt", "lte"], 2)
        if self.chance(0.3):
            return {"key": "when", "range": {name: self.pick(*MOMENTS) for name in names}}
        return {"key": self.pick("n", "x", "obj.in", "obj.list[].k", "missing"), "range": {name: self.pick(0, 0.5, -1.5, 2, 100.0, 1e10) for name in names}}

    def geo(self):
        a, b = self.point_at(), self.point_at()
        if self.chance(0.5):
            return {"key": "at", "geo_radius": {"center": a, "radius": self.pick(1000.0, 500000.0, 5e6)}}
        return {"key": "at", "geo_bounding_box": {"top_left": {"lon": min(a["lon"], b["lon"]), "lat": max(a["lat"], b["lat"])},
                                                  "bottom_right": {"lon": max(a["lon"], b["lon"]), "lat": min(a["lat"], b["lat"])}}}

    def condition(self, depth):
        if depth < 3 and self.chance(0.15):
            return self.filter(depth + 1)
        return self.pick(
            self.match, self.match, self.match, self.range, self.range, self.geo,
            lambda: {"has_id": self.some_ids()},
            lambda: {"has_vector": self.pick(*self.names)},
            lambda: {self.pick("is_empty", "is_null"): {"key": self.pick("tags", "ok", "city", "missing", "obj.list")}},
            lambda: {"nested": {"key": "obj.list", "filter": {self.pick("must", "should", "must_not"): [
                {"key": "k", "match": {"value": self.rng.randint(0, 3)}}, {"key": "v", "match": {"value": self.pick(*PLAIN_WORDS)}}][: self.rng.randint(1, 2)]}}},
        )()

    def conditions(self, depth):
        return [self.condition(depth) for _ in range(self.rng.randint(1, 3))]

    def filter(self, depth=0):
        made = {name: self.conditions(depth) for name in ("must", "should", "must_not") if self.chance(0.4)}
        if self.chance(0.15):
            conditions = self.conditions(depth)
            made["min_should"] = {"conditions": conditions, "min_count": self.rng.randint(1, len(conditions))}
        return made
