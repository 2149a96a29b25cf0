#include "qdrant/mock.h"
