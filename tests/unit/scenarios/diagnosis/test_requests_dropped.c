/* test_requests_dropped.c - the server ends a connection, on which it had answered, behind a
 * request; and ends that are something else. LAYER: wedge_diagnosis diagnosis_script */
#include "tests/rig/diagnosis_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ANSWERED HANDSHAKE "1 > 100\n 1.3 < 100 ack\n 1.4 > ack\n"

static void expect(const char *script, uint64_t requests_dropped)
{
	struct diagnosis d;

	diagnose(script, &d);
	assert_int_equal(d.services.n, 1);
	assert_int_equal(d.services.list[0]->counts.requests_dropped, requests_dropped);
	diagnosis_fini(&d);
}

static void by_rst_or_fin_behind_a_request(void **state)
{
	(void)state;
	expect(ANSWERED "10 > 100\n 10.3 < rst\n", 1);
	expect(ANSWERED "10 > 100\n 10.2 < ack\n 10.3 < fin\n 10.4 > fin\n", 1);
}

static void ends_of_another_kind(void **state)
{
	(void)state;
	/* The first request of a connection; an idle one; the answer has begun; the client left. */
	expect(HANDSHAKE "1 > 100\n 1.3 < rst\n", 0);
	expect(ANSWERED "10.3 < rst\n", 0);
	expect(ANSWERED "10 > 100\n 10.2 < 50 ack\n 10.3 < rst\n", 0);
	expect(ANSWERED "10 > 100\n 10.2 < ack\n 5000 > fin\n 5000.2 < rst\n", 0);
	/* TLS's close_notify is no request: an alert, or what may be one of TLS 1.3. */
	expect(ANSWERED "10 > hex 150303001a of 31\n 10.2 < ack\n 10.3 < fin\n 10.4 > fin\n", 0);
	expect(ANSWERED "10 > hex 1703030013 of 24\n 10.2 < ack\n 10.3 < fin\n 10.4 > fin\n", 0);
	expect(ANSWERED "10 > hex 170303001a of 31\n 10.2 < ack\n 10.3 < fin\n 10.4 > fin\n", 1);
	/* So short, and not captured: it may be one. */
	expect(ANSWERED "10 > 85\n 10.2 < ack\n 10.3 < fin\n 10.4 > fin\n", 0);
	expect(ANSWERED "10 > 86\n 10.2 < ack\n 10.3 < fin\n 10.4 > fin\n", 1);
	/* The request met the end of an idle connection. */
	expect(ANSWERED "10 < fin\n 10.1 > 100\n 10.2 < rst\n", 0);
	/* The capture lacks what the server said. */
	expect(ANSWERED "10 > 100\n 10.2 < hole 100\n 10.3 < fin\n", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(by_rst_or_fin_behind_a_request),
	    cmocka_unit_test(ends_of_another_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
