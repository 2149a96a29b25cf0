#include "client/reconcile_rules.h"

#include "core/message.h"
#include "core/message_covers.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"
#include "qdrant/pb/snapshots.pb-c.h"

#include <string.h>

static qd_finding done_if(int is_done) {
  return is_done ? QD_FOUND_DONE : QD_FOUND_NOT_DONE;
}

static int are_equal(const char *a, const char *b) {
  return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static const Qdrant__CollectionConfig *config_of(const ProtobufCMessage *reply) {
  const Qdrant__GetCollectionInfoResponse *info = (const Qdrant__GetCollectionInfoResponse *)reply;
  return info->result != NULL ? info->result->config : NULL;
}

/* Names of a request for which the configuration has others, or none. */
static const char *shown_name(const char *name) {
  if (strcmp(name, "collection_name") == 0 || strcmp(name, "timeout") == 0)
    return NULL;
  return strcmp(name, "optimizers_config") == 0 ? "optimizer_config" : name;
}

/* What a request sets lies in the configuration itself or among its parameters. */
static int shows_all(const ProtobufCMessage *request, const Qdrant__CollectionConfig *config) {
  for (unsigned i = 0; i < request->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &request->descriptor->fields[i];
    const char *name = shown_name(field->name);
    if (name == NULL || !qd_message_has(request, field->id) ||
        qd_message_covers_field(request, field, &config->base, name))
      continue;
    if (config->params == NULL || !qd_message_covers_field(request, field, &config->params->base, name))
      return 0;
  }
  return 1;
}

/* A collection of another configuration is somebody else's. */
static qd_finding judge_create(const ProtobufCMessage *request, const ProtobufCMessage *reply) {
  if (reply == NULL)
    return QD_FOUND_NOT_DONE;
  const Qdrant__CollectionConfig *config = config_of(reply);
  return config != NULL && shows_all(request, config) ? QD_FOUND_DONE : QD_FOUND_UNDECIDED;
}

/* An update sets values, so that it may be made again when it does not show. */
static qd_finding judge_update(const ProtobufCMessage *request, const ProtobufCMessage *reply) {
  const Qdrant__CollectionConfig *config = reply != NULL ? config_of(reply) : NULL;
  return config != NULL ? done_if(shows_all(request, config)) : QD_FOUND_UNDECIDED;
}

static qd_finding judge_delete(const ProtobufCMessage *request, const ProtobufCMessage *reply) {
  const Qdrant__CollectionExistsResponse *exists = (const Qdrant__CollectionExistsResponse *)reply;
  (void)request;
  return done_if(exists == NULL || exists->result == NULL || !exists->result->exists);
}

/* The collection that an alias stands for; NULL: there is no such alias. */
static const char *find_alias(const Qdrant__ListAliasesResponse *reply, const char *alias) {
  for (size_t i = 0; i < reply->n_aliases; i++)
    if (are_equal(reply->aliases[i]->alias_name, alias))
      return reply->aliases[i]->collection_name;
  return NULL;
}

/* Whether the list is as one action leaves it. */
static qd_finding judge_action(const Qdrant__AliasOperations *action, const Qdrant__ListAliasesResponse *reply) {
  const char *found;
  switch (action->action_case) {
  case QDRANT__ALIAS_OPERATIONS__ACTION_CREATE_ALIAS:
    found = find_alias(reply, action->create_alias->alias_name);
    return done_if(found != NULL && are_equal(found, action->create_alias->collection_name));
  case QDRANT__ALIAS_OPERATIONS__ACTION_DELETE_ALIAS:
    return done_if(find_alias(reply, action->delete_alias->alias_name) == NULL);
  case QDRANT__ALIAS_OPERATIONS__ACTION_RENAME_ALIAS:
    if (find_alias(reply, action->rename_alias->old_alias_name) != NULL)
      return QD_FOUND_NOT_DONE;
    found = find_alias(reply, action->rename_alias->new_alias_name);
    return found != NULL ? QD_FOUND_DONE : QD_FOUND_UNDECIDED;
  default: return QD_FOUND_UNDECIDED;
  }
}

static const char *name_of(const Qdrant__AliasOperations *action, int is_new) {
  switch (action->action_case) {
  case QDRANT__ALIAS_OPERATIONS__ACTION_CREATE_ALIAS: return action->create_alias->alias_name;
  case QDRANT__ALIAS_OPERATIONS__ACTION_DELETE_ALIAS: return action->delete_alias->alias_name;
  case QDRANT__ALIAS_OPERATIONS__ACTION_RENAME_ALIAS:
    return is_new ? action->rename_alias->new_alias_name : action->rename_alias->old_alias_name;
  default: return "";
  }
}

/* Actions on one alias hide each other's effects ("delete a, create a" is how an alias is moved): only the last of them
 * shows. */
static int is_hidden(const Qdrant__ChangeAliases *request, size_t i) {
  const Qdrant__AliasOperations *action = request->actions[i];
  for (size_t later = i + 1; later < request->n_actions; later++)
    for (int names = 0; names < 4; names++)
      if (are_equal(name_of(action, names & 1), name_of(request->actions[later], names >> 1)))
        return 1;
  return 0;
}

/* All actions are one step; the one that is least sure decides. */
static qd_finding judge_aliases(const ProtobufCMessage *message, const ProtobufCMessage *reply) {
  const Qdrant__ChangeAliases *request = (const Qdrant__ChangeAliases *)message;
  qd_finding worst = QD_FOUND_DONE;
  if (reply == NULL)
    return QD_FOUND_UNDECIDED;
  for (size_t i = 0; i < request->n_actions; i++) {
    if (is_hidden(request, i))
      continue;
    qd_finding finding = judge_action(request->actions[i], (const Qdrant__ListAliasesResponse *)reply);
    worst = finding < worst ? finding : worst;
  }
  return worst;
}

static qd_finding judge_shard_key(const Qdrant__ShardKey *key, const ProtobufCMessage *reply, int is_wanted) {
  const Qdrant__ListShardKeysResponse *keys = (const Qdrant__ListShardKeysResponse *)reply;
  int is_there = 0;
  if (reply == NULL || key == NULL)
    return QD_FOUND_UNDECIDED;
  for (size_t i = 0; i < keys->n_shard_keys && !is_there; i++)
    is_there = keys->shard_keys[i]->key != NULL && qd_message_covers(&key->base, &keys->shard_keys[i]->key->base);
  return done_if(is_there == is_wanted);
}

static qd_finding judge_create_shard_key(const ProtobufCMessage *message, const ProtobufCMessage *reply) {
  const Qdrant__CreateShardKeyRequest *request = (const Qdrant__CreateShardKeyRequest *)message;
  return judge_shard_key(request->request != NULL ? request->request->shard_key : NULL, reply, 1);
}

static qd_finding judge_delete_shard_key(const ProtobufCMessage *message, const ProtobufCMessage *reply) {
  const Qdrant__DeleteShardKeyRequest *request = (const Qdrant__DeleteShardKeyRequest *)message;
  return judge_shard_key(request->request != NULL ? request->request->shard_key : NULL, reply, 0);
}

/* The parameters of a vector, dense or sparse; NULL: there is none of that name. */
static const ProtobufCMessage *find_vector(const Qdrant__CollectionParams *params, const char *name) {
  const Qdrant__VectorsConfig *dense = params->vectors_config;
  const Qdrant__SparseVectorConfig *sparse = params->sparse_vectors_config;
  if (dense != NULL && dense->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP)
    for (size_t i = 0; i < dense->params_map->n_map; i++)
      if (are_equal(dense->params_map->map[i]->key, name) && dense->params_map->map[i]->value != NULL)
        return &dense->params_map->map[i]->value->base;
  for (size_t i = 0; sparse != NULL && i < sparse->n_map; i++)
    if (are_equal(sparse->map[i]->key, name) && sparse->map[i]->value != NULL)
      return &sparse->map[i]->value->base;
  return NULL;
}

static const Qdrant__CollectionParams *params_of(const ProtobufCMessage *reply) {
  const Qdrant__CollectionConfig *config = reply != NULL ? config_of(reply) : NULL;
  return config != NULL ? config->params : NULL;
}

static qd_finding judge_create_vector(const ProtobufCMessage *message, const ProtobufCMessage *reply) {
  const Qdrant__CreateVectorNameRequest *request = (const Qdrant__CreateVectorNameRequest *)message;
  const Qdrant__CollectionParams *params = params_of(reply);
  if (params == NULL || request->dense_config == NULL) /* a union: neither is set */
    return QD_FOUND_UNDECIDED;
  const ProtobufCMessage *found = find_vector(params, request->vector_name);
  if (found == NULL)
    return QD_FOUND_NOT_DONE;
  return qd_message_covers(&request->dense_config->base, found) ? QD_FOUND_DONE : QD_FOUND_UNDECIDED;
}

static qd_finding judge_delete_vector(const ProtobufCMessage *message, const ProtobufCMessage *reply) {
  const Qdrant__DeleteVectorNameRequest *request = (const Qdrant__DeleteVectorNameRequest *)message;
  const Qdrant__CollectionParams *params = params_of(reply);
  return params != NULL ? done_if(find_vector(params, request->vector_name) == NULL) : QD_FOUND_UNDECIDED;
}

static qd_finding judge_snapshot(const char *name, const ProtobufCMessage *reply) {
  const Qdrant__ListSnapshotsResponse *list = (const Qdrant__ListSnapshotsResponse *)reply;
  if (reply == NULL)
    return QD_FOUND_UNDECIDED;
  for (size_t i = 0; i < list->n_snapshot_descriptions; i++)
    if (are_equal(list->snapshot_descriptions[i]->name, name))
      return QD_FOUND_NOT_DONE;
  return QD_FOUND_DONE;
}

static qd_finding judge_delete_snapshot(const ProtobufCMessage *message, const ProtobufCMessage *reply) {
  return judge_snapshot(((const Qdrant__DeleteSnapshotRequest *)message)->snapshot_name, reply);
}

static qd_finding judge_delete_full_snapshot(const ProtobufCMessage *message, const ProtobufCMessage *reply) {
  return judge_snapshot(((const Qdrant__DeleteFullSnapshotRequest *)message)->snapshot_name, reply);
}

static const qd_reconcile_rule rules[] = {
    {QDRANT_RPC_COLLECTIONS_CREATE, QDRANT_RPC_COLLECTIONS_GET, judge_create},
    {QDRANT_RPC_COLLECTIONS_UPDATE, QDRANT_RPC_COLLECTIONS_GET, judge_update},
    {QDRANT_RPC_COLLECTIONS_DELETE, QDRANT_RPC_COLLECTIONS_EXISTS, judge_delete},
    {QDRANT_RPC_COLLECTIONS_UPDATE_ALIASES, QDRANT_RPC_COLLECTIONS_LIST_ALIASES, judge_aliases},
    {QDRANT_RPC_COLLECTIONS_CREATE_SHARD_KEY, QDRANT_RPC_COLLECTIONS_LIST_SHARD_KEYS, judge_create_shard_key},
    {QDRANT_RPC_COLLECTIONS_DELETE_SHARD_KEY, QDRANT_RPC_COLLECTIONS_LIST_SHARD_KEYS, judge_delete_shard_key},
    {QDRANT_RPC_POINTS_CREATE_VECTOR_NAME, QDRANT_RPC_COLLECTIONS_GET, judge_create_vector},
    {QDRANT_RPC_POINTS_DELETE_VECTOR_NAME, QDRANT_RPC_COLLECTIONS_GET, judge_delete_vector},
    {QDRANT_RPC_SNAPSHOTS_DELETE, QDRANT_RPC_SNAPSHOTS_LIST, judge_delete_snapshot},
    {QDRANT_RPC_SNAPSHOTS_DELETE_FULL, QDRANT_RPC_SNAPSHOTS_LIST_FULL, judge_delete_full_snapshot},
};

const qd_reconcile_rule *qd_reconcile_rule_find(qdrant_rpc rpc) {
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
    if (rules[i].rpc == rpc)
      return &rules[i];
  return NULL;
}
