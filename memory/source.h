#ifndef QD_SOURCE_H
#define QD_SOURCE_H

#include "memory/example.h"
#include "memory/order_by.h"
#include "memory/search.h"

/* A query is a tree of sources, each of which yields scored points: the request is the root, its prefetches are the
 * sources below. A leaf looks at all points that its filter leaves, others at what the sources below them found. */
typedef enum qd_source_kind {
  QD_SOURCE_IN_ORDER, /* no query: points in the order of their ids */
  QD_SOURCE_NEAREST,
  QD_SOURCE_AVERAGE, /* nearest to what the examples are on average */
  QD_SOURCE_BEST_SCORE,
  QD_SOURCE_SUM_SCORES,
  QD_SOURCE_DISCOVER,
  QD_SOURCE_CONTEXT,
  QD_SOURCE_FEEDBACK,
  QD_SOURCE_MMR,
  QD_SOURCE_RRF,
  QD_SOURCE_DBSF,
  QD_SOURCE_FORMULA,
  QD_SOURCE_ORDER_BY,
  QD_SOURCE_SAMPLE,
  QD_SOURCE_WORDS /* by the words of a text in a payload key, which `using` names */
} qd_source_kind;

/* Points with their final scores, the best first. */
typedef struct qd_hits {
  qd_hit *items;
  size_t n;
} qd_hits;

typedef struct qd_source {
  qd_source_kind kind;
  const char *using;                    /* vector name */
  const Qdrant__LookupLocation *lookup; /* where points named as examples are, if not in the collection */
  qd_example *examples;
  size_t n_examples;
  int is_lenient;    /* points named as examples that have no such vector are passed over, as the deprecated calls do */
  size_t n_positive; /* AVERAGE, BEST_SCORE, SUM_SCORES: of the first examples; the others are negative */
  union {
    struct {
      uint32_t k;
      const float *weights; /* of each prefetch; NULL: all the same */
      size_t n_weights;
    } rrf;
    struct {
      float lambda; /* 1: relevance only; 0: diversity only */
      size_t n_candidates;
    } mmr;
    float *example_weights; /* FEEDBACK */
    struct qd_formula *formula;
    qd_order_by order;
    const Qdrant__TextQuery *text; /* WORDS */
  };
  const Qdrant__Filter *filter_message; /* with those of the sources above */
  const qd_filter *filter;              /* the same, prepared; leaves only */
  int has_idf;                          /* params.idf is there */
  const qd_filter *corpus;              /* of params.idf: the points that count for IDF; NULL: all */
  uint64_t limit;                       /* the root's includes the points that the offset drops */
  int has_threshold;
  float threshold;
  struct qd_source *prefetches;
  size_t n_prefetches;
  qd_search *search;              /* while it runs, if it compares vectors */
  qd_hits hits;                   /* when it has run */
  const qd_ordered_point *places; /* ORDER_BY: beside the hits */
} qd_source;

/* The members that QueryPoints, QueryPointGroups and PrefetchQuery have in common. */
typedef struct qd_source_message {
  size_t n_prefetches;
  Qdrant__PrefetchQuery *const *prefetches;
  const Qdrant__Query *query;
  const char *using;
  const Qdrant__Filter *filter;
  const Qdrant__SearchParams *params;
  const Qdrant__LookupLocation *lookup;
  int has_threshold;
  float threshold;
  int has_limit;
  uint64_t limit;
} qd_source_message;

#define QD_SOURCE_MESSAGE(request)                                                                                     \
  &(qd_source_message) {                                                                                               \
    (request)->n_prefetch, (request)->prefetch, (request)->query, (request)->using_, (request)->filter,                \
        (request)->params, (request)->lookup_from, (request)->has_score_threshold, (request)->score_threshold,         \
        (request)->has_limit, (request)->limit                                                                         \
  }

/* What the strategy of a recommendation asks for. */
qd_source_kind qd_source_recommend_kind(int has_strategy, Qdrant__RecommendStrategy strategy);

/* Reads what of the parameters, which may be NULL, changes the answer: most are about an index. */
qdrant_status qd_source_read_params(qd_job *job, const Qdrant__SearchParams *params, qd_source *source);

/* Reads a tree; what it borrows from the message must last. The filters are not set yet. */
qdrant_status qd_source_read(qd_job *job, const qd_source_message *message, qd_source *source);

/* Hands filters down the tree to the leaves, with a condition that leaves out the points of the collection that are
 * named as examples. */
qdrant_status qd_source_set_filters(qd_job *job, const char *collection, qd_source *root);

/* Before the collection is read: finds the examples that are points of other collections. */
qdrant_status qd_source_look_up(qd_job *job, qd_source *root);

/* Finds the examples that are points of the collection itself. INVALID_ARGUMENT, NOT_FOUND. */
qdrant_status qd_source_resolve(qd_job *job, const qd_view *view, qd_source *source);

/* Runs trees over one view; leaves that are plain searches share a pass. Each root then has its hits. */
qdrant_status qd_sources_run(qd_job *job, const qd_reader *reader, qd_source *const *roots, size_t n);

#endif
