/* test_confine.c - what a confined process is denied and what it isn't; each case in a child.
 * LAYER: wedge_ns */
#include "proxy/ns/confine.h"
#include "proxy/ns/privilege.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define FORBIDDEN 99 /* a filter around the tests denies the filter itself */

/* Status of a child that is confined and does what fn says: 0 as it is to be. */
static int confined(bool executes, int (*fn)(void))
{
	pid_t pid = fork();
	struct err e;
	int status;

	if (pid == 0)
		_exit(confine_calls(executes, &e) == -1 ? FORBIDDEN : fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == FORBIDDEN)
		skip();
	return WEXITSTATUS(status);
}

static bool fails(long rc, int error)
{
	return rc == -1 && errno == error;
}

static int execute(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int ask_for_what_no_proxy_needs(void)
{
	if (!fails(unshare(CLONE_NEWUSER), EPERM))
		return 1;
	if (!fails(syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL), EPERM))
		return 2;
	if (!fails(syscall(SYS_bpf, 0, NULL, 0), EPERM))
		return 3;
	if (!fails(syscall(SYS_init_module, NULL, 0, ""), EPERM))
		return 4;
	if (!fails(syscall(SYS_kexec_load, 0, 0, NULL, 0), EPERM))
		return 5;
	if (!fails(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0), EPERM))
		return 6;
	if (!fails(syscall(SYS_setuid, getuid()), EPERM))
		return 7;
	if (!fails(syscall(SYS_io_uring_setup, 1, NULL), EPERM))
		return 8;
	/* As glibc does, which then asks clone(). */
	if (!fails(syscall(SYS_clone3, NULL, 0), ENOSYS))
		return 9;
	if (!fails(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL), EPERM))
		return 10;
	return 0;
}

static int open_sockets(void)
{
	static const int allowed[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
	static const int denied[] = {AF_ALG, AF_VSOCK, AF_BLUETOOTH, AF_KEY};

	for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
		if (socket(allowed[i], SOCK_DGRAM, 0) == -1 && errno != EAFNOSUPPORT)
			return 1;
	if (socket(AF_NETLINK, SOCK_RAW, 0) == -1)
		return 2;
	for (size_t i = 0; i < ARRAY_LEN(denied); i++)
		if (!fails(socket(denied[i], SOCK_RAW, 0), EAFNOSUPPORT))
			return 3;
	return 0;
}

static void *run_nothing(void *arg)
{
	return arg;
}

/* As a resolver's thread, and the guard of packet rules, begin. */
static int begin_others(void)
{
	pthread_t thread;
	void *result = &thread;
	int status;
	pid_t pid;

	if (pthread_create(&thread, NULL, run_nothing, NULL) || pthread_join(thread, &result) ||
	    result)
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(fails(unshare(CLONE_NEWNET), EPERM) ? 0 : 1);
	return pid == -1 || waitpid(pid, &status, 0) != pid || status != 0 ? 2 : 0;
}

static int look_at_itself(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2
		   ? 0
		   : 1;
}

static atomic_bool over;

static void *wait_and_ask(void *arg)
{
	while (!over)
		usleep(100);
	*(int *)arg = fails(unshare(CLONE_NEWUTS), EPERM);
	return NULL;
}

static int confine_with_a_thread(void)
{
	int denied = 0;
	pthread_t thread;
	struct err e;

	if (pthread_create(&thread, NULL, wait_and_ask, &denied))
		return 1;
	if (confine_calls(false, &e) == -1)
		return FORBIDDEN;
	over = true;
	pthread_join(thread, NULL);
	return denied ? 0 : 2;
}

static void other_programs_are_denied_unless_they_are_needed(void **state)
{
	(void)state;
	assert_int_equal(confined(false, execute), EPERM);
	assert_int_equal(confined(true, execute), 0);
}

static void what_no_proxy_needs_is_denied(void **state)
{
	(void)state;
	assert_int_equal(confined(true, ask_for_what_no_proxy_needs), 0);
}

static void only_a_proxys_sockets_are_opened(void **state)
{
	(void)state;
	assert_int_equal(confined(false, open_sockets), 0);
}

static void threads_and_children_begin_and_are_confined(void **state)
{
	(void)state;
	assert_int_equal(confined(false, begin_others), 0);
	assert_int_equal(confined(false, look_at_itself), 0);
}

static void threads_that_run_already_are_confined(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		_exit(confine_with_a_thread());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == FORBIDDEN)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* In a child: what is given up doesn't come back. */
static int keep_one(void)
{
	struct err e;

	for (int i = 0; i < 40; i++)
		if (privilege_has(i)) {
			if (privilege_limit((uint64_t)1 << i, &e) == -1)
				return 1;
			for (int other = 0; other < 40; other++)
				if (privilege_has(other) != (other == i))
					return 2;
			return privilege_limit(0, &e) == -1 || privilege_has(i) ? 3 : 0;
		}
	return privilege_limit(0, &e) == -1 ? 4 : 0;
}

static void capabilities_that_are_not_kept_are_gone(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		_exit(keep_one());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(other_programs_are_denied_unless_they_are_needed),
	    cmocka_unit_test(what_no_proxy_needs_is_denied),
	    cmocka_unit_test(only_a_proxys_sockets_are_opened),
	    cmocka_unit_test(threads_and_children_begin_and_are_confined),
	    cmocka_unit_test(threads_that_run_already_are_confined),
	    cmocka_unit_test(capabilities_that_are_not_kept_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
