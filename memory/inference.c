#include "memory/inference.h"

#include "core/error.h"
#include "memory/bm25.h"

#include <strings.h>

static int is_own_model(const char *model) {
  return model != NULL && (strcasecmp(model, "qdrant/bm25") == 0 || strcasecmp(model, "bm25") == 0);
}

/* In a query the server makes the same of all failures. */
static qdrant_status pass_failure(const qdrant_error *why, qd_text_kind kind, qdrant_error *err) {
  if (kind == QD_TEXT_STORED || why->status == QDRANT_NO_MEMORY)
    return qd_error_pass(err, why);
  return qd_fail(err, QDRANT_INTERNAL, "Inference error: %s", why->message);
}

static qdrant_status fail_service(qdrant_error *why) {
  return qd_fail(why, QDRANT_INTERNAL,
      "Service internal error: InferenceService URL not configured - please provide valid address in config");
}

qdrant_status qd_inference_document(
    const Qdrant__Document *document, qd_text_kind kind, qd_arena *arena, qd_vector *vector, qdrant_error *err) {
  qdrant_error why = {0};
  qdrant_status status =
      is_own_model(document->model) ? qd_bm25_embed(document, kind, arena, vector, &why) : fail_service(&why);
  return status == QDRANT_OK ? QDRANT_OK : pass_failure(&why, kind, err);
}

qdrant_status qd_inference_refuse(const char *model, qd_text_kind kind, qdrant_error *err) {
  qdrant_error why = {0};
  if (is_own_model(model))
    qd_fail(&why, QDRANT_INVALID_ARGUMENT, "Wrong input: Only text input is supported for %s.", model);
  else
    fail_service(&why);
  return pass_failure(&why, kind, err);
}
