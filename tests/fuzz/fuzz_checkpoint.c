/* Any bytes are read as a checkpoint or refused with the line; what is read never claims more than it may. Since hardly
 * any mutation keeps the checksum, each input is tried once as it is and once with the checksum it should have. */
#include "client/checkpoint.h"
#include "tests/fuzz/fuzz.h"

#include <inttypes.h>
#include <string.h>

enum { SUM_LINE_BYTES = 32 };

static void require_sound(const qdrant_checkpoint *checkpoint) {
  uint64_t end = 0;
  fuzz_require(checkpoint->collection != NULL && checkpoint->source != NULL, "texts");
  fuzz_require(checkpoint->n_failed <= QD_CHECKPOINT_MAX_FAILED, "a bounded number of ranges");
  for (size_t i = 0; i < checkpoint->n_failed; i++) {
    uint64_t first = checkpoint->failed[2 * i];
    uint64_t n_points = checkpoint->failed[2 * i + 1];
    fuzz_require(n_points > 0 && first <= UINT64_MAX - n_points, "ranges of points");
    fuzz_require(i == 0 || first > end, "ranges in order and apart");
    end = first + n_points;
  }
  fuzz_require(end <= checkpoint->first_unreported, "ranges before the low-water mark");
}

static void parse(const char *text, size_t n_bytes) {
  const qdrant_checkpoint *checkpoint = NULL;
  qdrant_error err = {0};
  qdrant_status status = qd_checkpoint_parse(text, n_bytes, &checkpoint, &err);
  fuzz_require((status == QDRANT_OK) == (checkpoint != NULL), "a checkpoint or an error");
  fuzz_require(status == QDRANT_OK || err.message[0] != '\0', "a message with every error");
  if (checkpoint != NULL)
    require_sound(checkpoint);
  qdrant_checkpoint_free(checkpoint);
}

/* The lines before the last one that begins with "sum ". */
static size_t find_sum(const char *text, size_t n_bytes) {
  for (size_t at = n_bytes; at >= 5; at--)
    if (memcmp(text + at - 5, "\nsum ", 5) == 0)
      return at - 4;
  return n_bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  char *text = malloc(n_bytes + SUM_LINE_BYTES);
  if (text == NULL)
    return 0;
  if (n_bytes > 0)
    memcpy(text, bytes, n_bytes);
  parse(text, n_bytes);
  size_t n_lines = find_sum(text, n_bytes);
  int n_sum = snprintf(text + n_lines, SUM_LINE_BYTES, "sum %016" PRIx64 "\n", qd_checkpoint_sum(text, n_lines));
  parse(text, n_lines + (size_t)n_sum);
  free(text);
  return 0;
}
