#include "fallback_rest/rest_transport.h"
