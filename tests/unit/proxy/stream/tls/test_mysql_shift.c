/* test_mysql_shift.c - the packets of a MySQL login keep in step where one end has said SSLRequest
 * and the other one hasn't. LAYER: wedge_stream */
#include "proxy/stream/tls/mysql_shift.h"

#include "proxy/base/attrs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SSL 0x08 /* CLIENT_SSL in the second byte of the flags */

struct said {
	enum leg from;
	unsigned char p[16];
	size_t n;
};

/* Login, AuthSwitchRequest, its answer, OK, then a command of the client and its answer. The
 * numbers are those of the end that has said SSLRequest where tls is true. */
#define MOST 6
static void make_talk(struct said talk[MOST], bool ssl, int extra)
{
	const struct said made[MOST] = {
	    {LEG_CLIENT, {5, 0, 0, 1, 0x05, 0xa2, 0, 0, 0}, 9},
	    {LEG_SERVER, {2, 0, 0, 2, 0xfe, 'x'}, 6},
	    {LEG_CLIENT, {3, 0, 0, 3, 'a', 'b', 'c'}, 7},
	    {LEG_SERVER, {3, 0, 0, 4, 0, 0, 0}, 7},
	    {LEG_CLIENT, {2, 0, 0, 0, 3, 'q'}, 6},
	    {LEG_SERVER, {1, 0, 0, 1, 7}, 5},
	};

	memcpy(talk, made, sizeof(made));
	for (int i = 0; i < 4; i++)
		talk[i].p[3] = (unsigned char)(talk[i].p[3] + extra);
	if (ssl)
		talk[0].p[5] |= SSL;
}

/* As the speakers say it, and as the other end has to hear it. */
static void check_talk(bool server_tls, size_t piece)
{
	struct said said[MOST], heard[MOST], with[MOST], without[MOST];
	struct mysql_shift m = {.server_tls = server_tls};

	make_talk(with, true, 1);
	make_talk(without, false, 0);
	for (int i = 0; i < MOST; i++) {
		bool speaks_tls = server_tls == (with[i].from == LEG_SERVER);

		said[i] = speaks_tls ? with[i] : without[i];
		heard[i] = speaks_tls ? without[i] : with[i];
	}
	for (int i = 0; i < MOST; i++) {
		for (size_t at = 0; at < said[i].n; at += piece)
			mysql_shift(&m, said[i].from, said[i].p + at,
				    piece < said[i].n - at ? piece : said[i].n - at);
		assert_memory_equal(said[i].p, heard[i].p, said[i].n);
		assert_int_equal(m.over, i >= 3);
	}
}

static void numbers_and_the_flag_are_the_other_ends(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 10; piece++) {
		check_talk(true, piece);
		check_talk(false, piece);
	}
}

static void an_error_ends_it_too(void **state)
{
	unsigned char error[] = {3, 0, 0, 3, 0xff, 1, 2}, next[] = {1, 0, 0, 5, 9};
	struct mysql_shift m = {.server_tls = true};

	(void)state;
	mysql_shift(&m, LEG_SERVER, error, sizeof(error));
	assert_int_equal(error[3], 2);
	assert_true(m.over);
	mysql_shift(&m, LEG_CLIENT, next, sizeof(next));
	assert_int_equal(next[3], 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_and_the_flag_are_the_other_ends),
	    cmocka_unit_test(an_error_ends_it_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
