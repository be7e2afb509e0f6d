/* metrics.h - a service in Prometheus' text format: Toxiproxy's counters, and wedge's own. Changes
 * nothing. */
#ifndef WEDGE_API_METRICS_H
#define WEDGE_API_METRICS_H

#include "proxy/api/toxi.h"

#include <event2/buffer.h>

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Appends all metrics. answered: requests that the API has answered so far. */
void metrics_write(const struct toxi *t, uint64_t answered, struct evbuffer *out);

#endif
