#include "memory/groups.h"
#include "memory/recommend_points.h"
#include "memory/search_points.h"

/* The three requests for groups of points. */

enum { DEFAULT_GROUPS = 10, DEFAULT_GROUP_SIZE = 3 };

static qdrant_status read_query(qd_job *job, qd_source *source) {
  const Qdrant__QueryPointGroups *request = (const Qdrant__QueryPointGroups *)job->request;
  return qd_source_read(job, QD_SOURCE_MESSAGE(request), source);
}

qdrant_status qd_job_points_query_groups(qd_job *job) {
  const Qdrant__QueryPointGroups *request = (const Qdrant__QueryPointGroups *)job->request;
  Qdrant__QueryGroupsResponse *reply = (Qdrant__QueryGroupsResponse *)job->reply;
  qd_grouping asked = {request->group_by, request->has_limit ? request->limit : DEFAULT_GROUPS,
      request->has_group_size ? request->group_size : DEFAULT_GROUP_SIZE, request->with_lookup};
  return qd_groups_answer(job, request->collection_name, &asked, read_query, QD_QUERY_MESSAGE(request), &reply->result);
}

static qdrant_status read_search(qd_job *job, qd_source *source) {
  const Qdrant__SearchPointGroups *request = (const Qdrant__SearchPointGroups *)job->request;
  return qd_search_points_read(job, QD_SEARCH_MESSAGE(request), source);
}

qdrant_status qd_job_points_search_groups(qd_job *job) {
  const Qdrant__SearchPointGroups *request = (const Qdrant__SearchPointGroups *)job->request;
  Qdrant__SearchGroupsResponse *reply = (Qdrant__SearchGroupsResponse *)job->reply;
  qd_grouping asked = {request->group_by, request->limit, request->group_size, request->with_lookup};
  return qd_groups_answer(
      job, request->collection_name, &asked, read_search, QD_QUERY_MESSAGE(request), &reply->result);
}

static qdrant_status read_recommend(qd_job *job, qd_source *source) {
  const Qdrant__RecommendPointGroups *request = (const Qdrant__RecommendPointGroups *)job->request;
  return qd_recommend_read(job, QD_RECOMMEND_MESSAGE(request), source);
}

qdrant_status qd_job_points_recommend_groups(qd_job *job) {
  const Qdrant__RecommendPointGroups *request = (const Qdrant__RecommendPointGroups *)job->request;
  Qdrant__RecommendGroupsResponse *reply = (Qdrant__RecommendGroupsResponse *)job->reply;
  qd_grouping asked = {request->group_by, request->limit, request->group_size, request->with_lookup};
  return qd_groups_answer(
      job, request->collection_name, &asked, read_recommend, QD_QUERY_MESSAGE(request), &reply->result);
}
