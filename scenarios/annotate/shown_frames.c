/* shown_frames.c - runs tshark on a capture and reads the frame numbers that it prints. */
#include "scenarios/annotate/shown_frames.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE     (20 * NS_PER_S)
#define CAPTURE_MAX  (256 << 20) /* bytes; tshark reads some 10 to 50 MB a second */
#define FRAMES_SHOWN 3

/* Wireshark as it is installed, without anybody's preferences: there may be none that this user can
 * read, and they could change what a filter shows. */
static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C",
					  "HOME=/nonexistent", "WIRESHARK_CONFIG_DIR=/nonexistent",
					  NULL};

/* tshark's standard output goes to out; what it says otherwise is nobody's. 0, or an errno. */
static int spawn_tshark(const char *capture, const char *filter, int out, pid_t *pid)
{
	const char *const argv[] = {"tshark", "-n",	"-r", capture,	      "-Y", filter,
				    "-T",     "fields", "-e", "frame.number", NULL};
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc)
		return rc;
	rc = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!rc)
		rc = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
						      O_WRONLY, 0);
	if (!rc)
		rc = posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)argv,
				  (char *const *)environment);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static void add_frame(struct result_look *look, char **list, const char *number)
{
	char *longer;

	if (look->found++ >= FRAMES_SHOWN)
		return;
	longer = xasprintf("%s%s%s", *list ? *list : "", *list ? ", " : "", number);
	free(*list);
	*list = longer;
}

/* Takes the numbers, one a line, until the end or the deadline. The caller frees *list. 0, or -1
 * when the end hasn't come. */
static int read_frames(int fd, struct result_look *look, char **list)
{
	int64_t end = clock_now(&clock_monotonic) + PATIENCE;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char number[24] = "", buf[4096];
	size_t len = 0;
	ssize_t n;

	for (;;) {
		int64_t left = end - clock_now(&clock_monotonic);

		if (left <= 0 || poll(&p, 1, (int)(left / NS_PER_MS) + 1) == 0)
			return -1;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return n == 0 ? 0 : -1;
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] != '\n' && len < sizeof(number) - 1) {
				number[len++] = buf[i];
				continue;
			}
			number[len] = '\0';
			len = 0;
			add_frame(look, list, number);
		}
	}
}

static void ask_tshark(struct result_look *look, const char *capture)
{
	char *list = NULL;
	int fd[2], status, rc;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) == -1)
		return;
	rc = spawn_tshark(capture, look->filter, fd[1], &pid);
	close(fd[1]);
	if (rc == 0) {
		rc = read_frames(fd[0], look, &list);
		if (rc == -1)
			kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			continue;
		rc = rc == 0 && status == 0 ? 0 : -1;
	}
	close(fd[0]);
	if (rc == 0) {
		look->frames = list ? list : xstrdup("");
		return;
	}
	look->found = 0;
	free(list);
}

void find_look_frames(struct result_look *look, const char *folder)
{
	char *path = xasprintf("%s/%s", folder, look->capture);
	struct stat st;

	if (stat(path, &st) == 0 && st.st_size <= CAPTURE_MAX)
		ask_tshark(look, path);
	free(path);
}

void find_shown_frames(struct result *r, const char *folder)
{
	for (size_t i = 0; i < r->nlooks; i++)
		find_look_frames(&r->looks[i], folder);
}
