/* run_line.c - a line is short, and the one who sends waits for the answer: so each is one message.
 */
#include "proxy/base/run_line.h"

#include "proxy/base/mem.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define LINE_BYTES 2048

int run_line_send(int fd, json_t *line, const int *fds, size_t n)
{
	char *text = json_dumps(line, JSON_COMPACT), *whole = xasprintf("%s\n", text);
	char control[CMSG_SPACE(RUN_LINE_FDS * sizeof(int))] = "";
	struct iovec data = {whole, strlen(whole)};
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1};
	ssize_t sent;

	if (n) {
		struct cmsghdr *c = (void *)control;

		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		*c = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
				      .cmsg_type = SCM_RIGHTS,
				      .cmsg_len = CMSG_LEN(n * sizeof(int))};
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	sent = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(whole);
	free(text);
	json_decref(line);
	return sent == (ssize_t)data.iov_len ? 0 : -1;
}

static size_t take_descriptors(struct msghdr *m, int fds[RUN_LINE_FDS])
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	size_t bytes = c && c->cmsg_type == SCM_RIGHTS ? c->cmsg_len - CMSG_LEN(0) : 0;

	if (bytes > RUN_LINE_FDS * sizeof(int))
		bytes = 0;
	if (bytes)
		memcpy(fds, CMSG_DATA(c), bytes);
	return bytes / sizeof(int);
}

json_t *run_line_recv(int fd, int timeout_ms, int fds[RUN_LINE_FDS], size_t *n, struct err *e)
{
	char control[CMSG_SPACE(RUN_LINE_FDS * sizeof(int))], text[LINE_BYTES];
	struct iovec data = {text, sizeof(text)};
	struct msghdr m = {.msg_iov = &data,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	json_t *line = NULL;
	ssize_t got = -1;

	*n = 0;
	if (poll(&readable, 1, timeout_ms) == 1)
		got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	if (got > 0) {
		*n = take_descriptors(&m, fds);
		line = json_loadb(text, (size_t)got, JSON_DISABLE_EOF_CHECK, NULL);
	}
	if (!line)
		err_set(e, "it doesn't answer");
	return line;
}

const char *run_line_text(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}
