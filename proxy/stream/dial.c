/* dial.c - Happy Eyeballs (RFC 8305): the families take turns, an address that is silent gets the
 * next one beside it, the first that connects wins and the others are closed. */
#include "proxy/stream/dial.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void end_attempts(struct dial *d, const char *result)
{
	for (size_t i = 0; i < d->n; i++)
		attempt_end(&d->attempt[i], result);
}

/* The last words: the callee may free what the dial is part of. */
static void report_result(struct dial *d, int fd, const struct addr *addr, const char *why)
{
	timer_cancel(d->way.timers, &d->timer);
	d->next = d->n;
	d->done(d->arg, fd, addr, why);
}

bool dial_is_trying(const struct dial *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->attempt[i].trying)
			return true;
	return false;
}

static void begin_next(struct dial *d);

static void next_is_due(void *arg, int64_t now)
{
	(void)now;
	begin_next(arg);
}

/* One more address begins, or those after it when it fails at once. */
static void begin_next(struct dial *d)
{
	char text[ADDR_TEXT], why[ADDR_TEXT + 128] = "it has no address";

	while (d->next < d->n) {
		struct attempt *a = &d->attempt[d->next++];

		if (attempt_begin(a))
			break;
		d->error = errno;
		snprintf(why, sizeof(why), "%s: %s", addr_format(&a->to, text), strerror(errno));
		attempt_end(a, strerror(d->error));
	}
	if (!dial_is_trying(d)) {
		report_result(d, -1, NULL, why);
		return;
	}
	d->timer.fn = next_is_due;
	d->timer.arg = d;
	if (d->next < d->n && !d->one_by_one)
		timer_arm(d->way.timers, &d->timer, clock_now(d->way.clock) + DIAL_ATTEMPT_DELAY);
}

static void dial_connected(struct attempt *a)
{
	struct dial *d = a->dial;
	int fd = attempt_take(a);

	attempt_end(a, "connected");
	end_attempts(d, "another address was quicker");
	report_result(d, fd, &a->to, NULL);
}

static void dial_failed(struct attempt *a, int error)
{
	struct dial *d = a->dial;
	char text[ADDR_TEXT], why[ADDR_TEXT + 128];

	d->error = error;
	snprintf(why, sizeof(why), "%s: %s", addr_format(&a->to, text), strerror(error));
	attempt_end(a, strerror(error));
	if (d->next < d->n)
		begin_next(d);
	else if (!dial_is_trying(d))
		report_result(d, -1, NULL, why);
}

/* The first of the addresses of that family, from *at on; NULL: none is left. */
static const struct addr *take_of_family(const struct addr *addrs, size_t n, size_t *at, bool v6)
{
	while (*at < n) {
		const struct addr *a = &addrs[(*at)++];

		if ((a->sa.sa_family == AF_INET6) == v6)
			return a;
	}
	return NULL;
}

/* The resolver's order (RFC 6724) with the families in turns (RFC 8305, section 4). */
static void set_attempts(struct dial *d, const struct addr *addrs, size_t n)
{
	bool v6 = addrs[0].sa.sa_family == AF_INET6;
	size_t at[2] = {0, 0};

	d->attempt = xcalloc(n, sizeof(*d->attempt));
	while (d->n < n) {
		const struct addr *a = take_of_family(addrs, n, &at[v6], v6);

		v6 = !v6;
		if (a)
			d->attempt[d->n++] =
			    (struct attempt){.way = &d->way, .dial = d, .to = *a, .fd = -1};
	}
}

static void resolved_cb(void *arg, const struct addr *addrs, size_t n, const char *error)
{
	struct dial *d = arg;
	char why[sizeof(d->name.host) + 256];

	timer_cancel(d->way.timers, &d->timer);
	if (!n) {
		snprintf(why, sizeof(why), "%s doesn't resolve: %s", d->name.host, error);
		report_result(d, -1, NULL, why);
		return;
	}
	set_attempts(d, addrs, n);
	begin_next(d);
}

static void lookup_timed_out(void *arg, int64_t now)
{
	struct dial *d = arg;

	(void)now;
	lookup_cancel(&d->lookup);
	resolved_cb(d, NULL, 0, "no answer within connect_timeout");
}

/* The loopback of another network isn't this one's resolver's to know (RFC 6761, 6.3). */
static bool is_far_localhost(const struct dial *d, struct addr both[2])
{
	return d->way.connector && strcmp(d->name.host, "localhost") == 0 &&
	       addr_parse_host("127.0.0.1", d->name.port, &both[0], NULL) == 0 &&
	       addr_parse_host("::1", d->name.port, &both[1], NULL) == 0;
}

void dial_start(struct dial *d, struct resolver *r)
{
	const struct host_port *name = &d->name;
	struct addr literal, both[2];

	d->way.connected = dial_connected;
	d->way.failed = dial_failed;
	if (is_far_localhost(d, both)) {
		resolved_cb(d, both, 2, NULL);
		return;
	}
	if (addr_parse_host(name->host, name->port, &literal, NULL) == 0) {
		resolved_cb(d, &literal, 1, NULL);
		return;
	}
	d->lookup.fn = resolved_cb;
	d->lookup.arg = d;
	d->timer.fn = lookup_timed_out;
	d->timer.arg = d;
	if (d->way.timeout)
		timer_arm(d->way.timers, &d->timer, clock_now(d->way.clock) + d->way.timeout);
	resolver_ask(r, name, &d->lookup);
}

void dial_fail(struct dial *d, const struct addr *to, int error)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->attempt[i].trying && addr_equal(&d->attempt[i].to, to)) {
			dial_failed(&d->attempt[i], error);
			return;
		}
}

void dial_fini(struct dial *d)
{
	lookup_cancel(&d->lookup);
	timer_cancel(d->way.timers, &d->timer);
	end_attempts(d, "given up");
	if (d->way.spare != -1)
		close(d->way.spare);
	d->way.spare = -1;
	free(d->attempt);
	d->attempt = NULL;
	d->n = d->next = 0;
}
