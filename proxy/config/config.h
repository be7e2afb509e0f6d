/* config.h - what wedge proxy is to do, as data, with the keys that a file has for it. Opens no
 * socket and changes nothing that runs. */
#ifndef WEDGE_CONFIG_CONFIG_H
#define WEDGE_CONFIG_CONFIG_H

#include "proxy/base/param.h"
#include "proxy/config/impairments.h"
#include "proxy/engine/engine.h"
#include "proxy/stream/tls/tls_config.h"

/* Sets of enum proxy_mode: which modes a key or an option is for. */
enum {
	MODE_EXPLICIT = 1 << PROXY_EXPLICIT,
	MODE_FORWARD = 1 << PROXY_FORWARD,
	MODE_TRANSPARENT = 1 << PROXY_TRANSPARENT,
	MODE_REDIRECT = 1 << PROXY_REDIRECT,
	MODE_EVERY = MODE_EXPLICIT | MODE_FORWARD | MODE_TRANSPARENT | MODE_REDIRECT
};

/* How a proxy uses the PROXY protocol. */
struct config_protocol {
	bool in; /* clients' connections begin with a header */
	int out; /* enum proxy_protocol_version: a header of that version is sent to servers */
};

struct config_proxy {
	char *name;   /* NULL until it is known */
	int mode;     /* enum proxy_mode */
	bool enabled; /* false: the proxy is checked, and never at work */
	/* The texts as they were given; "" for one that was not. */
	char *listen_text, *upstream_text, *server_text;
	char *in_text, *port_text, *to_text, *user_text;
	bool own_address, early_accept, close_unreachable;
	int64_t connect_timeout; /* ns (session_config.h) */
	/* The values of the texts; the mode decides which of them are filled. */
	struct addr listen;
	struct host_port upstream;
	struct addr server;
	struct intercept_match intercept;
	struct tls_config tls;
	struct config_protocol protocol;
	struct upstream_map map;
	struct impairment_set *impairments;
};

#define CONFIG_WORKERS_MAX 64

struct config {
	const struct impairments_ops *impairments_ops; /* not NULL */
	uint64_t seed;
	uint64_t hold_limit;	 /* bytes; 0: the default */
	uint64_t workers;	 /* threads; 0, the default: one for each processor */
	bool seed_given;	 /* else seed has no meaning: whoever runs this draws a new one */
	char *journal, *capture; /* paths; "": none */
	int level;		 /* enum log_level */
	struct config_proxy *proxy;
	size_t n;
	/* For a change of what runs: explicit proxies that stay as they are, before the others;
	 * names are the caller's. */
	const char **kept;
	size_t nkept;
};

/* The keys of a file's top, of a proxy, and of its proxy_protocol, with defaults and help. */
extern const struct param config_params[], config_proxy_params[], config_protocol_params[];

/* The names of enum proxy_mode, in its order; NULL-terminated. */
extern const char *const config_mode_names[];

/* Makes an empty configuration with every default. ops makes and reads its impairments, and must
 * outlive it. */
void config_init(struct config *c, const struct impairments_ops *ops);
void config_fini(struct config *c);

/* Makes room for one more proxy: for twice as many, whenever their number is a power of two. */
void config_grow(struct config *c);

/* Appends a proxy of that name, explicit and enabled, without addresses. The name is copied; NULL:
 * the caller sets it. The proxy stays where it is until the next is added. */
struct config_proxy *config_add(struct config *c, const char *name);

/* Refuses what a proxy of this mode can't do with the PROXY protocol; *key names the key at fault.
 */
int config_protocol_check(const struct config_protocol *c, enum proxy_mode mode, const char **key,
			  struct err *e) WG_MUSTUSE;

/* How many proxies are disabled; how many impairments all proxies have. */
size_t config_disabled(const struct config *c);
size_t config_impairments(const struct config *c);

/* Refuses a bound for the bytes that all sessions hold below 1 MiB; 0 is the default. */
int config_check_hold_limit(uint64_t bytes, struct err *e) WG_MUSTUSE;
int config_parse_hold_limit(const char *text, uint64_t *bytes, struct err *e) WG_MUSTUSE;

#endif
