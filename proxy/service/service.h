/* service.h - a configuration at work: an engine, each proxy's impairments and TLS, and the one
 * function through which they are changed. Reads no file of the configuration and writes no line.
 */
#ifndef WEDGE_SERVICE_SERVICE_H
#define WEDGE_SERVICE_SERVICE_H

#include "proxy/config/config.h"

struct engine_clients;
struct line_copies;
struct session_commons;
struct service;

/* Everything stays the caller's and must outlive the service. */
struct service_env {
	struct loop *loop;
	struct journal *journal;
	const struct log *log;
	uint64_t seed;
	struct session_commons *commons;
	const struct impairments_ops *ops; /* every impairment goes through it */
	bool timed;			   /* engine_config.timed */
	bool followed;			   /* others have it as their first */
	/* The one whose proxies this service shares with it, listening on the same addresses, from
	 * a thread of its own; NULL: it shares none, or it is itself the first. */
	const struct service *first;
	/* Takes connections that this service has accepted and the first one is to have
	 * (engine_config). */
	void (*pass_on)(void *arg, struct engine_arrival *a);
	void *pass_on_arg;
};

/* Makes a service without a proxy. NULL with *e on failure. */
struct service *service_new(const struct service_env *env, struct err *e) WG_MUSTUSE;

/* From here on TLS's secrets of every proxy that comes are put to these, too, which stay the
 * caller's. */
void service_copy_secrets(struct service *s, const struct line_copies *copies);

/* Closes everything at once, and frees s. -1 with *e when a key log lacks lines. NULL is accepted.
 */
int service_end(struct service *s, struct err *e);

/* The engine, which stays the service's. */
struct engine *service_engine(struct service *s);

/* How many enabled proxies there are after a change, and how many of them it added or changed; and
 * how many it removed. */
struct service_diff {
	size_t proxies, added, removed, changed;
};

/* Changes what runs to what wanted says, whole or not at all: -1 with *e when nothing has changed.
 * No other function changes it. Proxies are recognised by name and mode. One that is new, or has
 * another listen address, listens; one that is gone or disabled accepts no more, its impairments
 * are removed, and its sessions go on without them to their own end. Another upstream is for new
 * sessions. Changed impairments act on open sessions at once; unchanged ones notice nothing. wanted
 * stays the caller's; its seed, journal and level aren't looked at. Must not be called from a
 * session's callback. */
int service_apply(struct service *s, const struct config *wanted, struct service_diff *diff,
		  struct err *e) WG_MUSTUSE;

/* The same for a service with a first one, which has been changed to wanted already, and which
 * nobody else uses meanwhile. Of its proxies those that may be shared listen here as well; of the
 * others, and with listen false of all, only the sessions that are here are changed. Fails for want
 * of descriptors and the like. */
int service_follow(struct service *s, const struct config *wanted, bool listen,
		   struct err *e) WG_MUSTUSE;

/* Of a service with a first one, whose packet plane sees all packets from now on: adds its sessions
 * to *clients, to be adopted there (engine_adopt.h). */
void service_hand_over(struct service *s, struct engine_clients *clients);

/* A proxy at work, as the lines about it need it. The service owns the pointers, which are valid
 * until the next change. */
struct service_proxy_info {
	const char *name;
	enum proxy_mode mode;
	const struct addr *listen; /* with the port that the kernel chose; NULL when forwarding */
	const char *intercept;	   /* of an intercepting proxy: "eth1, port 80" when transparent,
				      "port 80" when redirecting */
	const char *upstream; /* the server as given; of a transparent proxy the address that it
				 dials from, in words */
	size_t mapped;	      /* rules of map_upstream */
	const char *shared;   /* an impairment with one state for all sessions, or NULL */
	const char *alone;    /* why no other service may have sessions of it; NULL: one may, or
				 there is none */
	const char *defer_backend; /* how clients wait for their server's answer, or for the
				      decision whether they are refused; or NULL */
	bool moved;		   /* the last change gave it another address or upstream */
};

/* Describes proxy i, in the order of the configuration. Returns false when there are at most i. */
bool service_proxy_info(const struct service *s, size_t i, struct service_proxy_info *out);

/* Calls fn with what each impairment of proxy i has come to so far. */
void service_count_impairments(const struct service *s, size_t i,
			       void (*fn)(void *arg, const struct impairment_count *c), void *arg);

#endif
