/* live_process.c - leaves wedge's session, signals and files, then captures and annotates. */
#include "scenarios/live/live_process.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/writer.h"
#include "scenarios/base/msg.h"
#include "scenarios/capture/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
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
static void leave_files(const struct live_files *files, int msg_fd)
{
	int kept[] = {files->raw, files->journal, files->secrets, msg_fd};
	unsigned from = 3;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 2 && null != -1; fd++)
		dup2(null, fd);
	qsort(kept, ARRAY_LEN(kept), sizeof(kept[0]), by_number);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		if ((unsigned)kept[i] > from)
			close_range(from, (unsigned)kept[i] - 1, 0);
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

/* Captures until the stop. Returns the packets that the capture has lost; UINT64_MAX when it broke
 * off. */
static uint64_t capture_packets(const struct live_files *files, int msg_fd)
{
	const struct tap_config tap = {.interface = "any",
				       .path = "the packets",
				       .file = &files->raw,
				       .filter = "tcp or icmp or icmp6"};
	struct tap_counts counts = {0};
	struct err e = {""};

	if (tap_capture(&tap, msg_fd, &counts, &e) == 0)
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

void live_process(const char *path, const struct live_files *files, int msg_fd)
{
	struct live_files own = *files;
	struct live_summary summary;
	struct err e = {""};
	uint64_t lost;
	int gone;

	stand_alone();
	leave_files(files, msg_fd);
	own.journal = open_again(files->journal);
	own.secrets = open_again(files->secrets);
	lost = capture_packets(files, msg_fd);
	await_writers(own.journal);
	await_writers(own.secrets);
	if (annotate_live(path, &own, lost, &summary, &e) == -1)
		gone = msg_send(msg_fd, "error", "s:s", "text", e.text);
	else
		gone = msg_send(msg_fd, "written", "s:I, s:I, s:I, s:I, s:b, s:I", "client",
				(json_int_t)summary.packets[LEG_CLIENT], "server",
				(json_int_t)summary.packets[LEG_SERVER], "comments",
				(json_int_t)summary.comments, "missed", (json_int_t)summary.missed,
				"one_tuple", summary.one_tuple, "lost", (json_int_t)lost);
	if (gone && *e.text)
		fprintf(stderr, "wedge: error: capture: %s\n", e.text);
	_exit(0);
}
