#include "core/sha256.h"
#include "qdrant/rest.h"
#include "qdrant/snapshot.h"
#include "tests/support/http_peer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_BYTES = 300000, PATH_BYTES = 256, HTTP_PARTIAL = 206 };

/* A server with one snapshot, and what shall go wrong with it. */
typedef struct world {
  http_peer *peer;
  qdrant_client *client;
  char folder[PATH_BYTES];
  char path[PATH_BYTES];
  char part[PATH_BYTES];
  char *content;
  char checksum[QD_SHA256_TEXT_BYTES];
  size_t n_cuts;           /* downloads still to be cut in the middle */
  int ignores_range;       /* always sends all of it */
  int has_stalled;         /* stalls in the middle */
  int lists_nothing;       /* knows no checksum */
  int code;                /* not 0: what is answered to a transfer */
  const char *text;        /* with it */
  http_then then;          /* after an upload */
  atomic_size_t n_handled; /* requests; orders what the peer's thread wrote before what the test then reads */
  /* What came. */
  size_t n_downloads;
  size_t n_uploads;
  uint64_t first_byte; /* of the last download */
  char if_range[64];
  char verb[16];
  char target[512];
  char *body; /* of the last upload, ended by NUL */
  size_t n_body;
  /* What the library told. */
  uint64_t n_done;
  uint64_t n_total;
  qdrant_cancel *cancelled_by_progress;
} world;

static void answer_list(world *made, http_answer *answer) {
  static char text[512];
  snprintf(text, sizeof text,
      "{\"result\":[{\"name\":\"a.snapshot\",\"size\":1%s%s%s}],\"status\":\"ok\",\"time\":0.1}",
      made->lists_nothing ? "" : ",\"checksum\":\"", made->lists_nothing ? "" : made->checksum,
      made->lists_nothing ? "" : "\"");
  answer->body = text;
}

static void answer_download(world *made, const http_request *request, http_answer *answer) {
  static char headers[256];
  char range[64];
  made->n_downloads++;
  http_header(request, "range", range, sizeof range);
  http_header(request, "if-range", made->if_range, sizeof made->if_range);
  made->first_byte = range[0] != '\0' ? strtoull(range + 6, NULL, 10) : 0;
  uint64_t first = made->ignores_range ? 0 : made->first_byte;
  answer->code = first > 0 ? HTTP_PARTIAL : 200;
  answer->body = made->content + first;
  answer->n_body = N_BYTES - first;
  snprintf(headers, sizeof headers, "etag: \"v1\"\r\ncontent-range: bytes %llu-%d/%d\r\n", (unsigned long long)first,
      N_BYTES - 1, N_BYTES);
  answer->headers = first > 0 ? headers : "etag: \"v1\"\r\n";
  if (made->n_cuts > 0 || made->has_stalled) {
    made->n_cuts -= made->n_cuts > 0;
    answer->n_withheld = answer->n_body / 2;
    answer->then = made->has_stalled ? HTTP_STALL : HTTP_CLOSE;
  }
}

static void keep_body(world *made, const http_request *request) {
  free(made->body);
  made->body = calloc(1, request->n_body + 1);
  memcpy(made->body, request->body, request->n_body);
  made->n_body = request->n_body;
}

static void handle(void *user, const http_request *request, http_answer *answer) {
  world *made = user;
  snprintf(made->verb, sizeof made->verb, "%s", request->verb);
  snprintf(made->target, sizeof made->target, "%s", request->target);
  answer->body = "{\"result\":true,\"status\":\"ok\",\"time\":0.1}";
  size_t n_target = strlen(request->target);
  if (made->code != 0 && (strstr(request->target, "snapshots/") != NULL)) {
    answer->code = made->code;
    answer->body = made->text;
  } else if (strcmp(request->verb, "GET") != 0) {
    made->n_uploads++;
    keep_body(made, request);
    answer->then = made->then;
    if (made->then != HTTP_KEEP)
      answer->raw = "";
  } else if (n_target >= 10 && strcmp(request->target + n_target - 10, "/snapshots") == 0) {
    answer_list(made, answer);
  } else {
    answer_download(made, request, answer);
  }
  atomic_fetch_add(&made->n_handled, 1);
}

static void write_file(const char *path, const char *bytes, size_t n_bytes) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, n_bytes, file), n_bytes);
  fclose(file);
}

static int has_file(const char *path) {
  return access(path, F_OK) == 0;
}

static void assert_downloaded(const world *made) {
  char *bytes = malloc(N_BYTES + 1);
  FILE *file = fopen(made->path, "rb");
  assert_non_null(file);
  assert_int_equal(fread(bytes, 1, N_BYTES + 1, file), N_BYTES);
  fclose(file);
  assert_memory_equal(bytes, made->content, N_BYTES);
  free(bytes);
  assert_false(has_file(made->part));
}

static int set_up(void **state) {
  world *made = calloc(1, sizeof *made);
  char url[64];
  snprintf(made->folder, sizeof made->folder, "/tmp/qdrant-snapshot-XXXXXX");
  assert_non_null(mkdtemp(made->folder));
  snprintf(made->path, sizeof made->path, "%.200s/a.snapshot", made->folder);
  snprintf(made->part, sizeof made->part, "%.200s/a.snapshot.part", made->folder);
  made->content = malloc(N_BYTES);
  for (size_t i = 0; i < N_BYTES; i++)
    made->content[i] = (char)(i * 31 + i / 256);
  write_file(made->path, made->content, N_BYTES);
  assert_int_equal(qd_sha256_file(made->path, made->checksum, NULL), QDRANT_OK);
  unlink(made->path);
  made->peer = http_peer_start(&(http_peer_options){.handler = handle, .user = made});
  snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)http_peer_port(made->peer));
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = url;
  options.rest_port = http_peer_port(made->peer);
  options.prefer_grpc = QDRANT_OFF;
  assert_int_equal(qdrant_client_open(&options, &made->client, NULL), QDRANT_OK);
  *state = made;
  return 0;
}

static int tear_down(void **state) {
  world *made = *state;
  qdrant_client_close(made->client);
  http_peer_stop(made->peer);
  unlink(made->path);
  unlink(made->part);
  rmdir(made->folder);
  free(made->content);
  free(made->body);
  free(made);
  return 0;
}

static void note_progress(void *user, uint64_t n_done, uint64_t n_total) {
  world *made = user;
  made->n_done = n_done;
  made->n_total = n_total;
  if (made->cancelled_by_progress != NULL)
    qdrant_cancel_fire(made->cancelled_by_progress);
}

static qdrant_transfer_options usual_options(world *made) {
  qdrant_transfer_options options = QDRANT_TRANSFER_OPTIONS_INIT;
  options.progress = note_progress;
  options.user = made;
  return options;
}

static qdrant_snapshot_place place_of(const char *collection) {
  qdrant_snapshot_place place = QDRANT_SNAPSHOT_PLACE_INIT;
  place.collection = collection;
  return place;
}

static qdrant_status download(world *made, const qdrant_transfer_options *options, qdrant_error *err) {
  qdrant_snapshot_place place = place_of("c d");
  return qdrant_snapshot_download(made->client, &place, "a.snapshot", made->path, options, err);
}

static void test_download_writes_the_whole_file_in_its_place(void **state) {
  world *made = *state;
  write_file(made->path, "old", 3);
  assert_int_equal(download(made, NULL, NULL), QDRANT_OK);
  assert_downloaded(made);
  assert_string_equal(made->target, "/collections/c%20d/snapshots/a.snapshot");
  assert_int_equal(made->n_downloads, 1);
}

static void test_download_that_is_cut_goes_on_where_it_stopped(void **state) {
  world *made = *state;
  qdrant_transfer_options options = usual_options(made);
  made->n_cuts = 5; /* more than retries: each brings something new */
  options.max_retries = 1;
  assert_int_equal(download(made, &options, NULL), QDRANT_OK);
  assert_downloaded(made);
  assert_int_equal(made->n_downloads, 6);
  assert_true(made->first_byte > N_BYTES / 2);
  assert_string_equal(made->if_range, "\"v1\"");
}

static void test_download_from_a_server_without_ranges_begins_again(void **state) {
  world *made = *state;
  made->n_cuts = 1;
  made->ignores_range = 1;
  assert_int_equal(download(made, NULL, NULL), QDRANT_OK);
  assert_downloaded(made);
  assert_true(made->first_byte > 0);
}

static void test_download_of_wrong_bytes_answers_data_loss_and_leaves_nothing(void **state) {
  world *made = *state;
  qdrant_error err;
  made->checksum[0] = made->checksum[0] == '0' ? '1' : '0';
  assert_int_equal(download(made, NULL, &err), QDRANT_DATA_LOSS);
  assert_false(has_file(made->path));
  assert_false(has_file(made->part));
  assert_int_equal(made->n_downloads, 1);
}

static void test_download_goes_on_with_the_part_of_an_earlier_call(void **state) {
  world *made = *state;
  qdrant_error err;
  qdrant_transfer_options options = usual_options(made);
  options.max_retries = -1;
  made->n_cuts = 1;
  assert_int_equal(download(made, &options, &err), QDRANT_UNAVAILABLE);
  assert_non_null(strstr(err.message, "150000 bytes are in "));
  assert_true(has_file(made->part));
  assert_int_equal(download(made, &options, NULL), QDRANT_OK);
  assert_int_equal(made->first_byte, N_BYTES / 2);
  assert_downloaded(made);
}

static void test_download_with_the_part_of_something_else_fetches_all(void **state) {
  world *made = *state;
  write_file(made->part, "something else", 14);
  assert_int_equal(download(made, NULL, NULL), QDRANT_OK);
  assert_downloaded(made);
  assert_int_equal(made->n_downloads, 2);
}

static void test_download_without_a_known_checksum_or_resume_begins_at_the_first_byte(void **state) {
  world *made = *state;
  qdrant_transfer_options options = usual_options(made);
  write_file(made->part, made->content, 1000);
  made->lists_nothing = 1;
  assert_int_equal(download(made, &options, NULL), QDRANT_OK);
  assert_int_equal(made->first_byte, 0);
  write_file(made->part, made->content, 1000);
  made->lists_nothing = 0;
  options.resume = QDRANT_OFF;
  assert_int_equal(download(made, &options, NULL), QDRANT_OK);
  assert_int_equal(made->first_byte, 0);
  assert_downloaded(made);
}

static void test_download_of_a_missing_snapshot_answers_not_found(void **state) {
  world *made = *state;
  qdrant_error err;
  made->code = 404;
  made->text = "{\"status\":{\"error\":\"Not found: Snapshot a.snapshot not found\"},\"time\":0.0}";
  assert_int_equal(download(made, NULL, &err), QDRANT_NOT_FOUND);
  assert_non_null(strstr(err.message, "Snapshot a.snapshot not found"));
  assert_int_equal(err.remote_code, 404);
  assert_int_equal(err.delivery, QDRANT_ANSWERED);
  assert_false(has_file(made->part));
}

static void test_download_that_stalls_answers_unavailable(void **state) {
  world *made = *state;
  qdrant_error err;
  qdrant_transfer_options options = usual_options(made);
  options.max_retries = -1;
  options.stall_timeout_ms = 1;
  made->has_stalled = 1;
  assert_int_equal(download(made, &options, &err), QDRANT_UNAVAILABLE);
  assert_non_null(strstr(err.message, "stall_timeout_ms"));
}

static void test_download_cancelled_by_its_progress_keeps_the_part(void **state) {
  world *made = *state;
  qdrant_error err;
  qdrant_transfer_options options = usual_options(made);
  options.cancel = made->cancelled_by_progress = qdrant_cancel_new();
  made->has_stalled = 1;
  assert_int_equal(download(made, &options, &err), QDRANT_CANCELLED);
  qdrant_cancel_free(options.cancel);
}

static void test_download_cancelled_before_it_begins_asks_nothing(void **state) {
  world *made = *state;
  qdrant_transfer_options options = usual_options(made);
  options.cancel = qdrant_cancel_new();
  qdrant_cancel_fire(options.cancel);
  assert_int_equal(download(made, &options, NULL), QDRANT_CANCELLED);
  assert_int_equal(atomic_load(&made->n_handled), 0);
  qdrant_cancel_free(options.cancel);
}

static void test_download_that_cannot_be_written_names_the_file(void **state) {
  world *made = *state;
  qdrant_error err;
  qdrant_snapshot_place place = place_of("c");
  assert_int_equal(
      qdrant_snapshot_download(made->client, &place, "a.snapshot", "/proc/none/a", NULL, &err), QDRANT_IO_ERROR);
  assert_non_null(strstr(err.message, "/proc/none/a.part"));
}

static void test_download_of_the_storage_and_of_shards_has_other_paths(void **state) {
  world *made = *state;
  qdrant_snapshot_place place = place_of(NULL);
  assert_int_equal(qdrant_snapshot_download(made->client, &place, "a.snapshot", made->path, NULL, NULL), QDRANT_OK);
  assert_string_equal(made->target, "/snapshots/a.snapshot");
  place = place_of("c");
  place.is_shard = 1;
  place.shard_id = 7;
  assert_int_equal(qdrant_snapshot_download(made->client, &place, "a.snapshot", made->path, NULL, NULL), QDRANT_OK);
  assert_string_equal(made->target, "/collections/c/shards/7/snapshots/a.snapshot");
  assert_int_equal(qdrant_snapshot_download(made->client, &place, NULL, made->path, NULL, NULL), QDRANT_OK);
  assert_string_equal(made->target, "/collections/c/shards/7/snapshot");
  assert_downloaded(made);
}

static void test_upload_sends_the_file_as_a_form_with_its_checksum(void **state) {
  world *made = *state;
  qdrant_snapshot_place place = place_of("c");
  qdrant_transfer_options options = usual_options(made);
  char wanted[256];
  write_file(made->path, "bytes of a snapshot", 19);
  assert_int_equal(qd_sha256_file(made->path, made->checksum, NULL), QDRANT_OK);
  options.priority = QDRANT_PRIORITY_SNAPSHOT;
  assert_int_equal(qdrant_snapshot_upload(made->client, &place, made->path, &options, NULL), QDRANT_OK);
  snprintf(
      wanted, sizeof wanted, "/collections/c/snapshots/upload?wait=true&checksum=%s&priority=snapshot", made->checksum);
  assert_string_equal(made->target, wanted);
  assert_string_equal(made->verb, "POST");
  assert_non_null(strstr(made->body, "name=\"snapshot\""));
  assert_non_null(strstr(made->body, "bytes of a snapshot"));
}

static void test_upload_that_ends_without_an_answer_may_have_arrived_and_is_not_repeated(void **state) {
  world *made = *state;
  qdrant_error err;
  qdrant_snapshot_place place = place_of("c");
  write_file(made->path, "bytes", 5);
  made->then = HTTP_CLOSE;
  assert_int_equal(qdrant_snapshot_upload(made->client, &place, made->path, NULL, &err), QDRANT_UNAVAILABLE);
  assert_int_equal(err.delivery, QDRANT_MAYBE);
  assert_int_equal(atomic_load(&made->n_handled), 1);
  assert_int_equal(made->n_uploads, 1);
}

static void test_upload_of_a_missing_file_or_to_the_storage_is_refused(void **state) {
  world *made = *state;
  qdrant_error err;
  qdrant_snapshot_place place = place_of("c");
  assert_int_equal(qdrant_snapshot_upload(made->client, &place, made->path, NULL, &err), QDRANT_IO_ERROR);
  place = place_of(NULL);
  assert_int_equal(qdrant_snapshot_upload(made->client, &place, made->path, NULL, &err), QDRANT_INVALID_ARGUMENT);
  assert_int_equal(made->n_uploads, 0);
}

static void test_recover_sends_what_it_was_given(void **state) {
  world *made = *state;
  qdrant_snapshot_place place = place_of("c");
  qdrant_transfer_options options = usual_options(made);
  options.source_api_key = "other";
  options.wait = QDRANT_OFF;
  options.priority = QDRANT_PRIORITY_NO_SYNC;
  assert_int_equal(qdrant_snapshot_recover(made->client, &place, "http://a/\"b\"", &options, NULL), QDRANT_OK);
  assert_string_equal(made->verb, "PUT");
  assert_string_equal(made->target, "/collections/c/snapshots/recover?wait=false");
  assert_string_equal(
      made->body, "{\"location\":\"http://a/\\\"b\\\"\",\"priority\":\"no_sync\",\"api_key\":\"other\"}");
}

static void test_shard_snapshots_are_made_listed_and_deleted(void **state) {
  world *made = *state;
  qdrant_reply *reply = NULL;
  assert_int_equal(qdrant_shard_snapshot_create(made->client, "c", 3, NULL, &reply, NULL), QDRANT_OK);
  assert_string_equal(made->target, "/collections/c/shards/3/snapshots");
  assert_string_equal(made->verb, "POST");
  qdrant_reply_free(reply);
  assert_int_equal(qdrant_shard_snapshot_list(made->client, "c", 3, NULL, &reply, NULL), QDRANT_OK);
  assert_non_null(strstr(qdrant_reply_result(reply, NULL, NULL), "[{\"name\":\"a.snapshot\""));
  qdrant_reply_free(reply);
  assert_int_equal(qdrant_shard_snapshot_delete(made->client, "c", 3, "a b", NULL, &reply, NULL), QDRANT_OK);
  assert_string_equal(made->target, "/collections/c/shards/3/snapshots/a%20b");
  assert_string_equal(qdrant_reply_result(reply, NULL, NULL), "true");
  qdrant_reply_free(reply);
}

static void test_without_rest_snapshots_are_unsupported(void **state) {
  qdrant_client *client = NULL;
  qdrant_error err;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_snapshot_place place = place_of("c");
  (void)state;
  options.url = ":memory:";
  assert_int_equal(qdrant_client_open(&options, &client, NULL), QDRANT_OK);
  assert_int_equal(qdrant_snapshot_download(client, &place, "a", "/tmp/a", NULL, &err), QDRANT_UNSUPPORTED);
  assert_int_equal(qdrant_snapshot_upload(client, &place, "/tmp/a", NULL, &err), QDRANT_UNSUPPORTED);
  qdrant_client_close(client);
}

static void test_wrong_options_are_named(void **state) {
  world *made = *state;
  qdrant_error err;
  qdrant_transfer_options options = usual_options(made);
  options.checksum = "abc";
  assert_int_equal(download(made, &options, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "options.checksum"));
  options = usual_options(made);
  options.timeout_ms = -2;
  assert_int_equal(download(made, &options, &err), QDRANT_INVALID_ARGUMENT);
  assert_non_null(strstr(err.message, "options.timeout_ms"));
  assert_int_equal(made->n_downloads, 0);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_WORLD(test_download_writes_the_whole_file_in_its_place),
      WITH_WORLD(test_download_that_is_cut_goes_on_where_it_stopped),
      WITH_WORLD(test_download_from_a_server_without_ranges_begins_again),
      WITH_WORLD(test_download_of_wrong_bytes_answers_data_loss_and_leaves_nothing),
      WITH_WORLD(test_download_goes_on_with_the_part_of_an_earlier_call),
      WITH_WORLD(test_download_with_the_part_of_something_else_fetches_all),
      WITH_WORLD(test_download_without_a_known_checksum_or_resume_begins_at_the_first_byte),
      WITH_WORLD(test_download_of_a_missing_snapshot_answers_not_found),
      WITH_WORLD(test_download_that_stalls_answers_unavailable),
      WITH_WORLD(test_download_cancelled_by_its_progress_keeps_the_part),
      WITH_WORLD(test_download_cancelled_before_it_begins_asks_nothing),
      WITH_WORLD(test_download_that_cannot_be_written_names_the_file),
      WITH_WORLD(test_download_of_the_storage_and_of_shards_has_other_paths),
      WITH_WORLD(test_upload_sends_the_file_as_a_form_with_its_checksum),
      WITH_WORLD(test_upload_that_ends_without_an_answer_may_have_arrived_and_is_not_repeated),
      WITH_WORLD(test_upload_of_a_missing_file_or_to_the_storage_is_refused),
      WITH_WORLD(test_recover_sends_what_it_was_given),
      WITH_WORLD(test_shard_snapshots_are_made_listed_and_deleted),
      cmocka_unit_test(test_without_rest_snapshots_are_unsupported),
      WITH_WORLD(test_wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
