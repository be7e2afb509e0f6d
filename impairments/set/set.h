/* set.h - the ordered impairments of one proxy, as data: made, copied, checked, printed. Knows
 * nothing of sessions: impairments/live puts a set to work. */
#ifndef WEDGE_IMPAIRMENTS_SET_SET_H
#define WEDGE_IMPAIRMENTS_SET_SET_H

#include "impairments/set/set_params.h"
#include "proxy/stream/tls/tls_config.h"

#include <sys/types.h>

struct impairment_set {
	struct impair_inst *inst;
	size_t n;
	struct impair_run *run; /* while its proxy runs; NULL before the first session */
};

struct impairment_set *impairment_set_new(void);

/* The set must not be at work: impairment_set_stop (live/apply.h) ends that. NULL is accepted. */
void impairment_set_free(struct impairment_set *s);
struct impairment_set *impairment_set_copy(const struct impairment_set *s);

/* Only the instances on that traffic, in order. */
struct impairment_set *impairment_set_for(const struct impairment_set *s, const char *traffic);

/* A new last instance with every default; valid until the next one is appended. */
struct impair_inst *impairment_set_append(struct impairment_set *s, const struct impairment *type);

/* The place of the instance of that name, or -1 with the error. */
ssize_t impairment_set_find(const struct impairment_set *s, const char *name, struct err *e);

/* One parameter of the instance called name. */
int impairment_set_param(struct impairment_set *s, const char *name, const char *param,
			 const char *value, struct err *e) WG_MUSTUSE;

/* Refuses instances that contradict themselves or each other's names, and what the mode can't do (a
 * leg on forwarded connections, a stream impairment there). */
int impairment_set_check(const struct impairment_set *s, bool forwarded, struct err *e) WG_MUSTUSE;

/* Refuses what has no meaning in that mode of TLS. */
int impairment_set_check_tls(const struct impairment_set *s, enum tls_mode mode,
			     struct err *e) WG_MUSTUSE;

/* The first instance that has state across sessions, or NULL. With one, its proxy runs on one
 * worker. */
const char *impairment_set_sharer(const struct impairment_set *s);

/* The first instance that acts on packets between a terminating wedge and the server, or NULL. */
const char *impairment_set_on_server_leg(const struct impairment_set *s);

/* Whether any instance acts on the packet plane. */
bool impairment_set_needs_packets(const struct impairment_set *s);

/* "delayed_ack{direction=downstream,timer=200ms}", all instances, "none" when empty. The caller
 * frees. */
char *impairment_set_describe(const struct impairment_set *s);

#endif
