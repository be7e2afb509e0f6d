/* pair_json.c - one function an object of the schema. */
#include "scenarios/pairs/pair_json.h"

#include "proxy/base/clock.h"

static json_t *make_seconds(int64_t ns)
{
	return json_real(clock_seconds(ns));
}

static void set_count(json_t *j, const char *name, uint64_t n)
{
	json_object_set_new(j, name, json_integer((json_int_t)n));
}

static json_t *make_connections(const struct attribution *a)
{
	json_t *j = json_object();

	set_count(j, "near", a->connections[0]);
	set_count(j, "far", a->connections[1]);
	set_count(j, "same", a->twins[TWIN_SAME]);
	set_count(j, "nat", a->twins[TWIN_NAT]);
	set_count(j, "proxy", a->twins[TWIN_PROXY]);
	set_count(j, "ambiguous", a->ambiguous);
	set_count(j, "wordless", a->wordless);
	set_count(j, "outside", a->outside);
	set_count(j, "missing", a->missing);
	set_count(j, "absent", a->absent);
	return j;
}

static json_t *make_clocks(const struct clock_align *c)
{
	json_t *j = json_object();

	json_object_set_new(j, "offset", json_real(c->offset / NS_PER_S));
	json_object_set_new(j, "drift", json_real(c->drift));
	json_object_set_new(j, "error", json_real(c->error / NS_PER_S));
	return j;
}

static json_t *make_share(const struct durations *d)
{
	json_t *j = json_object();

	json_object_set_new(j, "total", make_seconds(d->total));
	json_object_set_new(j, "median", make_seconds(durations_quantile(d, 0.5)));
	return j;
}

static json_t *make_frames(const struct stall *s)
{
	json_t *list = json_array();

	for (int i = 0; i < STALL_FRAMES && s->frames[i]; i++)
		json_array_append_new(list, json_integer(s->frames[i]));
	return list;
}

static json_t *make_cause(enum cause c)
{
	const struct cause_row *row = cause_row(c);
	json_t *j = json_object();

	json_object_set_new(j, "cause", json_string(row->key));
	json_object_set_new(j, "rule", json_string(row->rule));
	json_object_set_new(j, "words", json_string(row->words));
	json_object_set_new(j, "lost", json_boolean(row->lost));
	return j;
}

static json_t *make_wait(enum cause c, const struct attributed *x)
{
	static const char *const names[SHARES] = {
	    [SHARE_CLIENT] = "client",
	    [SHARE_UP] = "to_server",
	    [SHARE_SERVER] = "server",
	    [SHARE_DOWN] = "to_client",
	};
	json_t *j = make_cause(c), *first = json_object();

	set_count(j, "count", x->lengths.n);
	json_object_set_new(j, "total", make_seconds(x->lengths.total));
	for (int s = 0; s < SHARES; s++)
		json_object_set_new(j, names[s], make_share(&x->shares[s]));
	set_count(first, "stream", x->first.connection);
	json_object_set_new(first, "frames", make_frames(&x->first));
	json_object_set_new(j, "first", first);
	return j;
}

json_t *pair_json(const struct attribution *a)
{
	json_t *j = json_object(), *waits = json_array(), *unsplit = json_array();

	for (int c = 0; c < CAUSE_COUNT; c++) {
		json_t *x;

		if (a->causes[c].lengths.n)
			json_array_append_new(waits, make_wait((enum cause)c, &a->causes[c]));
		if (!a->unsplit[c].n)
			continue;
		x = make_cause((enum cause)c);
		set_count(x, "count", a->unsplit[c].n);
		json_object_set_new(x, "total", make_seconds(a->unsplit[c].total));
		json_array_append_new(unsplit, x);
	}
	json_object_set_new(j, "legs", json_boolean(a->question.legs));
	json_object_set_new(j, "swapped", json_boolean(a->swapped));
	json_object_set_new(j, "connections", make_connections(a));
	json_object_set_new(j, "absent_lost", make_seconds(a->absent_lost));
	json_object_set_new(j, "clocks", make_clocks(&a->clocks));
	json_object_set_new(j, "waits", waits);
	json_object_set_new(j, "unsplit", unsplit);
	set_count(j, "not_found", a->not_found);
	return j;
}
