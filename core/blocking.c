#include "core/blocking.h"
