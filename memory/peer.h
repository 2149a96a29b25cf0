#ifndef QD_PEER_H
#define QD_PEER_H

/* What a server without cluster mode has in place of a peer's id. */
#define QD_PEER_ID 1

#endif
