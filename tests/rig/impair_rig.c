/* impair_rig.c - does by hand what a set does for its instances: parameters, shared state, stage.
 */
#include "tests/rig/impair_rig.h"

#include "proxy/base/mem.h"

#include <jansson.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROUNDS 100
#define STEPS  40

static int set_params(const struct impairment *type, void *cfg, const char *text, struct err *e)
{
	char *copy = xstrdup(text), *save = NULL;
	int result = 0;

	param_defaults(type->params, cfg);
	for (char *item = strtok_r(copy, ",", &save); item && result == 0;
	     item = strtok_r(NULL, ",", &save)) {
		char *value = strchr(item, '=');
		const struct param *p;

		assert_non_null(value);
		*value++ = '\0';
		p = param_find(type->params, item);
		assert_non_null(p);
		result = param_set(p, cfg, value, e);
	}
	free(copy);
	return result == 0 && type->check ? type->check(cfg, e) : result;
}

static void *cfg_new(const struct impairment *type, const char *text)
{
	void *cfg = xcalloc(1, type->cfg_size);
	struct err e = {""};

	if (set_params(type, cfg, text, &e) == -1)
		fail_msg("%s{%s}: %s", type->name, text, e.text);
	return cfg;
}

static void cfg_free(const struct impairment *type, void *cfg)
{
	param_free(type->params, cfg);
	free(cfg);
}

const char *imp_refusal(const struct impairment *type, const char *text, char *buf, size_t len)
{
	void *cfg = xcalloc(1, type->cfg_size);
	struct err e = {""};

	if (set_params(type, cfg, text, &e) == 0)
		e.text[0] = '\0';
	snprintf(buf, len, "%s", e.text);
	cfg_free(type, cfg);
	return buf;
}

struct imp *imp_behind(struct rig *r, const struct impairment *type, const char *text)
{
	struct imp *m = xcalloc(1, sizeof(*m));
	struct flow *f = rig_flow(r);
	unsigned index = 0;

	for (const struct stage *st = f->first; st; st = st->next)
		index++;
	m->type = type;
	m->rig = r;
	m->cfg = cfg_new(type, text);
	m->stage = stage_attach(f, type->stream, m->cfg, type->name, index);
	if (type->shared_size) {
		m->shared = xcalloc(1, type->shared_size);
		if (type->shared_init)
			type->shared_init(m->shared, f->env, m->cfg);
		stage_share(m->stage, m->shared);
	}
	stage_set_active(m->stage, true);
	return m;
}

struct imp *imp_new(const struct impairment *type, const char *text)
{
	return imp_behind(rig_new(NULL, NULL), type, text);
}

void imp_drop(struct imp *m)
{
	if (m->stage)
		stage_detach(m->stage);
	if (m->shared && m->type->shared_fini)
		m->type->shared_fini(m->shared);
	free(m->shared);
	cfg_free(m->type, m->cfg);
	free(m);
}

void imp_free(struct imp *m)
{
	struct rig *r = m->rig;

	imp_drop(m);
	rig_free(r);
}

void imp_update(struct imp *m, const char *text)
{
	void *cfg = cfg_new(m->type, text);

	stage_update(m->stage, cfg);
	cfg_free(m->type, m->cfg);
	m->cfg = cfg;
}

unsigned imp_journalled(struct imp *m, const char *event, uint64_t *bytes)
{
	const char *line = rig_journal(m->rig);
	unsigned n = 0;

	if (bytes)
		*bytes = 0;
	while (*line) {
		size_t len = strcspn(line, "\n");
		json_t *j = json_loadb(line, len, 0, NULL);

		assert_non_null(j);
		if (strcmp(json_string_value(json_object_get(j, "event")), event) == 0) {
			n++;
			if (bytes)
				*bytes += (uint64_t)json_integer_value(json_object_get(j, "bytes"));
		}
		json_decref(j);
		line += len + (line[len] == '\n');
	}
	return n;
}

/* Checks what the rig and the core can't see: these stop the program where the accounts are wrong
 * or bytes follow the end. */
static void check_drained(struct imp *m, unsigned laws, uint64_t fed, enum flow_end end)
{
	const struct flow *f = rig_flow(m->rig);
	uint64_t bytes;

	assert_int_equal(f->held, 0);
	assert_int_equal(f->stage_pauses, 0);
	assert_int_equal(f->in_bytes, fed);
	if (end != END_NONE)
		assert_int_not_equal(rig_ended(m->rig), END_NONE);
	if (laws & LAW_LOSSLESS) {
		assert_true(rig_bytes_in_order(m->rig));
		assert_int_equal(f->out_bytes, fed);
		assert_int_equal(rig_ended(m->rig), end);
	}
	imp_journalled(m, "eat", &bytes);
	assert_int_equal(f->eaten_bytes, bytes);
	imp_journalled(m, "add", &bytes);
	assert_int_equal(f->added_bytes, bytes);
}

/* Pushes a piece if the source is read, as a session does; returns its bytes. */
static uint64_t feed_piece(struct imp *m, struct rng *rng)
{
	size_t most = rng_chance(rng, 0.2) ? 65536 : 2000, n = (size_t)rng_below(rng, most) + 1;
	size_t room = flow_room(rig_flow(m->rig));

	if (!rig_readable(m->rig) || !room)
		return 0;
	n = n < room ? n : room;
	rig_feed_bytes(m->rig, n);
	return n;
}

static void law_round(const struct impairment *type, const char *text, unsigned laws, uint64_t seed)
{
	struct rng rng = rng_make(seed, 0, 0);
	struct imp *m = imp_new(type, text);
	enum flow_end end = (enum flow_end)rng_below(&rng, 3);
	bool switching = rng_chance(&rng, 0.5);
	uint64_t fed = 0;

	for (int i = 0; i < STEPS; i++) {
		fed += feed_piece(m, &rng);
		rig_advance(m->rig, (int64_t)rng_below(&rng, 20 * NS_PER_MS));
		if (switching && rng_chance(&rng, 0.1)) {
			stage_set_active(m->stage, false);
			assert_int_equal(rig_flow(m->rig)->held, 0);
			fed += feed_piece(m, &rng);
			assert_int_equal(rig_flow(m->rig)->held, 0);
			stage_set_active(m->stage, true);
		}
	}
	if (end != END_NONE)
		rig_end(m->rig, end);
	if (end != END_NONE && laws & LAW_ENDS) {
		for (int i = 0; i < 100 && rig_ended(m->rig) == END_NONE; i++)
			rig_advance(m->rig, 3600 * NS_PER_S);
		assert_int_equal(rig_ended(m->rig), end);
	}
	stage_detach(m->stage);
	m->stage = NULL;
	check_drained(m, laws, fed, end);
	imp_free(m);
}

void imp_laws(const struct impairment *type, const char *text, unsigned laws)
{
	for (uint64_t seed = 0; seed < ROUNDS; seed++)
		law_round(type, text, laws, seed);
}
