/* app_metrics.c - an exchange is a row of numbers in a result; most metrics are a column, or the
 * difference of two. */
#include "scenarios/run/app_metrics.h"

#include "proxy/base/attrs.h"
#include "proxy/base/clock.h"
#include "scenarios/run/app_episodes.h"
#include "scenarios/run/app_exchange.h"

#include <string.h>

const struct app_metric app_metrics[] = {
    {"response", "s", true, "from the request written to the last byte of its response read"},
    {"first_byte", "s", true, "from the request written to the first byte of its response"},
    {"bytes", "bytes", true, "bytes of each response"},
    {"records", "count", true, "records of each list that came whole"},
    {"post_dial_delay", "s", true,
     "from dialling to the first sign that it rings (180, 183), of each call that rang: the "
     "relay's "
     "answer included where that is awaited before"},
    {"connect_time", "s", true, "from dialling to the answer (200), of each call answered"},
    {"beeps", "count", true, "beeps that the caller heard before it rang, of each call that rang"},
    {"failed_after", "s", true, "from the request written to giving up, of each failed exchange"},
    {"failed_call", "s", true,
     "from the answer (200) to the end, of each call that was answered and failed: how long it "
     "hung "
     "in connecting"},
    {"failed_silence", "s", true,
     "from the last byte that came (or the request written) to giving up, of each failed exchange"},
    {"failed_bytes", "bytes", true, "bytes that came of each failed exchange's response"},
    {"failed_records", "count", true, "records that came of each list that failed"},
    {"failed_asked", "count", true, "records that were asked for, of each list that failed"},
    {"outcome", "count", true,
     "1 for an exchange that succeeded, 0 for one that failed, in the order of their starts"},
    {"episodes", "count", false, "runs of failed exchanges, in the order of their starts"},
    {"episode_length", "s", true,
     "start of an episode's first failed exchange to the start of the next that succeeds, or, when "
     "none does, to the end of its last"},
    {"episode_gap", "s", true,
     "from an episode's end to the start of the next one's first failed exchange"},
    {"exchanges", "count", false, "exchanges tried"},
    {"completed", "count", false, "exchanges that succeeded"},
    {"failed", "count", false, "exchanges that failed: the sum of the next six"},
    {"failed_timeout", "count", false,
     "exchanges that the program gave up on a connection that had been made"},
    {"failed_reset", "count", false, "exchanges whose connection was reset"},
    {"failed_eof", "count", false, "exchanges whose connection ended too early, in good order"},
    {"failed_connect", "count", false,
     "exchanges that got no connection: refused, unreachable, or none within the timeout"},
    {"failed_corrupt", "count", false, "exchanges whose body was not the one announced"},
    {"failed_other", "count", false, "exchanges that failed in another way"},
    {"first_completed", "s", true,
     "from a section's beginning to the end of the first exchange in it that succeeded, each time"},
    {"first_failed", "s", true,
     "from a section's beginning to the start of the first exchange in it that failed, each time"},
    {"retries", "count", false, "exchanges that repeated one which had failed"},
    {"retried_ok", "count", false, "of these, those that succeeded"},
    {"altered", "count", false, "bodies that were not the one announced, accepted or not"},
    {"success", "ratio", false, "completed / exchanges"},
    {"probes", "count", false,
     "health checks that have ended (balance=connect_probe, request_probe)"},
    {"probe_success", "ratio", false, "of these, those that found their server well"},
    {"connections", "count", false, "connections made or accepted"},
    {"total", "s", false, "from the first request to the last response"},
    {"duration", "s", false, "from start to end of the main client, by the runner's clock"},
    {"bytes_in", "bytes", false, "bytes read from the network"},
    {"bytes_out", "bytes", false, "bytes written to the network"},
    {"closing", "s", true, "from the own FIN to the other end's FIN or RST (close: shutdown)"},
    {"close_timeouts", "count", false, "connections whose other end never ended its side in time"},
    {"idle_lost", "s", true, "how long a connection had been idle when it was found dead"},
    {"idle_kept", "s", true, "how long a connection had been idle, thought alive, at the stop"},
    {"exit_status", "count", false, "of a command"},
    {.name = NULL},
};

#define ALONE COL_OK /* as the column from: none is taken off */

/* Metrics with a sample for each exchange: to - from, of those that succeeded, failed, or both. */
static const struct column {
	const char *name;
	enum { FAILED, SUCCEEDED, ANY } which;
	enum app_column from, to;
} columns[] = {
    {"response", SUCCEEDED, COL_START, COL_END},
    {"first_byte", SUCCEEDED, COL_START, COL_FIRST},
    {"bytes", SUCCEEDED, ALONE, COL_BYTES},
    {"records", SUCCEEDED, ALONE, COL_RECORDS},
    {"post_dial_delay", ANY, COL_START, COL_RINGING},
    {"connect_time", ANY, COL_START, COL_ANSWERED},
    {"beeps", ANY, ALONE, COL_BEEPS},
    {"failed_after", FAILED, COL_START, COL_END},
    {"failed_call", FAILED, COL_ANSWERED, COL_END},
    {"failed_silence", FAILED, COL_LAST, COL_END},
    {"failed_bytes", FAILED, ALONE, COL_BYTES},
    {"failed_records", FAILED, ALONE, COL_RECORDS},
    {"failed_asked", FAILED, ALONE, COL_ASKED},
};

static const struct {
	const char *name;
	enum app_episodes what;
} episodes[] = {
    {"outcome", EPISODE_OUTCOME},
    {"episodes", EPISODE_COUNT},
    {"episode_length", EPISODE_LENGTH},
    {"episode_gap", EPISODE_GAP},
};

static double wall_offset(const json_t *result)
{
	return json_number_value(json_object_get(result, "wall_minus_monotonic"));
}

/* Returns whether the exchange has what the column measures: records only a list has, a first byte
 * only what was answered, beeps only a call that rang. */
static bool has_column(const json_t *x, const struct column *c)
{
	bool ok = app_exchange_column(x, COL_OK) != 0;

	if (c->which != ANY && (c->which == SUCCEEDED) != ok)
		return false;
	if (c->to == COL_RECORDS || c->to == COL_ASKED)
		return app_exchange_column(x, COL_ASKED) != 0;
	if (c->from == COL_ANSWERED && app_exchange_column(x, COL_ANSWERED) == 0)
		return false;
	if (c->to == COL_BEEPS)
		return app_exchange_column(x, COL_RINGING) != 0;
	if (c->to == COL_FIRST || c->to == COL_RINGING || c->to == COL_ANSWERED)
		return app_exchange_column(x, c->to) != 0;
	return true;
}

static void add_column(const json_t *result, const struct column *c, struct samples *out)
{
	size_t i;
	json_t *x;

	json_array_foreach(json_object_get(result, "exchanges"), i, x)
	{
		bool nothing_came = app_exchange_column(x, COL_LAST) == 0;
		enum app_column from = c->from == COL_LAST && nothing_came ? COL_START : c->from;
		double since = from == ALONE ? 0 : app_exchange_column(x, from);

		if (!has_column(x, c))
			continue;
		samples_add_at(
		    out, app_exchange_column(x, c->to) - since,
		    clock_from_seconds(app_exchange_column(x, COL_START) + wall_offset(result)));
	}
}

static void add_list(const json_t *list, struct samples *out)
{
	size_t i;
	json_t *x;

	json_array_foreach(list, i, x) samples_add(out, json_number_value(x));
}

static void add_single(const char *name, const json_t *result, double duration, struct samples *out)
{
	double completed = json_number_value(json_object_get(result, "completed"));
	double failed = json_number_value(json_object_get(result, "failed"));
	double probes = json_number_value(json_object_get(result, "probes"));
	const json_t *have_result = json_object_get(result, name);

	if (strcmp(name, "duration") == 0)
		samples_add(out, duration);
	else if (strcmp(name, "exchanges") == 0 && result)
		samples_add(out, completed + failed);
	else if (strcmp(name, "success") == 0 && completed + failed > 0)
		samples_add(out, completed / (completed + failed));
	else if (strcmp(name, "probe_success") == 0 && probes > 0)
		samples_add(out, json_number_value(json_object_get(result, "probes_ok")) / probes);
	else if (strcmp(name, "total") == 0 && completed + failed == 0)
		return; /* there was no first request */
	else if (json_is_number(have_result))
		samples_add(out, json_number_value(have_result));
}

bool app_metric_is_timed(const struct app_metric *m)
{
	for (size_t k = 0; k < ARRAY_LEN(columns); k++)
		if (strcmp(columns[k].name, m->name) == 0)
			return true;
	for (size_t k = 0; k < ARRAY_LEN(episodes); k++)
		if (strcmp(episodes[k].name, m->name) == 0)
			return m->sampled;
	return false;
}

const struct app_metric *app_metric_find(const char *name)
{
	for (const struct app_metric *m = app_metrics; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

void app_metric_add_samples(const struct app_metric *m, const json_t *result, double duration,
			    struct samples *out)
{
	for (size_t k = 0; k < ARRAY_LEN(episodes); k++)
		if (strcmp(episodes[k].name, m->name) == 0) {
			app_episodes_add(json_object_get(result, "exchanges"), wall_offset(result),
					 episodes[k].what, out);
			return;
		}
	if (!m->sampled) {
		add_single(m->name, result, duration, out);
		return;
	}
	for (size_t k = 0; k < ARRAY_LEN(columns); k++)
		if (strcmp(columns[k].name, m->name) == 0) {
			add_column(result, &columns[k], out);
			return;
		}
	add_list(json_object_get(result, m->name), out);
}
