#ifndef QD_UPLOAD_VERIFY_H
#define QD_UPLOAD_VERIFY_H

#include "client/uploader.h"

/* Reading a batch back by its ids. */

/* Makes uploader->reading: what a GetPoints has around its ids. NO_MEMORY, INVALID_ARGUMENT. */
qdrant_status qd_upload_verify_frame(qdrant_uploader *uploader, qdrant_error *err);

/* The request; NULL when out of memory. */
qd_body *qd_upload_verify_request(const qdrant_uploader *uploader, const qd_upload_batch *batch);

/* Takes the answer's ids: points counted as done whose ids are not there become MAYBE. reply NULL: none could be read,
 * for the reason in error. */
void qd_upload_verify_take(qd_upload_batch *batch, qdrant_reply *reply, const qdrant_error *error);

#endif
