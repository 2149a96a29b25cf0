#ifndef QDRANT_EXPORT_H
#define QDRANT_EXPORT_H

/* Marks what the shared library exports; everything else is hidden. */
#if defined(__GNUC__)
#define QDRANT_API __attribute__((visibility("default")))
#define QDRANT_PRINTF(format_index, first_index) __attribute__((format(printf, format_index, first_index)))
#else
#define QDRANT_API
#define QDRANT_PRINTF(format_index, first_index)
#endif

#endif
