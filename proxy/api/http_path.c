/* http_path.c - a path is decoded before it is looked at, so that %2F is a slash. */
#include "proxy/api/http_path.h"

#include "proxy/base/mem.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the path of a target begins: behind the authority of an absolute one. */
static const char *skip_authority(const char *target)
{
	const char *authority = strstr(target, "://");

	if (*target == '/' || !authority)
		return target;
	authority += strlen("://");
	return authority + strcspn(authority, "/?#");
}

char *http_path_decode(const char *target)
{
	const char *from = skip_authority(target);
	size_t n = strcspn(from, "?#"), out = 0;
	char *path = xcalloc(n + 2, 1), hex[3] = "";

	for (size_t i = 0; i < n; i++) {
		if (from[i] != '%') {
			path[out++] = from[i];
			continue;
		}
		if (i + 2 >= n) {
			free(path);
			return NULL;
		}
		memcpy(hex, from + i + 1, 2);
		if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]) ||
		    strcmp(hex, "00") == 0) {
			free(path);
			return NULL;
		}
		path[out++] = (char)strtol(hex, NULL, 16);
		i += 2;
	}
	if (!out)
		path[0] = '/';
	return path;
}

static bool is_segment(const char *at, size_t n, const char *what)
{
	return n == strlen(what) && strncmp(at, what, n) == 0;
}

char *http_path_clean(const char *path)
{
	char *clean = xcalloc(strlen(path) + 3, 1);
	bool slash = *path && path[strlen(path) - 1] == '/';
	size_t out = 0;

	while (*path) {
		size_t n;

		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (is_segment(path, n, "..")) {
			while (out && clean[--out] != '/')
				;
		} else if (n && !is_segment(path, n, ".")) {
			clean[out++] = '/';
			memcpy(clean + out, path, n);
			out += n;
		}
		clean[out] = '\0';
		path += n;
	}
	if (!out || slash)
		clean[out++] = '/';
	clean[out] = '\0';
	return clean;
}

char *http_path_location(const char *path, const char *target)
{
	static const char plain[] = "/-._~!$&'()*+,;=:@";
	const char *query = strchr(target, '?');
	char *location = xcalloc(3 * strlen(path) + (query ? strlen(query) : 0) + 1, 1);
	size_t out = 0;

	for (; *path; path++) {
		if (isalnum((unsigned char)*path) || strchr(plain, *path))
			location[out++] = *path;
		else
			out += (size_t)snprintf(location + out, 4, "%%%02X", (unsigned char)*path);
	}
	if (query)
		memcpy(location + out, query, strcspn(query, "#"));
	return location;
}
