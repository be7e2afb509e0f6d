/* place_words.c - each other way of writing a place is put into the one that addr.h reads. */
#include "proxy/config/place_words.h"

#include "proxy/base/mem.h"

#include <string.h>
#include <strings.h>

static const char localhost[] = "localhost:";

int listen_place_parse(const char *text, struct addr *a, struct err *e)
{
	const char *scheme = strstr(text, "://"), *colon = strrchr(text, ':');
	char *plain;
	int rc;

	if (*text && strspn(text, "0123456789") == strlen(text))
		return err_set(e,
			       "'%s' is a port without an address; :%s would be every address of "
			       "this host, 127.0.0.1:%s its loopback",
			       text, text, text);
	if (scheme)
		return err_set(e, "'%s' is a URL; without %.*s it would be a place to listen", text,
			       (int)(scheme + 3 - text), text);
	if (strncmp(text, "*:", 2) == 0)
		return addr_parse(text + 1, a, e);
	if (strncasecmp(text, localhost, strlen(localhost)) == 0) {
		plain = xasprintf("127.0.0.1:%s", text + strlen(localhost));
		rc = addr_parse(plain, a, e);
		free(plain);
		return rc;
	}
	if (*text != '[' && colon && colon > text && colon == strchr(text, ':') &&
	    text[strspn(text, "0123456789.")] != ':')
		return err_set(e,
			       "'%s' has a name; an address of this host is expected, such as "
			       "127.0.0.1%s, or localhost%s",
			       text, colon, colon);
	return addr_parse(text, a, e);
}

/* A URL's authority, without its path: in memory of the caller's, or NULL with *e. */
static char *take_authority(const char *text, const char *authority, struct err *e)
{
	size_t len = strcspn(authority, "/?#");
	bool path = authority[len] && strcmp(authority + len, "/") != 0;
	char *place = xasprintf("%.*s", (int)len, authority);

	if (!path && !strchr(place, '@'))
		return place;
	err_set(e, "'%s' names more than a place; wedge dials HOST:PORT", text);
	free(place);
	return NULL;
}

int upstream_place_parse(const char *text, struct host_port *hp, struct err *e)
{
	const char *scheme = strstr(text, "://");
	size_t len = scheme ? (size_t)(scheme - text) : 0;
	char *place, *port;
	int rc;

	if (!scheme)
		return host_port_parse(text, hp, e);
	place = take_authority(text, scheme + 3, e);
	if (!place)
		return -1;
	port = strrchr(place, ':');
	if (port && strchr(port, ']'))
		port = NULL;
	if (strncasecmp(text, "http", len) == 0 && len == 4) {
		char *with_port = xasprintf("%s%s", place, port ? "" : ":80");

		rc = host_port_parse(with_port, hp, e);
		free(with_port);
	} else if (strncasecmp(text, "tcp", len) == 0 && len == 3) {
		rc = host_port_parse(place, hp, e);
	} else if (strncasecmp(text, "https", len) == 0 && len == 5) {
		rc = err_set(e,
			     "'%s' is a URL; %s%s is its place, and TLS is passed through, or "
			     "begun by wedge with 'tls originate'",
			     text, place, port ? "" : ":443");
	} else {
		rc = err_set(e, "'%s' is a URL; a server is HOST:PORT, such as example.org:80",
			     text);
	}
	free(place);
	return rc;
}

int own_place_parse(const char *text, struct addr *a, struct err *e)
{
	bool port = strspn(text, "0123456789") == strlen(text);
	char *place = xasprintf("%s%s", port ? "127.0.0.1:" : "", text);
	int rc = listen_place_parse(place, a, e);

	free(place);
	return rc;
}
