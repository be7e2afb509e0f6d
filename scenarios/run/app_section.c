/* app_section.c - the columns are those of workload.h; clocks are one in all namespaces. */
#include "scenarios/run/app_section.h"

#include "proxy/base/clock.h"
#include "scenarios/run/app_exchange.h"
#include "scenarios/workload/tally.h"

#include <string.h>

bool app_section_has(const char *metric)
{
	/* Of connections and of the whole program; nobody noted when. */
	static const char *const whole[] = {
	    "altered",	 "connections", "duration",	  "bytes_in",	 "bytes_out",
	    "idle_lost", "idle_kept",	"close_timeouts", "exit_status", "total"};

	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (strcmp(whole[i], metric) == 0)
			return false;
	return true;
}

static void count_up(json_t *out, const char *key, json_int_t n)
{
	json_int_t old = json_integer_value(json_object_get(out, key));

	json_object_set_new(out, key, json_integer(old + n));
}

static void add_exchange(json_t *out, json_t *x)
{
	bool ok = app_exchange_column(x, COL_OK) != 0,
	     retry = app_exchange_column(x, COL_RETRY) != 0;

	json_array_append(json_object_get(out, "exchanges"), x);
	count_up(out, ok ? "completed" : "failed", 1);
	if (!ok)
		count_up(out, tally_outcome_name((enum outcome)app_exchange_column(x, COL_OUTCOME)),
			 1);
	count_up(out, "retries", retry);
	count_up(out, "retried_ok", retry && ok);
}

/* Adds one time of the section. */
static void add_times(json_t *out, const json_t *exchanges, double from, double to)
{
	double first[2] = {0, 0}; /* failed, completed */
	size_t i;
	json_t *x;

	json_array_foreach(exchanges, i, x)
	{
		bool ok = app_exchange_column(x, COL_OK) != 0;
		double at = app_exchange_column(x, ok ? COL_END : COL_START);

		if (app_exchange_column(x, COL_START) < from ||
		    app_exchange_column(x, COL_START) >= to)
			continue;
		add_exchange(out, x);
		if (first[ok] == 0 || at < first[ok])
			first[ok] = at;
	}
	if (first[1] != 0)
		json_array_append_new(json_object_get(out, "first_completed"),
				      json_real(first[1] - from));
	if (first[0] != 0)
		json_array_append_new(json_object_get(out, "first_failed"),
				      json_real(first[0] - from));
}

/* Adds the connections whose own FIN was sent in that time. */
static void add_closings(json_t *out, const json_t *result, double from, double to)
{
	const json_t *began = json_object_get(result, "closing_began");
	const json_t *closing = json_object_get(result, "closing");

	for (size_t i = 0; i < json_array_size(began); i++) {
		double at = json_number_value(json_array_get(began, i));

		if (at >= from && at < to)
			json_array_append(json_object_get(out, "closing"),
					  json_array_get(closing, i));
	}
}

static void add_section(json_t *out, const json_t *result, const struct phase_section *s)
{
	double from = clock_seconds(s->from), to = clock_seconds(s->to);

	add_times(out, json_object_get(result, "exchanges"), from, to);
	add_closings(out, result, from, to);
}

json_t *app_section(const struct phase_data *d, const char *section, const json_t *result)
{
	const json_t *exchanges = json_object_get(result, "exchanges");
	json_int_t n = json_integer_value(json_object_get(result, "completed")) +
		       json_integer_value(json_object_get(result, "failed"));
	json_t *out = json_pack("{s:[],s:[],s:[],s:[]}", "exchanges", "first_completed",
				"first_failed", "closing");

	json_object_set(out, "wall_minus_monotonic",
			json_object_get(result, "wall_minus_monotonic"));
	if (!exchanges || (json_int_t)json_array_size(exchanges) != n)
		return out;
	for (int i = OUTCOME_OK + 1; i < OUTCOME_COUNT; i++)
		count_up(out, tally_outcome_name((enum outcome)i), 0);
	count_up(out, "completed", 0);
	count_up(out, "failed", 0);
	for (size_t i = 0; i < d->nsections; i++)
		if (strcmp(d->sections[i].name, section) == 0)
			add_section(out, result, &d->sections[i]);
	return out;
}
