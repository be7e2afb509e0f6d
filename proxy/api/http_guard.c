/* http_guard.c - each header is looked at as it was sent. */
#include "proxy/api/http_guard.h"

#include "proxy/base/addr.h"
#include "proxy/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKEN_MIN = 16, TOKEN_MAX = 512 };

/* A pipe in the file's place would never end. */
static int open_regular(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd == -1)
		return err_errno(e, "can't open %s", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return err_set(e, "%s is no regular file", path);
}

char *http_guard_read_token(const char *path, struct err *e)
{
	char text[TOKEN_MAX + 1];
	int fd = open_regular(path, e);
	ssize_t n;

	if (fd == -1)
		return NULL;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0) {
		err_errno(e, "can't read %s", path);
		return NULL;
	}
	text[n] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (strlen(text) >= TOKEN_MIN && !strpbrk(text, " \t"))
		return xstrdup(text);
	err_set(e, "%s: its first line must be a token of at least %d characters without spaces",
		path, TOKEN_MIN);
	return NULL;
}

/* Takes as long for a wrong one, wherever it differs. */
static bool is_token(const char *given, const char *token)
{
	size_t n = strlen(token), len = strlen(given);
	unsigned char differ = len != n;

	for (size_t i = 0; i < n; i++)
		differ |=
		    (unsigned char)((unsigned char)token[i] ^ (unsigned char)given[i % (len + 1)]);
	return !differ;
}

static bool shows_token(const char *authorization, const char *token)
{
	static const char scheme[] = "Bearer ";

	return authorization && strncasecmp(authorization, scheme, strlen(scheme)) == 0 &&
	       is_token(authorization + strlen(scheme), token);
}

/* Whether a Host header is this host's loopback name, or an address. */
static bool is_own_host(const char *host)
{
	const char *end = *host == '[' ? strchr(host, ']') : strchr(host, ':');
	size_t n = end ? (size_t)(end - host) : strlen(host);
	char text[256];
	struct addr a;

	if (*host == '[') {
		host++;
		n = end ? n - 1 : 0;
	}
	if (n >= sizeof(text))
		return false;
	memcpy(text, host, n);
	text[n] = '\0';
	return strcasecmp(text, "localhost") == 0 || addr_parse_host(text, 0, &a, NULL) == 0;
}

static bool is_same_origin(const struct http_guard_headers *h)
{
	static const char scheme[] = "http://";

	return h->host && strncasecmp(h->origin, scheme, strlen(scheme)) == 0 &&
	       strcasecmp(h->origin + strlen(scheme), h->host) == 0;
}

const char *http_guard_refuses(const struct http_guard_headers *h, const char *token, int *status)
{
	*status = 403;
	if (h->origin && !is_same_origin(h))
		return "requests of another origin's page are refused";
	if (h->fetch_site && strcmp(h->fetch_site, "same-origin") != 0 &&
	    strcmp(h->fetch_site, "none") != 0)
		return "requests of another site's page are refused";
	if (!token)
		return h->host && !is_own_host(h->host)
			   ? "the Host header must be localhost or an address"
			   : NULL;
	*status = 401;
	return shows_token(h->authorization, token)
		   ? NULL
		   : "the header 'Authorization: Bearer TOKEN' is missing, or its token is wrong";
}
