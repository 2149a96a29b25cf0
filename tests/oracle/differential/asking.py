"""Random requests, each (RPC, request without its collection), that make up an episode on one collection."""
from values import DENSE, DIM, KEYS, Values

INDEXES = {"city": "keyword", "n": "integer", "x": "float", "ok": "bool", "when": "datetime", "at": "geo", "obj.in": "integer", "tags": "keyword"}


def creation(seed):
    """The one with an unnamed vector, or one with vectors of every kind."""
    if seed % 5 == 0:
        return "Collections/Create", {"vectors": {"size": DIM, "distance": ("Dot", "Cosine", "Euclid", "Manhattan")[seed // 5 % 4]}}
    distances = dict(zip(DENSE, ("Dot", "Cosine", "Euclid", "Manhattan")))
    vectors = {name: {"size": DIM, "distance": distance} for name, distance in distances.items()}
    vectors["multi"] = {"size": DIM, "distance": "Dot", "multivector_config": {"comparator": "max_sim"}}
    return "Collections/Create", {"vectors": vectors, "sparse_vectors": {"sparse": {}}}


class Requests(Values):
    """Of one seed."""

    # ---- what is asked of reads

    def selectors(self, request):
        if self.chance(0.5):
            request["with_payload"] = self.pick(True, False, self.some(KEYS, 3), {"include": self.some(KEYS, 3)}, {"exclude": self.some(KEYS, 3)})
        if self.chance(0.3):
            request["with_vector"] = self.pick(True, False, self.some(self.names, 3))
        return request

    def filtered(self, request, share=0.5):
        if self.chance(share):
            request["filter"] = self.filter()
        return request

    def example(self, using):
        return self.id() if self.chance(0.4) else self.vector(using)

    def examples(self, using, least, most):
        return [self.example(using) for _ in range(self.rng.randint(least, most))]

    def pairs(self, using):
        return [{"positive": self.example(using), "negative": self.example(using)} for _ in range(self.rng.randint(1, 2))]

    def vector_query(self, using):
        """A query that needs vectors of one name."""
        kind = self.rng.random()
        if kind < 0.65:
            return self.example(using)
        if kind < 0.8:
            strategy = self.pick("average_vector", "best_score", "sum_scores")
            return {"recommend": {"positive": self.examples(using, 1, 2), "negative": self.examples(using, 0, 2), "strategy": strategy}}
        if kind < 0.9:
            return {"discover": {"target": self.example(using), "context": self.pairs(using)}}
        return {"context": self.pairs(using)}

    def searched(self, request):
        using = self.pick(*self.names)
        request.update(query=self.vector_query(using), using=using)
        if self.chance(0.15):
            request["score_threshold"] = self.float() + 0.00037
        return self.filtered(request, 0.4)

    def prefetch(self, depth):
        """By vectors alone, since a server leaves points asked for by id out of a prefetch and the reference does not; of scores that hardly tie, since
        what is fused depends on the order."""
        using = self.pick(*self.names)
        request = {"query": self.vector(using), "using": using, "limit": self.rng.randint(1, 20)}
        if depth < 2 and self.chance(0.2):
            request["prefetch"] = [self.prefetch(depth + 1)]
        if self.chance(0.4):  # of a server, which puts them into one list with those above, two `should` are alternatives
            request["filter"] = {name: self.conditions(1) for name in ("must", "must_not") if self.chance(0.5)}
        return request

    def combined(self, request):
        request["prefetch"] = [self.prefetch(0) for _ in range(self.rng.randint(1, 3))]
        kind = self.rng.random()
        if kind < 0.5:
            request["query"] = self.pick({"fusion": "rrf"}, {"fusion": "dbsf"}, {"rrf": {"k": self.rng.randint(1, 80)}})
        elif kind < 0.8:
            self.searched(request)
        else:
            request["query"] = {"formula": {"sum": ["$score", {"mult": [self.float(), self.filter_condition()]}]}, "defaults": {}}
        return request

    def filter_condition(self):
        return self.match()

    def query(self):
        request = {"limit": self.pick(1, 3, 10, 100)}
        if self.chance(0.2):
            request["offset"] = self.pick(0, 1, 3)
        self.combined(request) if self.chance(0.2) else self.searched(request)
        return self.selectors(request)

    # ---- requests

    def read_query(self):
        return "Points/Query", self.query()

    def read_batch(self):
        return "Points/QueryBatch", {"searches": [self.query() for _ in range(self.rng.randint(1, 3))]}

    def read_groups(self):
        request = self.searched({"group_by": self.pick("city", "n", "obj.in"), "group_size": self.rng.randint(1, 3), "limit": self.rng.randint(1, 5)})
        return "Points/QueryGroups", self.selectors(request)

    def read_scroll(self):
        request = self.selectors(self.filtered({"limit": self.pick(1, 3, 10, 100)}, 0.7))
        if self.chance(0.3):
            request["offset"] = self.id()
        return "Points/Scroll", request

    def read_ordered(self):
        key = self.pick("n", "x", "when", "obj.in")
        return "Points/Scroll", self.filtered({"limit": 100, "order_by": {"key": key, "direction": self.pick("asc", "desc")}})

    def read_count(self):
        return "Points/Count", self.filtered({"exact": True}, 0.9)

    def read_get(self):
        return "Points/Get", self.selectors({"ids": self.some_ids(5)})

    def read_facet(self):
        return "Points/Facet", self.filtered({"key": self.pick("city", "n", "ok", "tags"), "limit": 100, "exact": True})

    def dense_name(self):
        return self.pick(*[name for name in self.names if name not in ("multi", "sparse")])

    def read_matrix(self):
        return self.pick("Points/SearchMatrixPairs", "Points/SearchMatrixOffsets"), self.filtered({"using": self.dense_name(), "sample": 100, "limit": 100})

    def read_search(self):
        name = self.dense_name()
        return "Points/Search", self.selectors(self.filtered({"vector": {"name": name, "vector": self.dense()}, "limit": self.pick(1, 5, 50)}))

    def selected(self, request):
        if self.chance(0.7):
            request["points"] = self.some_ids()
        else:
            request["filter"] = self.filter()
        return request

    def write_points(self):
        return "Points/Upsert", {"points": self.points()}

    def write_deletion(self):
        return "Points/Delete", self.pick({"points": self.some_ids(3)}, {"filter": {"must": [self.match(), self.match()]}})

    def payload_body(self):
        request = self.selected({"payload": self.payload()})
        if self.chance(0.3):
            request["key"] = self.pick("obj", "obj.list[0]", "fresh", "obj.list[]")
        return request

    def write_payload(self):
        return "Points/SetPayload", self.payload_body()

    def write_whole_payload(self):
        return "Points/OverwritePayload", self.selected({"payload": self.payload()})

    def write_payload_deletion(self):
        return "Points/DeletePayload", self.selected({"keys": self.some(KEYS, 3)})

    def write_payload_clearance(self):
        return "Points/ClearPayload", {"points": self.some_ids(2)}

    def write_vectors(self):
        return "Points/UpdateVectors", {"points": [{"id": i, "vector": self.vectors(1)} for i in self.some_ids(2)]}

    def write_vector_deletion(self):
        return "Points/DeleteVectors", self.selected({"vector": self.some(self.names, 2)})

    def write_batch(self):
        operations = [
            lambda: {"upsert": {"points": self.points(2)}}, lambda: {"set_payload": self.payload_body()},
            lambda: {"delete_payload": self.selected({"keys": self.some(KEYS, 2)})}, lambda: {"clear_payload": {"points": self.some_ids(1)}},
            lambda: {"overwrite_payload": {"payload": self.payload(), "points": self.some_ids(2)}}, lambda: {"delete": {"points": self.some_ids(1)}}]
        return "Points/UpdateBatch", {"operations": [self.pick(*operations)() for _ in range(self.rng.randint(1, 4))]}

    def write_index(self):
        field = self.pick(*INDEXES)
        return "Points/CreateFieldIndex", {"field_name": field, "field_schema": INDEXES[field]}

    def read_wrong(self):
        request = self.searched({"limit": 10})
        mistakes = {"limit": 0, "using": "nowhere", "query": [1.0], "offset": -1, "filter": {"must": [{"key": "a["}]}}
        return "Points/Query", {**request, **dict([self.pick(*mistakes.items())])}

    def write_wrong(self):
        point = {"id": self.id(), "vector": self.vectors(1)}
        short = {self.names[0]: [1.0, 2.0]} if self.names[0] else [1.0, 2.0]
        mistakes = [[], [{**point, "id": -1}], [point, {**point, "vector": short}], [point, {**point, "vector": {"nowhere": self.dense()}}]]
        return "Points/Upsert", {"points": self.pick(*mistakes)}

    WEIGHTS = {
        "read_wrong": 1, "write_wrong": 1,
        "read_query": 24, "read_batch": 3, "read_groups": 4, "read_scroll": 14, "read_ordered": 4, "read_count": 8, "read_get": 7, "read_facet": 3, "read_matrix": 2,
        "read_search": 3, "write_points": 9, "write_deletion": 1, "write_payload": 5, "write_whole_payload": 2, "write_payload_deletion": 3, "write_payload_clearance": 1,
        "write_vectors": 3, "write_vector_deletion": 2, "write_batch": 2, "write_index": 1}

    def request(self):
        name, = self.rng.choices(list(self.WEIGHTS), self.WEIGHTS.values())
        rpc, request = getattr(self, name)()
        return rpc, {**request, **({"wait": True} if name.startswith("write") else {})}


def episode(seed, n_requests):
    """The requests of a seed, always the same."""
    maker = Requests(seed)
    made = [creation(seed), ("Points/Upsert", {"points": maker.points(20), "wait": True})]
    if seed % 2:
        made += [("Points/CreateFieldIndex", {"field_name": field, "field_schema": schema, "wait": True})
                 for field, schema in INDEXES.items()]
    return made + [maker.request() for _ in range(n_requests - len(made))]
