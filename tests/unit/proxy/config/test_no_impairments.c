/* test_no_impairments.c - a configuration in a wedge that was built without impairments: faithful
 * proxies are accepted, impairments are refused in words. LAYER: wedge_config */
#include "proxy/config/config_load.h"
#include "proxy/config/no_impairments.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int load(const char *text, struct err *e)
{
	char path[] = "/tmp/no-impairments-XXXXXX";
	int fd = mkstemp(path), rc;
	struct config c;

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	config_init(&c, &no_impairments);
	rc = config_load(&c, path, e);
	if (rc == 0)
		assert_int_equal(config_impairments(&c), 0);
	config_fini(&c);
	unlink(path);
	return rc;
}

#define PROXY "proxies: [{name: web, listen: '127.0.0.1:0', upstream: '192.0.2.1:80'"

static void faithful_proxies_are_accepted(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(load(PROXY "}]", &e), 0);
	assert_int_equal(load(PROXY ", impairments: []}]", &e), 0);
}

static void impairments_are_refused(void **state)
{
	struct impairment_set *set = no_impairments.new();
	struct err e;

	(void)state;
	assert_int_equal(load(PROXY ", impairments: [stall]}]", &e), -1);
	assert_non_null(strstr(e.text, "this wedge was built without impairments; [] is accepted"));
	assert_int_equal(no_impairments.add_text(set, "stall", &e), -1);
	assert_string_equal(e.text, "'stall': this wedge was built without impairments");
	no_impairments.free(set);
}

static void every_function_is_there(void **state)
{
	struct impairment_set *set = no_impairments.copy(no_impairments.new());
	struct engine_proxy_config proxy = {.name = "web"};
	char *text = no_impairments.describe(set);
	struct err e;

	(void)state;
	assert_string_equal(text, "none");
	assert_int_equal(no_impairments.check(set, false, TLS_PASSTHROUGH, &e), 0);
	assert_null(no_impairments.shared(set));
	assert_null(no_impairments.needs_packets(set));
	assert_null(no_impairments.needs_server_leg(set));
	no_impairments.give_hooks(set, set, &proxy);
	assert_null(proxy.session_hooks.open);
	no_impairments.apply(set, set, false);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faithful_proxies_are_accepted),
	    cmocka_unit_test(impairments_are_refused),
	    cmocka_unit_test(every_function_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
