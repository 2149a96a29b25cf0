#ifndef QD_REDACT_H
#define QD_REDACT_H

/* Blanks out what follows the name of a secret ("api-key", "authorization", in any case), or what announces the raw
 * bytes of a connection, up to the end of its line, in place: for texts that others have made, where no one knows how a
 * value is quoted or where it ends. */
void qd_redact(char *text);

#endif
