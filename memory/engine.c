#include "memory/engine.h"
