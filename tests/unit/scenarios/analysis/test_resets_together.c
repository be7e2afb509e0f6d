/* test_resets_together.c - the share of the open connections that one burst of RSTs ends.
 * LAYER: wedge_analysis */
#include "proxy/base/clock.h"
#include "scenarios/analysis/resets_together.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define N 12

/* Open from 1 s on, each reset by the server at that time in milliseconds; 0: it lasts until 20 s.
 */
static void make(struct wire_connection w[N], const int64_t ms[N])
{
	for (size_t i = 0; i < N; i++) {
		w[i] = (struct wire_connection){.handshake_ack = NS_PER_S, .last = 20 * NS_PER_S};
		if (!ms[i])
			continue;
		w[i].rst_at[DIR_DOWNSTREAM] = w[i].last = ms[i] * NS_PER_MS;
	}
}

static struct samples measure(struct wire_connection w[N])
{
	struct analysis a = {.connections = w, .nconnections = N};
	struct samples out = {0};

	resets_together_add(&a, 0, &out);
	return out;
}

static void each_burst_has_its_share(void **state)
{
	struct wire_connection w[N];
	struct samples got;

	(void)state;
	make(w, (int64_t[N]){5000, 5000, 5010, 5050, 5100, 5101, 0, 9000, 9000, 9001, 9002, 9003});
	got = measure(w);
	assert_int_equal(got.n, 2);
	assert_float_equal(got.v[0], 5.0 / 12, 1e-9); /* the sixth is a moment too late */
	assert_float_equal(got.v[1], 5.0 / 6, 1e-9);
	samples_free(&got);
}

static void other_ends_are_none(void **state)
{
	struct wire_connection w[N];
	struct samples got;

	(void)state;
	make(w, (int64_t[N]){5000, 5000, 5000, 5000, 5000, 5000});
	w[0].handshake_ack = 0;			    /* refused */
	w[1].fin_at[DIR_DOWNSTREAM] = 4 * NS_PER_S; /* closed before */
	w[2].rst_at[DIR_UPSTREAM] = 4 * NS_PER_S;   /* given up before */
	got = measure(w);
	assert_int_equal(got.n, 0); /* three are too few */
	samples_free(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_burst_has_its_share),
	    cmocka_unit_test(other_ends_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
