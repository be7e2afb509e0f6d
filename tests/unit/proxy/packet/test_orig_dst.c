/* test_orig_dst.c - an original destination is found by host and initial sequence number.
 * LAYER: wedge_packet */
#include "proxy/packet/orig_dst.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct addr at(const char *host, unsigned port)
{
	struct addr a;

	assert_int_equal(addr_parse_host(host, (uint16_t)port, &a, NULL), 0);
	return a;
}

static void is_told_by_host_and_isn(void **state)
{
	struct addr to = at("192.0.2.1", 80), from = at("192.0.2.9", 40000);
	struct addr moved = at("192.0.2.9", 1234), other = at("192.0.2.8", 40000);
	struct orig_dst_table *w = xcalloc(1, sizeof(*w));

	(void)state;
	assert_null(orig_dst_find(w, &from, 7));
	orig_dst_add(w, &from, 7, &to);
	assert_true(addr_equal(orig_dst_find(w, &from, 7), &to));
	assert_true(addr_equal(orig_dst_find(w, &moved, 7), &to));
	assert_null(orig_dst_find(w, &from, 8));
	assert_null(orig_dst_find(w, &from, 7 + ORIG_DST_MAX));
	assert_null(orig_dst_find(w, &other, 7));
	free(w);
}

static void one_port_has_several(void **state)
{
	struct addr first = at("192.0.2.1", 80), second = at("2001:db8::1", 80);
	struct addr from = at("192.0.2.9", 40000);
	struct orig_dst_table *w = xcalloc(1, sizeof(*w));

	(void)state;
	orig_dst_add(w, &from, 1, &first);
	orig_dst_add(w, &from, 1 + ORIG_DST_MAX, &second);
	assert_true(addr_equal(orig_dst_find(w, &from, 1), &first));
	assert_true(addr_equal(orig_dst_find(w, &from, 1 + ORIG_DST_MAX), &second));
	orig_dst_add(w, &from, 1, &second);
	assert_true(addr_equal(orig_dst_find(w, &from, 1), &second));
	free(w);
}

static void a_burst_is_kept_and_the_oldest_goes(void **state)
{
	struct addr to = at("192.0.2.1", 80), from = at("192.0.2.9", 40000);
	struct orig_dst_table *w = xcalloc(1, sizeof(*w));

	(void)state;
	for (uint32_t i = 0; i < ORIG_DST_MAX; i++)
		orig_dst_add(w, &from, 77 * i, &to);
	assert_non_null(orig_dst_find(w, &from, 0));
	orig_dst_add(w, &from, 5, &to);
	assert_null(orig_dst_find(w, &from, 0));
	assert_non_null(orig_dst_find(w, &from, 77));
	assert_non_null(orig_dst_find(w, &from, 77 * (ORIG_DST_MAX - 1)));
	assert_non_null(orig_dst_find(w, &from, 5));
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_told_by_host_and_isn),
	    cmocka_unit_test(one_port_has_several),
	    cmocka_unit_test(a_burst_is_kept_and_the_oldest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
