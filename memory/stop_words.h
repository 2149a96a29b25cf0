#ifndef QD_STOP_WORDS_H
#define QD_STOP_WORDS_H

/* The words of a language that a text index leaves out, small and with a blank between them. language: as in an index's
 * parameters, "english" or "en". Empty for a language that the server has words of and the engine has not, NULL for any
 * other. */
const char *qd_stop_words(const char *language);

#endif
