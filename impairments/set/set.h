/* set.h - the impairments of a proxy, or of several, in their order, as data: made, copied,
 * checked, printed. Knows no session: impairments/live puts a set to work. */
#ifndef WEDGE_IMPAIRMENTS_SET_SET_H
#define WEDGE_IMPAIRMENTS_SET_SET_H

#include "impairments/set/draw_identity.h"
#include "impairments/set/set_params.h"
#include "proxy/stream/tls/tls_config.h"

#include <sys/types.h>

struct impairment_set;

/* A proxy that a set acts on. Several proxies may share one set: an instance that concerns more
 * than one of them has one state and one schedule for all. */
struct impair_proxy {
	struct impairment_set *set;
	struct draw_identity draw; /* of its sessions */
	/* Whether an instance acts on the sessions of that client (NULL: of any) through this
	 * proxy. NULL: every instance acts on every session. */
	bool (*concerns)(const struct impair_proxy *p, const struct impair_inst *inst,
			 const struct addr *client);
};

struct set_share;

struct impairment_set {
	struct impair_inst *inst;
	size_t n;
	unsigned indices;	 /* the next instance's impair_inst.index */
	struct impair_run *run;	 /* while the set is at work, from its proxies' first session on */
	struct set_share *share; /* with its sets in other threads; NULL: it has met no session */
	struct impair_proxy alone; /* the proxy of a set that no other shares */
	char *proxy;		   /* whose it is, for log and journal; NULL: it needs no name */
};

static inline bool impair_proxy_concerns(const struct impair_proxy *p,
					 const struct impair_inst *inst, const struct addr *client)
{
	return !p->concerns || p->concerns(p, inst, client);
}

/* Instances in one list. Each session meets them all, and some questions are asked of every pair.
 */
#define IMPAIRMENTS_MAX 1000

struct impairment_set *impairment_set_new(void);

/* A set that is at work must be stopped before (impairment_set_stop in live/apply.h). NULL is
 * accepted. */
void impairment_set_free(struct impairment_set *s);

/* An independent copy that isn't at work; the caller frees it. */
struct impairment_set *impairment_set_copy(const struct impairment_set *s);

/* Appends an instance with every default. The pointer is valid until the next one is appended. */
struct impair_inst *impairment_set_append(struct impairment_set *s, const struct impairment *type);

/* Returns the place of the instance of that name, or -1 with an error that proposes a name. */
ssize_t impairment_set_find(const struct impairment_set *s, const char *name, struct err *e);

/* Sets one parameter of the instance of that name and checks the instance. */
int impairment_set_param(struct impairment_set *s, const char *name, const char *param,
			 const char *value, struct err *e) WG_MUSTUSE;

/* Refuses instances that contradict themselves, two of one name, and on forwarded connections what
 * these don't have: a choice of legs, bytes, a server name. */
int impairment_set_check(const struct impairment_set *s, bool forwarded, struct err *e) WG_MUSTUSE;

/* Returns whether the instance acts on TLS records or counts them. */
bool impair_inst_reads_tls(const struct impair_inst *inst);

/* True when it acts on sessions of some server names only. */
bool impair_inst_names_sni(const struct impair_inst *inst);

/* Refuses an instance that has no meaning in that mode of TLS. */
int impairment_set_check_tls(const struct impairment_set *s, enum tls_mode mode,
			     struct err *e) WG_MUSTUSE;

/* Returns the name of the first instance that has state across sessions, for which its proxy must
 * run on one worker, or NULL. */
const char *impairment_set_sharer(const struct impairment_set *s);

/* Returns the name of the first instance of which the seed decides something for each session, by
 * its place among the sessions of its client; NULL: none. */
const char *impairment_set_drawer(const struct impairment_set *s);

/* Returns the name of the first instance that can't do without packets between a terminating wedge
 * and the server, or NULL. One that acts on both legs unless one is named can. */
const char *impairment_set_on_server_leg(const struct impairment_set *s);

/* Returns the longest time, in ns, that an instance of the proxy's lets acknowledgements wait on
 * the leg where wedge sends the data of dir; 0: none does. */
int64_t impair_proxy_ack_hold(const struct impair_proxy *p, enum dir dir);

/* Returns the name of the first instance that keeps bytes of that direction, so that their sender
 * never waits for an acknowledgement that another instance holds; NULL: none does, or none holds.
 */
const char *impair_proxy_hides_acks(const struct impair_proxy *p, enum dir dir);

/* Takes to the client leg what was given no leg and acts on acknowledgements: for a proxy whose
 * server leg has no packets. */
void impairment_set_on_client_leg(struct impairment_set *s);

/* Returns whether an instance may refuse clients of the proxy by answering their SYN. */
bool impair_proxy_refuses(const struct impair_proxy *p);

/* Returns whether any instance acts on packets. */
bool impairment_set_needs_packets(const struct impairment_set *s);

/* Returns all instances as "delayed_ack{direction=downstream,timer=200ms}, ...", or "none". The
 * caller frees the text. */
char *impairment_set_describe(const struct impairment_set *s);

#endif
