#include "codec/message_json.h"
#include "core/message.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/torture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_TEXT = 1 << 20 };

/* Single quotes stand for double ones, so that JSON can be read here. */
static char *quoted(qd_arena *arena, const char *json) {
  char *copy = qd_arena_strndup(arena, json, strlen(json));
  for (char *at = copy; *at != '\0'; at++)
    if (*at == '\'')
      *at = '"';
  return copy;
}

static qdrant_status read_json(qd_arena *arena, const ProtobufCMessageDescriptor *type, const char *json,
    qd_json_origin origin, ProtobufCMessage **message, qdrant_error *err) {
  const qd_json_node *node = NULL;
  const char *text = quoted(arena, json);
  *message = NULL;
  qdrant_status status = qd_json_tree_parse(text, strlen(text), arena, &node, err);
  return status == QDRANT_OK ? qd_message_read_json(node, type, origin, arena, message, err) : status;
}

static ProtobufCMessage *message_from(qd_arena *arena, const ProtobufCMessageDescriptor *type, const char *json) {
  ProtobufCMessage *message;
  qdrant_error err = {0};
  if (read_json(arena, type, json, QD_JSON_FROM_USER, &message, &err) != QDRANT_OK)
    fail_msg("%s of %s: %s", type->short_name, json, err.message);
  return message;
}

/* The JSON of a message, with single quotes. */
static const char *json_of(qd_arena *arena, const ProtobufCMessage *message) {
  qd_text text;
  qdrant_error err = {0};
  qd_text_init(&text, arena, MAX_TEXT);
  if (qd_message_write_json(&text, message, &err) != QDRANT_OK)
    fail_msg("%s: %s", message->descriptor->short_name, err.message);
  char *json = (char *)(uintptr_t)qd_text_end(&text);
  for (char *at = json; *at != '\0'; at++)
    if (*at == '"')
      *at = '\'';
  return json;
}

typedef struct spelling {
  const ProtobufCMessageDescriptor *type;
  const char *read;
  const char *written; /* NULL: the same */
} spelling;

#define TYPE(name) &qdrant__##name##__descriptor

static void require_written(qd_arena *arena, const spelling *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const char *json = json_of(arena, message_from(arena, rows[i].type, rows[i].read));
    if (strcmp(json, rows[i].written == NULL ? rows[i].read : rows[i].written) != 0)
      fail_msg(
          "%s\nbecame %s\nnot    %s", rows[i].read, json, rows[i].written == NULL ? rows[i].read : rows[i].written);
  }
}

#define REQUIRE_WRITTEN(arena, rows) require_written(arena, rows, sizeof(rows) / sizeof(rows)[0])

static int make_arena(void **state) {
  *state = qd_arena_new(0);
  return *state == NULL;
}

static int free_arena(void **state) {
  qd_arena_free(*state);
  return 0;
}

static void test_qd_message_write_json_of_scalars_is_bare(void **state) {
  static const spelling rows[] = {
      {TYPE(point_id), "0", NULL},
      {TYPE(point_id), "18446744073709551615", NULL},
      {TYPE(point_id), "'67e55044-10b1-426f-9247-bb680e5fe0c8'", NULL},
      {TYPE(group_id), "18446744073709551615", NULL},
      {TYPE(group_id), "-9223372036854775808", NULL},
      {TYPE(group_id), "'a\\u0000b'", NULL},
      {TYPE(order_value), "9223372036854775807", NULL},
      {TYPE(order_value), "2.0", NULL},
      {TYPE(facet_value), "true", NULL},
      {TYPE(facet_value), "-3", NULL},
      {TYPE(facet_value), "'x'", NULL},
      {TYPE(shard_key), "7", NULL},
      {TYPE(shard_key), "'berlin'", NULL},
      {TYPE(start_from), "3", NULL},
      {TYPE(start_from), "3.5", NULL},
      {TYPE(start_from), "'2024-01-02T03:04:05Z'", NULL},
      {TYPE(read_consistency), "2", NULL},
      {TYPE(read_consistency), "'majority'", NULL},
      {TYPE(write_ordering), "'strong'", NULL},
      {TYPE(value), "{'a':[1,1.0,-0.0,null,true,'t',{}]}", NULL},
      {TYPE(value), "18446744073709551615", "1.8446744073709552e+19"},
      {TYPE(timestamp), "'2024-02-29 23:59:59.5+01:30'", "'2024-02-29T22:29:59.500000Z'"},
      {TYPE(timestamp), "'2024-02-29T22:29:59.123456789Z'", NULL},
      {TYPE(timestamp), "'1969-12-31'", "'1969-12-31T00:00:00Z'"},
  };
  REQUIRE_WRITTEN(*state, rows);
}

static void test_qd_message_read_json_of_vectors_takes_every_form(void **state) {
  static const spelling rows[] = {
      {TYPE(vector), "[1,2.5,-0.0,1e-45]", "[1.0,2.5,-0.0,1e-45]"},
      {TYPE(vector), "[]", NULL},
      {TYPE(vector), "[[1],[2]]", "[[1.0],[2.0]]"},
      {TYPE(vector), "{'indices':[7,1],'values':[1,2]}", "{'values':[1.0,2.0],'indices':[7,1]}"},
      {TYPE(vector), "{'text':'a','model':'m','options':{'k':1}}", NULL},
      {TYPE(vector), "{'image':null,'model':'m'}", NULL},
      {TYPE(vector), "{'object':{'a':1},'model':'m'}", NULL},
      {TYPE(vector_input), "7", NULL},
      {TYPE(vector_input), "'67e55044-10b1-426f-9247-bb680e5fe0c8'", NULL},
      {TYPE(vector_input), "[0.1]", NULL},
      {TYPE(vectors), "[0.1]", NULL},
      {TYPE(vectors), "[[0.1]]", NULL},
      {TYPE(vectors), "{'':[0.1],'s':{'values':[],'indices':[]}}", NULL},
      {TYPE(vectors), "{}", NULL},
      {TYPE(vectors), "{'text':'a','model':'m'}", NULL},
      {TYPE(vectors), "{'text':[1.5],'model':[2.5]}", NULL},
      {TYPE(point_struct), "{'id':1,'vectors':[0.5],'payload':null}", "{'id':1,'vector':[0.5]}"},
      {TYPE(point_struct), "{'id':1,'vector':{'a':[0.5]},'payload':{'k':{'n':1}}}",
          "{'id':1,'payload':{'k':{'n':1}},'vector':{'a':[0.5]}}"},
      {TYPE(upsert_points), "{'batch':{'ids':[1,'a'],'vectors':[[1],[2]],'payloads':[null,{'k':1}]}}",
          "{'points':[{'id':1,'vector':[1.0]},{'id':'a','payload':{'k':1},'vector':[2.0]}]}"},
      {TYPE(upsert_points), "{'batch':{'ids':[1,2],'vectors':{'a':[[1],[2]],'b':[[3],[4]]}}}",
          "{'points':[{'id':1,'vector':{'a':[1.0],'b':[3.0]}},{'id':2,'vector':{'a':[2.0],'b':[4.0]}}]}"},
      {TYPE(upsert_points), "{'points':[],'shard_key':['a',1]}", NULL},
      {TYPE(upsert_points), "{}", "{'points':[]}"},
  };
  REQUIRE_WRITTEN(*state, rows);
}

static void test_qd_message_read_json_of_selectors_takes_every_form(void **state) {
  static const spelling rows[] = {
      {TYPE(delete_points), "{'points':[1,'a'],'shard_key':'k'}", NULL},
      {TYPE(delete_points), "{'points':[]}", NULL},
      {TYPE(delete_points), "{'filter':{}}", NULL},
      {TYPE(set_payload_points), "{'payload':{},'points':[1],'key':'a.b'}", NULL},
      {TYPE(delete_payload_points), "{'keys':['a'],'filter':{'must':{'key':'x','match':{'value':1}}}}",
          "{'keys':['a'],'filter':{'must':[{'key':'x','match':{'value':1}}]}}"},
      {TYPE(delete_point_vectors), "{'points':[1],'vector':['a']}", NULL},
      {TYPE(shard_key_selector), "'a'", NULL},
      {TYPE(shard_key_selector), "[1,2]", NULL},
      {TYPE(shard_key_selector), "['a']", "'a'"},
      {TYPE(shard_key_selector), "[]", NULL},
      {TYPE(shard_key_selector), "{'target':'a','fallback':1}", NULL},
      {TYPE(get_points), "{'ids':[1],'with_payload':true,'with_vectors':['a','']}",
          "{'ids':[1],'with_payload':true,'with_vector':['a','']}"},
      {TYPE(get_points), "{'ids':[],'with_payload':['a'],'with_vector':false}",
          "{'ids':[],'with_payload':{'include':['a']},'with_vector':false}"},
      {TYPE(get_points), "{'ids':[],'with_payload':{'exclude':[]}}", NULL},
      {TYPE(query_point_groups), "{'group_by':'g','with_lookup':'c'}",
          "{'group_by':'g','with_lookup':{'collection':'c'}}"},
      {TYPE(query_point_groups),
          "{'group_by':'g','with_lookup':{'collection':'c','with_payload':false,'with_vectors':true}}", NULL},
      {TYPE(query_points), "{'lookup_from':{'collection':'c','vector':'v','shard_key':1}}", NULL},
  };
  REQUIRE_WRITTEN(*state, rows);
}

static void test_qd_message_read_json_of_filters_takes_every_form(void **state) {
  static const spelling rows[] = {
      {TYPE(filter), "{}", NULL},
      {TYPE(filter), "{'must':{'is_null':{'key':'a'}},'should':null}", "{'must':[{'is_null':{'key':'a'}}]}"},
      {TYPE(filter),
          "{'should':[{'has_id':[1,'a']},{'has_vector':''},{'is_empty':{'key':'a'}}],'must':[{'must':[]},{'slice':{'"
          "total':4,"
          "'index':0}}],'must_not':[{'nested':{'key':'a[]','filter':{}}}],'min_should':{'conditions':[],'min_count':1}"
          "}",
          "{'should':[{'has_id':[1,'a']},{'has_vector':''},{'is_empty':{'key':'a'}}],'must':[{},{'slice':{'total':4,'"
          "index':"
          "0}}],'must_not':[{'nested':{'key':'a[]','filter':{}}}],'min_should':{'conditions':[],'min_count':1}}"},
      {TYPE(match), "{'value':'x'}", NULL},
      {TYPE(match), "{'value':-1}", NULL},
      {TYPE(match), "{'value':false}", NULL},
      {TYPE(match), "{'any':['x']}", NULL},
      {TYPE(match), "{'any':[]}", NULL},
      {TYPE(match), "{'any':[1,2]}", NULL},
      {TYPE(match), "{'except':['x']}", NULL},
      {TYPE(match), "{'except':[3]}", NULL},
      {TYPE(match), "{'text':'x'}", NULL},
      {TYPE(match), "{'text_any':'x'}", NULL},
      {TYPE(match), "{'phrase':'x'}", NULL},
      {TYPE(match), "{'prefix':'x'}", NULL},
      {TYPE(match), "{'substring':'x'}", NULL},
      {TYPE(field_condition), "{'key':'a','range':{'gte':1,'lt':2.5}}", "{'key':'a','range':{'lt':2.5,'gte':1.0}}"},
      {TYPE(field_condition), "{'key':'a','range':{'gte':'2024-01-02'}}",
          "{'key':'a','range':{'gte':'2024-01-02T00:00:00Z'}}"},
      {TYPE(field_condition), "{'key':'a','geo_radius':{'center':{'lon':0,'lat':0},'radius':0.1}}",
          "{'key':'a','geo_radius':{'center':{'lon':0.0,'lat':0.0},'radius':0.1}}"},
  };
  REQUIRE_WRITTEN(*state, rows);
}

static void test_qd_message_read_json_of_queries_takes_every_form(void **state) {
  static const spelling rows[] = {
      {TYPE(query), "1", "{'nearest':1}"},
      {TYPE(query), "[0.5]", "{'nearest':[0.5]}"},
      {TYPE(query), "{'indices':[],'values':[]}", "{'nearest':{'values':[],'indices':[]}}"},
      {TYPE(query), "{'text':'a','model':'m'}", "{'nearest':{'text':'a','model':'m'}}"},
      {TYPE(query), "{'text':'a'}", "{'text':{'query':'a'}}"},
      {TYPE(query), "{'text':{'query':'a','scoring':{'bm25':{'k':1.5}}}}", NULL},
      {TYPE(query), "{'nearest':1,'mmr':{'diversity':0.5,'candidates_limit':9}}", NULL},
      {TYPE(query), "{'recommend':{'positive':[1,[0.5]],'negative':['a'],'strategy':'best_score'}}", NULL},
      {TYPE(query), "{'discover':{'target':1,'context':{'positive':2,'negative':3}}}",
          "{'discover':{'target':1,'context':[{'positive':2,'negative':3}]}}"},
      {TYPE(query), "{'context':[{'positive':2,'negative':3}]}", NULL},
      {TYPE(query), "{'context':[]}", NULL},
      {TYPE(query), "{'order_by':'a'}", "{'order_by':{'key':'a'}}"},
      {TYPE(query), "{'order_by':{'key':'a','direction':'desc','start_from':1}}", NULL},
      {TYPE(query), "{'fusion':'dbsf'}", NULL},
      {TYPE(query), "{'rrf':{'k':60,'weights':[1,0.25]}}", "{'rrf':{'k':60,'weights':[1.0,0.25]}}"},
      {TYPE(query), "{'sample':'random'}", NULL},
      {TYPE(query),
          "{'relevance_feedback':{'target':1,'feedback':[{'example':2,'score':0.5}],'strategy':{'naive':{'a':1.0,'b':0."
          "0,'c':"
          "0.5}}}}",
          NULL},
      {TYPE(query),
          "{'formula':{'sum':['$score',{'mult':[0.5,{'key':'a','match':{'value':1}}]}]},'defaults':{'a.b':[1,'x']}}",
          NULL},
      {TYPE(expression), "{'neg':{'abs':{'sqrt':{'exp':{'log10':{'ln':{'acosh':'x'}}}}}}}", NULL},
      {TYPE(expression), "{'div':{'left':1.0,'right':'x','by_zero_default':0.0}}", NULL},
      {TYPE(expression), "{'pow':{'base':'x','exponent':2.0}}", NULL},
      {TYPE(expression), "{'max':[1.0,{'min':['x']}]}", NULL},
      {TYPE(expression), "{'geo_distance':{'origin':{'lon':1.0,'lat':0.0},'to':'place'}}", NULL},
      {TYPE(expression), "{'exp_decay':{'x':{'datetime_key':'a'},'target':{'datetime':'2024-01-01'},'scale':86400.0}}",
          NULL},
      {TYPE(query_points), "{'prefetch':{'query':[0.5],'limit':3},'query':{'fusion':'rrf'}}",
          "{'prefetch':[{'query':{'nearest':[0.5]},'limit':3}],'query':{'fusion':'rrf'}}"},
      {TYPE(query_batch_points), "{'searches':[{'collection_name':'a','query':1,'timeout':3}],'timeout':5}",
          "{'searches':[{'query':{'nearest':1}}],'timeout':5}"},
      {TYPE(search_params), "{'idf':'global','exact':true}", "{'exact':true,'idf':'global'}"},
      {TYPE(search_params), "{'idf':{'corpus':{}}}", NULL},
  };
  REQUIRE_WRITTEN(*state, rows);
}

static void test_qd_message_read_json_of_old_searches_takes_every_form(void **state) {
  static const spelling rows[] = {
      {TYPE(search_points), "{'vector':[0.5],'limit':0}", NULL},
      {TYPE(search_points), "{'vector':{'name':'a','vector':[0.5]},'limit':1}", NULL},
      {TYPE(search_points), "{'vector':{'name':'s','vector':{'indices':[3],'values':[0.5]}},'limit':1}",
          "{'vector':{'name':'s','vector':{'values':[0.5],'indices':[3]}},'limit':1}"},
      {TYPE(recommend_points), "{'positive':[1,[0.5],'a'],'negative':[{'values':[0.5],'indices':[1]}],'limit':2}",
          "{'positive':[1,'a',[0.5]],'negative':[{'values':[0.5],'indices':[1]}],'limit':2}"},
      {TYPE(discover_points), "{'target':[0.5],'context':[{'positive':1,'negative':[0.5]}],'limit':2}", NULL},
  };
  REQUIRE_WRITTEN(*state, rows);
}

static void test_qd_message_read_json_of_update_batches_takes_every_operation(void **state) {
  static const spelling rows[] = {
      {TYPE(update_batch_points),
          "{'operations':[{'upsert':{'points':[{'id':1,'vector':[0.5]}],'update_mode':'insert_only'}},{'delete':{'"
          "points':[1]}},"
          "{'set_payload':{'payload':{'a':1},'points':[1]}},{'overwrite_payload':{'payload':{},'filter':{}}},"
          "{'delete_payload':{'keys':['a'],'points':[1]}},{'clear_payload':{'points':[1],'shard_key':'k'}},"
          "{'update_vectors':{'points':[{'id':1,'vector':{'a':[0.5]}}]}},{'delete_vectors':{'points':[1],'vector':['a']"
          "}}]}",
          NULL},
      {TYPE(update_batch_points), "{'operations':[{'upsert':{'batch':{'ids':[1],'vectors':[[0.5]]}}}]}",
          "{'operations':[{'upsert':{'points':[{'id':1,'vector':[0.5]}]}}]}"},
  };
  REQUIRE_WRITTEN(*state, rows);
}

static void test_qd_message_read_json_of_replies_is_their_result(void **state) {
  static const spelling rows[] = {
      {TYPE(points_operation_response), "{'operation_id':3,'status':'wait_timeout'}", NULL},
      {TYPE(query_response),
          "{'points':[{'id':1,'version':0,'score':1.0,'payload':{'a':null},'vector':{'m':[[0.5]]},'shard_key':'k',"
          "'order_value':1.0}]}",
          "{'points':[{'id':1,'payload':{'a':null},'score':1.0,'version':0,'vector':{'m':[[0.5]]},'shard_key':'k',"
          "'order_value':1.0}]}"},
      {TYPE(query_batch_response), "[{'points':[]},{'points':[{'id':1,'score':0.1,'version':2}]}]", NULL},
      {TYPE(search_batch_response), "[[],[{'id':1,'score':0.1,'version':2}]]", NULL},
      {TYPE(scroll_response), "{'next_page_offset':7,'points':[{'id':1,'vector':[0.5]}]}", NULL},
      {TYPE(scroll_response), "{'points':[],'next_page_offset':null}", "{'points':[]}"},
      {TYPE(query_groups_response), "{'groups':[{'id':-1,'hits':[],'lookup':{'id':2}}]}", NULL},
      {TYPE(count_response), "{'count':0}", NULL},
      {TYPE(facet_response), "{'hits':[{'value':'a','count':2}]}", NULL},
      {TYPE(search_matrix_offsets_response), "{'offsets_row':[0],'offsets_col':[1],'scores':[0.5],'ids':[1,2]}", NULL},
      {TYPE(search_matrix_pairs_response), "{'pairs':[{'a':1,'b':2,'score':0.5}]}", NULL},
  };
  REQUIRE_WRITTEN(*state, rows);
}

static void test_qd_message_read_json_of_bad_values_names_their_place(void **state) {
  static const struct {
    const ProtobufCMessageDescriptor *type;
    const char *json;
    const char *message;
  } rows[] = {
      {TYPE(query_points), "{'prefetch':[{'limit':-1}]}",
          "prefetch[0].limit: expected an integer from 0 to 18446744073709551615, got -1"},
      {TYPE(query_points), "{'limt':1}", "limt: unknown key"},
      {TYPE(query_points), "{'query':{'fusion':'rrf','k':1}}", "query.k: unknown key"},
      {TYPE(query_points), "{'query':{'fusion':'RRF'}}", "query.fusion: expected \"rrf\" or \"dbsf\", got \"RRF\""},
      {TYPE(query_points), "{'using':7}", "using: expected a string, got 7"},
      {TYPE(query_points), "{'using':'a\\u0000'}", "using: expected a string without NUL, got \"a\""},
      {TYPE(query_points), "{'limit':3.0}", "limit: expected an integer from 0 to 18446744073709551615, got 3"},
      {TYPE(query_points), "[]", "expected an object, got a list of 0"},
      {TYPE(query_points), "{'filter':{'must':[{'key':'a','match':{'value':1.5}}]}}",
          "filter.must[0].match: expected an object with value (a string, integer or bool), text, text_any, phrase, "
          "prefix, "
          "substring, any or except, got an object with the key \"value\""},
      {TYPE(scroll_points), "{'filter':{'must':[{'key':'a','range':{'gt':'soon'}}]}}",
          "filter.must[0].range.gt: expected a date and time as in RFC 3339, got \"soon\""},
      {TYPE(upsert_points), "{'points':[{'id':-1}]}", "points[0].id: expected an unsigned integer or a UUID, got -1"},
      {TYPE(upsert_points), "{'points':[{'id':1,'vector':[0.5,null]}]}",
          "points[0].vector[1]: expected a number, got null"},
      {TYPE(upsert_points), "{'points':[{'id':1,'vector':{'a':{'b':1}}}]}",
          "points[0].vector.a: expected a vector: a list of numbers, a list of such lists, or an object with indices "
          "and "
          "values, with text, image or object, got an object with the key \"b\""},
      {TYPE(upsert_points), "{'batch':{'ids':[1,2],'vectors':{'a':[[1]]}}}",
          "batch.vectors.a: expected a list of 2, as many as ids, got a list of 1"},
      {TYPE(upsert_points), "{'points':{'id':1}}",
          "points: expected an object with lists of ids and vectors, got an object with the key \"id\""},
      {TYPE(delete_points), "{'filter':{},'points':[1]}", "points: cannot be given beside filter"},
      {TYPE(update_batch_points), "{'operations':[{'delete':{'points':[1]},'upsert':{'points':[]}}]}",
          "operations[0].upsert: cannot be given beside delete"},
      {TYPE(update_batch_points), "{'operations':[{'delete':{'points':[1.5]}}]}",
          "operations[0].delete.points[0]: expected an unsigned integer or a UUID, got 1.5"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    ProtobufCMessage *message;
    qdrant_error err = {0};
    qdrant_status status = read_json(*state, rows[i].type, rows[i].json, QD_JSON_FROM_USER, &message, &err);
    assert_string_equal(err.message, rows[i].message);
    assert_int_equal(status, QDRANT_INVALID_ARGUMENT);
  }
}

static void test_qd_message_read_json_from_server_ignores_what_is_new(void **state) {
  ProtobufCMessage *message;
  qdrant_error err = {0};
  assert_int_equal(read_json(*state, TYPE(points_operation_response), "{'operation_id':3,'status':'dreaming','new':[]}",
                       QD_JSON_FROM_SERVER, &message, &err),
      QDRANT_OK);
  const Qdrant__UpdateResult *result = ((const Qdrant__PointsOperationResponse *)message)->result;
  assert_true(result->operation_id == 3);
  assert_false(result->has_status);
  assert_int_equal(
      read_json(*state, TYPE(points_operation_response), "{'operation_id':'3'}", QD_JSON_FROM_SERVER, &message, &err),
      QDRANT_BAD_REPLY);
}

static void test_qd_message_read_json_from_client_refuses_unknown_keys_in_filters_alone(void **state) {
  ProtobufCMessage *message;
  qdrant_error err = {0};
  assert_int_equal(read_json(*state, TYPE(scroll_points), "{'new':1,'filter':{'must':[{'key':'a','new':1}]}}",
                       QD_JSON_FROM_CLIENT, &message, &err),
      QDRANT_OK);
  assert_int_equal(
      read_json(*state, TYPE(scroll_points), "{'filter':{'mist':[]}}", QD_JSON_FROM_CLIENT, &message, &err),
      QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "filter.mist: unknown key");
}

static void test_qd_message_read_json_from_client_of_rivals_takes_the_first_by_number(void **state) {
  static const char *const texts[] = {"{'points':[1],'filter':{}}", "{'filter':{},'points':[1]}"};
  for (size_t i = 0; i < 2; i++) {
    ProtobufCMessage *message;
    qdrant_error err = {0};
    assert_int_equal(read_json(*state, TYPE(delete_points), texts[i], QD_JSON_FROM_CLIENT, &message, &err), QDRANT_OK);
    assert_string_equal(json_of(*state, message), "{'points':[1]}");
  }
}

static void test_qd_message_json_of_infinite_numbers_is_null_in_replies(void **state) {
  ProtobufCMessage *message;
  qdrant_error err = {0};
  assert_int_equal(
      read_json(*state, TYPE(get_response), "[{'id':1,'vector':[0.5,null]}]", QD_JSON_FROM_SERVER, &message, &err),
      QDRANT_OK);
  const Qdrant__RetrievedPoint *point = ((const Qdrant__GetResponse *)message)->result[0];
  assert_true(isnan(point->vectors->vector->dense->data[1]));
  assert_string_equal(json_of(*state, message), "[{'id':1,'vector':[0.5,null]}]");
}

static void test_qd_message_write_json_of_what_json_cannot_say_names_its_place(void **state) {
  qdrant_error err = {0};
  qd_text text;
  Qdrant__PointsUpdateOperation *operation;
  Qdrant__UpdateBatchPoints *request = (Qdrant__UpdateBatchPoints *)message_from(
      *state, TYPE(update_batch_points), "{'operations':[{'upsert':{'points':[{'id':1,'vector':{'a':[1,2,3]}}]}}]}");
  operation = request->operations[0];
  operation->upsert->points[0]->vectors->vectors->vectors[0]->value->dense->data[2] = INFINITY;
  qd_text_init(&text, *state, MAX_TEXT);
  assert_int_equal(qd_message_write_json(&text, &request->base, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(
      err.message, "operations[0].upsert.points[0].vector.a[2]: infinity cannot be said in JSON, use a finite number");
  err = (qdrant_error){0};
  operation->upsert->points[0]->id->point_id_options_case = 0;
  assert_int_equal(qd_message_write_json(&text, &request->base, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "operations[0].upsert.points[0].id: none of the members of PointId is set");
  err = (qdrant_error){0};
  operation->upsert->points[0]->id->point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  operation->upsert->has_update_mode = 1;
  operation->upsert->update_mode = (Qdrant__UpdateMode)99;
  operation->upsert->n_points = 0;
  assert_int_equal(qd_message_write_json(&text, &request->base, &err), QDRANT_INVALID_ARGUMENT);
  assert_string_equal(err.message, "operations[0].upsert.update_mode: 99 is no UpdateMode");
}

static void test_qd_message_write_json_of_old_vector_fields_is_as_of_new_ones(void **state) {
  float data[] = {1, 2, 3, 4};
  uint32_t indices[] = {9, 8, 7, 6};
  Qdrant__SparseIndices sparse = QDRANT__SPARSE_INDICES__INIT;
  Qdrant__Vector vector = QDRANT__VECTOR__INIT;
  vector.n_data = 4;
  vector.data = data;
  assert_string_equal(json_of(*state, &vector.base), "[1.0,2.0,3.0,4.0]");
  vector.has_vectors_count = 1;
  vector.vectors_count = 2;
  assert_string_equal(json_of(*state, &vector.base), "[[1.0,2.0],[3.0,4.0]]");
  sparse.n_data = 4;
  sparse.data = indices;
  vector.indices = &sparse;
  assert_string_equal(json_of(*state, &vector.base), "{'values':[1.0,2.0,3.0,4.0],'indices':[9,8,7,6]}");
}

static void test_qd_message_write_json_of_deep_messages_is_refused(void **state) {
  enum { DEEP = 200 };
  static Qdrant__Expression each[DEEP];
  qdrant_error err = {0};
  qd_text text;
  for (size_t i = 0; i < DEEP; i++) {
    qdrant__expression__init(&each[i]);
    each[i].variant_case = QDRANT__EXPRESSION__VARIANT_NEG;
    each[i].neg = &each[(i + 1) % DEEP];
  }
  qd_text_init(&text, *state, MAX_TEXT);
  assert_int_equal(qd_message_write_json(&text, &each[0].base, &err), QDRANT_INVALID_ARGUMENT);
}

static qdrant_status read_and_write(void *json) {
  qd_arena *arena = qd_arena_new(64);
  ProtobufCMessage *message;
  qdrant_error err = {0};
  qd_text text;
  if (arena == NULL)
    return QDRANT_NO_MEMORY;
  const qd_json_node *node;
  qdrant_status status = qd_json_tree_parse(json, strlen(json), arena, &node, &err);
  if (status == QDRANT_OK)
    status = qd_message_read_json(node, TYPE(update_batch_points), QD_JSON_FROM_USER, arena, &message, &err);
  assert_int_equal(err.status, status);
  if (status == QDRANT_OK) {
    qd_text_init(&text, arena, MAX_TEXT);
    status = qd_message_write_json(&text, message, &err);
    if (status == QDRANT_OK && qd_text_end(&text) == NULL)
      status = QDRANT_NO_MEMORY;
  }
  qd_arena_free(arena);
  return status;
}

static void test_qd_message_json_without_memory_says_so(void **state) {
  char *json =
      quoted(*state, "{'operations':[{'upsert':{'batch':{'ids':[1,'a'],'vectors':{'a':[[1],[2]]},'payloads':[{'k':[1,"
                     "{'d':'\\n'}]},null]}}},{'delete':{'filter':{'must':{'key':'a','range':{'gt':'2024-01-01'}}}}}]}");
  torture(read_and_write, json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, free_arena)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_qd_message_write_json_of_scalars_is_bare),
      TEST(test_qd_message_read_json_of_vectors_takes_every_form),
      TEST(test_qd_message_read_json_of_selectors_takes_every_form),
      TEST(test_qd_message_read_json_of_filters_takes_every_form),
      TEST(test_qd_message_read_json_of_queries_takes_every_form),
      TEST(test_qd_message_read_json_of_old_searches_takes_every_form),
      TEST(test_qd_message_read_json_of_update_batches_takes_every_operation),
      TEST(test_qd_message_read_json_of_replies_is_their_result),
      TEST(test_qd_message_read_json_of_bad_values_names_their_place),
      TEST(test_qd_message_read_json_from_server_ignores_what_is_new),
      TEST(test_qd_message_read_json_from_client_refuses_unknown_keys_in_filters_alone),
      TEST(test_qd_message_read_json_from_client_of_rivals_takes_the_first_by_number),
      TEST(test_qd_message_json_of_infinite_numbers_is_null_in_replies),
      TEST(test_qd_message_write_json_of_what_json_cannot_say_names_its_place),
      TEST(test_qd_message_write_json_of_old_vector_fields_is_as_of_new_ones),
      TEST(test_qd_message_write_json_of_deep_messages_is_refused),
      TEST(test_qd_message_json_without_memory_says_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
