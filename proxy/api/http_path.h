/* http_path.h - the path of a request: decoded, and cleaned as Go's router does it. */
#ifndef WEDGE_API_HTTP_PATH_H
#define WEDGE_API_HTTP_PATH_H

/* Returns the decoded path of a request's target, "/proxies/a b" of "/proxies/a%20b?x"; to be
 * freed. NULL: it isn't well-formed, or holds a NUL. */
char *http_path_decode(const char *target);

/* Returns the path without empty segments, "." and ".."; a slash at its end stays. To be freed. */
char *http_path_clean(const char *path);

/* Returns a Location for a cleaned path, encoded, with the target's query; to be freed. */
char *http_path_location(const char *path, const char *target);

#endif
