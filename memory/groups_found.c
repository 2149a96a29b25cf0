#include "memory/groups_found.h"

#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>

void qd_groups_init(qd_groups *groups) {
  *groups = (qd_groups){0};
  qd_value_map_init(&groups->keys);
}

void qd_groups_free(qd_groups *groups) {
  qd_value_map_free(&groups->keys);
  qd_free(groups->items);
  qd_free(groups->members);
}

static int read_key(const Qdrant__Value *value, qd_key *key) {
  if (value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE) {
    *key = (qd_key){.kind = QD_KEY_INTEGER, .integer = value->integer_value};
    return 1;
  }
  if (value->kind_case != QDRANT__VALUE__KIND_STRING_VALUE)
    return 0;
  *key = (qd_key){.kind = QD_KEY_TEXT, .text = value->string_value.data, .n_bytes = value->string_value.len};
  return 1;
}

static int visit_misfit(void *user, const Qdrant__Value *value) {
  qd_key key;
  (void)user;
  return !read_key(value, &key);
}

static int grow_items(qd_groups *groups) {
  if (groups->capacity >= groups->keys.capacity)
    return 1;
  qd_group *items = qd_realloc(groups->items, groups->keys.capacity * sizeof *items);
  if (items == NULL)
    return 0;
  groups->items = items;
  groups->capacity = groups->keys.capacity;
  return 1;
}

static int grow_members(qd_groups *groups) {
  enum { FIRST_CAPACITY = 64 };
  if (groups->n_members < groups->members_capacity)
    return 1;
  size_t capacity = groups->members_capacity > 0 ? 2 * groups->members_capacity : FIRST_CAPACITY;
  qd_group_member *members = qd_realloc(groups->members, capacity * sizeof *members);
  if (members == NULL)
    return 0;
  groups->members = members;
  groups->members_capacity = capacity;
  return 1;
}

static int compare_floats(float a, float b) {
  if (isnan(a) || isnan(b))
    return isnan(a) - isnan(b);
  return (a > b) - (a < b);
}

/* More than 0 when a is the better one. */
static int compare_points(const qd_groups *groups, const Qdrant__ScoredPoint *a, const Qdrant__ScoredPoint *b) {
  if (a->order_value != NULL && b->order_value != NULL) {
    qd_order_value x = qd_order_value_read(a->order_value);
    qd_order_value y = qd_order_value_read(b->order_value);
    return groups->order * qd_order_value_compare(&x, &y);
  }
  return groups->order * compare_floats(a->score, b->score);
}

/* The point that is being put into its groups. */
typedef struct addition {
  qd_job *job;
  qd_groups *groups;
  Qdrant__ScoredPoint *point;
  size_t number;
} addition;

/* The number of the key's group, which may be new; SIZE_MAX when out of memory. */
static size_t find_group(addition *of, qd_key *key) {
  qd_groups *groups = of->groups;
  size_t n_before = groups->keys.n;
  size_t at = qd_value_map_add(&groups->keys, key);
  if (at == SIZE_MAX || at < n_before)
    return at;
  if (!grow_items(groups))
    return SIZE_MAX;
  groups->items[at] = (qd_group){.last_number = SIZE_MAX};
  if (key->kind != QD_KEY_TEXT)
    return at;
  /* The payload goes before the groups do. */
  key->text = (const uint8_t *)qd_arena_strndup(of->job->arena, (const char *)key->text, key->n_bytes);
  if (key->text == NULL)
    return SIZE_MAX;
  groups->keys.keys[at].text = key->text;
  return at;
}

/* Not 0 when out of memory. */
static int add_to_group(void *user, const Qdrant__Value *value) {
  addition *of = user;
  qd_groups *groups = of->groups;
  qd_key key = {0};
  read_key(value, &key);
  size_t at = find_group(of, &key);
  if (at == SIZE_MAX || !grow_members(groups))
    return 1;
  qd_group *group = &groups->items[at];
  if (group->last_number == of->number)
    return 0;
  groups->members[groups->n_members++] = (qd_group_member){at, of->point, of->number};
  group->last_number = of->number;
  group->n++;
  if (group->best == NULL || compare_points(groups, of->point, group->best) > 0)
    group->best = of->point;
  return 0;
}

static qdrant_status add_hit(qd_job *job, const qd_view *view, const qd_query *query, size_t at, qd_groups *groups) {
  const Qdrant__Struct *payload = qd_view_payload(view, query->source.hits.items[at].slot);
  /* One value that is neither text nor integer keeps a point out of all groups. */
  if (qd_path_walk_elements(&groups->path, payload, visit_misfit, NULL))
    return QDRANT_OK;
  addition of = {job, groups, qd_query_reply(job, view, query, at), groups->n_points};
  size_t n_before = groups->n_members;
  if (of.point == NULL)
    return QDRANT_NO_MEMORY;
  if (qd_path_walk_elements(&groups->path, payload, add_to_group, &of))
    return qd_job_fail_memory(job);
  groups->n_points += groups->n_members > n_before;
  return QDRANT_OK;
}

qdrant_status qd_groups_add(qd_job *job, const qd_view *view, const qd_query *query, qd_groups *groups) {
  qdrant_status status = query->source.hits.n > 0 ? qd_reply_parts_check(job, view, &query->parts) : QDRANT_OK;
  for (size_t i = 0; i < query->source.hits.n && status == QDRANT_OK; i++) {
    status = qd_job_check_deadline(job, i);
    if (status == QDRANT_OK)
      status = add_hit(job, view, query, i, groups);
  }
  return status;
}

int qd_groups_is_full(const qd_groups *groups, size_t group) {
  return groups->items[group].n >= groups->max_points;
}

static int compare_groups(const void *a, const void *b, void *user) {
  const qd_groups *groups = user;
  size_t x = *(const size_t *)a;
  size_t y = *(const size_t *)b;
  int order = compare_points(groups, groups->items[y].best, groups->items[x].best);
  return order != 0 ? order : (x > y) - (x < y);
}

size_t *qd_groups_best(qd_job *job, const qd_groups *groups, size_t *n) {
  size_t *numbers = qd_arena_alloc(job->arena, (groups->keys.n + 1) * sizeof *numbers);
  if (numbers == NULL)
    return NULL;
  for (size_t i = 0; i < groups->keys.n; i++)
    numbers[i] = i;
  qsort_r(numbers, groups->keys.n, sizeof *numbers, compare_groups, (void *)(uintptr_t)groups);
  *n = groups->keys.n < groups->max_groups ? groups->keys.n : (size_t)groups->max_groups;
  return numbers;
}

static int compare_members(const void *a, const void *b, void *user) {
  const qd_group_member *x = a;
  const qd_group_member *y = b;
  int order = compare_points(user, y->point, x->point);
  return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

static int write_id(qd_job *job, const qd_key *key, Qdrant__GroupId *id) {
  if (key->kind == QD_KEY_TEXT) {
    id->kind_case = QDRANT__GROUP_ID__KIND_STRING_VALUE;
    id->string_value.len = key->n_bytes;
    id->string_value.data = (uint8_t *)qd_arena_strndup(job->arena, (const char *)key->text, key->n_bytes);
    return id->string_value.data != NULL;
  }
  if (key->integer >= 0) {
    id->kind_case = QDRANT__GROUP_ID__KIND_UNSIGNED_VALUE;
    id->unsigned_value = (uint64_t)key->integer;
  } else {
    id->kind_case = QDRANT__GROUP_ID__KIND_INTEGER_VALUE;
    id->integer_value = key->integer;
  }
  return 1;
}

static Qdrant__PointGroup *make_group(qd_job *job, const qd_groups *groups, size_t number) {
  size_t n = groups->items[number].n;
  size_t capacity = n < groups->max_points ? n : (size_t)groups->max_points;
  Qdrant__PointGroup *group = qd_job_message(job, &qdrant__point_group__descriptor);
  if (group == NULL)
    return NULL;
  group->id = qd_job_message(job, &qdrant__group_id__descriptor);
  group->hits = qd_arena_alloc(job->arena, (capacity + 1) * sizeof *group->hits);
  if (group->id == NULL || group->hits == NULL || !write_id(job, &groups->keys.keys[number], group->id))
    return NULL;
  return group;
}

qdrant_status qd_groups_reply(qd_job *job, qd_groups *groups, Qdrant__GroupsResult *result) {
  size_t n = 0;
  size_t *best = qd_groups_best(job, groups, &n);
  Qdrant__PointGroup **of_number = qd_arena_zalloc(job->arena, (groups->keys.n + 1) * sizeof(Qdrant__PointGroup *));
  result->groups = qd_arena_alloc(job->arena, (n + 1) * sizeof *result->groups);
  if (best == NULL || of_number == NULL || result->groups == NULL)
    return qd_job_fail_memory(job);
  for (size_t i = 0; i < n; i++) {
    of_number[best[i]] = make_group(job, groups, best[i]);
    if (of_number[best[i]] == NULL)
      return qd_job_fail_memory(job);
    result->groups[result->n_groups++] = of_number[best[i]];
  }
  if (groups->n_members > 0)
    qsort_r(groups->members, groups->n_members, sizeof *groups->members, compare_members, groups);
  for (size_t i = 0; i < groups->n_members; i++) {
    Qdrant__PointGroup *group = of_number[groups->members[i].group];
    if (group != NULL && group->n_hits < groups->max_points)
      group->hits[group->n_hits++] = groups->members[i].point;
  }
  return QDRANT_OK;
}
