/* test_grade_long_lived.c - what a program that doesn't end by itself shows on the wire, and its
 * grade. LAYER: wedge_check */
#include "proxy/base/clock.h"
#include "scenarios/check/grade_long_lived.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S     NS_PER_S
#define WHOLE 1000 /* bytes of the healthy answer */

/* Two connections of ports 1001 and 1002 to port 80. The first asked at 1 s and got half an answer
 * at 2 s, which is the fault; the capture ends at 20 s and the look was at 15 s. */
struct story {
	struct wire_exchange exchange[2];
	struct wire_connection connection[2];
	struct analysis wire;
	struct detection_place place;
};

static void begin_story(struct story *s, json_t *sockets)
{
	memset(s, 0, sizeof(*s));
	for (int i = 0; i < 2; i++) {
		char text[32];
		struct err e;

		snprintf(text, sizeof(text), "192.0.2.1:%d", 1001 + i);
		assert_int_equal(addr_parse(text, &s->connection[i].client, &e), 0);
		assert_int_equal(addr_parse("198.51.100.1:80", &s->connection[i].server, &e), 0);
	}
	s->exchange[0] = (struct wire_exchange){.request_start = S,
						.request_end = S,
						.response_start = 2 * S,
						.response_end = 2 * S,
						.request_bytes = 100,
						.response_bytes = WHOLE / 2};
	s->connection[0].first = S;
	s->connection[0].exchanges = &s->exchange[0];
	s->connection[0].nexchanges = 1;
	s->wire.connections = s->connection;
	s->wire.nconnections = 1;
	s->place = (struct detection_place){.wire = &s->wire,
					    .port = 80,
					    .hit = &s->connection[0],
					    .since = 2 * S,
					    .answer = WHOLE,
					    .sockets = sockets,
					    .offset = S,
					    .until = 15 * S};
}

/* Another connection begins at that time and gets so many bytes a second later. */
static void add_connection(struct story *s, int64_t at, uint64_t bytes)
{
	s->exchange[1] = (struct wire_exchange){.request_start = at,
						.request_end = at,
						.response_start = at + S,
						.response_end = at + S,
						.response_bytes = bytes};
	s->connection[1].first = at;
	s->connection[1].exchanges = &s->exchange[1];
	s->connection[1].nexchanges = 1;
	s->wire.nconnections = 2;
}

static void expect_found(struct story *s, enum detection_sign sign, int64_t at, bool leaked)
{
	struct detection d = detection_find(&s->place);

	assert_int_equal(d.sign, sign);
	assert_int_equal(d.at, at);
	assert_int_equal(d.leaked, leaked);
}

static void the_clients_end_is_a_sign(void **state)
{
	struct story s;

	(void)state;
	begin_story(&s, NULL);
	expect_found(&s, SIGN_NONE, 0, false);
	s.connection[0].fin_at[DIR_DOWNSTREAM] = 3 * S; /* that is the server's */
	expect_found(&s, SIGN_NONE, 0, false);
	s.connection[0].fin_at[DIR_UPSTREAM] = 5 * S;
	expect_found(&s, SIGN_FIN, 5 * S, false);
	s.connection[0].rst_at[DIR_UPSTREAM] = 4 * S;
	expect_found(&s, SIGN_RST, 4 * S, false);
	s.connection[0].fin_at[DIR_UPSTREAM] = S;      /* before the fault */
	s.connection[0].rst_at[DIR_UPSTREAM] = 16 * S; /* of the program's end */
	expect_found(&s, SIGN_NONE, 0, false);
}

static void another_connections_whole_answer_is_a_sign(void **state)
{
	struct story s;

	(void)state;
	begin_story(&s, NULL);
	add_connection(&s, 6 * S, WHOLE / 2);
	expect_found(&s, SIGN_NONE, 0, false);
	add_connection(&s, 6 * S, WHOLE);
	expect_found(&s, SIGN_EXCHANGE, 7 * S, false);
	assert_true(detection_find(&s.place).recovered);
	s.connection[0].rst_at[DIR_DOWNSTREAM] = 3 * S; /* the fault is an RST: a new try counts */
	expect_found(&s, SIGN_CONNECTION, 6 * S, false);
}

static void an_open_socket_is_a_leak_unless_it_has_said_its_end(void **state)
{
	json_t *open = json_pack("[{s:i,s:b,s:n}]", "port", 1001, "open", 1, "closed_at");
	json_t *closed = json_pack("[{s:i,s:b,s:f}]", "port", 1001, "open", 0, "closed_at", 7.0);
	struct story s;

	(void)state;
	begin_story(&s, open);
	expect_found(&s, SIGN_NONE, 0, true);
	s.connection[0].fin_at[DIR_UPSTREAM] = 16 * S;
	expect_found(&s, SIGN_NONE, 0, true);
	s.connection[0].fin_at[DIR_UPSTREAM] = 14 * S;
	expect_found(&s, SIGN_FIN, 14 * S, false);
	begin_story(&s, closed); /* a zero window held the FIN back */
	expect_found(&s, SIGN_CLOSE, 8 * S, false);
	json_decref(open);
	json_decref(closed);
}

static enum grade grade_facts(const struct cell_facts *f, double *seconds)
{
	static const struct check_plan plan = {.ready = "x", .limit = 60 * S};
	const struct healthy healthy = {.facts = {.nconnects = 1}};
	struct graded g = grade_long_lived(&plan, hang_point_find("T13"), &healthy, f);

	assert_true(*g.why);
	*seconds = g.seconds;
	free(g.why);
	return g.grade;
}

static void facts_become_grades(void **state)
{
	struct cell_facts f = {.by_wire = true,
			       .acted = true,
			       .fault_at = 2,
			       .detected_at = NAN,
			       .last = (char *)"",
			       .sign = SIGN_FIN};
	double seconds;

	(void)state;
	assert_int_equal(grade_facts(&f, &seconds), GRADE_HUNG);
	assert_true(isnan(seconds));
	f.leaked = true; /* who waits still leaks nothing */
	assert_int_equal(grade_facts(&f, &seconds), GRADE_HUNG);
	f.detected_at = 12;
	assert_int_equal(grade_facts(&f, &seconds), GRADE_LEAK);
	assert_true(seconds == 10);
	f.leaked = false;
	assert_int_equal(grade_facts(&f, &seconds), GRADE_DETECTED);
	f.recovered = true;
	assert_int_equal(grade_facts(&f, &seconds), GRADE_RETRIED_OK);
	f.recovered = false;
	f.ended_itself = true;
	f.ended = 5; /* its end came before: the FIN is of another */
	assert_int_equal(grade_facts(&f, &seconds), GRADE_DETECTED);
	assert_true(seconds == 3);
}

static void a_fin_behind_an_undetectable_cut_proves_nothing(void **state)
{
	static const struct check_plan plan = {.ready = "x", .limit = 60 * S};
	const struct healthy healthy = {.facts = {.nconnects = 1}};
	struct cell_facts f = {.by_wire = true,
			       .acted = true,
			       .fault_at = 2,
			       .detected_at = 2,
			       .last = (char *)"",
			       .sign = SIGN_FIN};
	struct graded g = grade_long_lived(&plan, hang_point_find("T18"), &healthy, &f);

	(void)state;
	assert_int_equal(g.grade, GRADE_UNDETECTABLE);
	free(g.why);
	f.detected_at = 3;
	f.recovered = true; /* who asks again by another connection knew */
	g = grade_long_lived(&plan, hang_point_find("T18"), &healthy, &f);
	assert_int_equal(g.grade, GRADE_RETRIED_OK);
	free(g.why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_clients_end_is_a_sign),
	    cmocka_unit_test(another_connections_whole_answer_is_a_sign),
	    cmocka_unit_test(an_open_socket_is_a_leak_unless_it_has_said_its_end),
	    cmocka_unit_test(facts_become_grades),
	    cmocka_unit_test(a_fin_behind_an_undetectable_cut_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
