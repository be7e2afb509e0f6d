/* test_stage_laws.c - a stage that breaks a law of stage.h stops the program.
 * LAYER: wedge_stream stage_rig */
#include "proxy/stream/flow/stage_default.h"
#include "tests/rig/stage_rig.h"

#include <event2/buffer.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct stage_ops honest(void)
{
	return (struct stage_ops){.open = stage_default_open,
				  .data = stage_default_data,
				  .end = stage_default_end,
				  .timer = stage_default_timer,
				  .update = stage_default_update,
				  .drain = stage_default_drain,
				  .close = stage_default_close};
}

static void lose_one(struct stage *st, struct evbuffer *buf)
{
	evbuffer_drain(buf, 1);
	stage_pass(st, buf);
}

static void claim_to_keep(struct stage *st, struct evbuffer *buf)
{
	stage_pass(st, buf);
	stage_hold(st, 1);
}

static void end_twice(struct stage *st, enum flow_end end)
{
	stage_pass_end(st, end);
	stage_pass_end(st, end);
}

static void leave_bytes(struct stage *st, struct evbuffer *buf)
{
	(void)st;
	(void)buf;
}

static void keep_for_ever(struct stage *st, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	evbuffer_drain(buf, n);
	stage_hold(st, n);
}

static bool child_aborts(const struct stage_ops *ops)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		struct rig *r;

		signal(SIGABRT, SIG_DFL);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		r = rig_new(ops, NULL);
		rig_feed(r, "abc");
		rig_end(r, END_FIN);
		stage_detach(rig_stage(r));
		_exit(0);
	}
	assert_int_not_equal(pid, -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static bool data_is_caught(void (*data)(struct stage *st, struct evbuffer *buf))
{
	struct stage_ops ops = honest();

	ops.data = data;
	return child_aborts(&ops);
}

static void an_honest_stage_is_left_alone(void **state)
{
	(void)state;
	assert_false(data_is_caught(stage_default_data));
}

static void losing_a_byte_is_caught(void **state)
{
	(void)state;
	assert_true(data_is_caught(lose_one));
}

static void keeping_a_byte_that_was_passed_is_caught(void **state)
{
	(void)state;
	assert_true(data_is_caught(claim_to_keep));
}

static void leaving_bytes_untaken_is_caught(void **state)
{
	(void)state;
	assert_true(data_is_caught(leave_bytes));
}

static void a_drain_that_leaves_bytes_behind_is_caught(void **state)
{
	(void)state;
	assert_true(data_is_caught(keep_for_ever));
}

static void ending_twice_is_caught(void **state)
{
	struct stage_ops ops = honest();

	(void)state;
	ops.end = end_twice;
	assert_true(child_aborts(&ops));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_honest_stage_is_left_alone),
	    cmocka_unit_test(losing_a_byte_is_caught),
	    cmocka_unit_test(keeping_a_byte_that_was_passed_is_caught),
	    cmocka_unit_test(leaving_bytes_untaken_is_caught),
	    cmocka_unit_test(a_drain_that_leaves_bytes_behind_is_caught),
	    cmocka_unit_test(ending_twice_is_caught),
	};

	return cmocka_run_group_tests_name("stage_laws", tests, NULL, NULL);
}
