#include "core/rpc.h"
