#include "memory/memory_transport.h"
