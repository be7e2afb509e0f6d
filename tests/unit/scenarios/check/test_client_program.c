/* test_client_program.c - the program behind wrappers, and which of them aren't plain enough.
 * LAYER: wedge_check */
#include "scenarios/check/client_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define IS(name, ...) is(name, (char *const *)(const char *const[]){__VA_ARGS__, NULL})

static void is(const char *name, char *const *argv)
{
	char *found = client_program_find(argv);

	assert_string_equal(found, name);
	free(found);
}

static void test_no_wrapper(void **state)
{
	(void)state;
	IS("curl", "curl", "-sS", "{url}");
	IS("curl", "/usr/bin/curl");
	IS("client", "./client", "sh", "-c", "curl");
}

static void test_programs_that_run_one(void **state)
{
	(void)state;
	IS("curl", "timeout", "5", "curl", "-sS");
	IS("curl", "/usr/bin/timeout", "-k", "1", "-sKILL", "-k5s", "--preserve-status", "5s",
	   "curl");
	IS("curl", "env", "X=y", "_Z1=", "/usr/bin/curl");
	IS("curl", "env", "-i", "-u", "HOME", "--", "X=y", "curl");
	IS("wget", "nice", "-n", "5", "stdbuf", "-o", "L", "nohup", "wget");
	IS("curl", "env", "X=y", "timeout", "5", "curl");
	/* Nothing is wrapped. */
	IS("env", "env");
	IS("env", "env", "X=y");
	IS("timeout", "timeout", "5");
	IS("timeout", "timeout", "-k");
}

static void test_shells(void **state)
{
	(void)state;
	IS("curl", "sh", "-c", "curl -sS {url}");
	IS("curl", "/bin/bash", "-e", "-uc", "curl -sS \"$0\" >out 2>&1", "{url}");
	IS("curl", "sh", "-c", "X=y Y='a b' exec /usr/bin/curl -sS {url}");
	IS("curl", "sh", "-c", "exec timeout 5 curl 'a;b|c' \"d&e\" f\\;g");
	IS("curl", "timeout", "9", "sh", "-c", "  env X=y curl");
	IS("python3", "bash", "-c", "sh -c 'python3 x.py'");
}

static void test_not_plain(void **state)
{
	(void)state;
	IS("sh", "sh", "client.sh");
	IS("sh", "sh");
	IS("sh", "sh", "-c");
	IS("sh", "sh", "-c", "");
	IS("sh", "sh", "-c", "X=y");
	IS("sh", "sh", "-c", "curl 'open");
	IS("sh", "sh", "-c", "curl a; wget b");
	IS("sh", "sh", "-c", "curl a && wget b");
	IS("sh", "sh", "-c", "echo a | curl -d @- b");
	IS("sh", "sh", "-c", "curl a\nwget b");
	IS("sh", "sh", "-c", "curl $(cat url)");
	IS("sh", "sh", "-c", "(curl a)");
	IS("sh", "sh", "-c", "{ curl a; }");
	IS("$CURL", "sh", "-c", "$CURL a");
	IS("sh", "sh", "--posix", "-c", "curl a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_wrapper),
	    cmocka_unit_test(test_programs_that_run_one),
	    cmocka_unit_test(test_shells),
	    cmocka_unit_test(test_not_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
