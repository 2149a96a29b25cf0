#ifndef QD_CONFIG_WARNINGS_H
#define QD_CONFIG_WARNINGS_H

#include "memory/job.h"

/* Puts the server's warnings about settings that it would ignore into a collection's info. config must outlive it.
 * NO_MEMORY. */
qdrant_status qd_config_fill_warnings(
    qd_job *job, const Qdrant__CollectionConfig *config, Qdrant__CollectionInfo *info);

#endif
