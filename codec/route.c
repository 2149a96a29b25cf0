#include "codec/route.h"
