#ifndef QD_GEO_H
#define QD_GEO_H

#include "qdrant/pb/json_with_int.pb-c.h"
#include "qdrant/pb/qdrant_common.pb-c.h"

/* Conditions on a payload object {"lon": number, "lat": number}; any other value matches none of them. Borders are
 * outside, as on the server. */
int qd_geo_in_box(const Qdrant__GeoBoundingBox *box, const Qdrant__Value *value);
int qd_geo_in_radius(const Qdrant__GeoRadius *circle, const Qdrant__Value *value);
int qd_geo_in_polygon(const Qdrant__GeoPolygon *polygon, const Qdrant__Value *value);

/* Metres on the globe from origin to such an object. 0 when the value is none. */
int qd_geo_distance(const Qdrant__GeoPoint *origin, const Qdrant__Value *value, double *distance_m);

#endif
