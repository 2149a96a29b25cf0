#ifndef QDRANT_SNAPSHOT_H
#define QDRANT_SNAPSHOT_H

#include "qdrant/call.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Snapshots as files: gRPC makes, lists and deletes them (calls.h), only REST moves them. These functions use the
 * client's REST port, also when it prefers gRPC; UNSUPPORTED when there is none. All block, run in the calling thread
 * over a connection of their own, and take little memory whatever the file's size. Not inside a callback. */

/* Whose snapshot: of the whole storage (all zero), of a collection, or of one of its shards. */
typedef struct qdrant_snapshot_place {
  size_t size; /* sizeof(qdrant_snapshot_place) */
  const char *collection;
  int is_shard;
  uint32_t shard_id;
} qdrant_snapshot_place;

#define QDRANT_SNAPSHOT_PLACE_INIT QDRANT_SIZED(qdrant_snapshot_place)

/* Which data wins when a snapshot meets a replica that holds other data. */
typedef enum qdrant_snapshot_priority {
  QDRANT_PRIORITY_DEFAULT = 0, /* the server decides: replica */
  QDRANT_PRIORITY_REPLICA = 1,
  QDRANT_PRIORITY_SNAPSHOT = 2,
  QDRANT_PRIORITY_NO_SYNC = 3
} qdrant_snapshot_priority;

typedef struct qdrant_transfer_options {
  size_t size;              /* sizeof(qdrant_transfer_options) */
  int64_t timeout_ms;       /* the whole, retries included; 0 and -1: none but the limit of 24 hours */
  int64_t stall_timeout_ms; /* an attempt in which less than a byte a second moves for so long ends; 0: 60,000 */
  int32_t max_retries;      /* attempts in a row that bring nothing new; 0: the client's; -1: none */
  qdrant_toggle resume;     /* download: goes on with the bytes that an earlier one left behind; ON by default */
  const char *checksum;     /* SHA-256, 64 hexadecimal digits; NULL: download: the one that the server lists, if it
                             * does; upload: that of the file; recover: none */
  qdrant_snapshot_priority priority; /* upload, recover */
  qdrant_toggle wait;                /* upload, recover: until it is done; ON by default */
  const char *source_api_key;        /* recover: the key that the location's server wants; NULL: none */
  qdrant_cancel *cancel;             /* NULL: it cannot be cancelled */
  void (*progress)(void *user, uint64_t n_done, uint64_t n_total); /* bytes, a few times a second, in the calling
                                                                    * thread; n_total 0: not known; NULL: nobody asks */
  void *user;
} qdrant_transfer_options;

#define QDRANT_TRANSFER_OPTIONS_INIT QDRANT_SIZED(qdrant_transfer_options)

/* Downloads a snapshot to a file. It is written to "PATH.part" beside it, checked against the checksum, flushed to disk
 * and only then put in the place of path, which may exist. A transfer that is cut goes on where it stopped; after a
 * failure the part stays, and the next download of the same snapshot goes on with it if the checksum is known. name:
 * as Snapshots/List tells it; NULL, for a shard only: a snapshot made while it is sent. options NULL: all defaults.
 * Errors: NOT_FOUND; DATA_LOSS when the checksum does not fit (the part is deleted); IO_ERROR names the file;
 * UNAVAILABLE, DEADLINE_EXCEEDED and CANCELLED say how many bytes are there. */
QDRANT_API qdrant_status qdrant_snapshot_download(qdrant_client *client, const qdrant_snapshot_place *place,
    const char *name, const char *path, const qdrant_transfer_options *options, qdrant_error *err);

/* Uploads a snapshot file and makes it the data of the collection, which is created if there is none, or of the shard.
 * Not for the whole storage. Tried again only when nothing of it was received. Errors: as for a write: err->delivery.
 */
QDRANT_API qdrant_status qdrant_snapshot_upload(qdrant_client *client, const qdrant_snapshot_place *place,
    const char *path, const qdrant_transfer_options *options, qdrant_error *err);

/* Lets the server fetch a snapshot and make it the data of the collection or shard. location: an http(s) or file URL
 * as the server sees it. Of a shard also a snapshot's own name. */
QDRANT_API qdrant_status qdrant_snapshot_recover(qdrant_client *client, const qdrant_snapshot_place *place,
    const char *location, const qdrant_transfer_options *options, qdrant_error *err);

/* Snapshots of one shard: made, listed and deleted. On success *reply is the caller's; qdrant_reply_result (rest.h)
 * gives the JSON: a description, an array of descriptions, true. */
QDRANT_API qdrant_status qdrant_shard_snapshot_create(qdrant_client *client, const char *collection, uint32_t shard_id,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_shard_snapshot_list(qdrant_client *client, const char *collection, uint32_t shard_id,
    const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);
QDRANT_API qdrant_status qdrant_shard_snapshot_delete(qdrant_client *client, const char *collection, uint32_t shard_id,
    const char *name, const qdrant_call_options *options, qdrant_reply **reply, qdrant_error *err);

#ifdef __cplusplus
}
#endif
#endif
