"""Asks a server over its REST API, with nothing of the library: what the library's answers are compared with."""
import http.client
import json
from urllib.parse import quote, urlencode

ONE = "/collections/{collection_name}"
READ, WRITE, META, SNAPSHOT, NONE = ("timeout", "consistency"), ("timeout", "wait", "ordering"), ("timeout",), ("wait",), ()

# RPC: verb, path, query parameters
ROUTES = {
    "Qdrant/HealthCheck": ("GET", "/", NONE),
    "Collections/Get": ("GET", ONE, NONE),
    "Collections/List": ("GET", "/collections", NONE),
    "Collections/Create": ("PUT", ONE, META),
    "Collections/Update": ("PATCH", ONE, META),
    "Collections/Delete": ("DELETE", ONE, META),
    "Collections/UpdateAliases": ("POST", "/collections/aliases", META),
    "Collections/ListCollectionAliases": ("GET", ONE + "/aliases", NONE),
    "Collections/ListAliases": ("GET", "/aliases", NONE),
    "Collections/CollectionClusterInfo": ("GET", ONE + "/cluster", NONE),
    "Collections/CollectionExists": ("GET", ONE + "/exists", NONE),
    "Collections/UpdateCollectionClusterSetup": ("POST", ONE + "/cluster", META),
    "Collections/CreateShardKey": ("PUT", ONE + "/shards", META),
    "Collections/DeleteShardKey": ("POST", ONE + "/shards/delete", META),
    "Collections/ListShardKeys": ("GET", ONE + "/shards", NONE),
    "Points/Upsert": ("PUT", ONE + "/points", WRITE),
    "Points/Delete": ("POST", ONE + "/points/delete", WRITE),
    "Points/Get": ("POST", ONE + "/points", READ),
    "Points/UpdateVectors": ("PUT", ONE + "/points/vectors", WRITE),
    "Points/DeleteVectors": ("POST", ONE + "/points/vectors/delete", WRITE),
    "Points/SetPayload": ("POST", ONE + "/points/payload", WRITE),
    "Points/OverwritePayload": ("PUT", ONE + "/points/payload", WRITE),
    "Points/DeletePayload": ("POST", ONE + "/points/payload/delete", WRITE),
    "Points/ClearPayload": ("POST", ONE + "/points/payload/clear", WRITE),
    "Points/CreateFieldIndex": ("PUT", ONE + "/index", WRITE),
    "Points/DeleteFieldIndex": ("DELETE", ONE + "/index/{field_name}", WRITE),
    "Points/CreateVectorName": ("PUT", ONE + "/vectors/{vector_name}", WRITE),
    "Points/DeleteVectorName": ("DELETE", ONE + "/vectors/{vector_name}", WRITE),
    "Points/Search": ("POST", ONE + "/points/search", READ),
    "Points/SearchBatch": ("POST", ONE + "/points/search/batch", READ),
    "Points/SearchGroups": ("POST", ONE + "/points/search/groups", READ),
    "Points/Scroll": ("POST", ONE + "/points/scroll", READ),
    "Points/Recommend": ("POST", ONE + "/points/recommend", READ),
    "Points/RecommendBatch": ("POST", ONE + "/points/recommend/batch", READ),
    "Points/RecommendGroups": ("POST", ONE + "/points/recommend/groups", READ),
    "Points/Discover": ("POST", ONE + "/points/discover", READ),
    "Points/DiscoverBatch": ("POST", ONE + "/points/discover/batch", READ),
    "Points/Count": ("POST", ONE + "/points/count", READ),
    "Points/UpdateBatch": ("POST", ONE + "/points/batch", WRITE),
    "Points/Query": ("POST", ONE + "/points/query", READ),
    "Points/QueryBatch": ("POST", ONE + "/points/query/batch", READ),
    "Points/QueryGroups": ("POST", ONE + "/points/query/groups", READ),
    "Points/Facet": ("POST", ONE + "/facet", READ),
    "Points/SearchMatrixPairs": ("POST", ONE + "/points/search/matrix/pairs", READ),
    "Points/SearchMatrixOffsets": ("POST", ONE + "/points/search/matrix/offsets", READ),
    "Snapshots/Create": ("POST", ONE + "/snapshots", SNAPSHOT),
    "Snapshots/List": ("GET", ONE + "/snapshots", NONE),
    "Snapshots/Delete": ("DELETE", ONE + "/snapshots/{snapshot_name}", SNAPSHOT),
    "Snapshots/CreateFull": ("POST", "/snapshots", SNAPSHOT),
    "Snapshots/ListFull": ("GET", "/snapshots", NONE),
    "Snapshots/DeleteFull": ("DELETE", "/snapshots/{snapshot_name}", SNAPSHOT),
}

# What a status of HTTP means; as the server maps its errors.
STATUSES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 405: "UNIMPLEMENTED", 408: "DEADLINE_EXCEEDED",
            409: "ALREADY_EXISTS", 422: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE"}


def http_request(rpc, request):
    """Verb, target and body of a request that is written as one object."""
    verb, path, parameters = ROUTES[rpc]
    rest = dict(request)
    names = {name: quote(str(rest.pop(name)), safe="") for name in ("collection_name", "field_name", "vector_name", "snapshot_name") if "{" + name + "}" in path}
    target = path.format(**names)
    query = {name: json.dumps(rest[name]).strip('"') for name in parameters if name in rest}
    for name in query:
        del rest[name]
    if query:
        target += "?" + urlencode(query)
    body = None if verb in ("GET", "DELETE") or rpc in ("Snapshots/Create", "Snapshots/CreateFull") else json.dumps(rest).encode()
    return verb, target, body


class Rest:
    """One connection; answers are {"result": ...} or {"error": {"status", "message"}}."""

    def __init__(self, host, port):
        self.connection = http.client.HTTPConnection(host, port, timeout=60)

    def send(self, verb, target, body=None):
        self.connection.request(verb, target, body, {"content-type": "application/json"} if body is not None else {})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def call(self, rpc, request):
        status, body = self.send(*http_request(rpc, request))
        try:
            reply = json.loads(body)
        except ValueError:
            reply = None
        if status == 200:
            return {"result": reply if rpc == "Qdrant/HealthCheck" else reply["result"]}
        if not isinstance(reply, dict) or "status" not in reply:
            return {"error": {"status": "UNIMPLEMENTED" if status == 404 else STATUSES.get(status, "UNKNOWN"), "message": body.decode(errors="replace")}}
        return {"error": {"status": STATUSES.get(status, "UNKNOWN"), "message": reply["status"]["error"]}}

    def close(self):
        self.connection.close()
