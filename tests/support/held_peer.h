#ifndef TEST_HELD_PEER_H
#define TEST_HELD_PEER_H

#include <stdint.h>

/* A server that speaks HTTP/2 over TLS to one connection and answers its first request, with no content, only when it
 * is told to. */
typedef struct held_peer held_peer;

/* With good.pem of tests/support/certificates.h, which are made before. Fails the process when it cannot. */
held_peer *held_peer_start(void);
uint16_t held_peer_port(const held_peer *peer);

/* Until the request is here. */
void held_peer_await_request(held_peer *peer);

/* Answers; the answer is in the client's socket when this returns. */
void held_peer_answer(held_peer *peer);

/* After the answer: once the client has closed the connection. */
void held_peer_stop(held_peer *peer);

#endif
