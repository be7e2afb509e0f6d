/* metric_ref.h - how a metric is written: its vantage, traffic, name and statistic. Knows no metric
 * by name: the loader asks for that through a metric_known_fn. */
#ifndef WEDGE_SCENARIOS_SCENARIO_METRIC_REF_H
#define WEDGE_SCENARIOS_SCENARIO_METRIC_REF_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define METRIC_STATS                                                                               \
	"p01 p05 p10 p25 p50 p75 p90 p95 p99 min max mean sum count cv share(LOW,HIGH) "           \
	"spearman runs_p ks_exponential_p"

#define METRIC_OTHER "other" /* of a figure: that of everything else in the capture */

/* A metric as an expectation names it. traffic is "main" when the text names none; it may be a
 * host's name, for everything of that host. host: "", or of TRAFFIC@HOST. section: "", or a part of
 * the phase. A figure of one capture (expect_parse_condition) has neither phase nor vantage. */
struct metric_ref {
	char phase[32], section[32], vantage[16], traffic[32], host[32], name[40], stat[20];
	double low, high; /* share(LOW,HIGH) */
	char bounds;	  /* their unit, as in quantity.h; 0: fits every unit */
	char unit;	  /* as in quantity.h, with the statistic applied; 0: not known */
};

/* Called for every metric that a file names: -1 with *e when there is no such metric; else the unit
 * of the value, with the statistic applied, as in quantity.h, or 0 when that isn't known. */
typedef int metric_known_fn(void *arg, const struct metric_ref *ref, struct err *e);

extern const char *const metric_vantages[]; /* NULL-terminated, as is the next */
extern const char *const metric_stats[];

bool metric_is_vantage(const char *word);
bool metric_is_stat(const char *word);

/* Refuses a word that is no statistic, with the nearest one; returns -1. */
int metric_refuse_stat(const char *word, struct err *e);

#define METRIC_TEXT 256
/* Writes "impaired.client_app.response.p50", "impaired:filled.client_app.failed", without the phase
 * when it has none; returns buf. */
char *metric_format(const struct metric_ref *ref, char buf[METRIC_TEXT]);

#endif
