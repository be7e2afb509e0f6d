/* app_metrics.c - an exchange is a row of numbers in a result; most metrics are a column, or the
 * difference of two. */
#include "scenarios/run/app_metrics.h"

#include "proxy/base/attrs.h"

#include <string.h>

const struct app_metric app_metrics[] = {
    {"response", "s", true, "from the request written to the last byte of its response read"},
    {"first_byte", "s", true, "from the request written to the first byte of its response"},
    {"bytes", "bytes", true, "bytes of each response"},
    {"records", "count", true, "records of each list that came whole"},
    {"failed_after", "s", true, "from the request written to giving up, of each failed exchange"},
    {"failed_silence", "s", true,
     "from the last byte that came (or the request written) to giving up, of each failed exchange"},
    {"failed_bytes", "bytes", true, "bytes that came of each failed exchange's response"},
    {"failed_records", "count", true, "records that came of each list that failed"},
    {"failed_asked", "count", true, "records that were asked for, of each list that failed"},
    {"exchanges", "count", false, "exchanges tried"},
    {"completed", "count", false, "exchanges that succeeded"},
    {"failed", "count", false, "exchanges that failed: the sum of the next six"},
    {"failed_timeout", "count", false, "exchanges that the program gave up"},
    {"failed_reset", "count", false, "exchanges whose connection was reset"},
    {"failed_eof", "count", false, "exchanges whose connection ended too early, in good order"},
    {"failed_connect", "count", false, "exchanges that got no connection"},
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

/* The columns of an exchange in a result (workload.h). */
enum { COL_START, COL_FIRST, COL_END, COL_OK, COL_BYTES, COL_LAST, COL_RECORDS, COL_ASKED };

/* Metrics with a sample for each exchange: to - from (from -1: to alone), of those that succeeded
 * or of those that failed. */
static const struct {
	const char *name;
	bool ok;
	int from, to;
} columns[] = {
    {"response", true, COL_START, COL_END},
    {"first_byte", true, COL_START, COL_FIRST},
    {"bytes", true, -1, COL_BYTES},
    {"records", true, -1, COL_RECORDS},
    {"failed_after", false, COL_START, COL_END},
    {"failed_silence", false, COL_LAST, COL_END},
    {"failed_bytes", false, -1, COL_BYTES},
    {"failed_records", false, -1, COL_RECORDS},
    {"failed_asked", false, -1, COL_ASKED},
};

static double read_column(const json_t *exchange, int i)
{
	return json_number_value(json_array_get(exchange, (size_t)i));
}

static void add_column(const json_t *exchanges, bool ok, int from, int to, struct samples *out)
{
	size_t i;
	json_t *x;

	json_array_foreach(exchanges, i, x)
	{
		int since = from == COL_LAST && read_column(x, COL_LAST) == 0 ? COL_START : from;

		if ((read_column(x, COL_OK) != 0) != ok)
			continue;
		if ((to == COL_RECORDS || to == COL_ASKED) && read_column(x, COL_ASKED) == 0)
			continue; /* the exchange was not of a list */
		samples_add(out, read_column(x, to) - (since < 0 ? 0 : read_column(x, since)));
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
	const json_t *have_result = json_object_get(result, name);

	if (strcmp(name, "duration") == 0)
		samples_add(out, duration);
	else if (strcmp(name, "exchanges") == 0)
		samples_add(out, completed + failed);
	else if (strcmp(name, "success") == 0 && completed + failed > 0)
		samples_add(out, completed / (completed + failed));
	else if (json_is_number(have_result))
		samples_add(out, json_number_value(have_result));
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
	if (!m->sampled) {
		add_single(m->name, result, duration, out);
		return;
	}
	for (size_t k = 0; k < ARRAY_LEN(columns); k++)
		if (strcmp(columns[k].name, m->name) == 0) {
			add_column(json_object_get(result, "exchanges"), columns[k].ok,
				   columns[k].from, columns[k].to, out);
			return;
		}
	add_list(json_object_get(result, m->name), out);
}
