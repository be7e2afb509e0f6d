/* watch_state.c - each message replaces what the one before it has said; phases are counted in the
 * scenario's own object. */
#include "scenarios/watch/watch_state.h"

#include "proxy/base/clock.h"

#include <string.h>

void watch_state_fini(struct watch_state *s)
{
	json_decref(s->scenario);
	json_decref(s->verdict);
	json_decref(s->past);
	json_decref(s->wedge);
	*s = (struct watch_state){0};
}

static void replace_value(json_t **what, json_t *with)
{
	json_decref(*what);
	*what = with;
}

static json_t *make_phase(json_t *label)
{
	return json_pack("{s:O, s:s}", "label", label, "state", "waiting");
}

/* Keeps of what has been played its name and what came of it. */
static void end_scenario(struct watch_state *s)
{
	if (!s->verdict)
		return;
	if (!s->past)
		s->past = json_array();
	json_array_append_new(s->past, json_pack("{s:O*, s:O*, s:O*}", "failure",
						 json_object_get(s->scenario, "failure"), "name",
						 json_object_get(s->scenario, "name"), "verdict",
						 json_object_get(s->verdict, "verdict")));
}

static void begin_scenario(struct watch_state *s, const json_t *m)
{
	json_t *list = json_array(), *label;
	size_t i;

	end_scenario(s);
	json_array_foreach(json_object_get(m, "phases"), i, label)
	    json_array_append_new(list, make_phase(label));
	replace_value(&s->scenario, json_copy((json_t *)m));
	json_object_del(s->scenario, "type");
	json_object_set_new(s->scenario, "phases", list);
	replace_value(&s->verdict, NULL);
	replace_value(&s->wedge, NULL);
	s->played++;
}

/* The phase that is played; NULL: none is. */
static json_t *find_phase_now(const struct watch_state *s)
{
	const json_t *phases = json_object_get(s->scenario, "phases");

	for (size_t i = 0; i < json_array_size(phases); i++) {
		json_t *phase = json_array_get(phases, i);

		if (strcmp(json_string_value(json_object_get(phase, "state")), "now") == 0)
			return phase;
	}
	return NULL;
}

static void begin_phase(struct watch_state *s, const json_t *m, int64_t now)
{
	size_t i = (size_t)json_integer_value(json_object_get(m, "index"));
	json_t *phase = json_array_get(json_object_get(s->scenario, "phases"), i);

	if (!phase)
		return;
	json_object_set_new(phase, "state", json_string("now"));
	json_object_set_new(phase, "exchanges", json_integer(0));
	json_object_set(phase, "expected", json_object_get(m, "expected"));
	s->phase_begins = now;
	replace_value(&s->wedge, NULL);
}

static double phase_seconds(const struct watch_state *s, int64_t now)
{
	return clock_seconds(now - s->phase_begins);
}

static void end_phase(struct watch_state *s, const json_t *m, int64_t now)
{
	json_t *phase = find_phase_now(s);

	if (!phase)
		return;
	json_object_set_new(phase, "state", json_string("done"));
	json_object_set_new(phase, "seconds", json_real(phase_seconds(s, now)));
	json_object_set(phase, "exchanges", json_object_get(m, "exchanges"));
	json_object_set(phase, "summary", json_object_get(m, "summary"));
}

void watch_state_take(struct watch_state *s, const json_t *m, int64_t now)
{
	const char *type = json_string_value(json_object_get(m, "type"));

	if (!type)
		return;
	if (strcmp(type, "scenario") == 0)
		begin_scenario(s, m);
	else if (strcmp(type, "phase") == 0)
		begin_phase(s, m, now);
	else if (strcmp(type, "exchanges") == 0 && find_phase_now(s))
		json_object_set(find_phase_now(s), "exchanges", json_object_get(m, "exchanges"));
	else if (strcmp(type, "phase_done") == 0)
		end_phase(s, m, now);
	else if (strcmp(type, "state") == 0)
		replace_value(&s->wedge, json_incref((json_t *)m));
	else if (strcmp(type, "verdict") == 0)
		replace_value(&s->verdict, json_incref((json_t *)m));
	else if (strcmp(type, "report") == 0 && s->scenario)
		json_object_set(s->scenario, "report", json_object_get(m, "folder"));
	else if (strcmp(type, "end") == 0)
		s->ended = true;
}

json_t *watch_state_run(const struct watch_state *s, int64_t now)
{
	json_t *phase = find_phase_now(s);

	if (phase)
		json_object_set_new(phase, "seconds", json_real(phase_seconds(s, now)));
	return json_pack("{s:I, s:b, s:O*, s:O*, s:O*}", "played", (json_int_t)s->played, "ended",
			 s->ended, "past", s->past, "scenario", s->scenario, "verdict", s->verdict);
}

json_t *watch_state_stats(const struct watch_state *s, int64_t now)
{
	json_t *stats = json_object_get(s->wedge, "stats");

	if (stats)
		return json_incref(stats);
	return json_pack("{s:f, s:[], s:{s:i, s:i, s:i}}", "seconds", clock_seconds(now), "proxies",
			 "packets", "received", 0, "dropped", 0, "held", 0);
}

json_t *watch_state_sessions(const struct watch_state *s)
{
	json_t *sessions = json_object_get(s->wedge, "sessions");

	return sessions ? json_incref(sessions) : json_pack("{s:[]}", "sessions");
}

/* All proxies of a phase share its impairments. */
json_t *watch_state_proxies(const struct watch_state *s)
{
	json_t *impairments = json_object_get(s->wedge, "impairments"), *list = json_array(), *p;
	size_t i;

	json_array_foreach(json_object_get(json_object_get(s->wedge, "stats"), "proxies"), i, p)
	    json_array_append_new(list, json_pack("{s:O, s:O, s:b, s:O}", "name",
						  json_object_get(p, "name"), "mode",
						  json_object_get(p, "mode"), "enabled", true,
						  "impairments", impairments));
	return json_pack("{s:o}", "proxies", list);
}
