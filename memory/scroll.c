#include "core/error.h"
#include "memory/job.h"
#include "memory/order_by.h"
#include "memory/reply.h"

enum { DEFAULT_LIMIT = 10 };

/* What a request asks for. */
typedef struct scroll {
  const qd_filter *filter;
  size_t limit;
  int has_offset;
  qd_id offset; /* the first id that may be on the page */
  int has_order;
  qd_order_by order; /* else by id */
  qd_reply_parts parts;
} scroll;

static qdrant_status read_offset(qd_job *job, const Qdrant__PointId *offset, scroll *asked) {
  if (offset == NULL)
    return QDRANT_OK;
  asked->has_offset = 1;
  return qd_id_read(offset, &asked->offset, job->err);
}

static qdrant_status read_order(qd_job *job, const Qdrant__OrderBy *order, scroll *asked) {
  if (order == NULL)
    return QDRANT_OK;
  asked->has_order = 1;
  return qd_order_by_read(order, job->arena, &asked->order, job->err);
}

static qdrant_status read_request(qd_job *job, const Qdrant__ScrollPoints *request, scroll *asked) {
  *asked = (scroll){.limit = request->has_limit ? request->limit : DEFAULT_LIMIT};
  qdrant_status status = read_offset(job, request->offset, asked);
  if (status == QDRANT_OK)
    status = qd_job_filter(job, request->filter, &asked->filter);
  if (status == QDRANT_OK)
    status = qd_reply_parts_read(job, request->with_payload, QD_PAYLOAD_ALL, request->with_vectors, &asked->parts);
  return status == QDRANT_OK ? read_order(job, request->order_by, asked) : status;
}

/* One page of points in the order of their ids. */
typedef struct page {
  uint32_t *slots;
  size_t n;
  uint32_t next; /* the first slot of the next page, or QD_NO_SLOT */
} page;

/* 0 when the page is full. */
static int take_point(const qd_view *view, const scroll *asked, uint32_t slot, page *filled) {
  if (!qd_view_matches(view, slot, asked->filter))
    return 1;
  if (filled->n == asked->limit) {
    filled->next = slot;
    return 0;
  }
  filled->slots[filled->n++] = slot;
  return 1;
}

static qdrant_status fill_page(qd_job *job, const qd_view *view, const scroll *asked, page *filled) {
  size_t capacity = asked->limit < view->n_points ? asked->limit : view->n_points;
  *filled = (page){.slots = qd_arena_alloc(job->arena, (capacity + 1) * sizeof *filled->slots), .next = QD_NO_SLOT};
  if (filled->slots == NULL)
    return qd_job_fail_memory(job);
  size_t n_seen = 0;
  for (uint32_t slot = qd_view_first(view, asked->has_offset ? &asked->offset : NULL);
       slot != QD_NO_SLOT && take_point(view, asked, slot, filled); slot = qd_view_next(view, slot)) {
    qdrant_status status = qd_job_check_deadline(job, n_seen++);
    if (status != QDRANT_OK)
      return status;
  }
  return QDRANT_OK;
}

static qdrant_status reserve_points(qd_job *job, const qd_view *view, const scroll *asked, size_t n) {
  Qdrant__ScrollResponse *reply = (Qdrant__ScrollResponse *)job->reply;
  reply->result = qd_arena_alloc(job->arena, (n + 1) * sizeof *reply->result);
  if (reply->result == NULL)
    return qd_job_fail_memory(job);
  return n > 0 ? qd_reply_parts_check(job, view, &asked->parts) : QDRANT_OK;
}

static Qdrant__RetrievedPoint *add_point(qd_job *job, const qd_view *view, const scroll *asked, uint32_t slot) {
  Qdrant__ScrollResponse *reply = (Qdrant__ScrollResponse *)job->reply;
  Qdrant__RetrievedPoint *point = qd_reply_retrieved(job, view, slot, &asked->parts);
  if (point != NULL)
    reply->result[reply->n_result++] = point;
  return point;
}

static qdrant_status scroll_by_id(qd_job *job, const qd_view *view, const scroll *asked) {
  Qdrant__ScrollResponse *reply = (Qdrant__ScrollResponse *)job->reply;
  page filled;
  qdrant_status status = fill_page(job, view, asked, &filled);
  if (status == QDRANT_OK)
    status = reserve_points(job, view, asked, filled.n);
  if (status != QDRANT_OK)
    return status;
  for (size_t i = 0; i < filled.n; i++)
    if (add_point(job, view, asked, filled.slots[i]) == NULL)
      return QDRANT_NO_MEMORY;
  if (filled.next == QD_NO_SLOT)
    return QDRANT_OK;
  reply->next_page_offset = qd_id_message(qd_view_id(view, filled.next), job->arena);
  return reply->next_page_offset != NULL ? QDRANT_OK : qd_job_fail_memory(job);
}

static qdrant_status scroll_by_value(qd_job *job, const qd_reader *reader, const scroll *asked) {
  qd_ordered_point *points;
  size_t n;
  if (asked->has_offset)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Cannot use an `offset` when using `order_by`. The alternative for paging is to use "
        "`order_by.start_from` and a filter to exclude the IDs that you've already seen for the `order_by.start_from` "
        "value");
  qdrant_status status = qd_order_by_run(job, reader, &asked->order, asked->filter, asked->limit, &points, &n);
  if (status == QDRANT_OK)
    status = reserve_points(job, &reader->view, asked, n);
  for (size_t i = 0; i < n && status == QDRANT_OK; i++) {
    Qdrant__RetrievedPoint *point = add_point(job, &reader->view, asked, points[i].slot);
    if (point == NULL)
      return QDRANT_NO_MEMORY;
    point->order_value = qd_order_value_message(job, &points[i].value);
    status = point->order_value != NULL ? QDRANT_OK : qd_job_fail_memory(job);
  }
  return status;
}

qdrant_status qd_job_points_scroll(qd_job *job) {
  const Qdrant__ScrollPoints *request = (const Qdrant__ScrollPoints *)job->request;
  scroll asked;
  qd_reader reader;
  qdrant_status status = read_request(job, request, &asked);
  if (status == QDRANT_OK)
    status = qd_job_read(job, request->collection_name, request->shard_key_selector, &reader);
  if (status != QDRANT_OK)
    return status;
  status = asked.has_order ? scroll_by_value(job, &reader, &asked) : scroll_by_id(job, &reader.view, &asked);
  qd_job_end_read(&reader);
  return status;
}
