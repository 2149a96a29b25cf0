#ifndef TEST_RAW_PEER_H
#define TEST_RAW_PEER_H

#include <stddef.h>
#include <stdint.h>

/* A server of bare sockets that misbehaves. */
typedef enum raw_behaviour {
  RAW_SILENT,              /* accepts, then neither reads nor writes */
  RAW_NEVER_READS,         /* opens HTTP/2 with the largest windows and never reads: TCP itself fills up */
  RAW_HTTP1,               /* answers as a web server does */
  RAW_CLOSES,              /* closes at once */
  RAW_OPENS_AND_CLOSES,    /* completes HTTP/2's handshake, then closes */
  RAW_CLOSE_AFTER_HEADERS, /* answers a call with its headers and closes */
  RAW_RESET,               /* a TCP reset in answer to a call */
  RAW_GOAWAY, /* GOAWAY with code 11, ENHANCE_YOUR_CALM, in answer to a call, which it says it has not seen */
  RAW_DRAIN,  /* the first connection: after two calls GOAWAY with code 0 whose last stream is the first call's, which
               * is then answered; later connections: answers every call */
  RAW_RST_STREAM, /* RST_STREAM with the code of the options in answer to a call */
  RAW_WEB,        /* answers a call over HTTP/2 as a web server does: 404 */
  RAW_RELAY       /* hands everything on to another port, until it is paused or cut */
} raw_behaviour;

typedef struct raw_options {
  raw_behaviour behaviour;
  uint32_t rst_code;
  uint16_t relay_port;
} raw_options;

typedef struct raw_peer raw_peer;

raw_peer *raw_peer_start(const raw_options *options);
uint16_t raw_peer_port(const raw_peer *peer);
size_t raw_peer_n_accepted(raw_peer *peer);

/* RAW_RELAY: moves nothing from now on, with all sockets open: as a stopped process does. */
void raw_peer_pause(raw_peer *peer);

/* Closes all connections; new ones are accepted. */
void raw_peer_cut(raw_peer *peer);
void raw_peer_stop(raw_peer *peer);

/* A port on 127.0.0.1 that nobody listens on, the test's own until its process ends. A grpc_peer may be started on it.
 */
uint16_t unused_port(void);

#endif
