#include "memory/geo.h"

#include "memory/path.h"

#include <math.h>

typedef struct position {
  double lon;
  double lat;
} position;

static int read_number(const Qdrant__Value *value, double *number) {
  if (value != NULL && value->kind_case == QDRANT__VALUE__KIND_DOUBLE_VALUE)
    *number = value->double_value;
  else if (value != NULL && value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE)
    *number = (double)value->integer_value;
  else
    return 0;
  return 1;
}

static int read_position(const Qdrant__Value *value, position *at) {
  if (value->kind_case != QDRANT__VALUE__KIND_STRUCT_VALUE)
    return 0;
  return read_number(qd_struct_get(value->struct_value, "lon", 3), &at->lon) &&
         read_number(qd_struct_get(value->struct_value, "lat", 3), &at->lat);
}

int qd_geo_in_box(const Qdrant__GeoBoundingBox *box, const Qdrant__Value *value) {
  position at;
  if (!read_position(value, &at))
    return 0;
  double west = box->top_left->lon;
  double east = box->bottom_right->lon;
  /* A box whose west lies east of its east crosses the antimeridian. */
  int is_lon_inside = west > east ? at.lon > west || at.lon < east : at.lon > west && at.lon < east;
  return is_lon_inside && at.lat > box->bottom_right->lat && at.lat < box->top_left->lat;
}

static double radians(double degrees) {
  return degrees * (3.14159265358979323846 / 180.0);
}

/* Great-circle distance on a sphere of the earth's mean radius (IUGG), by the haversine formula. */
static double metres_between(double lon_a, double lat_a, double lon_b, double lat_b) {
  static const double earth_radius_m = 6371008.8;
  double half_lat = sin(radians(lat_b - lat_a) / 2);
  double half_lon = sin(radians(lon_b - lon_a) / 2);
  double a = half_lat * half_lat + half_lon * half_lon * cos(radians(lat_a)) * cos(radians(lat_b));
  return 2 * earth_radius_m * asin(sqrt(a));
}

int qd_geo_distance(const Qdrant__GeoPoint *origin, const Qdrant__Value *value, double *distance_m) {
  position at;
  if (!read_position(value, &at))
    return 0;
  *distance_m = metres_between(origin->lon, origin->lat, at.lon, at.lat);
  return 1;
}

int qd_geo_in_radius(const Qdrant__GeoRadius *circle, const Qdrant__Value *value) {
  double distance_m;
  return qd_geo_distance(circle->center, value, &distance_m) && distance_m < (double)circle->radius;
}

static int is_between(double value, double a, double b) {
  return (value >= a && value <= b) || (value >= b && value <= a);
}

static int is_on_edge(const position *at, const Qdrant__GeoPoint *a, const Qdrant__GeoPoint *b) {
  double cross = (b->lon - a->lon) * (at->lat - a->lat) - (b->lat - a->lat) * (at->lon - a->lon);
  return cross == 0.0 && is_between(at->lon, a->lon, b->lon) && is_between(at->lat, a->lat, b->lat);
}

typedef enum side { OUTSIDE, INSIDE, ON_BORDER } side;

/* Counts the edges that a ray to the east crosses; a ring is closed whether or not its last point repeats the first. */
static side side_of_ring(const position *at, const Qdrant__GeoLineString *ring) {
  int is_inside = 0;
  size_t n = ring->n_points;
  for (size_t i = 0; i < n; i++) {
    const Qdrant__GeoPoint *a = ring->points[i];
    const Qdrant__GeoPoint *b = ring->points[i + 1 == n ? 0 : i + 1];
    if (is_on_edge(at, a, b))
      return ON_BORDER;
    if ((a->lat > at->lat) == (b->lat > at->lat))
      continue;
    double crossing_lon = a->lon + (at->lat - a->lat) * (b->lon - a->lon) / (b->lat - a->lat);
    is_inside ^= at->lon < crossing_lon;
  }
  return is_inside ? INSIDE : OUTSIDE;
}

int qd_geo_in_polygon(const Qdrant__GeoPolygon *polygon, const Qdrant__Value *value) {
  position at;
  if (!read_position(value, &at) || side_of_ring(&at, polygon->exterior) != INSIDE)
    return 0;
  for (size_t i = 0; i < polygon->n_interiors; i++)
    if (side_of_ring(&at, polygon->interiors[i]) != OUTSIDE)
      return 0;
  return 1;
}
