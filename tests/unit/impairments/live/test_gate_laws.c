/* test_gate_laws.c - every stream impairment under random triggers, ends and changes: the core's
 * accounts hold, and when all is removed nothing is kept. LAYER: wedge_impairments set_rig */
#include "tests/rig/set_rig.h"

#include "impairments/set/registry.h"
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

/* The journal of one stage while the same lines come in pieces of this size. */
static char *journal_of(const char *impairments, size_t piece)
{
	static const char text[] = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
	struct set_rig *r = set_rig_new(impairments);
	size_t n = sizeof(text) - 1;
	char *journal;

	set_rig_open(r, 1);
	for (size_t at = 0; at < n; at += piece)
		set_rig_feed_data(r, 1, DIR_DOWNSTREAM, text + at, at + piece < n ? piece : n - at);
	journal = xstrdup(set_rig_journal(r));
	set_rig_free(r);
	return journal;
}

static void journal_tells_the_same_however_the_bytes_are_cut(void **state)
{
	static const char *const sets[] = {
	    "stall{side=write,framing=line,after=2 messages}",
	    "latency{delay=0s,framing=line,after=1 message,for=1 message,every=3 messages}",
	    "latency{delay=0s,framing=line,after=2 messages,offset=2B,for=1 message}",
	    "latency{delay=0s,framing=line,per=message,probability=50%}",
	    "latency{delay=0s,after=6B,for=7B}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		char *whole = journal_of(sets[i], 1000);

		for (size_t piece = 1; piece < 40; piece++) {
			char *cut = journal_of(sets[i], piece);

			assert_string_equal(cut, whole);
			free(cut);
		}
		free(whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_stream_impairment_bears_every_trigger),
	    cmocka_unit_test(journal_tells_the_same_however_the_bytes_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
