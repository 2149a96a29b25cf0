#!/usr/bin/env python3
"""Points written by the library are read back by the official Python client equal in ids, vectors and payload, and the reverse.

check_cross_client.py QDRANTCTL. Both speak gRPC to tests/reference. Every vector kind, both kinds of ids, nested payload.
"""
import json
import random
import struct
import subprocess
import sys
import tempfile
import uuid

try:
    import qdrant_client
    from qdrant_client import models
    import starlette  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

from reference import reference_server

SEED = 20261123
N_POINTS = 120


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def random_floats(rng, n):
    return [f32(rng.uniform(-1, 1)) for _ in range(n)]


def random_sparse(rng):
    indices = sorted(rng.sample(range(2**31), rng.randint(1, 9)))
    return {"indices": indices, "values": random_floats(rng, len(indices))}


def random_payload(rng, depth=0):
    kinds = [
        lambda: rng.choice(["", "text", "ünï ☃ 𝄞", 'quote " and \\ and \n', "\u0000 inside"]),
        lambda: rng.choice([0, -1, 2**53 + 1, -(2**63), 2**63 - 1, rng.randint(-1000, 1000)]),
        lambda: rng.choice([0.5, -1.25e-300, 1.7976931348623157e308, 3.0, rng.random()]),
        lambda: rng.random() < 0.5,
        lambda: None,
    ]
    if depth < 3:
        kinds += [
            lambda: [random_payload(rng, depth + 1) for _ in range(rng.randint(0, 3))],
            lambda: {f"key {i}": random_payload(rng, depth + 1) for i in range(rng.randint(0, 3))},
        ]
    return rng.choice(kinds)()


def random_id(rng, i):
    edges = [0, 1, 2**53 + 1, 2**63, 2**64 - 1]
    if i < len(edges):
        return edges[i]
    return str(uuid.UUID(int=rng.getrandbits(128))) if rng.random() < 0.5 else rng.randint(2, 2**62)


def random_points(rng, make_vector):
    ids = {}
    for i in range(N_POINTS):
        ids[random_id(rng, i)] = None
    # A first key that never is empty: a point without payload cannot be told from one with an empty payload.
    return [
        {"id": i, "vector": make_vector(rng), "payload": {"kept": True, "value": random_payload(rng), "größe": random_payload(rng)}}
        for i in ids
    ]


def named_vector(rng):
    vectors = {
        "dense": random_floats(rng, 8),
        "sparse": random_sparse(rng),
        "multi": [random_floats(rng, 4) for _ in range(rng.randint(1, 4))],
    }
    return {name: vector for name, vector in vectors.items() if name == "dense" or rng.random() < 0.7}


COLLECTIONS = {
    "plain": (
        dict(vectors_config=models.VectorParams(size=8, distance=models.Distance.EUCLID)),
        lambda rng: random_floats(rng, 8),
    ),
    "named": (
        dict(
            vectors_config={
                "dense": models.VectorParams(size=8, distance=models.Distance.DOT),
                "multi": models.VectorParams(
                    size=4,
                    distance=models.Distance.DOT,
                    multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
                ),
            },
            sparse_vectors_config={"sparse": models.SparseVectorParams()},
        ),
        named_vector,
    ),
}


def vector_as_json(vector):
    if isinstance(vector, models.SparseVector):
        return {"indices": vector.indices, "values": vector.values}
    if isinstance(vector, dict):
        return {name: vector_as_json(inner) for name, inner in vector.items()}
    return vector


def rounded(vector):
    """Floats as the 32-bit values they stand for; sparse entries in the order of their indices."""
    if isinstance(vector, dict) and set(vector) == {"indices", "values"}:
        pairs = sorted(zip(vector["indices"], vector["values"]))
        return {"indices": [i for i, _ in pairs], "values": [f32(v) for _, v in pairs]}
    if isinstance(vector, dict):
        return {name: rounded(inner) for name, inner in vector.items()}
    return [rounded(v) if isinstance(v, list) else f32(v) for v in vector]


def by_id(points):
    return {str(p["id"]): (rounded(p["vector"]), json.dumps(p["payload"], sort_keys=True)) for p in points}


def compare(what, expected, found):
    expected, found = by_id(expected), by_id(found)
    for point_id in expected.keys() | found.keys():
        if expected.get(point_id) != found.get(point_id):
            sys.exit(f"{what}: point {point_id} differs\n  expected {expected.get(point_id)}\n  found    {found.get(point_id)}")
    print(f"{what}: {len(expected)} points are equal")


def run_tool(tool, port, *arguments):
    command = [tool, *arguments, "--url", f"http://127.0.0.1:{port}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: {result.stderr}")
    return result.stdout


def library_writes(tool, client, port, name, points):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as lines:
        lines.writelines(json.dumps(point, ensure_ascii=False) + "\n" for point in points)
        lines.flush()
        run_tool(tool, port, "import", lines.name, "--collection", name)
    records, rest = client.scroll(name, limit=10 * N_POINTS, with_payload=True, with_vectors=True)
    found = [{"id": r.id, "vector": vector_as_json(r.vector), "payload": r.payload} for r in records]
    compare(f"{name}: written by the library, read by the Python client", points, found)


def python_writes(tool, client, port, name, points):
    client.upsert(
        name,
        [
            models.PointStruct(
                id=p["id"],
                vector={
                    n: models.SparseVector(**v) if isinstance(v, dict) else v for n, v in p["vector"].items()
                }
                if isinstance(p["vector"], dict)
                else p["vector"],
                payload=p["payload"],
            )
            for p in points
        ],
        wait=True,
    )
    text = run_tool(
        tool, port, "scroll", "--collection", name, "--limit", "1000000", "--with-vectors", "--with-payload", "--output", "json"
    )
    compare(f"{name}: written by the Python client, read by the library", points, json.loads(text)["points"])


def main():
    tool = sys.argv[1]
    rng = random.Random(SEED)
    with reference_server() as server:
        client = qdrant_client.QdrantClient(
            host=server["host"], port=server["http_port"], grpc_port=server["grpc_port"], prefer_grpc=True, timeout=60
        )
        for direction in (library_writes, python_writes):
            for name, (config, make_vector) in COLLECTIONS.items():
                if client.collection_exists(name):
                    client.delete_collection(name)
                client.create_collection(name, **config)
                direction(tool, client, server["grpc_port"], name, random_points(rng, make_vector))


if __name__ == "__main__":
    main()
