#include "core/deadline.h"
