#ifndef QD_METRICS_PAGE_H
#define QD_METRICS_PAGE_H

#include "core/text.h"

/* Prometheus' text format, version 0.0.4: a metric is a head and its samples, a sample its labels and a value. */
typedef struct qd_metrics_page {
  qd_text text;
  const char *labels; /* of every sample; "": none */
} qd_metrics_page;

/* INVALID_ARGUMENT unless labels are name="value", separated by commas. */
qdrant_status qd_metrics_labels_check(const char *labels, qdrant_error *err);

void qd_metrics_page_head(qd_metrics_page *page, const char *name, const char *type, const char *help);

/* Between the two go the sample's own labels. suffix: of the name, as "_sum". */
void qd_metrics_page_begin(qd_metrics_page *page, const char *name, const char *suffix);
void qd_metrics_page_label(qd_metrics_page *page, const char *name, const char *value);
void qd_metrics_page_end(qd_metrics_page *page, const char *value);
void qd_metrics_page_end_count(qd_metrics_page *page, uint64_t value);

#endif
