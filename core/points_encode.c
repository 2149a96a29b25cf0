#include "core/points_encode.h"
