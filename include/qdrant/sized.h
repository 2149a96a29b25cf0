#ifndef QDRANT_SIZED_H
#define QDRANT_SIZED_H

/* Structs that may grow at their end begin with their size, so that a program built against an older header goes on
 * working. Initialise them with their macro (QDRANT_OPTIONS_INIT, ...) or set `size` by hand; everything else zero
 * means defaults. */
#ifdef __cplusplus
template <typename Struct> inline Struct qdrant_sized() {
  Struct value = Struct();
  value.size = sizeof(Struct);
  return value;
}
#define QDRANT_SIZED(type) qdrant_sized<type>()
#else
#define QDRANT_SIZED(type)                                                                                             \
  { .size = sizeof(type) }
#endif

#endif
