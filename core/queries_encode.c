#include "core/queries_encode.h"
