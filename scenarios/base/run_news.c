/* run_news.c - one datagram for each message, sent without waiting. */
#include "scenarios/base/run_news.h"

#include "proxy/base/mem.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static bool send_parts(int fd, struct iovec *part, size_t n)
{
	struct msghdr m = {.msg_iov = part, .msg_iovlen = n};

	return sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) != -1;
}

void run_news_send(const struct run_news *news, const char *type, const char *fmt, ...)
{
	json_t *o, *members;
	char *text;
	va_list ap;

	if (!news)
		return;
	o = json_pack("{s:s}", "type", type);
	if (fmt) {
		char *format = xasprintf("{%s}", fmt);

		va_start(ap, fmt);
		members = json_vpack_ex(NULL, 0, format, ap);
		va_end(ap);
		free(format);
		BUG_ON(!members);
		json_object_update_new(o, members);
	}
	text = json_dumps(o, JSON_COMPACT);
	BUG_ON(!text);
	send_parts(news->fd, &(struct iovec){text, strlen(text)}, 1);
	free(text);
	json_decref(o);
}

void run_news_line(struct run_news *news, const char *line, size_t len)
{
	char mark = RUN_NEWS_LINE;
	struct iovec part[] = {{&mark, 1}, {(char *)line, len}};

	if (news->lost)
		run_news_send(news, "lost", "s:I", "lines", (json_int_t)news->lost);
	news->lost = send_parts(news->fd, part, ARRAY_LEN(part)) ? 0 : news->lost + 1;
}
