/* overrides.c - a key is a fixed word, a phase, or concerns every phase that knows it. */
#include "scenarios/scenario/overrides.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "scenarios/scenario/expect_check.h"
#include "scenarios/scenario/step_check.h"

#include <string.h>

#define NAMES_MAX 100

static struct phase *find_phase(struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->nphases; i++)
		if (strcmp(s->phases[i].name, name) == 0)
			return &s->phases[i];
	return NULL;
}

/* Lists what may stand before the first dot or the equals sign: phases, traffics, and the fixed
 * words. */
static int refuse_target(const struct scenario *s, const char *key, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *names[NAMES_MAX + 1], *near;
	size_t n = 0, length = strcspn(key, ".");
	char *first = xasprintf("%.*s", (int)length, key);

	names[n++] = "client";
	names[n++] = "server";
	names[n++] = "lab";
	names[n++] = "hosts";
	names[n++] = "sweep";
	names[n++] = "steps";
	for (size_t i = 0; i < s->nphases && n < NAMES_MAX; i++)
		names[n++] = s->phases[i].name;
	for (size_t i = 0; i < s->phases[0].ntraffic && n < NAMES_MAX; i++)
		names[n++] = s->phases[0].traffic[i].name;
	names[n] = NULL;
	near = nearest_name(first, names);
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], first) == 0)
			near = NULL;
	err_set(e,
		"'%.80s' can't be set%s; accepted are PHASE.IMPAIRMENT.PARAM=VALUE, PHASE=none, "
		"client.KEY=VALUE, server.KEY=VALUE, TRAFFIC.client.KEY=VALUE, "
		"hosts.NAME.KEY=VALUE, lab.KEY=VALUE, sweep=VALUE,...",
		key, nearest_hint(hint, near));
	free(first);
	return -1;
}

static int set_intercept(struct scenario *s, const char *value, struct err *e)
{
	enum intercept mode;
	char *words;

	if (intercept_parse(value, &mode) == -1)
		return err_set(e, "lab.intercept: '%.40s' is no mode; it takes " INTERCEPT_MODES,
			       value);
	if (s->intercepts & INTERCEPT_BIT(mode)) {
		s->intercept = mode;
		return 0;
	}
	words = intercept_words(s->intercepts);
	err_set(e, "lab.intercept: '%s' can't be judged with %s; it takes %s", s->name, value,
		words);
	free(words);
	return -1;
}

static int set_phase(struct phase *p, const char *value, struct err *e)
{
	if (strcmp(value, "none") != 0)
		return err_set(e,
			       "%s: '%.40s' can't be set; %s=none empties the phase, "
			       "%s.IMPAIRMENT.PARAM=VALUE changes it",
			       p->name, value, p->name, p->name);
	impairment_set_free(p->impairments);
	p->impairments = impairment_set_new();
	steps_make_healthy(&p->steps, &p->nsteps);
	return 0;
}

static int set_key(struct scenario *s, const char *key, const char *value, struct err *e)
{
	struct phase *p = find_phase(s, key);
	bool any = false;

	if (p)
		return set_phase(p, value, e);
	if (strcmp(key, "lab.intercept") == 0)
		return set_intercept(s, value, e);
	if (strncmp(key, "lab.", strlen("lab.")) == 0)
		return lab_pins_set(&s->pins, key + strlen("lab."), value, e);
	if (strcmp(key, "sweep") == 0) {
		if (s->sweep.n == 0)
			return err_set(e, "sweep: this scenario sweeps nothing");
		return sweep_set_values(&s->sweep, value, e);
	}
	for (size_t i = 0; i < s->nphases; i++) {
		bool hit;

		if (phase_set(&s->phases[i], key, value, &hit, e) == -1)
			return -1;
		any |= hit;
	}
	return any ? 0 : refuse_target(s, key, e);
}

int scenario_set(struct scenario *s, const char *assignment, struct err *e)
{
	const char *equals = strchr(assignment, '=');
	char *key;
	int rc;

	if (!equals || equals == assignment || !equals[1])
		return err_set(e, "'%.80s' is no KEY=VALUE", assignment);
	key = xasprintf("%.*s", (int)(equals - assignment), assignment);
	rc = set_key(s, key, equals + 1, e);
	free(key);
	return rc;
}

static bool is_forwarded(const struct scenario *s, const struct phase *p)
{
	return s->intercept == INTERCEPT_FORWARD || p->forward_only;
}

static int check_phase(const struct scenario *s, const struct phase *p, struct err *e)
{
	bool forwarded = is_forwarded(s, p);

	for (size_t i = 0; i < p->ntraffic; i++)
		if (traffic_check(&p->traffic[i], e) == -1)
			return -1;
	for (size_t i = 0; i < p->impairments->n; i++)
		if (phase_check_target(p, &p->impairments->inst[i], e) == -1)
			return -1;
	if (impairment_set_check(p->impairments, forwarded, e) == -1)
		return -1;
	return forwarded
		   ? 0
		   : impairment_set_check_tls(
			 p->impairments,
			 s->pins.tls == LAB_TLS_TERMINATE ? TLS_TERMINATE : TLS_PASSTHROUGH, e);
}

static int check_swept(const struct scenario *s, const struct phase *p, struct err *e)
{
	for (size_t k = 0; k < s->sweep.n; k++) {
		struct phase *at;
		int rc;

		if (phase_at(p, &s->sweep, s->sweep.values[k], &at, e) == -1)
			return -1;
		rc = check_phase(s, at, e);
		phase_free(at);
		if (rc == -1)
			return err_wrap(e, "%s=%s", s->sweep.key, s->sweep.values[k]);
	}
	return 0;
}

int scenario_check(const struct scenario *s, struct err *e)
{
	if (lab_pins_check(&s->pins, s->intercept, e) == -1)
		return err_wrap(e, "lab");
	for (size_t i = 0; i < s->nphases; i++) {
		const struct phase *p = &s->phases[i];

		if (check_phase(s, p, e) == -1 || check_swept(s, p, e) == -1)
			return err_wrap(e, "%s: phase %s", p->where, p->name);
		if (steps_check(p, is_forwarded(s, p), e) == -1)
			return -1;
	}
	for (size_t i = 0; i < s->nexpects; i++) {
		const struct expect *x = &s->expects[i];

		if (expect_check_sweep(x, s->sweep.numbers, s->sweep.n, e) == -1)
			return err_wrap(e, "%s: in '%.200s'", x->where, x->text);
	}
	return 0;
}
