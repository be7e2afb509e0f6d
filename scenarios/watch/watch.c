/* watch.c - the process is forked before there is any lab, and listens in the network that wedge
 * was started in. */
#include "scenarios/watch/watch.h"

#include "proxy/base/mem.h"
#include "scenarios/watch/watch_serve.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct watch {
	struct run_news news;
	pid_t pid;
	char url[sizeof(struct err) + ADDR_TEXT];
};

static pid_t start_process(int ends[2], const struct addr *listen, bool other)
{
	pid_t pid = fork();

	if (pid == 0) {
		close(ends[0]);
		watch_serve(ends[1], listen, other);
	}
	close(ends[1]);
	return pid;
}

static int await_ready(struct watch *w, struct err *e)
{
	char text[sizeof(w->url) + 1];
	ssize_t n;

	do
		n = recv(w->news.fd, text, sizeof(text) - 1, 0);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return err_set(e, "its process has ended at once");
	text[n] = '\0';
	if (text[0] != WATCH_READY)
		return err_set(e, "%s", text);
	snprintf(w->url, sizeof(w->url), "%s", text + 1);
	return 0;
}

struct watch *watch_begin(const struct addr *listen, bool other, struct err *e)
{
	struct watch *w;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1) {
		err_errno(e, "no socket for the page");
		return NULL;
	}
	w = xcalloc(1, sizeof(*w));
	w->news.fd = ends[0];
	w->pid = start_process(ends, listen, other);
	if (w->pid == -1)
		err_errno(e, "no process for the page");
	else if (await_ready(w, e) == 0)
		return w;
	watch_end(w);
	return NULL;
}

const struct run_news *watch_news(const struct watch *w)
{
	return w ? &w->news : NULL;
}

const char *watch_url(const struct watch *w)
{
	return w->url;
}

void watch_end(struct watch *w)
{
	if (!w)
		return;
	run_news_send(&w->news, "end", NULL);
	close(w->news.fd);
	if (w->pid != -1)
		waitpid(w->pid, NULL, 0);
	free(w);
}
