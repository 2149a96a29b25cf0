/* The two faces of qdrant-null-server: gRPC with canned replies, and bare TCP. Each serves on one thread until a
 * SIGTERM or SIGINT. */
#ifndef BENCH_NULL_SERVER_H
#define BENCH_NULL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What arrived. Health checks and the like are counted apart, so that the rest is exactly the measured work. */
typedef struct null_counts {
  uint64_t calls; /* upsert, query and query batch; on TCP, frames */
  uint64_t items; /* points or queries in them; not known on TCP */
  uint64_t request_bytes;
  uint64_t other_calls;
} null_counts;

enum { NULL_COUNTS_TEXT_BYTES = 160 };

/* One JSON object without a line end. */
void null_counts_print(const null_counts *counts, char text[NULL_COUNTS_TEXT_BYTES]);

/* One JSON line on standard output that says where the server listens; port 0 stands for "not served". */
void null_print_ready(uint16_t grpc_port, uint16_t tcp_port);

/* SIGTERM and SIGINT are blocked when these are called. False: could not listen. Port 0 lets the system choose. */
bool null_serve_grpc(uint16_t port, uint32_t limit, null_counts *counts);
bool null_serve_tcp(uint16_t port, null_counts *counts);

/* Goes before each frame of the bare TCP face, in the machine's byte order: both ends are the same machine. */
typedef struct null_frame_header {
  uint32_t request_bytes; /* that follow */
  uint32_t reply_bytes;   /* that the server sends back for this frame: zeros */
} null_frame_header;

#endif
