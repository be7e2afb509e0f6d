/* test_common.c - one instance in the sets of several proxies: one state, from the first that works
 * to the last. LAYER: wedge_impairments set_rig */
#include "tests/rig/set_rig.h"

#include "impairments/live/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct pair {
	struct fake_clock clock;
	struct env env;
	struct impairment_set *set[2];
	struct impair_run *run[2];
};

static void pair_new(struct pair *p, const char *text, bool common)
{
	struct impairment_set *s = impairment_set_new();
	struct err e = {""};

	fake_clock_init(&p->clock, 0);
	p->env = (struct env){.clock = &p->clock.clock, .timers = timerq_new(), .seed = 1};
	assert_int_equal(impairment_set_text(s, text, &e), 0);
	if (common)
		impair_inst_share(&s->inst[0]);
	for (int i = 0; i < 2; i++) {
		p->set[i] = impairment_set_copy(s);
		p->run[i] = impair_run_get(p->set[i], &p->env);
	}
	impairment_set_free(s);
}

static void pair_end(struct pair *p, int i)
{
	impairment_set_stop(p->set[i]);
	impairment_set_free(p->set[i]);
}

static void pair_free(struct pair *p)
{
	assert_int_equal(timerq_next(p->env.timers), INT64_MAX);
	timerq_free(p->env.timers);
}

static const struct impair_live *live_of(const struct pair *p, int i)
{
	return p->set[i]->inst[0].live;
}

static void copies_of_a_shared_instance_have_one_state(void **state)
{
	struct pair p;

	(void)state;
	for (int first = 0; first < 2; first++) {
		pair_new(&p, "connection_limit{limit=1}", true);
		assert_non_null(live_of(&p, 0)->shared);
		assert_ptr_equal(live_of(&p, 0)->shared, live_of(&p, 1)->shared);
		pair_end(&p, first);
		pair_end(&p, !first);
		pair_free(&p);
	}
	pair_new(&p, "connection_limit{limit=1}", false);
	assert_ptr_not_equal(live_of(&p, 0)->shared, live_of(&p, 1)->shared);
	pair_end(&p, 0);
	pair_end(&p, 1);
	pair_free(&p);
}

static enum accept_action accept_at(struct pair *p, int i, const void *who, uint64_t session)
{
	struct impair_inst *inst = &p->set[i]->inst[0];
	struct accept_verdict v = {.action = ACCEPT_GO};
	const struct accept_info info = {
	    .env = &p->env, .name = inst->name, .who = who, .session = session, .active = true};

	inst->type->accept->accept(inst->live->shared, inst->cfg, &info, &v);
	return v.action;
}

/* The proxies number their sessions each for itself. */
static void a_limit_counts_over_all_proxies(void **state)
{
	struct pair p;
	int who[2];

	(void)state;
	pair_new(&p, "connection_limit{limit=2,key=proxy}", true);
	assert_int_equal(accept_at(&p, 0, &who[0], 1), ACCEPT_GO);
	assert_int_equal(accept_at(&p, 1, &who[1], 1), ACCEPT_GO);
	assert_int_equal(accept_at(&p, 1, &who[1], 2), ACCEPT_CLOSE);
	pair_end(&p, 0);
	assert_int_equal(accept_at(&p, 1, &who[1], 3), ACCEPT_CLOSE);
	pair_end(&p, 1);
	pair_free(&p);
}

static void a_change_keeps_the_state(void **state)
{
	struct err e = {""};
	struct pair p;
	const void *shared;

	(void)state;
	pair_new(&p, "connection_limit{limit=1}", true);
	shared = live_of(&p, 0)->shared;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    impairment_set_update(p.set[i], "connection_limit", "limit", "5", false, &e),
		    0);
	assert_ptr_equal(live_of(&p, 0)->shared, shared);
	assert_ptr_equal(live_of(&p, 1)->shared, shared);
	assert_int_equal(impairment_set_remove(p.set[0], "connection_limit", false, &e), 0);
	assert_ptr_equal(live_of(&p, 1)->shared, shared);
	pair_end(&p, 0);
	pair_end(&p, 1);
	pair_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(copies_of_a_shared_instance_have_one_state),
	    cmocka_unit_test(a_limit_counts_over_all_proxies),
	    cmocka_unit_test(a_change_keeps_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
