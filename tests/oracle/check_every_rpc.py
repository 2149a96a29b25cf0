#!/usr/bin/env python3
"""Call each of the 51 RPCs through its typed C functions and through the official gRPC stubs, and compare how they end.

Usage: check_every_rpc.py CALL_TYPED_PROGRAM

The same requests go in the same order to one reference server from the official stubs and to another from the C program, blocking
and then started on a queue. Statuses, texts and replies have to be equal, the server has to have seen each RPC, and every request
that has a `timeout` field has to carry one, the caller's own where there is one. Exits 0 (equal), 1 (different) or 77 (skipped: a package is not installed).
"""
import json
import subprocess
import sys
import urllib.request

sys.dont_write_bytecode = True

try:
    import grpc
    import uvicorn  # noqa: F401, the reference server needs it
    from qdrant_client import grpc as pb
    from qdrant_client.grpc import qdrant_pb2_grpc
except ImportError as missing:
    print(f"skipped: {sys.executable} has no package {missing.name}")
    raise SystemExit(77) from None

from reference import reference_server  # noqa: E402

NAME = "every"
V = [0.1, 0.2, 0.3, 0.4]
TIMEOUT_SECONDS = 30
CALLERS_TIMEOUT = 7
SERVICES = {"Points": pb.PointsStub, "Collections": pb.CollectionsStub, "Snapshots": pb.SnapshotsStub, "Qdrant": qdrant_pb2_grpc.QdrantStub}


def pid(number):
    return pb.PointId(num=number)


def ids(*numbers):
    return pb.PointsSelector(points=pb.PointsIdsList(ids=[pid(n) for n in numbers]))


def payload(text):
    return {"s": pb.Value(string_value=text)}


def vectors(values):
    return pb.Vectors(vectors=pb.NamedVectors(vectors={
        "": pb.Vector(dense=pb.DenseVector(data=values)),
        "sp": pb.Vector(sparse=pb.SparseVector(indices=[1, 7], values=[1.0, 0.5]))}))


def set_up_requests():
    make = pb.CreateCollection(
        collection_name=NAME, vectors_config=pb.VectorsConfig(params=pb.VectorParams(size=4, distance=pb.Distance.Cosine)),
        sparse_vectors_config=pb.SparseVectorConfig(map={"sp": pb.SparseVectorParams()}))
    points = [pb.PointStruct(id=pid(i), vectors=vectors([0.1 * i, 0.2, 0.3, 1.0 / i]), payload=payload(f"p{i % 2}")) for i in range(1, 9)]
    keyword = pb.FieldType.FieldTypeKeyword
    yield "Qdrant/HealthCheck", pb.HealthCheckRequest()
    yield "Collections/Create", make
    yield "Collections/Create", make
    yield "Collections/CollectionExists", pb.CollectionExistsRequest(collection_name=NAME)
    yield "Collections/List", pb.ListCollectionsRequest()
    yield "Points/Upsert", pb.UpsertPoints(collection_name=NAME, wait=True, points=points)
    yield "Points/Upsert", pb.UpsertPoints(collection_name="none", points=points)
    yield "Points/CreateFieldIndex", pb.CreateFieldIndexCollection(collection_name=NAME, field_name="s", field_type=keyword)


def search_requests():
    grouped = {"collection_name": NAME, "group_by": "s", "limit": 2, "group_size": 2}
    near = pb.Query(nearest=pb.VectorInput(dense=pb.DenseVector(data=V)))
    query = pb.QueryPoints(collection_name=NAME, query=near, limit=3)
    search = pb.SearchPoints(collection_name=NAME, vector=V, limit=3)
    recommend = pb.RecommendPoints(collection_name=NAME, positive=[pid(1)], negative=[pid(2)], limit=3)
    example = [pb.VectorExample(id=pid(i)) for i in (1, 2, 3)]
    discover = pb.DiscoverPoints(
        collection_name=NAME, target=pb.TargetVector(single=example[2]), limit=3,
        context=[pb.ContextExamplePair(positive=example[0], negative=example[1])])
    yield "Points/Get", pb.GetPoints(collection_name=NAME, ids=[pid(1), pid(99)])
    yield "Points/Scroll", pb.ScrollPoints(collection_name=NAME, limit=3)
    yield "Points/Count", pb.CountPoints(collection_name=NAME, exact=True)
    yield "Points/Count", pb.CountPoints(collection_name=NAME, exact=True, timeout=CALLERS_TIMEOUT)
    yield "Points/Facet", pb.FacetCounts(collection_name=NAME, key="s")
    yield "Points/Query", query
    yield "Points/Query", pb.QueryPoints(collection_name=NAME, limit=0)
    yield "Points/QueryBatch", pb.QueryBatchPoints(collection_name=NAME, query_points=[query, query])
    yield "Points/QueryGroups", pb.QueryPointGroups(query=near, **grouped)
    yield "Points/Search", search
    yield "Points/SearchBatch", pb.SearchBatchPoints(collection_name=NAME, search_points=[search])
    yield "Points/SearchGroups", pb.SearchPointGroups(vector=V, **grouped)
    yield "Points/Recommend", recommend
    yield "Points/RecommendBatch", pb.RecommendBatchPoints(collection_name=NAME, recommend_points=[recommend])
    yield "Points/RecommendGroups", pb.RecommendPointGroups(positive=[pid(1)], **grouped)
    yield "Points/Discover", discover
    yield "Points/DiscoverBatch", pb.DiscoverBatchPoints(collection_name=NAME, discover_points=[discover])
    yield "Points/SearchMatrixPairs", pb.SearchMatrixPoints(collection_name=NAME, sample=8, limit=2)
    yield "Points/SearchMatrixOffsets", pb.SearchMatrixPoints(collection_name=NAME, sample=8, limit=2)


def write_requests():
    dense = pb.DenseVectorCreationConfig(size=2, distance=pb.Distance.Cosine)
    operation = pb.PointsUpdateOperation
    merge = operation(set_payload=operation.SetPayload(payload=payload("x"), points_selector=ids(6)))
    yield "Points/UpdateVectors", pb.UpdatePointVectors(collection_name=NAME, points=[pb.PointVectors(id=pid(1), vectors=vectors(V))])
    yield "Points/DeleteVectors", pb.DeletePointVectors(
        collection_name=NAME, points_selector=ids(2), vectors=pb.VectorsSelector(names=["sp"]))
    yield "Points/SetPayload", pb.SetPayloadPoints(collection_name=NAME, payload=payload("y"), points_selector=ids(5))
    yield "Points/OverwritePayload", pb.SetPayloadPoints(collection_name=NAME, payload=payload("z"), points_selector=ids(5))
    yield "Points/DeletePayload", pb.DeletePayloadPoints(collection_name=NAME, keys=["s"], points_selector=ids(5))
    yield "Points/ClearPayload", pb.ClearPayloadPoints(collection_name=NAME, points=ids(5))
    yield "Points/UpdateBatch", pb.UpdateBatchPoints(collection_name=NAME, operations=[merge])
    yield "Points/CreateVectorName", pb.CreateVectorNameRequest(collection_name=NAME, vector_name="v2", dense_config=dense)
    yield "Points/DeleteVectorName", pb.DeleteVectorNameRequest(collection_name=NAME, vector_name="v2")
    yield "Points/DeleteFieldIndex", pb.DeleteFieldIndexCollection(collection_name=NAME, field_name="s")
    yield "Points/Delete", pb.DeletePoints(collection_name=NAME, points=ids(4))
    yield "Points/Delete", pb.DeletePoints(collection_name=NAME)


def collection_requests():
    key = pb.ShardKey(keyword="k")
    alias = pb.AliasOperations(create_alias=pb.CreateAlias(collection_name=NAME, alias_name="other"))
    yield "Collections/Get", pb.GetCollectionInfoRequest(collection_name=NAME)
    yield "Collections/Update", pb.UpdateCollection(collection_name=NAME, params=pb.CollectionParamsDiff(read_fan_out_factor=2))
    yield "Collections/UpdateAliases", pb.ChangeAliases(actions=[alias])
    yield "Collections/ListCollectionAliases", pb.ListCollectionAliasesRequest(collection_name=NAME)
    yield "Collections/ListAliases", pb.ListAliasesRequest()
    yield "Collections/CollectionClusterInfo", pb.CollectionClusterInfoRequest(collection_name=NAME)
    yield "Collections/ListShardKeys", pb.ListShardKeysRequest(collection_name=NAME)
    yield "Collections/CreateShardKey", pb.CreateShardKeyRequest(collection_name=NAME, request=pb.CreateShardKey(shard_key=key))
    yield "Collections/DeleteShardKey", pb.DeleteShardKeyRequest(collection_name=NAME, request=pb.DeleteShardKey(shard_key=key))
    yield "Collections/UpdateCollectionClusterSetup", pb.UpdateCollectionClusterSetupRequest(
        collection_name=NAME, drop_replica=pb.Replica(shard_id=0, peer_id=1))


def snapshot_requests():
    """Names of snapshots are the server's: the caller sends back the reply to each request."""
    made = yield "Snapshots/Create", pb.CreateSnapshotRequest(collection_name=NAME)
    yield "Snapshots/List", pb.ListSnapshotsRequest(collection_name=NAME)
    yield "Snapshots/Delete", pb.DeleteSnapshotRequest(collection_name=NAME, snapshot_name=made.snapshot_description.name)
    made = yield "Snapshots/CreateFull", pb.CreateFullSnapshotRequest()
    yield "Snapshots/ListFull", pb.ListFullSnapshotsRequest()
    yield "Snapshots/DeleteFull", pb.DeleteFullSnapshotRequest(snapshot_name=made.snapshot_description.name)
    yield "Snapshots/DeleteFull", pb.DeleteFullSnapshotRequest(snapshot_name="none")


def all_requests():
    for part in (set_up_requests, search_requests, write_requests, collection_requests, snapshot_requests):
        yield from part()
    yield "Collections/Delete", pb.DeleteCollection(collection_name=NAME)
    yield "Collections/Delete", pb.DeleteCollection(collection_name=NAME)


class Stubs:
    """Calls by the official package."""

    def __init__(self, server):
        self.channel = grpc.insecure_channel(f"{server['host']}:{server['grpc_port']}")
        self.stubs = {name: stub(self.channel) for name, stub in SERVICES.items()}

    def call(self, rpc, request):
        service, method = rpc.split("/")
        try:
            return 0, getattr(self.stubs[service], method)(request, timeout=TIMEOUT_SECONDS), ""
        except grpc.RpcError as error:
            return error.code().value[0], None, error.details()

    def close(self):
        self.channel.close()


class Typed:
    """Calls by the C program."""

    def __init__(self, server, program, mode, reply_types):
        url = f"http://{server['host']}:{server['grpc_port']}"
        self.reply_types = reply_types
        self.process = subprocess.Popen([program, url, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, rpc, request):
        print(rpc, request.SerializeToString().hex(), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{rpc}: the C program has ended")
        status, body, message = line.rstrip("\n").split(" ", 2)
        reply = self.reply_types[rpc].FromString(bytes.fromhex(body.rstrip("-"))) if status == "0" else None
        return int(status), reply, message

    def close(self):
        self.process.stdin.close()
        if self.process.wait(timeout=60) != 0:
            raise SystemExit("the C program ended badly")


def without_moments(message):
    """The message without what differs from server to server: times, and what a snapshot is called after them."""
    for field, value in message.ListFields():
        if field.name in ("time", "creation_time", "name", "checksum", "size") and message.DESCRIPTOR.name in (
                "SnapshotDescription",) or field.name == "time":
            message.ClearField(field.name)
        elif field.message_type and not field.message_type.GetOptions().map_entry:
            for part in value if not hasattr(value, "ListFields") else [value]:
                without_moments(part)
    return message


def run(caller):
    """(rpc, status, reply, message) of every request."""
    ended, requests = [], all_requests()
    rpc, request = next(requests)
    while True:
        status, reply, message = caller.call(rpc, request)
        try:
            following = requests.send(reply)
        except StopIteration:
            following = None
        ended.append((rpc, status, reply and without_moments(reply), message))
        if following is None:
            caller.close()
            return ended
        rpc, request = following


def read_log(server):
    with urllib.request.urlopen(f"http://{server['host']}:{server['http_port']}/_control/log", timeout=30) as answer:
        return json.load(answer)["log"]


def methods():
    """Every method of the four services."""
    files = (pb.points_service_pb2, pb.collections_service_pb2, pb.snapshots_service_pb2, pb.qdrant_pb2)
    services = [service for file in files for service in file.DESCRIPTOR.services_by_name.values()]
    return {f"{service.name}/{method.name}": method for service in services for method in service.methods}


def differences(expected, have):
    for (rpc, status, reply, message), (_, own_status, own_reply, own_message) in zip(expected, have, strict=True):
        if (status, message) != (own_status, own_message):
            yield f"{rpc}: {own_status} {own_message!r} instead of {status} {message!r}"
        elif reply != own_reply:
            yield f"{rpc}: another reply\n{own_reply}instead of\n{reply}"


def wrong_timeouts(log, known):
    """The caller's own timeout stays; where there is none, it is what is left of the call's."""
    callers = [entry for entry in log if int(entry["request"].get("timeout", 0)) == CALLERS_TIMEOUT]
    if [entry["rpc"] for entry in callers] != ["Points/Count"]:
        yield f"the caller's timeout of {CALLERS_TIMEOUT} s is in {len(callers)} requests"
    for entry in log:
        if entry not in callers and "timeout" in known[entry["rpc"]].input_type.fields_by_name:
            seconds = int(entry["request"].get("timeout", 0))
            if not TIMEOUT_SECONDS - 2 <= seconds <= TIMEOUT_SECONDS:
                yield f"{entry['rpc']}: timeout {seconds} instead of what is left of {TIMEOUT_SECONDS} s"


def main():
    known = methods()
    reply_types = {rpc: getattr(pb, method.output_type.name) for rpc, method in known.items()}
    with reference_server() as server:
        expected = run(Stubs(server))
    problems = [f"{rpc} is not asked" for rpc in sorted(set(known) - {rpc for rpc, *_ in expected})]
    for mode in ("wait", "start"):
        with reference_server() as server:
            have = run(Typed(server, sys.argv[1], mode, reply_types))
            log = read_log(server)
        problems += [f"{mode}: {text}" for text in differences(expected, have)]
        problems += [f"{mode}: {text}" for text in wrong_timeouts(log, known)]
        if [entry["rpc"] for entry in log] != [rpc for rpc, *_ in expected]:
            problems.append(f"{mode}: the server has seen other calls than were made")
    print("\n".join(problems) if problems else f"{len(known)} RPCs, {len(expected)} requests, both ways: as the official stubs")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
