/* test_card_advice.c - each bad grade has advice at each hang point, in the client's own words
 * where it is known. LAYER: wedge_check */
#include "scenarios/check/advice.h"
#include "scenarios/check/card_advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *find(char *const *argv, const char *id, enum grade grade, char letter)
{
	return advice_find(argv, hang_point_find(id), grade, letter);
}

#define ARGV(...) ((char *const *)(const char *const[]){__VA_ARGS__, NULL})

static void has(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("'%s' has no '%s'", text ? text : "nothing", part);
}

static void test_every_bad_cell(void **state)
{
	static const char *const clients[] = {"curl",	   "wget",	"psql",	   "python3",
					      "node",	   "java",	"ssh",	   "git",
					      "redis-cli", "smbclient", "/opt/own"};

	(void)state;
	for (const struct hang_point *p = hang_points; p->id; p++)
		for (int g = GRADE_PARTIAL_LEFT; g < GRADE_INVALID; g++) {
			for (size_t i = 0; i < ARRAY_LEN(clients); i++)
				assert_non_null(find(ARGV(clients[i]), p->id, (enum grade)g, 'F'));
		}
}

static void test_good_cells(void **state)
{
	(void)state;
	assert_null(find(ARGV("curl"), "T13", GRADE_DETECTED, 'A'));
	assert_null(find(ARGV("curl"), "T13", GRADE_DETECTED, 'B'));
	assert_null(find(ARGV("curl"), "T13", GRADE_NOT_EXERCISED, '-'));
	assert_null(find(ARGV("curl"), "T18", GRADE_UNDETECTABLE, '-'));
	assert_null(find(ARGV("curl"), "T13", GRADE_INVALID, '-'));
	has(find(ARGV("curl"), "T13", GRADE_DETECTED, 'C'), "--max-time");
	has(find(ARGV("curl"), "T13", GRADE_DETECTED, 'D'), "--max-time");
}

static void test_clients(void **state)
{
	(void)state;
	has(find(ARGV("/usr/bin/curl"), "T01", GRADE_HUNG, 'F'), "--connect-timeout");
	has(find(ARGV("curl", "--retry", "2"), "T01", GRADE_HUNG, 'F'), "--retry-max-time");
	has(find(ARGV("curl"), "T14", GRADE_TRICKLE_BLIND, 'F'), "--speed-limit");
	/* Nobody is told to use an option that is there already. */
	has(find(ARGV("curl", "--speed-time", "10"), "T13", GRADE_HUNG, 'F'), "longer --limit");
	has(find(ARGV("curl", "--speed-time", "10"), "T01", GRADE_HUNG, 'F'), "--connect-timeout");
	has(find(ARGV("curl", "--max-time", "90"), "T01", GRADE_HUNG, 'F'), "longer --limit");
	has(find(ARGV("curl"), "T13", GRADE_PARTIAL_LEFT, 'F'), "--remove-on-error");
	has(find(ARGV("wget"), "T13", GRADE_HUNG, 'F'), "--read-timeout");
	has(find(ARGV("wget"), "T15", GRADE_HUNG, 'F'), "--tries=N");
	has(find(ARGV("psql"), "T05", GRADE_HUNG, 'F'), "connect_timeout");
	has(find(ARGV("psql"), "T09", GRADE_HUNG, 'F'), "tcp_user_timeout");
	has(find(ARGV("psql"), "T13", GRADE_HUNG, 'F'), "keepalives_idle");
	has(find(ARGV("python3.12", "-c", "import requests"), "T14", GRADE_HUNG, 'F'),
	    "of requests bounds each wait");
	has(find(ARGV("python3", "-c", "import urllib.request"), "T13", GRADE_HUNG, 'F'),
	    "urlopen()");
	has(find(ARGV("node", "-e", "fetch(u)"), "T13", GRADE_HUNG, 'F'), "AbortSignal.timeout");
	has(find(ARGV("java", "Get.java"), "T01", GRADE_HUNG, 'F'), "connectTimeout()");
	has(find(ARGV("ssh"), "T05", GRADE_HUNG, 'F'), "ConnectTimeout");
	has(find(ARGV("ssh"), "T13", GRADE_HUNG, 'F'), "ServerAliveInterval");
	has(find(ARGV("redis-cli"), "T10", GRADE_HUNG, 'F'), "timeout(1)");
	has(find(ARGV("git"), "T13", GRADE_HUNG, 'F'), "http.lowSpeedLimit");
	has(find(ARGV("smbclient"), "T13", GRADE_HUNG, 'F'), "-t SECONDS");
	has(find(ARGV("curl"), "T19", GRADE_SILENT_TRUNCATION, 'F'), "close_notify");
	has(find(ARGV("python3"), "T19", GRADE_SILENT_NOTHING, 'F'), "suppress_ragged_eofs");
	/* A name that only begins like one. */
	has(find(ARGV("curlie"), "T01", GRADE_HUNG, 'F'), "10 s or less");
}

/* The client is looked for behind what runs it, as far as that is plain. */
static void test_wrappers(void **state)
{
	(void)state;
	has(find(ARGV("sh", "-c", "curl -sS $0", "{url}"), "T14", GRADE_HUNG, 'F'),
	    "--speed-limit");
	has(find(ARGV("timeout", "90", "curl"), "T14", GRADE_HUNG, 'F'), "--speed-limit");
	/* An option inside counts. */
	has(find(ARGV("sh", "-c", "curl --max-time 90 {url}"), "T13", GRADE_HUNG, 'F'),
	    "longer --limit");
	has(find(ARGV("sh", "-c", "curl a; wget b"), "T01", GRADE_HUNG, 'F'), "10 s or less");
}

/* Points of one advice stand together. */
static void test_gather(void **state)
{
	char curl[] = "curl", *argv[] = {curl, NULL};
	const struct check_plan plan = {.argv = argv};
	struct card_cell cells[] = {
	    {.point = hang_point_find("T10"), .grade = GRADE_HUNG, .letter = 'F'},
	    {.point = hang_point_find("T12"), .grade = GRADE_DETECTED, .letter = 'A'},
	    {.point = hang_point_find("T13"), .grade = GRADE_HUNG, .letter = 'F'},
	    {.point = hang_point_find("T14"), .grade = GRADE_TRICKLE_BLIND, .letter = 'F'},
	};
	const struct card c = {.plan = &plan, .cells = cells, .n = ARRAY_LEN(cells)};
	struct card_advice_list l;

	(void)state;
	card_advice_gather(&c, &l);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].ids, "T10, T13");
	assert_string_equal(l.v[1].ids, "T14");
	card_advice_list_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_bad_cell), cmocka_unit_test(test_good_cells),
	    cmocka_unit_test(test_clients),	   cmocka_unit_test(test_wrappers),
	    cmocka_unit_test(test_gather),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
