#include "qdrant/client.h"
