/* scenario_file.h - a small good scenario file for unit tests, written as it is or changed. */
#ifndef WEDGE_TESTS_SCENARIO_FILE_H
#define WEDGE_TESTS_SCENARIO_FILE_H

#include "proxy/base/mem.h"
#include "scenarios/scenario/overrides.h"
#include "scenarios/scenario/scenario_load.h"
#include "scenarios/workload/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-scenario-XXXXXX";
static char path[64];

/* Lines are counted by the tests below. */
static const char good[] = "name: made-up\n"					     /* 1 */
			   "title: a made-up failure\n"				     /* 2 */
			   "source: nobody\n"					     /* 3 */
			   "story: once upon a time\n"				     /* 4 */
			   "lab: {intercept: explicit}\n"			     /* 5 */
			   "server: {app: rpc, response: [180B, 220B]}\n"	     /* 6 */
			   "client: {app: rpc, exchanges: 100, request: 512B}\n"     /* 7 */
			   "phases:\n"						     /* 8 */
			   "  baseline: []\n"					     /* 9 */
			   "  impaired: [{delayed_ack: {timer: 200ms, every: 2}}]\n" /* 10 */
			   "quick: {client.exchanges: 10}\n"			     /* 11 */
			   "expect:\n"						     /* 12 */
			   "  - impaired.client_app.response.p50 >= 195ms\n";	     /* 13 */

WG_UNUSED static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/made-up.yaml", folder);
	return 0;
}

WG_UNUSED static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

WG_UNUSED static void write_bytes(const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* The good file with the first "from" replaced. */
WG_UNUSED static void write_changed(const char *from, const char *to)
{
	const char *at = strstr(good, from);
	char text[4000];

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	write_bytes(text, strlen(text));
}

/* Writes the good file with steps in its impaired phase; every step is on a line of its own, from
 * line 13 on. */
WG_UNUSED static void write_steps(const char *impairments, const char *steps)
{
	char *phase =
	    xasprintf("  impaired:\n    impairments: [%s]\n    steps:\n%s", impairments, steps);

	write_changed("  impaired: [{delayed_ack: {timer: 200ms, every: 2}}]\n", phase);
	free(phase);
}

WG_UNUSED static struct scenario *loaded(bool quick)
{
	struct scenario *s;
	struct err e;

	if (scenario_load(path, NULL, quick, NULL, NULL, &s, &e) == -1)
		fail_msg("refused: %s", e.text);
	return s;
}

WG_UNUSED static void param_is(const struct traffic *t, bool server, const char *name,
			       const char *want)
{
	const struct param *p =
	    param_find(server ? t->app->server_params : t->app->client_params, name);
	char text[100];

	assert_non_null(p);
	param_format(p, server ? t->server.cfg : t->client.cfg, text, sizeof(text));
	assert_string_equal(text, want);
}

#endif
