/* msg.c - length-prefixed JSON objects over a stream socket; knows no message by name. */
#include "scenarios/base/msg.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A message that has begun may pause this long before its sender counts as stuck. */
#define STUCK_MS 10000

#define PREFIX_BYTES 4

static int send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};

			if (poll(&p, 1, -1) == -1 && errno != EINTR)
				return -1;
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

int msg_send_json(int fd, const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0;
	char *framed;
	int result;

	if (!text || len > MSG_BYTES_MAX) {
		free(text);
		errno = EMSGSIZE;
		return -1;
	}
	framed = xcalloc(1, PREFIX_BYTES + len);
	for (unsigned i = 0; i < PREFIX_BYTES; i++)
		framed[i] = (char)(len >> (8 * (PREFIX_BYTES - 1 - i)) & 0xff);
	memcpy(framed + PREFIX_BYTES, text, len);
	result = send_all(fd, framed, PREFIX_BYTES + len);
	free(framed);
	free(text);
	return result;
}

int msg_send(int fd, const char *type, const char *fmt, ...)
{
	json_t *object = json_pack("{s:s}", "type", type);
	char *braced = xasprintf("{%s}", fmt ? fmt : "");
	json_t *members;
	va_list ap;
	int result = -1;

	va_start(ap, fmt);
	members = json_vpack_ex(NULL, 0, braced, ap);
	va_end(ap);
	free(braced);
	if (object && members && json_object_update_missing(object, members) == 0)
		result = msg_send_json(fd, object);
	else
		errno = EINVAL; /* a text that isn't UTF-8 */
	json_decref(members);
	json_decref(object);
	return result;
}

/* 1 when fd has something to read (or has ended), 0 at the time-out, -1 with errno. */
static int wait_readable(int fd, int timeout_ms)
{
	int64_t deadline = clock_now(&clock_monotonic) + timeout_ms * NS_PER_MS;
	struct pollfd p = {.fd = fd, .events = POLLIN};

	for (;;) {
		int left = timeout_ms;
		int n;

		if (timeout_ms > 0) {
			int64_t ns = deadline - clock_now(&clock_monotonic);

			left = ns > 0 ? (int)((ns + NS_PER_MS - 1) / NS_PER_MS) : 0;
		}
		n = poll(&p, 1, left);
		if (n >= 0 || errno != EINTR)
			return n;
	}
}

/* Reads exactly len bytes of a message; at_start: an end of file before them is no broken one. */
static int read_all(int fd, char *data, size_t len, bool at_start, struct err *e)
{
	size_t got = 0;

	while (got < len) {
		int ready = wait_readable(fd, STUCK_MS);
		ssize_t n;

		if (ready == -1)
			return err_errno(e, "waiting for a message");
		if (ready == 0)
			return err_set(e, "a message stopped in the middle for %d s",
				       STUCK_MS / 1000);
		n = read(fd, data + got, len - got);
		if (n == 0 && at_start && got == 0)
			return err_set(e, "the other end has closed the connection");
		if (n == 0)
			return err_set(e, "the other end closed in the middle of a message");
		if (n > 0)
			got += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			return err_errno(e, "reading a message");
	}
	return 0;
}

static int decode_message(const char *text, size_t len, json_t **out, struct err *e)
{
	json_error_t why;
	json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	if (!object)
		return err_set(e, "a message that is not JSON: %s", why.text);
	if (!json_is_string(json_object_get(object, "type"))) {
		json_decref(object);
		return err_set(e, "a message without a type");
	}
	*out = object;
	return 1;
}

int msg_recv(int fd, int timeout_ms, json_t **out, struct err *e)
{
	unsigned char prefix[PREFIX_BYTES];
	int ready = wait_readable(fd, timeout_ms);
	size_t len = 0;
	char *text;
	int result;

	if (ready == 0)
		return 0;
	if (ready == -1)
		return err_errno(e, "waiting for a message");
	if (read_all(fd, (char *)prefix, sizeof(prefix), true, e) == -1)
		return -1;
	for (unsigned i = 0; i < PREFIX_BYTES; i++)
		len = len << 8 | prefix[i];
	if (len > MSG_BYTES_MAX)
		return err_set(e, "a message of %zu bytes; %u are allowed", len, MSG_BYTES_MAX);
	text = xcalloc(1, len);
	result = read_all(fd, text, len, false, e);
	if (result == 0)
		result = decode_message(text, len, out, e);
	free(text);
	return result;
}

const char *msg_type(const json_t *object)
{
	const char *type = json_string_value(json_object_get(object, "type"));

	return type ? type : "";
}
