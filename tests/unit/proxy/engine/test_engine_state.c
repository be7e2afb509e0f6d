/* test_engine_state.c - whose clients are accepted when something else is known first.
 * LAYER: wedge_engine */
#include "proxy/engine/engine_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool defers(struct engine_proxy_config config)
{
	return engine_defers_accept(&config);
}

static void intercepted_clients_wait_for_their_server(void **state)
{
	(void)state;
	assert_true(defers((struct engine_proxy_config){.mode = PROXY_TRANSPARENT}));
	assert_true(defers((struct engine_proxy_config){.mode = PROXY_REDIRECT}));
	assert_false(
	    defers((struct engine_proxy_config){.mode = PROXY_REDIRECT, .early_accept = true}));
	assert_false(defers((struct engine_proxy_config){.mode = PROXY_FORWARD, .refuses = true}));
}

static void explicit_clients_wait_only_for_a_refusal(void **state)
{
	(void)state;
	assert_false(defers((struct engine_proxy_config){.mode = PROXY_EXPLICIT}));
	assert_true(defers((struct engine_proxy_config){.mode = PROXY_EXPLICIT, .refuses = true}));
	/* Who the client is only its PROXY header tells, which comes after the handshake. */
	assert_false(defers((struct engine_proxy_config){
	    .mode = PROXY_EXPLICIT, .refuses = true, .proxy_protocol_in = true}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(intercepted_clients_wait_for_their_server),
	    cmocka_unit_test(explicit_clients_wait_only_for_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
