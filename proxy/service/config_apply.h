/* config_apply.h - a configuration at work: an engine and each proxy's impairments, and the one
 * function through which they are changed. Reads no file and writes no line. */
#ifndef WEDGE_SERVICE_CONFIG_APPLY_H
#define WEDGE_SERVICE_CONFIG_APPLY_H

#include "proxy/config/config.h"

struct service;

/* With no proxy yet. The loop, journal and log stay the caller's and must live on, as
 * must ops, through which every impairment goes. */
struct service *service_new(struct loop *loop, struct journal *journal, const struct log *log,
			    uint64_t seed, const struct impairments_ops *ops,
			    struct err *e) WG_MUSTUSE;

/* From here on TLS's secrets of every proxy that comes go to fd, too, which stays the caller's; -1:
 * nowhere. */
void service_copy_secrets(struct service *r, int fd);

/* Closes everything at once. NULL is fine. */
void service_free(struct service *r);

struct engine *service_engine(struct service *r);

/* What a change did. */
struct config_diff {
	size_t proxies, added, removed, changed; /* enabled ones */
};

/* The one way in which what runs is changed: to what wanted says, whole or not at all. Proxies are
 * told by their names. One that is new, or has another listen address, listens; one that is gone or
 * disabled accepts no more, its impairments are removed, and its sessions go on without to their
 * own end. Another upstream is for new sessions. Changed impairments act on open sessions at once;
 * those that are the same notice nothing. wanted stays the caller's; its seed, journal and level
 * aren't looked at. Never from a callback of a session. */
int config_apply(struct service *r, const struct config *wanted, struct config_diff *diff,
		 struct err *e) WG_MUSTUSE;

/* A proxy that works, in the order of the configuration. */
struct service_proxy_info {
	const char *name;
	enum proxy_mode mode;
	const struct addr *listen; /* with the port that the kernel chose; NULL when forwarded */
	const char *intercept;	   /* by a transparent one: "eth1, port 80"; a redirecting one:
				      "port 80" */
	const char *upstream;	   /* or the server of forwarded connections, as given; or from
				      which address a transparent one dials, in words */
	size_t mapped;		   /* rules of where else connections go */
	const char *shared;	   /* an impairment with one state for all sessions, or NULL */
	const char *defer_backend; /* how clients wait for their server's answer, or NULL */
	bool moved;		   /* the last change gave it another address or upstream */
};

/* false: there are at most i. */
bool service_proxy_info(const struct service *r, size_t i, struct service_proxy_info *out);

#endif
