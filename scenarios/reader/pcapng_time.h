/* pcapng_time.h - a pcapng time stamp in nanoseconds. Pure; knows no blocks. */
#ifndef WEDGE_SCENARIOS_READER_PCAPNG_TIME_H
#define WEDGE_SCENARIOS_READER_PCAPNG_TIME_H

#include <stdint.h>

#define PCAPNG_MICROSECONDS 6 /* if_tsresol where an interface has none (draft 4.2) */

/* Returns the wall-clock nanoseconds of a stamp of that many units. resolution: if_tsresol, a unit
 * is 10^-resolution s, or 2^-(resolution - 128) s from 128 on. offset: if_tsoffset, seconds. What
 * lies outside of 1970 to CAPTURE_SECONDS_MAX becomes the nearest of both. */
int64_t pcapng_time(uint64_t units, uint8_t resolution, int64_t offset);

#endif
