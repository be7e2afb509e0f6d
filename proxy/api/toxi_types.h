/* toxi_types.h - Toxiproxy's kinds of toxics with their attributes, and what each is among wedge's
 * impairments. Pure; knows no proxy. */
#ifndef WEDGE_API_TOXI_TYPES_H
#define WEDGE_API_TOXI_TYPES_H

#include "proxy/base/dir.h"

#include <stdbool.h>
#include <stdint.h>

enum { TOXI_ATTRIBUTES = 3 };

struct toxi_toxic;

struct toxi_type {
	const char *name;
	const char *go;				/* the type's name in Toxiproxy's errors */
	const char *attribute[TOXI_ATTRIBUTES]; /* NULL: there are no more */
	/* Returns the impairment's name and own parameters, "latency{delay=100ms"; to be freed.
	 * NULL: it does nothing. */
	char *(*impairment)(const struct toxi_toxic *t);
};

/* One toxic as a client has asked for it. */
struct toxi_toxic {
	const struct toxi_type *type;
	char *name;
	char *stream; /* as sent: "UPSTREAM" stays so */
	enum dir dir;
	float toxicity;			    /* any number; below 0 is never, above 1 always */
	int64_t attribute[TOXI_ATTRIBUTES]; /* as sent, also where wedge takes another value */
	char *instance;			    /* its name among the proxy's impairments */
};

/* Returns the type of that name, or NULL. */
const struct toxi_type *toxi_type_find(const char *name);

/* Reads a stream's name, in any case. False when it is none. */
bool toxi_stream_parse(const char *text, enum dir *dir);

/* Releases what *t owns, not the struct itself. */
void toxi_toxic_fini(struct toxi_toxic *t);
void toxi_toxic_copy(struct toxi_toxic *to, const struct toxi_toxic *from);

/* Returns the toxic as an impairment, "latency{delay=100ms,direction=upstream,name=slow}", to be
 * freed; NULL: it does nothing. */
char *toxi_toxic_impairment(const struct toxi_toxic *t);

#endif
