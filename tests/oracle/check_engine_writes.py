#!/usr/bin/env python3
"""Writes of every kind leave in the embedded engine what they leave in the official Python client's own engine.

check_engine_writes.py QDRANTCTL [SEED]. After each write all points are read back and compared, and so is what was written alone and in a batch.
Questions on which a recording of the real server contradicts local mode are not asked: a null that is set takes its entry away on the server,
a write to a missing point is refused there, and an index beyond the end of a list is not made.
"""
import sys

try:
    import check_engine
    from check_engine import models, same_records
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SEED = 20261124
N_WRITES = 700
PATHS = ["a", "a.b", "a.list[]", "a.list[0]", "fresh", "fresh.deep", "at", "tags[].x", "n"]
KEYS = ["city", "a", "a.b", "a.b.c", "a.list", "a.list[].k", "a.list[]", "a.list[0]", "a.list[0].v", "never", "fresh.k1", "tags[]", "at.lon"]
VECTORS = list(check_engine.DENSE) + ["multi", "sparse"]


class Writes:
    """Random writes, each as the operation of a batch."""

    def __init__(self, world):
        self.world, self.rng = world, world.rng
        self.present = []

    def selector(self, many=5):
        if self.present and self.rng.random() < 0.7:
            return models.PointIdsList(points=self.rng.sample(self.present, min(len(self.present), self.rng.randint(1, many))))
        return models.FilterSelector(filter=self.world.filter())

    def selected(self):
        chosen = self.selector()
        return {"points": chosen.points} if isinstance(chosen, models.PointIdsList) else {"filter": chosen.filter}

    def payload(self):
        values = [1, -2.5, "x", "", True, [1, 2], [], {}, {"k": [None, {"l": 1}]}, [{"k": 1, "v": 2}, {"x": 3}]]
        keys = self.rng.sample(["city", "n", "a", "fresh", "k1", "tags", "ключ", "k v"], self.rng.randint(0, 3))
        return {key: self.rng.choice(values) for key in keys}

    def vectors(self):
        made = self.world.vectors()
        return {name: made[name] for name in self.rng.sample(list(made), self.rng.randint(min(1, len(made)), len(made)))}

    def upsert(self):
        mode = self.rng.choice([None, None, models.UpdateMode.UPSERT, models.UpdateMode.INSERT_ONLY, models.UpdateMode.UPDATE_ONLY])
        chosen = self.world.filter() if self.rng.random() < 0.3 else None
        return models.UpsertOperation(upsert=models.PointsList(points=self.world.points(), update_filter=chosen, update_mode=mode))

    def set_payload(self):
        key = self.rng.choice(PATHS) if self.rng.random() < 0.5 else None
        return models.SetPayloadOperation(set_payload=models.SetPayload(payload=self.payload(), key=key, **self.selected()))

    def overwrite_payload(self):
        return models.OverwritePayloadOperation(overwrite_payload=models.SetPayload(payload=self.payload(), **self.selected()))

    def delete_payload(self):
        keys = self.rng.sample(KEYS, self.rng.randint(1, 3))
        return models.DeletePayloadOperation(delete_payload=models.DeletePayload(keys=keys, **self.selected()))

    def clear_payload(self):
        return models.ClearPayloadOperation(clear_payload=self.selector(2))

    def update_vectors(self):
        ids = self.rng.sample(self.present, min(len(self.present), self.rng.randint(1, 5)))
        points = [models.PointVectors(id=i, vector=self.vectors()) for i in ids]
        chosen = self.world.filter() if self.rng.random() < 0.3 else None
        return models.UpdateVectorsOperation(update_vectors=models.UpdateVectors(points=points, update_filter=chosen))

    def delete_vectors(self):
        names = self.rng.sample(VECTORS, self.rng.randint(1, 3))
        return models.DeleteVectorsOperation(delete_vectors=models.DeleteVectors(vector=names, **self.selected()))

    def delete(self):
        return models.DeleteOperation(delete=self.selector(2))

    def any(self):
        kinds = [self.upsert, self.upsert, self.set_payload, self.set_payload, self.delete_payload]
        kinds += [self.overwrite_payload, self.delete_vectors, self.update_vectors, self.update_vectors]
        if self.rng.random() < 0.15:
            kinds = [self.clear_payload, self.delete]
        return self.rng.choice(kinds)() if self.present else self.upsert()


def read_all(client):
    return client.scroll("c", limit=1000, with_vectors=True)[0]


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    theirs = check_engine.QdrantClient(":memory:")
    problems = []
    n_points = 0
    with check_engine.served_engine(sys.argv[1]) as ours:
        for client in (ours, theirs):
            check_engine.make_collection(client)
        check_engine.make_indexes(ours)
        writes = Writes(check_engine.World(seed))
        for _ in range(N_WRITES):
            operations = [writes.any() for _ in range(writes.rng.choice([1, 1, 1, 2, 3]))]
            if len(operations) > 1 and any(isinstance(o, models.DeleteOperation) for o in operations):
                operations = operations[:1]
            for client in (ours, theirs):
                client.batch_update_points("c", update_operations=operations)
            a, b = read_all(ours), read_all(theirs)
            writes.present = [record.id for record in b]
            n_points += len(b)
            if not same_records(a, b):
                wrong = [(x, y) for x, y in zip(a, b) if not check_engine.same_point(x, y)][:2]
                problems.append(f"{operations}\n  {len(a)} and {len(b)} points, engine and python: {wrong}")
                break
    for problem in problems:
        print(problem)
    print(f"seed {seed}: {N_WRITES} writes, {n_points} points read back, {len(problems)} differ")
    sys.exit(1 if problems or n_points < 10 * N_WRITES else 0)


if __name__ == "__main__":
    main()
