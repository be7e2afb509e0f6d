/* json_in.h - JSON as Toxiproxy's server reads it: the first value of a body, names in any case,
 * null for "not given", numbers and texts kept apart. Knows no object's meaning. */
#ifndef WEDGE_API_JSON_IN_H
#define WEDGE_API_JSON_IN_H

#include "proxy/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the first JSON value; what follows it is ignored. The caller drops the reference. NULL with
 * *e in the words of Go's encoding/json. */
json_t *json_in_parse(const char *data, size_t len, struct err *e) WG_MUSTUSE;

/* Where a value stands in Go's errors: "Proxy" and "name". */
struct json_place {
	const char *type, *field;
};

/* Returns the member of that name, whatever its case: the last one that isn't null; NULL: there is
 * none. */
json_t *json_in_member(const json_t *object, const char *name);

/* Refuse a value that is no object, or no array; null is either. of: "toxiproxy.Proxy". */
int json_in_object(const json_t *value, const char *of, struct err *e) WG_MUSTUSE;
int json_in_array(const json_t *value, const char *of, struct err *e) WG_MUSTUSE;

/* Put the member at->field into *out when it is there: else *out stays. *text is allocated, and
 * what was in it is freed. -1 with *e when it has another type. */
int json_in_text(const json_t *object, const struct json_place *at, char **text,
		 struct err *e) WG_MUSTUSE;
int json_in_bool(const json_t *object, const struct json_place *at, bool *out,
		 struct err *e) WG_MUSTUSE;
int json_in_integer(const json_t *object, const struct json_place *at, int64_t *out,
		    struct err *e) WG_MUSTUSE;
int json_in_float(const json_t *object, const struct json_place *at, float *out,
		  struct err *e) WG_MUSTUSE;

#endif
