/* match.c - each condition gives an answer of its own: one no is a no, one unknown fact defers. */
#include "impairments/trigger/match.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* "*." stands for one or more labels; the wildcard of certificates (RFC 6125) stands for one. */
bool match_sni(const char *pattern, const char *name)
{
	size_t n = strlen(name), suffix;

	if (strncmp(pattern, "*.", 2) != 0)
		return strcasecmp(pattern, name) == 0;
	suffix = strlen(pattern + 1);
	return n > suffix && strcasecmp(name + n - suffix, pattern + 1) == 0;
}

int match_sni_check(const char *pattern, struct err *e)
{
	const char *p = strncmp(pattern, "*.", 2) == 0 ? pattern + 2 : pattern;

	if (!*p || strlen(pattern) > 255)
		return err_set(e, "'%.40s' is no server name", pattern);
	for (; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-._", *p))
			return err_set(e,
				       "'%s' is no server name; mail.example.org or "
				       "*.example.org would be one",
				       pattern);
	return 0;
}

bool match_is_any(const struct match_config *c)
{
	return !c->by_client && !c->by_server && !c->port && !c->sni && c->nth == 1 && !c->first;
}

static enum match match_addr(bool wanted, const struct cidr *cidr, const struct addr *a)
{
	if (!wanted)
		return MATCH_YES;
	if (!a->len)
		return MATCH_LATER;
	return cidr_contains(cidr, a) ? MATCH_YES : MATCH_NO;
}

static enum match match_port(uint16_t wanted, uint16_t port)
{
	if (!wanted || wanted == port)
		return MATCH_YES;
	return port ? MATCH_NO : MATCH_LATER;
}

static enum match match_name(const struct match_config *c, const struct facts *f)
{
	if (!c->sni)
		return MATCH_YES;
	if (f->sni == SNI_MORE)
		return MATCH_LATER;
	return f->sni == SNI_FOUND && match_sni(c->sni, f->name) ? MATCH_YES : MATCH_NO;
}

static enum match match_ordinal(const struct match_config *c, const struct facts *f)
{
	if (c->nth == 1 && !c->first)
		return MATCH_YES;
	if (!f->ordinal || (c->first && f->ordinal > c->first))
		return MATCH_NO;
	return f->ordinal % c->nth == 0 ? MATCH_YES : MATCH_NO;
}

enum match match_session(const struct match_config *c, const struct facts *f, const char **why)
{
	const struct {
		enum match match;
		const char *what;
	} parts[] = {
	    {match_ordinal(c, f), "the session's place in the sequence"},
	    {match_addr(c->by_client, &c->client, &f->client), "the client's address"},
	    {match_port(c->port, f->port), "the server's port"},
	    {match_addr(c->by_server, &c->server, &f->server), "the server's address"},
	    {match_name(c, f), "the server name (SNI)"},
	};
	enum match all = MATCH_YES;

	*why = match_is_any(c) ? "all sessions" : "all that was asked for";
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].match == MATCH_YES || (all == MATCH_LATER && parts[i].match == all))
			continue;
		all = parts[i].match;
		*why = parts[i].what;
		if (all == MATCH_NO)
			break;
	}
	return all;
}
