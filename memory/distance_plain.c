#include "memory/distance.h"

const qd_distance_kernels *qd_distance_best(void) {
  return &qd_distance_portable;
}
