/* units.h - durations, sizes, rates and percentages as people write them, and back. */
#ifndef WEDGE_BASE_UNITS_H
#define WEDGE_BASE_UNITS_H

#include "proxy/base/err.h"

/* All of these take a space before the unit, and the other spellings of unit_words.h ("100 MS",
 * "10kb", "1mbit"). Where a spelling has two meanings ("1Mbps", "10K") the error offers both. */

/* Parses "200ms", "1.5s", "30us", "250ns", "2m", "1h", "1d" into nanoseconds. A bare 0 is allowed;
 * any other number needs its unit. Refuses negative values, overflow and trailing text. */
int parse_duration(const char *text, int64_t *ns, struct err *e) WG_MUSTUSE;

/* Parses "180B", "10KB" (1000), "16KiB" (1024), "2MB", "1MiB", "1GB", "1GiB", "512" into bytes. */
int parse_size(const char *text, uint64_t *bytes, struct err *e) WG_MUSTUSE;

/* Parses "1000kB/s", "2MiB/s", "8Mbit/s", "1Gbit/s", "100kbit/s" into bytes per second. */
int parse_rate(const char *text, uint64_t *bytes_per_s, struct err *e) WG_MUSTUSE;

/* Parses "5%" or "0.05" into a fraction in [0, 1]. */
int parse_fraction(const char *text, double *fraction, struct err *e) WG_MUSTUSE;

/* Parses a whole decimal number; refuses signs, overflow, trailing text. */
int parse_count(const char *text, uint64_t *n, struct err *e) WG_MUSTUSE;

/* Parses a number with an optional unit of any of the kinds above, for expectations: durations
 * become seconds, sizes bytes, rates bytes per second, percentages fractions, and bare numbers
 * stay. Sets *letter to the kind: 's', 'b', 'R', 'r', 'n' for a bare number, or 0 for a bare zero,
 * which is of each kind; and *end behind what was read. */
int parse_quantity(const char *text, double *value, char *letter, const char **end,
		   struct err *e) WG_MUSTUSE;

/* Writes value with a unit as written ("ms", "KiB", "Mbit/s", "%", none), rounded to what parse_*
 * would take: whole nanoseconds, bytes, bytes per second; others to nine decimals. Returns buf. */
#define UNITS_ROUNDED 340
char *round_quantity(double value, const char *unit, char buf[UNITS_ROUNDED]);

/* Write the shortest exact form in the largest fitting unit ("200ms", "16KiB", "1MB/s", "5%");
 * return buf. */
#define UNITS_TEXT 32
char *format_duration(int64_t ns, char buf[UNITS_TEXT]);
char *format_size(uint64_t bytes, char buf[UNITS_TEXT]);
char *format_rate(uint64_t bytes_per_s, char buf[UNITS_TEXT]);
char *format_fraction(double fraction, char buf[UNITS_TEXT]);

/* Writes a measured time for reports, in three significant digits ("0.104 ms", "200.6 ms", "12.1
 * s"). */
char *format_seconds(double seconds, char buf[UNITS_TEXT]);

#endif
