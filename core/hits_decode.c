#include "core/hits_decode.h"
