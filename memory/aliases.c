#include "core/error.h"
#include "memory/job.h"
#include "memory/registry.h"

#include <string.h>

/* Collections/UpdateAliases and the two lists of aliases. */

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for an alias");
}

static qdrant_status create_alias(qd_registry *registry, const Qdrant__CreateAlias *action, qdrant_error *err) {
  if (!qd_registry_has(registry, action->collection_name))
    return qd_registry_fail_missing(action->collection_name, err);
  if (qd_registry_has(registry, action->alias_name))
    return qd_registry_fail_existing(action->alias_name, err);
  return qd_alias_list_put(&registry->aliases, action->alias_name, action->collection_name) ? QDRANT_OK
                                                                                            : fail_memory(err);
}

static qdrant_status rename_alias(qd_registry *registry, const Qdrant__RenameAlias *action, qdrant_error *err) {
  const char *collection = qd_alias_list_find(&registry->aliases, action->old_alias_name);
  if (collection == NULL)
    return qd_fail(err, QDRANT_NOT_FOUND, "Not found: Alias %s does not exists!", action->old_alias_name);
  if (strcmp(action->old_alias_name, action->new_alias_name) == 0)
    return QDRANT_OK;
  if (!qd_alias_list_put(&registry->aliases, action->new_alias_name, collection))
    return fail_memory(err);
  qd_alias_list_remove(&registry->aliases, action->old_alias_name);
  return QDRANT_OK;
}

static qdrant_status run_action(qd_registry *registry, const Qdrant__AliasOperations *action, qdrant_error *err) {
  switch (action->action_case) {
  case QDRANT__ALIAS_OPERATIONS__ACTION_CREATE_ALIAS: return create_alias(registry, action->create_alias, err);
  case QDRANT__ALIAS_OPERATIONS__ACTION_RENAME_ALIAS: return rename_alias(registry, action->rename_alias, err);
  default: qd_alias_list_remove(&registry->aliases, action->delete_alias->alias_name); return QDRANT_OK;
  }
}

/* Nobody sees some of the actions without the others, unless one fails: those before it stay done. */
qdrant_status qd_job_collections_update_aliases(qd_job *job) {
  const Qdrant__ChangeAliases *request = (const Qdrant__ChangeAliases *)job->request;
  qd_registry *registry = qd_engine_registry(job->engine);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < request->n_actions; i++)
    if (request->actions[i]->action_case == QDRANT__ALIAS_OPERATIONS__ACTION__NOT_SET)
      return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Malformed AliasOperation type");
  pthread_rwlock_wrlock(&registry->lock);
  for (size_t i = 0; i < request->n_actions && status == QDRANT_OK; i++)
    status = run_action(registry, request->actions[i], job->err);
  pthread_rwlock_unlock(&registry->lock);
  return status == QDRANT_OK ? qd_job_done(job, 1) : status;
}

static Qdrant__AliasDescription *describe(qd_job *job, const qd_alias *alias) {
  Qdrant__AliasDescription *described = qd_job_message(job, &qdrant__alias_description__descriptor);
  if (described == NULL)
    return NULL;
  described->alias_name = qd_arena_strndup(job->arena, alias->name, strlen(alias->name));
  described->collection_name = qd_arena_strndup(job->arena, alias->collection, strlen(alias->collection));
  return described->alias_name != NULL && described->collection_name != NULL ? described : NULL;
}

/* Aliases of one collection, or all. 0 when out of memory. */
static int fill_list(qd_job *job, const qd_alias_list *aliases, const char *collection) {
  Qdrant__ListAliasesResponse *reply = (Qdrant__ListAliasesResponse *)job->reply;
  reply->aliases = qd_arena_alloc(job->arena, (aliases->n + 1) * sizeof *reply->aliases);
  if (reply->aliases == NULL)
    return 0;
  for (size_t i = 0; i < aliases->n; i++) {
    if (collection != NULL && strcmp(aliases->items[i].collection, collection) != 0)
      continue;
    Qdrant__AliasDescription *described = describe(job, &aliases->items[i]);
    if (described == NULL)
      return 0;
    reply->aliases[reply->n_aliases++] = described;
  }
  return 1;
}

static qdrant_status list_aliases(qd_job *job, const char *collection) {
  qd_registry *registry = qd_engine_registry(job->engine);
  pthread_rwlock_rdlock(&registry->lock);
  int is_done = fill_list(job, &registry->aliases, collection);
  pthread_rwlock_unlock(&registry->lock);
  return is_done ? QDRANT_OK : qd_job_fail_memory(job);
}

qdrant_status qd_job_collections_list_aliases(qd_job *job) {
  return list_aliases(job, NULL);
}

qdrant_status qd_job_collections_list_collection_aliases(qd_job *job) {
  return list_aliases(job, ((const Qdrant__ListCollectionAliasesRequest *)job->request)->collection_name);
}
