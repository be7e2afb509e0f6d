/* test_services.c - services in bounded memory, durations that can be taken out again.
 * LAYER: wedge_diagnosis */
#include "proxy/base/clock.h"
#include "scenarios/diagnosis/services.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct addr server(uint32_t n)
{
	struct addr a = {.in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(n & 0xffff))}};

	a.in.sin_addr.s_addr = htonl(0xc0000200 + (n >> 16));
	return a;
}

static void scanned_ports_are_one_service(void **state)
{
	struct services s = {.n = 0};
	struct wire_connection w = {.syns = {1, 0}};
	struct tallies t = {{NULL}};
	struct service all = {.time = 0};
	struct addr first = server(1);

	(void)state;
	for (uint32_t i = 1; i <= 3 * SERVICES_MAX; i++) {
		w.server = server(i);
		service_take(services_get(&s, &w.server), &w, &t, 0, NS_PER_S);
	}
	service_take(services_get(&s, &first), &w, &t, 0, NS_PER_S);
	assert_int_equal(s.n, SERVICES_MAX + 1);
	assert_int_equal(s.list[0]->counts.connections, 2);
	assert_int_equal(s.list[SERVICES_MAX]->counts.connections, 2 * SERVICES_MAX);
	assert_int_equal(addr_port(&s.list[SERVICES_MAX]->server), 0);
	for (size_t i = 0; i < s.n; i++)
		service_merge(&all, s.list[i]);
	assert_int_equal(all.counts.syns[DIR_UPSTREAM], 3 * SERVICES_MAX + 1);
	assert_int_equal(all.time, (3 * SERVICES_MAX + 1) * NS_PER_S);
	service_fini(&all);
	services_fini(&s);
}

/* Exact while there are few, then right to 1 %, and the same again when what was added is gone. */
static void durations_are_right_to_one_percent(void **state)
{
	(void)state;
	for (int n = 10; n <= 10000; n *= 10) {
		struct durations d = {.n = 0}, copy = {.n = 0};
		int64_t slack;

		for (int i = 1; i <= n; i++)
			durations_add(&d, i * NS_PER_MS);
		slack = n <= DURATIONS_EXACT ? NS_PER_US : n * NS_PER_MS / 100;

		assert_in_range(durations_quantile(&d, 0.5) - (n + 1) * NS_PER_MS / 2 + slack, 0,
				2 * slack);
		durations_merge(&copy, &d);
		assert_int_equal(copy.total, (int64_t)n * (n + 1) / 2 * NS_PER_MS);
		for (int i = 2; i <= n; i++)
			durations_remove(&copy, i * NS_PER_MS);
		assert_int_equal(copy.n, 1);
		assert_int_equal(copy.total, NS_PER_MS);
		assert_in_range(durations_quantile(&copy, 0.5), 990 * NS_PER_US, 1010 * NS_PER_US);
		durations_fini(&d);
		durations_fini(&copy);
	}
}

/* Stamps that jump by centuries, as in a damaged capture: sums stay at the limit. */
static void sums_of_centuries_stay_at_the_limit(void **state)
{
	const int64_t century = INT64_C(36500) * 86400 * NS_PER_S;
	struct durations d = {.n = 0}, other = {.n = 0};

	(void)state;
	for (int i = 0; i < 4; i++)
		durations_add(i < 2 ? &d : &other, century);
	durations_merge(&d, &other);
	assert_int_equal(d.n, 4);
	assert_int_equal(d.total, INT64_MAX);
	assert_int_equal(sum_of_times(-century, sum_of_times(-century, -2 * century)), INT64_MIN);
	durations_fini(&d);
	durations_fini(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scanned_ports_are_one_service),
	    cmocka_unit_test(sums_of_centuries_stay_at_the_limit),
	    cmocka_unit_test(durations_are_right_to_one_percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
