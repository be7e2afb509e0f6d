/* metric_ref.c - the lists of vantages and statistics, and a metric back into its text. */
#include "scenarios/scenario/metric_ref.h"

#include "proxy/base/nearest.h"

#include <stdio.h>
#include <string.h>

const char *const metric_vantages[] = {"client_app", "client_wire", "server_wire", "server_app",
				       NULL};

const char *const metric_stats[] = {"p01",
				    "p05",
				    "p10",
				    "p25",
				    "p50",
				    "p75",
				    "p90",
				    "p95",
				    "p99",
				    "min",
				    "max",
				    "mean",
				    "sum",
				    "count",
				    "cv",
				    "share",
				    "spearman",
				    "runs_p",
				    "ks_exponential_p",
				    NULL};

static bool is_among(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

bool metric_is_vantage(const char *word)
{
	return is_among(word, metric_vantages);
}

bool metric_is_stat(const char *word)
{
	return is_among(word, metric_stats);
}

int metric_refuse_stat(const char *word, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *near = nearest_name(word, metric_stats);

	return err_set(e, "'%s' is no statistic%s: %s", word, nearest_hint(hint, near),
		       METRIC_STATS);
}

char *metric_format(const struct metric_ref *ref, char buf[METRIC_TEXT])
{
	bool is_main = strcmp(ref->traffic, "main") == 0 && !ref->host[0];
	int n;

	if (!ref->vantage[0]) {
		snprintf(buf, METRIC_TEXT, "%s%s%s%s%s", is_main ? "" : ref->traffic,
			 is_main ? "" : ".", ref->name, ref->stat[0] ? "." : "", ref->stat);
		return buf;
	}
	n = snprintf(buf, METRIC_TEXT, "%s%s%s%s%s%s%s%s%s.%s%s%s", ref->phase,
		     ref->section[0] ? ":" : "", ref->section, ref->phase[0] ? "." : "",
		     ref->vantage, is_main ? "" : ".", is_main ? "" : ref->traffic,
		     ref->host[0] ? "@" : "", ref->host, ref->name, ref->stat[0] ? "." : "",
		     ref->stat);

	if (strcmp(ref->stat, "share") == 0)
		snprintf(buf + n, METRIC_TEXT - (size_t)n, "(%g,%g)", ref->low, ref->high);
	return buf;
}
