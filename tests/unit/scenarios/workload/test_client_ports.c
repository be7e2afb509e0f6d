/* test_client_ports.c - traffics share the ports without meeting, and so do connections.
 * LAYER: wedge_workload */
#include "scenarios/workload/client_ports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void parts_dont_overlap_and_end_in_the_range(void **state)
{
	(void)state;
	for (size_t n = 1; n < 40; n++)
		for (size_t i = 0; i < n; i++) {
			struct client_ports p = client_ports_part(client_ports_all, i, n);
			unsigned last = p.first + p.n - 1u;

			assert_true(p.n > 400 && p.first >= CLIENT_PORT_FIRST);
			assert_true(last <= CLIENT_PORT_LAST);
			if (i + 1 < n)
				assert_true(client_ports_part(client_ports_all, i + 1, n).first >
					    last);
		}
}

static void every_connection_has_a_port_of_its_own(void **state)
{
	struct client_ports p = client_ports_part(client_ports_all, 8, 9);
	static bool taken[65536];

	(void)state;
	for (uint64_t slot = 0; slot < 20; slot++)
		for (uint64_t made = 0; made < (slot < 10 ? 50 : 3); made++) {
			uint16_t port = client_ports_pick(&p, 10, slot, made);

			assert_true(port >= p.first && port < p.first + p.n);
			assert_false(taken[port]);
			taken[port] = true;
		}
}

static void the_port_is_the_connections_place(void **state)
{
	struct client_ports p = {.first = 50000, .n = 200}, none = {0};

	(void)state;
	assert_int_equal(client_ports_pick(&p, 4, 3, 0), 50003);
	assert_int_equal(client_ports_pick(&p, 4, 3, 2), 50011);
	assert_int_equal(client_ports_pick(&p, 4, 3, 25), 50003);
	assert_int_equal(client_ports_pick(&p, 4, 4, 0), 50100);
	assert_int_equal(client_ports_pick(&none, 4, 3, 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_dont_overlap_and_end_in_the_range),
	    cmocka_unit_test(every_connection_has_a_port_of_its_own),
	    cmocka_unit_test(the_port_is_the_connections_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
