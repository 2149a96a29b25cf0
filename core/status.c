#include "qdrant/error.h"
