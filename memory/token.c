#include "memory/token.h"

#include "memory/letters.h"

#include <string.h>

typedef size_t (*letter_writer)(uint32_t letter, char out[QD_LETTER_BYTES]);

void qd_token_set(qd_token *token, const char *text, size_t n_bytes) {
  token->n_bytes = n_bytes < sizeof token->bytes ? n_bytes : sizeof token->bytes;
  if (token->n_bytes > 0)
    memcpy(token->bytes, text, token->n_bytes);
}

/* Letter by letter; what no longer fits is left away. */
static void rewrite(qd_token *token, letter_writer write) {
  qd_token rewritten;
  rewritten.n_bytes = 0;
  char letter[QD_LETTER_BYTES];
  size_t n_read;
  for (size_t at = 0; at < token->n_bytes; at += n_read) {
    size_t n = write(qd_letter_read(token->bytes + at, token->n_bytes - at, &n_read), letter);
    if (n > sizeof rewritten.bytes - rewritten.n_bytes)
      break;
    memcpy(rewritten.bytes + rewritten.n_bytes, letter, n);
    rewritten.n_bytes += n;
  }
  qd_token_set(token, rewritten.bytes, rewritten.n_bytes);
}

void qd_token_fold(qd_token *token) {
  rewrite(token, qd_letter_write_folded);
}

void qd_token_lower(qd_token *token) {
  static const char capital_sigma[2] = {'\xCE', '\xA3'};
  static const char final_sigma[2] = {'\xCF', '\x82'};
  int ends_in_sigma =
      token->n_bytes > 2 && memcmp(token->bytes + token->n_bytes - 2, capital_sigma, sizeof capital_sigma) == 0;
  rewrite(token, qd_letter_write_lower);
  /* The Greek sigma is another letter at a word's end. */
  if (ends_in_sigma && token->n_bytes > 2)
    memcpy(token->bytes + token->n_bytes - 2, final_sigma, sizeof final_sigma);
}

size_t qd_token_bytes_of(const qd_token *token, size_t n_letters) {
  size_t at = 0;
  for (size_t n_read; at < token->n_bytes && n_letters > 0; at += n_read, n_letters--)
    qd_letter_read(token->bytes + at, token->n_bytes - at, &n_read);
  return at;
}
