/* selection.c - lists that are asked one after the other: people give one or two of each. */
#include "scenarios/diagnosis/selection.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int selection_add_network(struct selection *s, const char *text, struct err *e)
{
	struct cidr c;

	if (cidr_parse(text, &c, e) == -1)
		return -1;
	s->networks = xrealloc(s->networks, s->nnetworks + 1, sizeof(*s->networks));
	s->networks[s->nnetworks++] = c;
	return 0;
}

int selection_add_port(struct selection *s, const char *text, struct err *e)
{
	uint16_t port;

	if (!port_parse(text, &port) || port == 0)
		return err_set(e, "'%s' is no port; 1 to 65535 is, or a name as https", text);
	s->ports = xrealloc(s->ports, s->nports + 1, sizeof(*s->ports));
	s->ports[s->nports++] = port;
	return 0;
}

int selection_set_connection(struct selection *s, const char *text, struct err *e)
{
	uint64_t number;

	if (parse_count(text, &number, e) == -1)
		return -1;
	if (number > UINT32_MAX)
		return err_set(e, "'%s' is no connection's number; tcp.stream as tshark counts is",
			       text);
	s->connection.number = (uint32_t)number;
	s->connection.given = true;
	return 0;
}

/* Reads ".5" into nanoseconds; nothing is 0. Moves *at behind it. */
static bool read_fraction(const char **at, int64_t *ns)
{
	int64_t unit = NS_PER_S / 10;

	*ns = 0;
	if (**at != '.')
		return true;
	if ((*at)[1] < '0' || (*at)[1] > '9')
		return false;
	for (++*at; **at >= '0' && **at <= '9'; ++*at, unit /= 10)
		*ns += unit * (**at - '0');
	return true;
}

/* Reads "Z", "+01:00" or nothing, which is local time, and makes *t seconds since 1970. */
static bool read_zone(const char *at, struct tm *tm, time_t *t)
{
	unsigned hours, minutes;
	int used = 0;

	tm->tm_isdst = -1;
	if (!*at) {
		*t = mktime(tm);
		return true;
	}
	*t = timegm(tm);
	if (strcmp(at, "Z") == 0)
		return true;
	if (sscanf(at + 1, "%2u:%2u%n", &hours, &minutes, &used) != 2 || at[1 + used] ||
	    hours > 23 || minutes > 59 || (*at != '+' && *at != '-'))
		return false;
	*t += (*at == '+' ? -1 : 1) * (time_t)(hours * 3600 + minutes * 60);
	return true;
}

static bool read_date(const char *text, int64_t *ns)
{
	struct tm tm = {.tm_sec = 0};
	const char *at = strptime(text, "%Y-%m-%d", &tm);
	time_t seconds;
	int64_t part;

	if (at && (*at == 'T' || *at == ' '))
		at = strptime(at + 1, "%H:%M", &tm);
	if (at && *at == ':')
		at = strptime(at + 1, "%S", &tm);
	if (!at || !read_fraction(&at, &part) || !read_zone(at, &tm, &seconds))
		return false;
	if (seconds < 0 || seconds > INT64_MAX / NS_PER_S - 1)
		return false;
	*ns = seconds * NS_PER_S + part;
	return true;
}

static bool read_epoch(const char *text, int64_t *ns)
{
	unsigned long long seconds;
	int64_t part;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	seconds = strtoull(text, &end, 10);
	text = end;
	if (seconds > INT64_MAX / NS_PER_S - 1 || !read_fraction(&text, &part) || *text)
		return false;
	*ns = (int64_t)seconds * NS_PER_S + part;
	return true;
}

int selection_set_moment(struct moment *m, const char *text, struct err *e)
{
	*m = (struct moment){.given = true};
	if (*text == '@' ? read_epoch(text + 1, &m->ns) : read_date(text, &m->ns))
		return 0;
	m->relative = true;
	if (*text != '@' && parse_duration(text, &m->ns, NULL) == 0)
		return 0;
	return err_set(e,
		       "'%s' is no time; 90s since the first packet is, or "
		       "'2026-11-29 14:30:00', 2026-11-29T14:30:00Z, @1764426600.5",
		       text);
}

bool selection_has(const struct selection *s, const struct wire_connection *w)
{
	bool address = !s->nnetworks, port = !s->nports;

	if (s->chosen && (w->index >= s->nchosen || !s->chosen[w->index]))
		return false;
	for (size_t i = 0; i < s->nnetworks && !address; i++)
		address = cidr_contains(&s->networks[i], &w->client) ||
			  cidr_contains(&s->networks[i], &w->server);
	for (size_t i = 0; i < s->nports && !port; i++)
		port = addr_port(&w->client) == s->ports[i] || addr_port(&w->server) == s->ports[i];
	return address && port && (!s->connection.given || s->connection.number == w->index);
}

static void make_absolute(struct moment *m, int64_t first)
{
	if (m->given && m->relative) {
		m->ns = m->ns > INT64_MAX - first ? INT64_MAX : m->ns + first;
		m->relative = false;
	}
}

void selection_begin(struct selection *s, int64_t first)
{
	make_absolute(&s->since, first);
	make_absolute(&s->until, first);
}

void selection_fini(struct selection *s)
{
	free(s->networks);
	free(s->ports);
}
