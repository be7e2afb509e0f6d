/* svg_scale.h - from values to places along an axis, and the round values that are marked on it.
 * Pure. */
#ifndef WEDGE_SCENARIOS_REPORT_SVG_SCALE_H
#define WEDGE_SCENARIOS_REPORT_SVG_SCALE_H

#include <stdbool.h>
#include <stddef.h>

/* The values low and high lie at the places from and to (per cent of an axis); between them linear,
 * or by powers of ten. */
struct svg_scale {
	double low, high; /* low < high; logarithmic: 0 < low */
	double from, to;
	bool logarithmic;
};

/* Returns the value's place, which is between from and to: what lies beyond is at the edge. */
double svg_place(const struct svg_scale *s, double value);

/* Writes at most max round values in the scale, ascending: 1, 2 or 5 times a power of ten apart, or
 * powers of ten. Returns how many. */
size_t svg_ticks(const struct svg_scale *s, size_t max, double *ticks);

#endif
