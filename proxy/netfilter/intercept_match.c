/* intercept_match.c - what the user has written is read strictly: it becomes words of rules. */
#include "proxy/netfilter/intercept_match.h"

#include "proxy/base/mem.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

/* Calls each(s, word) for every part between commas, until one returns -1. */
static int each_word(struct intercept_match *s, const char *text,
		     int (*each)(struct intercept_match *, const char *, struct err *),
		     struct err *e)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	int rc = 0;

	while (rc == 0 && *text && (word = strsep(&rest, ",")))
		rc = each(s, word, e);
	free(copy);
	return rc;
}

static int add_ports(struct intercept_match *s, const char *word, struct err *e)
{
	unsigned first, last;
	uint16_t port;
	int used = 0;
	bool one = port_parse(word, &port);

	if (one)
		first = last = port;
	else if (sscanf(word, "%5u-%5u%n", &first, &last, &used) != 2 || word[used])
		first = last = 0;
	if ((!one && !isdigit((unsigned char)word[0])) || first < 1 || last > 65535 || first > last)
		return err_set(
		    e, "'%.40s' is no port; 80, http or 8000-8100 is, and 80,443 are two", word);
	if (s->nports == INTERCEPT_PORTS_MAX)
		return err_set(e, "more than %d ports or ranges", INTERCEPT_PORTS_MAX);
	s->ports[s->nports++] = (struct port_range){(uint16_t)first, (uint16_t)last};
	return 0;
}

int intercept_match_ports(struct intercept_match *s, const char *text, struct err *e)
{
	return each_word(s, text, add_ports, e);
}

static int add_net(struct intercept_match *s, const char *word, struct err *e)
{
	if (s->nto == INTERCEPT_NETS_MAX)
		return err_set(e, "more than %d networks", INTERCEPT_NETS_MAX);
	if (cidr_parse(word, &s->to[s->nto], e) == -1)
		return -1;
	s->nto++;
	return 0;
}

int intercept_match_to(struct intercept_match *s, const char *text, struct err *e)
{
	return each_word(s, text, add_net, e);
}

/* The kernel accepts more names (dev_valid_name() in net/core/dev.c), but those with quotes would
 * end a word of nft, and a plus sign at the end is a wildcard of iptables. */
int intercept_match_interface(struct intercept_match *s, const char *text, struct err *e)
{
	size_t n = strlen(text);
	bool good = n > 0 && n < IFNAMSIZ && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;

	for (size_t i = 0; i < n; i++)
		good &= isalnum((unsigned char)text[i]) || strchr("._-", text[i]);
	if (!good)
		return err_set(e, "'%.40s' is no interface's name; eth1 is one", text);
	snprintf(s->interface, sizeof(s->interface), "%s", text);
	return 0;
}

/* A number needs no entry in any list of users: in a container it may have none. */
int intercept_match_user(struct intercept_match *s, const char *text, struct err *e)
{
	const struct passwd *p;
	char *end;
	unsigned long number;

	if (!*text)
		return 0;
	number = strtoul(text, &end, 10);
	if (isdigit((unsigned char)*text) && !*end) {
		s->user = (uid_t)number;
		s->one_user = number < UINT32_MAX;
	} else {
		p = getpwnam(text);
		s->user = p ? p->pw_uid : 0;
		s->one_user = p;
	}
	return s->one_user ? 0
			   : err_set(e,
				     "'%.80s' is no user of this host; a name or a number is "
				     "expected",
				     text);
}

static bool covers_port(const struct intercept_match *s, uint16_t port)
{
	for (size_t i = 0; i < s->nports; i++)
		if (port >= s->ports[i].first && port <= s->ports[i].last)
			return true;
	return s->nports == 0;
}

bool intercept_match_covers(const struct intercept_match *s, const struct addr *server)
{
	bool to = s->nto == 0;

	for (size_t i = 0; i < s->nto && !to; i++)
		to = cidr_contains(&s->to[i], server);
	return to && covers_port(s, addr_port(server));
}

static bool ports_overlap(const struct intercept_match *a, const struct intercept_match *b)
{
	for (size_t i = 0; i < a->nports; i++)
		for (size_t k = 0; k < b->nports; k++)
			if (a->ports[i].first <= b->ports[k].last &&
			    b->ports[k].first <= a->ports[i].last)
				return true;
	return a->nports == 0 || b->nports == 0;
}

/* Two networks meet when the wider one contains the other's base. */
static bool nets_overlap(const struct intercept_match *a, const struct intercept_match *b)
{
	for (size_t i = 0; i < a->nto; i++)
		for (size_t k = 0; k < b->nto; k++)
			if (cidr_contains(&a->to[i], &b->to[k].base) ||
			    cidr_contains(&b->to[k], &a->to[i].base))
				return true;
	return a->nto == 0 || b->nto == 0;
}

bool intercept_match_overlap(const struct intercept_match *a, const struct intercept_match *b)
{
	if (a->one_user && b->one_user && a->user != b->user)
		return false;
	return strcmp(a->interface, b->interface) == 0 && ports_overlap(a, b) && nets_overlap(a, b);
}

char *intercept_match_text(const struct intercept_match *s)
{
	char *text = NULL, host[ADDR_TEXT];
	size_t len;
	FILE *out = xopen_memstream(&text, &len);

	fprintf(out, "%s%s%s", s->interface, *s->interface ? ", " : "",
		s->nports ? "port " : "every port");
	for (size_t i = 0; i < s->nports; i++) {
		const struct port_range *p = &s->ports[i];

		fprintf(out, "%s%u", i ? "," : "", p->first);
		if (p->last != p->first)
			fprintf(out, "-%u", p->last);
	}
	for (size_t i = 0; i < s->nto; i++)
		fprintf(out, "%s%s/%u", i ? "," : ", to ", addr_format_host(&s->to[i].base, host),
			s->to[i].prefix);
	if (s->one_user)
		fprintf(out, ", user %u", s->user);
	xclose_memstream(out);
	return text;
}
