/* test_proofs.c - the list of waits keeps the longest when it is full, and tells what it left out.
 * LAYER: wedge_diagnosis */
#include "scenarios/diagnosis/proofs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct stall sample = {.cause = CAUSE_RTO};

static struct stall stall_of(uint32_t connection, int64_t from, int64_t length)
{
	struct stall s = sample;

	s.connection = connection;
	s.from = from;
	s.to = from + length;
	return s;
}

/* Two and a half times the limit, in an order without order: those kept are the longest, by time.
 */
static void test_longest(void **state)
{
	static const uint64_t n = 5 * PROOFS_MAX / 2;
	struct service service = {.counts = {0}};
	struct proofs all = {NULL}, of_one = {NULL};

	(void)state;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t length = 1 + i * 7919 % n; /* a prime: each of 1..n once */
		struct stall s = stall_of(0, (int64_t)(n - i), (int64_t)length);

		proofs_add(&of_one, &s);
		if (i % 1000 == 999)
			proofs_take(&all, &of_one, &service);
	}
	proofs_take(&all, &of_one, &service);
	assert_int_equal(of_one.n, 0);
	proofs_finish(&all);
	assert_true(all.n >= PROOFS_MAX / 2 && all.n <= PROOFS_MAX);
	assert_int_equal(all.n + all.left_out, n);
	for (size_t i = 0; i < all.n; i++) {
		const struct stall *s = &all.list[i].stall;

		assert_true(s->to - s->from > (int64_t)(n - all.n - 1));
		assert_true(!i || s->from > all.list[i - 1].stall.from);
	}
	proofs_fini(&all);
}

static void test_withdraw(void **state)
{
	struct tally none = {.labelled = 0}, some = {.labelled = 1};
	struct service service = {
	    .tallies.of = {[CAUSE_UNKNOWN] = &some, [CAUSE_SERVER_THINK] = &none}};
	struct proofs all = {NULL}, p = {NULL};
	struct stall s = stall_of(1, 20, 5);

	(void)state;
	proofs_add(&p, &s);
	s = stall_of(1, 10, 5);
	s.cause = CAUSE_SERVER_THINK;
	s.label = "or a loss";
	proofs_add(&p, &s);
	proofs_withdraw(&p, CAUSE_RTO, CAUSE_UNKNOWN, "why");
	proofs_take(&all, &p, &service);
	proofs_finish(&all);
	assert_int_equal(all.list[1].stall.cause, CAUSE_UNKNOWN);
	assert_string_equal(all.list[1].stall.label, "why");
	/* The service has withdrawn that doubt. */
	assert_int_equal(all.list[0].stall.cause, CAUSE_SERVER_THINK);
	assert_null(all.list[0].stall.label);
	proofs_fini(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_longest),
	    cmocka_unit_test(test_withdraw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
