#include "qdrant/memory.h"

#include "client/client.h"
#include "core/collection_name.h"
#include "core/error.h"

#include <stdint.h>

/* Checks the arguments and keeps the transport open: leave the gate after OK. */
static qdrant_status enter(qdrant_client *client, const char *collection, const char *path, qdrant_error *err) {
  qd_error_clear(err);
  if (client == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "client is NULL");
  if (path == NULL || *path == '\0')
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "path is %s; name a file", path == NULL ? "NULL" : "empty");
  qdrant_status status = collection != NULL ? qd_collection_check(collection, err) : QDRANT_OK;
  if (status == QDRANT_OK)
    status = qd_client_check_process(client, err);
  if (status != QDRANT_OK)
    return status;
  if (client->transport.ops->save == NULL)
    return qd_fail(err, QDRANT_UNSUPPORTED, "only a \":memory:\" client has its collections here; %s",
        "a server's snapshots are moved by the functions of qdrant/snapshot.h");
  return qd_gate_enter(&client->gate) ? QDRANT_OK : qd_fail(err, QDRANT_CLOSED, "the client is closed");
}

qdrant_status qdrant_memory_save(qdrant_client *client, const char *collection, const char *path, qdrant_error *err) {
  qdrant_status status = enter(client, collection, path, err);
  if (status != QDRANT_OK)
    return status;
  const qd_transport *transport = &client->transport;
  status = transport->ops->save(transport->self, collection, path, INT64_MAX, err);
  qd_gate_leave(&client->gate);
  return status;
}

qdrant_status qdrant_memory_load(qdrant_client *client, const char *path, const char *collection, qdrant_error *err) {
  qdrant_status status = enter(client, collection, path, err);
  if (status != QDRANT_OK)
    return status;
  const qd_transport *transport = &client->transport;
  status = transport->ops->load(transport->self, path, collection, err);
  qd_gate_leave(&client->gate);
  return status;
}
