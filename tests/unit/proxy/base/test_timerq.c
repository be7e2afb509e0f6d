/* test_timerq.c - timers run when due, in order, whatever is armed or cancelled meanwhile.
 * LAYER: wedge_base */
#include "proxy/base/timerq.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct probe {
	struct timer timer;
	struct timerq *q;
	struct probe *other; /* cancelled or armed when this one runs */
	int64_t other_due;   /* 0: cancel */
	int64_t ran_at;
	unsigned order;
	unsigned *counter;
};

static void note(void *arg, int64_t now)
{
	struct probe *p = arg;

	p->ran_at = now;
	p->order = ++*p->counter;
	if (p->other && p->other_due)
		timer_arm(p->q, &p->other->timer, p->other_due);
	else if (p->other)
		timer_cancel(p->q, &p->other->timer);
}

static void prepare(struct timerq *q, struct probe *p, size_t n, unsigned *counter)
{
	memset(p, 0, n * sizeof(*p));
	for (size_t i = 0; i < n; i++) {
		p[i].q = q;
		p[i].counter = counter;
		p[i].timer.fn = note;
		p[i].timer.arg = &p[i];
	}
}

static void only_the_earliest_says_whether_it_is_sharp(void **state)
{
	struct timerq *q = timerq_new();
	unsigned counter = 0;
	struct probe p[2];

	(void)state;
	prepare(q, p, 2, &counter);
	p[1].timer.sharp = true;
	assert_false(timerq_next_is_sharp(q));
	timer_arm(q, &p[0].timer, 10);
	timer_arm(q, &p[1].timer, 20);
	assert_false(timerq_next_is_sharp(q));
	timerq_run(q, 10);
	assert_true(timerq_next_is_sharp(q));
	timer_cancel(q, &p[1].timer);
	assert_false(timerq_next_is_sharp(q));
	timerq_free(q);
}

static void never_early_and_in_order(void **state)
{
	struct timerq *q = timerq_new();
	unsigned counter = 0;
	struct probe p[4];

	(void)state;
	prepare(q, p, 4, &counter);
	timer_arm(q, &p[0].timer, 30);
	timer_arm(q, &p[1].timer, 10);
	timer_arm(q, &p[2].timer, 20);
	timer_arm(q, &p[3].timer, 10);
	assert_int_equal(timerq_next(q), 10);
	timerq_run(q, 9);
	assert_int_equal(counter, 0);
	timerq_run(q, 20);
	assert_int_equal(p[1].order, 1);
	assert_int_equal(p[3].order, 2);
	assert_int_equal(p[2].order, 3);
	assert_int_equal(p[0].order, 0);
	assert_true(timer_armed(&p[0].timer));
	assert_false(timer_armed(&p[1].timer));
	timerq_run(q, 30);
	assert_int_equal(p[0].ran_at, 30);
	assert_int_equal(timerq_next(q), INT64_MAX);
	timerq_free(q);
}

static void a_timer_may_cancel_and_arm_others(void **state)
{
	struct timerq *q = timerq_new();
	unsigned counter = 0;
	struct probe p[4];

	(void)state;
	prepare(q, p, 4, &counter);
	p[0].other = &p[1];
	p[2].other = &p[3];
	p[2].other_due = 5; /* already past: runs in the same go */
	timer_arm(q, &p[0].timer, 10);
	timer_arm(q, &p[1].timer, 10);
	timer_arm(q, &p[2].timer, 10);
	timerq_run(q, 10);
	assert_int_equal(p[1].order, 0);
	assert_int_equal(p[3].order, 3);
	assert_int_equal(counter, 3);
	timer_cancel(q, &p[1].timer);
	timerq_free(q);
}

static void re_arming_moves_the_timer(void **state)
{
	struct timerq *q = timerq_new();
	unsigned counter = 0;
	struct probe p[2];

	(void)state;
	prepare(q, p, 2, &counter);
	timer_arm(q, &p[0].timer, 10);
	timer_arm(q, &p[1].timer, 20);
	timer_arm(q, &p[0].timer, 30);
	assert_int_equal(timerq_next(q), 20);
	timer_arm(q, &p[1].timer, 5);
	assert_int_equal(timerq_next(q), 5);
	timerq_run(q, 100);
	assert_int_equal(p[1].order, 1);
	assert_int_equal(counter, 2);
	timerq_free(q);
}

/* Against the plainest model there is: an array that is searched. */
static void thousands_of_random_moves_match_a_plain_model(void **state)
{
	enum { N = 200 };
	struct timerq *q = timerq_new();
	static struct probe p[N];
	int64_t due[N] = {0}, now = 0;
	unsigned counter = 0;
	uint32_t x = 12345;

	(void)state;
	prepare(q, p, N, &counter);
	for (int step = 0; step < 50000; step++) {
		int64_t next = INT64_MAX;
		size_t i;

		x = x * 1664525 + 1013904223;
		i = x >> 8 & 0xff;
		if (i >= N) {
			now += 3;
			timerq_run(q, now);
			for (size_t k = 0; k < N; k++)
				if (due[k] && due[k] <= now)
					due[k] = 0;
		} else if (x >> 30) {
			due[i] = now + 1 + (x >> 16 & 0x3f);
			timer_arm(q, &p[i].timer, due[i]);
		} else {
			due[i] = 0;
			timer_cancel(q, &p[i].timer);
		}
		for (size_t k = 0; k < N; k++) {
			assert_int_equal(timer_armed(&p[k].timer), due[k] != 0);
			if (due[k] && due[k] < next)
				next = due[k];
		}
		assert_int_equal(timerq_next(q), next);
	}
	assert_true(counter > 100);
	timerq_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(never_early_and_in_order),
	    cmocka_unit_test(only_the_earliest_says_whether_it_is_sharp),
	    cmocka_unit_test(a_timer_may_cancel_and_arm_others),
	    cmocka_unit_test(re_arming_moves_the_timer),
	    cmocka_unit_test(thousands_of_random_moves_match_a_plain_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
