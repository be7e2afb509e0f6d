/* test_msg.c - messages arrive whole and typed, and a broken one is told from an end.
 * LAYER: wedge_scenario_base */
#include "scenarios/base/msg.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int set_up(void **state)
{
	static int fd[2];

	*state = fd;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, fd);
}

static int tear_down(void **state)
{
	int *fd = *state;

	close(fd[0]);
	if (fd[1] != -1)
		close(fd[1]);
	return 0;
}

static void a_message_arrives_as_it_was_sent(void **state)
{
	int *fd = *state;
	struct err e;
	json_t *o;

	assert_int_equal(msg_send(fd[1], "ready", "s:i, s:s", "port", 80, "host", "x"), 0);
	assert_int_equal(msg_send(fd[1], "stop", NULL), 0);
	assert_int_equal(msg_recv(fd[0], -1, &o, &e), 1);
	assert_string_equal(msg_type(o), "ready");
	assert_int_equal(json_integer_value(json_object_get(o, "port")), 80);
	json_decref(o);
	assert_int_equal(msg_recv(fd[0], 0, &o, &e), 1);
	assert_string_equal(msg_type(o), "stop");
	json_decref(o);
	assert_int_equal(msg_recv(fd[0], 0, &o, &e), 0);
}

static void a_member_cannot_take_the_type_away(void **state)
{
	int *fd = *state;
	struct err e;
	json_t *o;

	assert_int_equal(msg_send(fd[1], "ready", "s:s", "type", "other"), 0);
	assert_int_equal(msg_recv(fd[0], 0, &o, &e), 1);
	assert_string_equal(msg_type(o), "ready");
	json_decref(o);
}

static void a_message_larger_than_the_socket_buffer_arrives(void **state)
{
	enum { LEN = 4 << 20 };
	int *fd = *state;
	struct err e;
	json_t *o;
	pid_t child = fork();

	if (child == 0) {
		char *text = calloc(1, LEN + 1);
		int sent;

		memset(text, 'a', LEN);
		sent = msg_send(fd[1], "big", "s:s", "text", text);
		free(text);
		_exit(sent == 0 ? 0 : 1);
	}
	assert_int_equal(msg_recv(fd[0], -1, &o, &e), 1);
	assert_int_equal(json_string_length(json_object_get(o, "text")), LEN);
	json_decref(o);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void refuses(int *fd, const char *bytes, size_t len, const char *says)
{
	struct err e = {.text = ""};
	json_t *o;

	assert_int_equal(write(fd[1], bytes, len), len);
	close(fd[1]);
	fd[1] = -1;
	assert_int_equal(msg_recv(fd[0], -1, &o, &e), -1);
	assert_non_null(strstr(e.text, says));
}

static void the_end_is_told(void **state)
{
	refuses(*state, "", 0, "has closed the connection");
}

static void an_end_in_the_length_is_told(void **state)
{
	refuses(*state, "\0\0", 2, "in the middle");
}

static void an_end_in_the_text_is_told(void **state)
{
	refuses(*state, "\0\0\0\x20{", 5, "in the middle");
}

static void a_length_beyond_the_limit_is_refused_unread(void **state)
{
	refuses(*state, "\xff\xff\xff\xff", 4, "are allowed");
}

static void what_is_no_json_is_refused(void **state)
{
	refuses(*state, "\0\0\0\2{x", 6, "not JSON");
}

static void an_empty_message_is_refused(void **state)
{
	refuses(*state, "\0\0\0\0", 4, "not JSON");
}

static void an_object_without_type_is_refused(void **state)
{
	refuses(*state, "\0\0\0\2{}", 6, "without a type");
}

static void an_array_is_refused(void **state)
{
	refuses(*state, "\0\0\0\2[]", 6, "without a type");
}

static void sending_to_a_closed_end_fails_without_a_signal(void **state)
{
	int *fd = *state;

	close(fd[1]);
	fd[1] = -1;
	assert_int_equal(msg_send(fd[0], "x", NULL), -1);
}

static void what_is_no_utf8_is_not_sent(void **state)
{
	int *fd = *state;

	assert_int_equal(msg_send(fd[1], "x", "s:s", "text", "\xff"), -1);
}

#define MSG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    MSG_TEST(a_message_arrives_as_it_was_sent),
	    MSG_TEST(a_member_cannot_take_the_type_away),
	    MSG_TEST(a_message_larger_than_the_socket_buffer_arrives),
	    MSG_TEST(the_end_is_told),
	    MSG_TEST(an_end_in_the_length_is_told),
	    MSG_TEST(an_end_in_the_text_is_told),
	    MSG_TEST(a_length_beyond_the_limit_is_refused_unread),
	    MSG_TEST(what_is_no_json_is_refused),
	    MSG_TEST(an_empty_message_is_refused),
	    MSG_TEST(an_object_without_type_is_refused),
	    MSG_TEST(an_array_is_refused),
	    MSG_TEST(sending_to_a_closed_end_fails_without_a_signal),
	    MSG_TEST(what_is_no_utf8_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
