/* live_process.c - leaves wedge's session, signals and files, then captures and annotates. */
#include "scenarios/live/live_process.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/writer.h"
#include "scenarios/base/msg.h"
#include "scenarios/capture/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A terminal's or a service manager's signals to the group are meant for wedge: this process learns
 * of them from wedge, or by its end. */
static void stand_alone(void)
{
	sigset_t all;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "wedge-capture");
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Keeps stderr and these; a reader of wedge's other files must not wait for this process. */
static void leave_files(const struct live_files *files, const struct capture_apart *apart,
			int msg_fd)
{
	int kept[] = {files->raw[LEG_CLIENT],
		      files->raw[LEG_SERVER],
		      files->journal,
		      files->secrets,
		      msg_fd,
		      apart ? apart->user : -1,
		      apart ? apart->net : -1};
	unsigned from = 3;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 2 && null != -1; fd++)
		dup2(null, fd);
	qsort(kept, ARRAY_LEN(kept), sizeof(kept[0]), by_number);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		if (kept[i] > (int)from)
			close_range(from, (unsigned)kept[i] - 1, 0);
		if (kept[i] >= (int)from)
			from = (unsigned)kept[i] + 1;
	}
	close_range(from, ~0u, 0);
}

/* Waits after a failure until wedge ends. */
static void await_stop(int msg_fd)
{
	bool stop = false;

	while (!stop) {
		json_t *msg = NULL;

		if (msg_recv(msg_fd, -1, &msg, NULL) != 1)
			return;
		stop = strcmp(msg_type(msg), "stop") == 0;
		json_decref(msg);
	}
}

int live_check_privilege(struct err *e)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd != -1)
		close(fd);
	else if (errno == EPERM)
		return err_set(e,
			       "capturing packets needs CAP_NET_RAW in the network namespace (as "
			       "root, or after 'setcap cap_net_raw+ep' on wedge); everything "
			       "that works without --capture works without it");
	return fd == -1 ? err_errno(e, "can't capture packets") : 0;
}

/* Takes what this network shows from here on, for the capture that is told to be at path. */
static int add_tap(struct tap_set *taps, const char *path, const int *file, struct err *e)
{
	struct tap_config c = {.interface = "any", .file = file, .filter = "tcp or icmp or icmp6"};

	snprintf(c.path, sizeof(c.path), "%s", path);
	taps->tap[taps->n] = tap_open(&c, e);
	if (!taps->tap[taps->n])
		return -1;
	taps->n++;
	return 0;
}

/* Who stays in a command's network is ended with it: this process goes home, or where it may not
 * to a network of its own. The tap stays where it was opened. */
static int add_tap_apart(struct tap_set *taps, const char *path, const int *file,
			 const struct capture_apart *apart, struct err *e)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), rc = -1;

	if (apart->user != -1 && setns(apart->user, CLONE_NEWUSER) == -1)
		err_errno(e, "joining the user namespace");
	else if (setns(apart->net, CLONE_NEWNET) == -1)
		err_errno(e, "joining the network namespace");
	else if (live_check_privilege(e) == 0 && add_tap(taps, path, file, e) == 0)
		rc = 0;
	if (rc == 0 && setns(home, CLONE_NEWNET) == -1 && unshare(CLONE_NEWNET) == -1)
		rc = err_errno(e, "leaving the network namespace");
	close(home);
	close(apart->net);
	if (apart->user != -1)
		close(apart->user);
	return rc;
}

static int open_taps(struct tap_set *taps, const char *path, const struct live_files *files,
		     const struct capture_apart *apart, struct err *e)
{
	if (!apart)
		return add_tap(taps, path, &files->raw[LEG_CLIENT], e);
	if (files->raw[LEG_SERVER] != -1 && add_tap(taps, path, &files->raw[LEG_SERVER], e) == -1)
		return -1;
	return add_tap_apart(taps, path, &files->raw[LEG_CLIENT], apart, e);
}

static void close_taps(struct tap_set *taps)
{
	for (size_t i = 0; i < taps->n; i++)
		tap_close(taps->tap[i]);
}

/* Captures until the stop. Returns the packets that the capture has lost; UINT64_MAX when it broke
 * off. */
static uint64_t capture_packets(const char *path, const struct live_files *files,
				const struct capture_apart *apart, int msg_fd)
{
	struct tap_set taps = {.msg_fd = msg_fd};
	struct tap_counts counts = {0};
	struct err e = {""};
	int rc = open_taps(&taps, path, files, apart, &e);

	if (rc == 0 && msg_send(msg_fd, "ready", NULL) == -1)
		rc = err_set(&e, "nobody waits for the capture");
	if (rc == 0)
		rc = taps_run(&taps, &counts, &e);
	close_taps(&taps);
	if (rc == 0)
		return counts.dropped;
	if (msg_send(msg_fd, "error", "s:s", "text", e.text) == 0)
		await_stop(msg_fd);
	return UINT64_MAX;
}

static bool set_lock(int fd, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0 || errno != EAGAIN;
}

void live_lock(int fd)
{
	(void)!set_lock(fd, F_WRLCK);
}

/* The lock belongs to the open file, so this process needs one of its own. Where it can't have one
 * the lock is its own, too, and nothing is waited for. */
static int open_again(int fd)
{
	char path[64];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDWR | O_CLOEXEC);
	if (again == -1)
		return fd;
	close(fd);
	return again;
}

/* A writer ends WRITER_END_MS after wedge at the latest. */
static void await_writers(int fd)
{
	const struct timespec step = {.tv_nsec = 5 * NS_PER_MS};

	for (int left = 2 * WRITER_END_MS / 5; left && !set_lock(fd, F_RDLCK); left--)
		nanosleep(&step, NULL);
}

void live_process(const char *path, const struct live_files *files,
		  const struct capture_apart *apart, int msg_fd)
{
	struct live_files own = *files;
	struct live_summary summary;
	struct err e = {""};
	uint64_t lost;
	int gone;

	stand_alone();
	leave_files(files, apart, msg_fd);
	own.journal = open_again(files->journal);
	own.secrets = open_again(files->secrets);
	lost = capture_packets(path, &own, apart, msg_fd);
	await_writers(own.journal);
	await_writers(own.secrets);
	if (annotate_live(path, &own, lost, &summary, &e) == -1)
		gone = msg_send(msg_fd, "error", "s:s", "text", e.text);
	else
		gone = msg_send(msg_fd, "written", "s:I, s:I, s:I, s:I, s:b, s:b, s:I", "client",
				(json_int_t)summary.packets[LEG_CLIENT], "server",
				(json_int_t)summary.packets[LEG_SERVER], "comments",
				(json_int_t)summary.comments, "missed", (json_int_t)summary.missed,
				"no_server", summary.no_server, "one_tuple", summary.one_tuple,
				"lost", (json_int_t)lost);
	if (gone && *e.text)
		fprintf(stderr, "wedge: error: capture: %s\n", e.text);
	_exit(0);
}

_Noreturn void live_stream(int raw, int msg_fd)
{
	const struct live_files files = {{raw, -1}, -1, -1};

	stand_alone();
	leave_files(&files, NULL, msg_fd);
	(void)!capture_packets("the packets", &files, NULL, msg_fd);
	_exit(0);
}
