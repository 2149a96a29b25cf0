// The first program of a C++ user: every public header, the embedded engine, messages made with builders.
#include <qdrant/build.h>
#include <qdrant/calls.h>
#include <qdrant/mock.h>
#include <qdrant/search.h>
#include <qdrant/upsert.h>

#include <cstdio>
#include <memory>
#include <vector>

namespace {
struct ClientCloser {
  void operator()(qdrant_client *client) const {
    qdrant_client_close(client);
  }
};
struct ArenaFreer {
  void operator()(qdrant_arena *arena) const {
    qdrant_arena_free(arena);
  }
};

int fail(const qdrant_error &err) {
  std::fprintf(stderr, "error: %s: %s\n", qdrant_status_name(err.status), err.message);
  return 1;
}
} // namespace

int main() {
  qdrant_error err;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = ":memory:";
  qdrant_client *opened = nullptr;
  if (qdrant_client_open(&options, &opened, &err) != QDRANT_OK)
    return fail(err);
  std::unique_ptr<qdrant_client, ClientCloser> client(opened);
  std::unique_ptr<qdrant_arena, ArenaFreer> arena(qdrant_arena_new());

  qdrant_reply *reply = nullptr;
  auto *create = qdrant_create_dense(arena.get(), "cpp", 3, QDRANT__DISTANCE__Cosine);
  if (qdrant_collections_create(client.get(), create, nullptr, &reply, &err) != QDRANT_OK)
    return fail(err);
  qdrant_reply_free(reply);
  reply = nullptr;

  const std::vector<float> values{0.1f, 0.2f, 0.3f};
  auto *point = qdrant_point(arena.get(), qdrant_point_id_uuid(arena.get(), "5c56c793-69f3-4fbf-87e6-c4bf54c28c26"),
      qdrant_vectors_dense(arena.get(), values.data(), values.size()));
  auto *upsert = static_cast<Qdrant__UpsertPoints *>(QDRANT_NEW(arena.get(), upsert_points));
  upsert->collection_name = qdrant_arena_strdup(arena.get(), "cpp");
  QDRANT_SET(upsert, wait, 1);
  QDRANT_APPEND(arena.get(), upsert, points, point);
  if (qdrant_points_upsert(client.get(), upsert, nullptr, &reply, &err) != QDRANT_OK)
    return fail(err);
  qdrant_reply_free(reply);
  reply = nullptr;

  auto *count = static_cast<Qdrant__CountPoints *>(QDRANT_NEW(arena.get(), count_points));
  count->collection_name = upsert->collection_name;
  QDRANT_SET(count, exact, 1);
  if (qdrant_points_count(client.get(), count, nullptr, &reply, &err) != QDRANT_OK)
    return fail(err);
  const auto *answer = qdrant_points_count_response(reply, &err);
  std::printf("points: %llu\n", static_cast<unsigned long long>(answer->result->count));
  const bool is_one = answer->result->count == 1;
  qdrant_reply_free(reply);
  return is_one ? 0 : 1;
}
