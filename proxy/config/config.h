/* config.h - what wedge proxy is to do, as data: read from a file or from the command line, whole
 * or not at all. Opens no socket and changes nothing that runs. */
#ifndef WEDGE_CONFIG_CONFIG_H
#define WEDGE_CONFIG_CONFIG_H

#include "proxy/config/config_protocol.h"
#include "proxy/config/impairments.h"
#include "proxy/engine/engine.h"
#include "proxy/stream/tls/tls_config.h"

enum { CONFIG_PROXIES_MAX = 1000 };

struct config_proxy {
	char *name;
	int mode;					 /* enum proxy_mode */
	bool enabled;					 /* else it is checked, and nothing more */
	char *listen_text, *upstream_text, *server_text; /* as given; "" when not */
	char *in_text, *port_text, *to_text, *user_text;
	bool own_address, early_accept;
	struct addr listen;
	struct host_port upstream;
	struct addr server;
	struct tls_config tls;
	struct config_protocol protocol;
	struct intercept_match intercept;
	struct upstream_map map;
	struct impairment_set *impairments;
};

struct config {
	const struct impairments_ops *impairments_ops; /* not NULL */
	uint64_t seed;
	char *journal; /* "": none */
	char *capture; /* the same */
	int level;     /* enum log_level */
	struct config_proxy *proxy;
	size_t n;
};

/* An empty configuration with every default. ops makes and reads its impairments, and must outlive
 * it. */
void config_init(struct config *c, const struct impairments_ops *ops);
void config_fini(struct config *c);

/* Reads a file into c, which config_init has made. On failure -1, with FILE:LINE:COLUMN and what
 * would be accepted; c is to be released all the same. */
int config_load(struct config *c, const char *path, struct err *e) WG_MUSTUSE;

/* The same for the file of wedge exec, which has the keys of one proxy's faults at its top: seed,
 * journal, log and impairments, which are appended to p's. */
int config_load_exec(struct config *c, struct config_proxy *p, const char *path,
		     struct err *e) WG_MUSTUSE;

/* A new last proxy of that name, explicit and enabled, without addresses; valid until the next. */
struct config_proxy *config_add(struct config *c, const char *name);

/* "192.0.2.1:80", or "192.0.2.1" for every port of it, into p->server. */
int config_server(struct config_proxy *p, const char *text, struct err *e) WG_MUSTUSE;

/* What in_text, port_text, to_text and user_text say, into p->taken; *at is the one that is wrong.
 */
int config_intercept(struct config_proxy *p, const char **at, struct err *e) WG_MUSTUSE;

/* Adds what map_upstream says there. */
int config_map_yaml(struct upstream_map *m, struct yaml *y, struct yaml_node *node,
		    struct err *e) WG_MUSTUSE;

/* Both would get the same connections. */
bool config_proxies_meet(const struct config_proxy *a, const struct config_proxy *b);

/* Where p's connections come from, in words; the caller frees. */
char *config_place(const struct config_proxy *p);

/* How many proxies are disabled; how many impairments there are in all. */
size_t config_disabled(const struct config *c);
size_t config_impairments(const struct config *c);

#endif
