/* figures.c - a table of counts, a table of statistics, and the causes by their keys. */
#include "scenarios/match/figures.h"

#include "proxy/base/attrs.h"
#include "proxy/base/clock.h"
#include "proxy/base/nearest.h"

#include <math.h>
#include <string.h>

#define DELAYED_ACK "delayed_ack" /* of any class */

/* A sum of one or two counters, or of both directions. */
struct count_row {
	const char *name;
	size_t first, second; /* offsets in struct service_counts; second 0: there is none */
};

#define COUNT(field) offsetof(struct service_counts, field)
#define BOTH(field)  COUNT(field[0]), COUNT(field[1])

static const struct count_row counts[] = {
    {"connections", COUNT(connections), 0},
    {"midstream", COUNT(midstream), 0},
    {"unreliable", COUNT(unreliable), 0},
    {"answered", COUNT(answered), 0},
    {"gathered", COUNT(gathered), 0},
    {"prompt", COUNT(prompt), 0},
    {"empty", COUNT(empty), 0},
    {"refused", COUNT(refused), 0},
    {"passed_over", COUNT(passed_over), 0},
    {"dropped", COUNT(dropped_by_fin), COUNT(dropped_by_rst)},
    {"dropped_by_fin", COUNT(dropped_by_fin), 0},
    {"dropped_by_rst", COUNT(dropped_by_rst), 0},
    {"truncated", COUNT(truncated), 0},
    {"requests_dropped", COUNT(requests_dropped), 0},
    {"reset_answers", COUNT(reset_answers), 0},
    {"forgotten", COUNT(forgotten), 0},
    {"exchanges", COUNT(exchanges), 0},
    {"scaled", COUNT(scaled), 0},
    {"unscaled", COUNT(unscaled), 0},
    {"data_segments", BOTH(data_segments)},
    {"retransmissions", BOTH(judged_retransmissions)},
    {"zero_windows", BOTH(zero_windows)},
    {"client_fins", COUNT(fins[DIR_UPSTREAM]), 0},
    {"server_fins", COUNT(fins[DIR_DOWNSTREAM]), 0},
    {"client_resets", COUNT(resets[DIR_UPSTREAM]), 0},
    {"server_resets", COUNT(resets[DIR_DOWNSTREAM]), 0},
    {"client_bytes", COUNT(data_bytes[DIR_UPSTREAM]), 0},
    {"server_bytes", COUNT(data_bytes[DIR_DOWNSTREAM]), 0},
};

/* What was found of whole connections and of groups of them (findings.h). */
static const struct found_row {
	const char *name;
	enum finding_kind kind;
} founds[] = {
    {"connection_limit", FINDING_CONNECTION_LIMIT},
    {"pool_reset", FINDING_POOL_RESET},
    {"stale", FINDING_STALE},
    {"no_close_notify", FINDING_NO_CLOSE_NOTIFY},
    {"rate_loss", FINDING_RATE_LOSS},
};

/* Times of whole connections, one a connection. */
static const struct time_row {
	const char *name;
	size_t offset; /* in struct service */
} times[] = {
    {"connect", offsetof(struct service, connects)},
    {"unanswered", offsetof(struct service, unanswered)},
    {"headers_only", offsetof(struct service, headers_only)},
    {"fin_wait", offsetof(struct service, fin_waits)},
    {"dropped_after", offsetof(struct service, drops)},
};

/* The stalls of one name. */
struct stalls {
	struct durations lengths, values;
	uint64_t connections, to_client;
	const struct scope_sums *of;
};

static double stalls_count(const struct stalls *s)
{
	return (double)s->lengths.n;
}

static double stalls_connections(const struct stalls *s)
{
	return (double)s->connections;
}

static double stalls_time(const struct stalls *s)
{
	return clock_seconds(s->lengths.total);
}

static double stalls_per_exchange(const struct stalls *s)
{
	uint64_t n = s->of->service.counts.exchanges;

	return n ? (double)s->lengths.n / (double)n : NAN;
}

static double take_quantile(const struct durations *d, double q)
{
	return d->n ? clock_seconds(durations_quantile(d, q)) : NAN;
}

static double stalls_p05(const struct stalls *s)
{
	return take_quantile(&s->values, 0.05);
}

static double stalls_p50(const struct stalls *s)
{
	return take_quantile(&s->values, 0.5);
}

static double stalls_p95(const struct stalls *s)
{
	return take_quantile(&s->values, 0.95);
}

static double stalls_max(const struct stalls *s)
{
	return take_quantile(&s->values, 1);
}

static double stalls_to_client(const struct stalls *s)
{
	return s->lengths.n ? (double)s->to_client / (double)s->lengths.n : NAN;
}

static double stalls_lost_share(const struct stalls *s)
{
	int64_t lost = tallies_lost(&s->of->service.tallies);

	return lost ? (double)s->lengths.total / (double)lost : 0;
}

static double stalls_spread(const struct stalls *s)
{
	double middle = stalls_p50(s);

	return middle > 0 ? (stalls_p95(s) - stalls_p05(s)) / middle : NAN;
}

static const struct stat_row {
	const char *name;
	char unit; /* as in quantity.h */
	double (*compute)(const struct stalls *s);
} stats[] = {
    {"count", 'n', stalls_count},
    {"connections", 'n', stalls_connections},
    {"per_exchange", 'r', stalls_per_exchange},
    {"time", 's', stalls_time},
    {"p05", 's', stalls_p05},
    {"p50", 's', stalls_p50},
    {"p95", 's', stalls_p95},
    {"max", 's', stalls_max},
    {"spread", 'r', stalls_spread},
    {"to_client", 'r', stalls_to_client},
    {"lost_share", 'r', stalls_lost_share},
};

#define STATS_TEXT "count connections per_exchange time p05 p50 p95 max spread to_client lost_share"

/* Returns the row of that name in a table whose rows begin with their names, or NULL. */
static const void *find_row(const void *table, size_t size, size_t n, const char *name)
{
	const char *row = table, *end = row + size * n;

	while (row < end && strcmp(*(const char *const *)(const void *)row, name) != 0)
		row += size;
	return row < end ? row : NULL;
}
#define FIND_ROW(table, name) find_row(table, sizeof((table)[0]), ARRAY_LEN(table), name)

/* Writes the cause's key as a figure's name; returns buf. */
#define CAUSE_NAME 40
static char *cause_name(enum cause c, char buf[CAUSE_NAME])
{
	snprintf(buf, CAUSE_NAME, "%s", cause_row(c)->key);
	for (char *p = buf; *p; p++)
		if (*p == '-')
			*p = '_';
	return buf;
}

/* Returns the cause of that name, or CAUSE_COUNT; of DELAYED_ACK the first of its classes. */
static enum cause figure_cause(const char *name)
{
	char key[CAUSE_NAME];

	if (strcmp(name, DELAYED_ACK) == 0)
		return CAUSE_DELAYED_ACK_LINUX;
	for (int c = 0; c < CAUSE_COUNT; c++)
		if (strcmp(cause_name((enum cause)c, key), name) == 0)
			return (enum cause)c;
	return CAUSE_COUNT;
}

bool figure_has_times(const char *name)
{
	return FIND_ROW(times, name) || figure_cause(name) != CAUSE_COUNT;
}

const char *figure_number_words(const char *name)
{
	const struct found_row *row = FIND_ROW(founds, name);

	if (strcmp(name, "hung") == 0)
		return "requests that hung at the same time";
	return row ? finding_row(row->kind)->number : NULL;
}

static double servers_of(const struct scope_sums *of)
{
	return (double)of->servers;
}

static double ports_of(const struct scope_sums *of)
{
	return (double)of->ports;
}

static double most_hung(const struct scope_sums *of)
{
	return (double)of->service.hung.most;
}

static double hung_correlation(const struct scope_sums *of)
{
	return hung_requests_correlation(&of->service.hung);
}

static double hung_slowdown(const struct scope_sums *of)
{
	return hung_requests_slowdown(&of->service.hung);
}

/* Values that are computed. */
static const struct value_row {
	const char *name;
	char unit; /* as in quantity.h */
	double (*compute)(const struct scope_sums *of);
} values[] = {
    {"servers", 'n', servers_of},
    {"ports", 'n', ports_of},
    {"hung", 'n', most_hung},
    {"hung_correlation", 'r', hung_correlation},
    {"hung_slowdown", 'x', hung_slowdown},
};

static int refuse_name(const char *name, struct err *e)
{
	static char keys[CAUSE_COUNT][CAUSE_NAME];
	const char *names[ARRAY_LEN(counts) + ARRAY_LEN(founds) + CAUSE_COUNT + ARRAY_LEN(times) +
			  ARRAY_LEN(values) + 2];
	char hint[NEAREST_HINT];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		names[n++] = counts[i].name;
	for (size_t i = 0; i < ARRAY_LEN(founds); i++)
		names[n++] = founds[i].name;
	for (int c = 0; c < CAUSE_COUNT; c++)
		names[n++] = cause_name((enum cause)c, keys[c]);
	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		names[n++] = times[i].name;
	names[n++] = DELAYED_ACK;
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		names[n++] = values[i].name;
	names[n] = NULL;
	return err_set(e, "there is no figure '%s'%s; docs/signatures.md lists them", name,
		       nearest_hint(hint, nearest_name(name, names)));
}

static int refuse_stat(const struct metric_ref *ref, struct err *e)
{
	const char *names[ARRAY_LEN(stats) + 1];
	char hint[NEAREST_HINT];

	for (size_t i = 0; i < ARRAY_LEN(stats); i++)
		names[i] = stats[i].name;
	names[ARRAY_LEN(stats)] = NULL;
	if (!ref->stat[0])
		return err_set(e, "%s needs a statistic, %s.STATISTIC: " STATS_TEXT, ref->name,
			       ref->name);
	return err_set(e, "'%s' is no statistic%s: " STATS_TEXT, ref->stat,
		       nearest_hint(hint, nearest_name(ref->stat, names)));
}

int figure_known(void *arg, const struct metric_ref *ref, struct err *e)
{
	const struct value_row *value = FIND_ROW(values, ref->name);
	bool single = FIND_ROW(counts, ref->name) || FIND_ROW(founds, ref->name) || value;
	const struct stat_row *stat = FIND_ROW(stats, ref->stat);

	(void)arg;
	if (!single && !figure_has_times(ref->name))
		return refuse_name(ref->name, e);
	if (single && ref->stat[0])
		return err_set(e, "%s is one value and takes no statistic", ref->name);
	if (value)
		return value->unit;
	if (single)
		return strstr(ref->name, "_bytes") ? 'b' : 'n';
	if (!stat)
		return refuse_stat(ref, e);
	return stat->unit;
}

static void add_stalls(const struct scope_sums *of, enum cause c, struct stalls *s)
{
	const struct tally *x = of->service.tallies.of[c];

	if (!x)
		return;
	durations_merge(&s->lengths, &x->lengths);
	durations_merge(&s->values, &x->values);
	s->connections += of->service.with[c];
	s->to_client += x->to_client;
}

static void add_times(const struct scope_sums *of, const struct time_row *row, struct stalls *s)
{
	const char *base = (const char *)&of->service;
	const struct durations *d = (const void *)(base + row->offset);

	durations_merge(&s->lengths, d);
	durations_merge(&s->values, d);
	s->connections = d->n;
}

static double compute_stat(const struct scope_sums *of, const struct metric_ref *ref)
{
	const struct time_row *row = FIND_ROW(times, ref->name);
	const struct stat_row *stat = FIND_ROW(stats, ref->stat);
	enum cause first = figure_cause(ref->name), last = first;
	struct stalls s = {.of = of};
	double value;

	if (row)
		add_times(of, row, &s);
	if (strcmp(ref->name, DELAYED_ACK) == 0)
		last = CAUSE_DELAYED_ACK_OTHER;
	for (int c = (int)first; c < CAUSE_COUNT && c <= (int)last; c++)
		add_stalls(of, (enum cause)c, &s);
	/* A connection may have delayed ACKs of several classes. */
	if (s.connections > of->service.counts.connections)
		s.connections = of->service.counts.connections;
	value = stat->compute(&s);
	durations_fini(&s.lengths);
	durations_fini(&s.values);
	return value;
}

static double count_of(const struct scope_sums *of, const struct count_row *row)
{
	const char *base = (const char *)&of->service.counts;
	double n = (double)*(const uint64_t *)(const void *)(base + row->first);

	if (row->second)
		n += (double)*(const uint64_t *)(const void *)(base + row->second);
	return n;
}

bool figure_withheld(const struct scope *s, const struct metric_ref *ref)
{
	bool other = strcmp(ref->traffic, METRIC_OTHER) == 0;
	const struct service_counts *n = &(other ? &s->others : &s->sums)->service.counts;
	enum cause c = figure_cause(ref->name);
	bool lost = strcmp(ref->name, "retransmissions") == 0 ||
		    strcmp(ref->name, "rate_loss") == 0 ||
		    strcmp(ref->name, "forgotten") == 0 || strcmp(ref->name, "passed_over") == 0 ||
		    (c != CAUSE_COUNT && cause_needs_all(c));

	return lost && (s->dropped || (n->connections && n->unreliable == n->connections));
}

int figure_value(const struct scope *s, const struct metric_ref *ref, double *out, struct err *e)
{
	bool other = strcmp(ref->traffic, METRIC_OTHER) == 0;
	const struct scope_sums *of = other ? &s->others : &s->sums;
	const struct count_row *row = FIND_ROW(counts, ref->name);
	const struct found_row *found = FIND_ROW(founds, ref->name);
	const struct value_row *value = FIND_ROW(values, ref->name);

	if (other && !of->service.counts.connections)
		return err_set(e, "there is no other service in the capture");
	if (row)
		*out = count_of(of, row);
	else if (found)
		*out = (double)of->findings[found->kind];
	else if (value)
		*out = value->compute(of);
	else
		*out = compute_stat(of, ref);
	return isfinite(*out) ? 0 : err_set(e, "there is none");
}
