#include "core/body.h"
