/* test_guest.c - "real_client:", what it says, and its place in a phase.
 * LAYER: wedge_scenario */
#include "tests/rig/scenario_file.h"

#include "scenarios/scenario/guest.h"
#include "scenarios/scenario/words.h"

#define REAL                                                                                       \
	"real_client:\n"                                                                           \
	"  command: curl -w '%{http_code} in' http://{host}:{port}/\n"                             \
	"  felt:\n"                                                                                \
	"    baseline: {status: 0, time: 1ms..1s, says: 200 in}\n"                                 \
	"    impaired: {status: waits, time: 10s..12s}\n"

static void write_real(const char *from, const char *to)
{
	const char *real = REAL, *at = strstr(real, from);
	char text[8192];
	int n;

	assert_non_null(at);
	n = snprintf(text, sizeof(text), "%s%.*s%s%s", good, (int)(at - real), real, to,
		     at + strlen(from));
	write_bytes(text, (size_t)n);
}

static void refused(const char *from, const char *to, const char *why)
{
	struct scenario *s;
	struct err e = {""};

	write_real(from, to);
	assert_int_equal(scenario_load(path, NULL, false, NULL, NULL, &s, &e), -1);
	if (!strstr(e.text, why))
		fail_msg("refused with '%s', not with '%s'", e.text, why);
}

static void a_real_client_is_read_whole(void **state)
{
	const struct guest *g;
	struct scenario *s;

	(void)state;
	write_real("", "");
	s = loaded(false);
	g = s->real_client;
	assert_string_equal(g->argv[2], "%{http_code} in");
	assert_int_equal(g->nfelt, 2);
	assert_int_equal(g->felt[0].most, NS_PER_S);
	assert_string_equal(g->felt[0].says, "200 in");
	assert_int_equal(guest_find_felt(g, "impaired")->status, GUEST_WAITS);
	assert_null(guest_find_felt(g, "mitigated"));
	assert_int_equal(g->limit, GUEST_LIMIT);
	scenario_free(s);
}

static void a_bad_real_client_is_refused(void **state)
{
	(void)state;
	refused("  felt:", "  felts:", "unknown key 'felts'");
	refused("status: 0", "status: 256", "'256' is no exit status");
	refused("status: 0, ", "", "'status' is missing");
	refused("1ms..1s", "1s", "'1s' is no range of times");
	refused("1ms..1s", "1s..1s", "a range begins with its shorter end");
	refused("    baseline:", "    base:", "no phase 'base'");
	refused("    impaired: {status: waits, time: 10s..12s}\n", "", "at least one other phase");
	refused("  felt:", "  section: gone\n  felt:", "no phase has a section 'gone'");
	refused("  felt:", "  on: gone\n  felt:", "there is no traffic 'gone'");
	refused("  felt:", "  limit: 0\n  felt:", "the limit is more than 0");
	refused("  felt:", "  server: python3\n  felt:", "a mapping is expected");
	refused("'%{http_code} in'", "'%{http_code} in", "quote");
}

static void a_guest_stands_behind_main(void **state)
{
	struct scenario *s;
	struct phase *p;
	struct err e;
	size_t n;

	(void)state;
	write_real("  felt:", "  server: {command: 'nc -l {port}'}\n  felt:");
	s = loaded(false);
	p = phase_clone(&s->phases[1]);
	n = p->ntraffic;
	assert_int_equal(guest_join(p, s->real_client, &e), 0);
	assert_int_equal(p->ntraffic, n + 1);
	assert_string_equal(p->traffic[n].name, GUEST_TRAFFIC);
	assert_int_equal(p->traffic[n].port, p->traffic[0].port);
	assert_int_equal(p->traffic[n].leader, 0);
	assert_string_equal(p->traffic[0].server.argv[0], "nc");
	assert_true(guest_displaces(p, 0, false));
	assert_false(guest_displaces(p, 0, true));
	assert_false(guest_displaces(p, 1, false));
	assert_false(guest_displaces(p, n, false));
	assert_int_equal(guest_join(p, s->real_client, &e), -1);
	phase_free(p);
	scenario_free(s);
}

static void a_guest_stands_behind_the_traffic_that_it_is_on(void **state)
{
	struct scenario *s;
	struct phase *p;
	struct err e;

	(void)state;
	write_real("  felt:", "  on: sibling\n  alone: true\n  felt:");
	s = loaded(false);
	p = phase_clone(&s->phases[1]);
	assert_int_equal(guest_join(p, s->real_client, &e), 0);
	assert_int_equal(p->traffic[2].port, p->traffic[1].port);
	assert_int_equal(p->traffic[2].leader, 1);
	assert_true(guest_displaces(p, 1, false));
	assert_false(guest_displaces(p, 0, false));
	phase_free(p);
	scenario_free(s);
}

static void dots_stand_for_anything(void **state)
{
	(void)state;
	assert_true(guest_says("a", "a"));
	assert_false(guest_says("a", "ab"));
	assert_false(guest_says("ab", "a"));
	assert_true(guest_says("after ... ms with ... bytes", "after 10 ms with 0 bytes"));
	assert_false(guest_says("after ... ms with ... bytes", "after 10 ms with 0 byte"));
	assert_true(guest_says("200 in 0.20...", "200 in 0.20"));
	assert_true(guest_says("...", ""));
}

static void words_survive_their_text(void **state)
{
	static const char *const given[] = {"sh", "-c", "echo 'a b' \"$X\" \\", "", "it's", NULL};
	char *text = words_join((char *const *)given), **back;
	struct err e;

	(void)state;
	assert_int_equal(words_split(text, &back, &e), 0);
	for (size_t i = 0; given[i]; i++)
		assert_string_equal(back[i], given[i]);
	words_free(back);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_real_client_is_read_whole),
	    cmocka_unit_test(a_bad_real_client_is_refused),
	    cmocka_unit_test(a_guest_stands_behind_main),
	    cmocka_unit_test(a_guest_stands_behind_the_traffic_that_it_is_on),
	    cmocka_unit_test(dots_stand_for_anything),
	    cmocka_unit_test(words_survive_their_text),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
