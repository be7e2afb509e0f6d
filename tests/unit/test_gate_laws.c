/* test_gate_laws.c - every stream impairment under random triggers, ends and changes: the core's
 * accounts hold, and when all is removed nothing is kept. LAYER: wedge_impairments set_rig */
#include "tests/rig/set_rig.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 25, STEPS = 40, SESSIONS = 3 };

static const char *const triggers[] = {
    "enabled=true",
    "after=40B",
    "after=25B,for=30B,every=100B",
    "for=7ms,every=11ms",
    "after=5ms,for=50B",
    "framing=line,after=1 message,for=2 messages,every=3 messages",
    "per=message,framing=line,probability=50%",
    "per=message,framing=line,probability=30%,for=5ms,offset=2B",
    "schedule=on 3ms off 4ms",
    "schedule=poisson 20ms",
    "probability=50%,after=1B",
    "enabled=false",
};

/* The kind's example with other triggers; NULL where the kind can't have them. */
static struct impairment_set *make(const struct impairment *im, struct rng *rng)
{
	const char *trigger = triggers[rng_below(rng, ARRAY_LEN(triggers))];
	size_t n = strcspn(im->example, "{");
	struct impairment_set *s = impairment_set_new();
	bool own = rng_chance(rng, 0.5) && im->example[n] == '{';
	char *text;
	struct err e;

	if (own)
		text = xstrdup(im->example);
	else
		text = xasprintf("%.*s{%s}", (int)n, im->example, trigger);
	if (impairment_set_text(s, text, &e) == -1 || impairment_set_check(s, false, &e) == -1) {
		impairment_set_free(s);
		s = NULL;
	}
	free(text);
	return s;
}

static void move(struct set_rig *r, struct rng *rng, unsigned session)
{
	enum dir dir = (enum dir)rng_below(rng, DIR_COUNT);
	struct flow *f = set_rig_flow(r, session, dir);

	if (f->end_in != END_NONE)
		return;
	if (rng_chance(rng, 0.04))
		set_rig_end(r, session, dir, rng_chance(rng, 0.8) ? END_FIN : END_RST);
	else if (flow_readable(f))
		set_rig_feed(r, session, dir,
			     rng_chance(rng, 0.5) ? "hello\n" : "a line\nand more");
}

static void apply(struct set_rig *r, struct impairment_set *wanted)
{
	struct err e;

	if (wanted && impairment_set_apply(set_rig_set(r), wanted, false, &e) == -1)
		fail_msg("%s", e.text);
	impairment_set_free(wanted);
}

static void round_of(const struct impairment *im, uint64_t seed)
{
	struct rng rng = rng_make(seed, 1, 1);
	struct set_rig *r = set_rig_new_seed("", seed);

	apply(r, make(im, &rng));
	for (unsigned i = 1; i <= SESSIONS; i++)
		set_rig_open(r, i);
	for (int k = 0; k < STEPS; k++) {
		move(r, &rng, 1 + (unsigned)rng_below(&rng, SESSIONS));
		set_rig_advance(r, (int64_t)rng_below(&rng, 5 * NS_PER_MS));
		if (rng_chance(&rng, 0.1))
			apply(r, make(im, &rng));
	}
	apply(r, impairment_set_new());
	for (unsigned i = 1; i <= SESSIONS; i++)
		for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
			const struct flow *f = set_rig_flow(r, i, dir);

			assert_int_equal(f->held, 0);
			assert_int_equal(f->stage_pauses, 0);
			assert_true(f->end_in == END_NONE || f->end_out != END_NONE);
		}
	set_rig_free(r);
}

static void every_stream_impairment_bears_every_trigger(void **state)
{
	(void)state;
	for (size_t i = 0; impairment_kinds[i]; i++)
		for (uint64_t seed = 1; seed <= ROUNDS && impairment_kinds[i]->stream; seed++)
			round_of(impairment_kinds[i], seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_stream_impairment_bears_every_trigger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
