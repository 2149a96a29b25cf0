#include "memory/point_store.h"

void qd_point_store_commit(qd_point_store *store) {
  qd_field_list *before = store->shown.fields;
  pthread_mutex_lock(&store->shown_lock);
  store->shown.commit++;
  store->shown.n_slots = store->n_slots;
  store->shown.n_points = store->n_points;
  if (before != store->fields)
    store->shown.fields = qd_field_list_ref(store->fields);
  pthread_mutex_unlock(&store->shown_lock);
  if (before != store->fields)
    qd_field_list_unref(before);
}

uint64_t qd_point_store_oldest(qd_point_store *store) {
  pthread_mutex_lock(&store->shown_lock);
  uint64_t oldest = store->oldest_pin != NULL ? store->oldest_pin->commit : store->shown.commit;
  pthread_mutex_unlock(&store->shown_lock);
  return oldest;
}

qd_field_list *qd_point_store_hold_fields(qd_point_store *store) {
  pthread_mutex_lock(&store->shown_lock);
  qd_field_list *fields = qd_field_list_ref(store->shown.fields);
  pthread_mutex_unlock(&store->shown_lock);
  return fields;
}

void qd_point_store_pin(qd_point_store *store, qd_pin *pin, qd_shown *shown) {
  pthread_mutex_lock(&store->shown_lock);
  *shown = store->shown;
  qd_field_list_ref(shown->fields);
  *pin = (qd_pin){.commit = shown->commit, .older = store->newest_pin};
  if (store->newest_pin != NULL)
    store->newest_pin->newer = pin;
  else
    store->oldest_pin = pin;
  store->newest_pin = pin;
  pthread_mutex_unlock(&store->shown_lock);
}

int qd_point_store_unpin(qd_point_store *store, qd_pin *pin) {
  pthread_mutex_lock(&store->shown_lock);
  int was_oldest = pin->older == NULL;
  if (was_oldest)
    store->oldest_pin = pin->newer;
  else
    pin->older->newer = pin->newer;
  if (pin->newer != NULL)
    pin->newer->older = pin->older;
  else
    store->newest_pin = pin->older;
  pthread_mutex_unlock(&store->shown_lock);
  return was_oldest;
}
