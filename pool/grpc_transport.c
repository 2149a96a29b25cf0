#include "pool/grpc_transport.h"
