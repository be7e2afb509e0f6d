/* test_lab_sysctl.c - names to paths, and one record from those of three hosts.
 * LAYER: wedge_lab */
#include "scenarios/lab/sysctl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void dots_become_folders(void **state)
{
	char buf[SYSCTL_PATH];

	(void)state;
	assert_string_equal(sysctl_path("net.ipv4.tcp_sack", buf), "/proc/sys/net/ipv4/tcp_sack");
}

static void slash_stands_for_a_dot_in_an_interface_name(void **state)
{
	char buf[SYSCTL_PATH];

	(void)state;
	assert_string_equal(sysctl_path("net.ipv4.conf.eth0/1.rp_filter", buf),
			    "/proc/sys/net/ipv4/conf/eth0.1/rp_filter");
}

static void long_name_is_cut_to_its_room(void **state)
{
	char buf[SYSCTL_PATH], name[4 * SYSCTL_PATH];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(strlen(sysctl_path(name, buf)), SYSCTL_PATH - 1);
}

static json_t *merge(const char *client, const char *wedge, const char *server)
{
	json_t *records[] = {json_loads(client, 0, NULL), json_loads(wedge, 0, NULL),
			     json_loads(server, 0, NULL)};
	static const char *const names[] = {"client", "wedge", "server"};
	json_t *merged = sysctl_merge(records, names, ARRAY_LEN(records));

	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		json_decref(records[i]);
	return merged;
}

static void assert_merged(const char *client, const char *wedge, const char *server,
			  const char *expected)
{
	json_t *merged = merge(client, wedge, server), *e = json_loads(expected, 0, NULL);

	assert_true(json_equal(merged, e));
	json_decref(merged);
	json_decref(e);
}

static void shared_value_is_told_once(void **state)
{
	(void)state;
	assert_merged("{\"a\":\"1\"}", "{\"a\":\"1\"}", "{\"a\":\"1\"}", "{\"a\":\"1\"}");
}

static void differing_value_is_told_per_host(void **state)
{
	(void)state;
	assert_merged("{\"a\":\"0\",\"b\":\"x\"}", "{\"a\":\"1\",\"b\":\"x\"}",
		      "{\"a\":\"0\",\"b\":\"x\"}",
		      "{\"a\":{\"client\":\"0\",\"wedge\":\"1\",\"server\":\"0\"},\"b\":\"x\"}");
}

static void missing_sysctl_stays_null(void **state)
{
	(void)state;
	assert_merged("{\"a\":null}", "{\"a\":null}", "{\"a\":null}", "{\"a\":null}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dots_become_folders),
	    cmocka_unit_test(slash_stands_for_a_dot_in_an_interface_name),
	    cmocka_unit_test(long_name_is_cut_to_its_room),
	    cmocka_unit_test(shared_value_is_told_once),
	    cmocka_unit_test(differing_value_is_told_per_host),
	    cmocka_unit_test(missing_sysctl_stays_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
