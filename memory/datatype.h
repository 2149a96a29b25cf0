#ifndef QD_DATATYPE_H
#define QD_DATATYPE_H

#include "qdrant/pb/collections.pb-c.h"

/* Rounds floats to what a datatype can hold; they stay floats in memory. */
void qd_datatype_round(Qdrant__Datatype datatype, float *values, size_t n);

#endif
