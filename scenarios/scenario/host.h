/* host.h - the hosts of a scenario's lab, in memory: which side each is on, and the settings of its
 * own TCP. Reads no YAML. */
#ifndef WEDGE_SCENARIOS_SCENARIO_HOST_H
#define WEDGE_SCENARIOS_SCENARIO_HOST_H

#include "proxy/base/err.h"
#include "proxy/base/param.h"

#include <stdbool.h>

#define HOSTS_MAX 32 /* of a side */

enum host_place { HOST_CLIENT_SIDE, HOST_SERVER_SIDE };

/* Hosts that every scenario has, as places in its list. */
enum { HOST_CLIENT, HOST_SERVER, HOST_OWN };

/* What its packets' time to live begins with: 64 of Linux, 128 of Windows. */
enum host_ttl { HOST_TTL_64, HOST_TTL_128 };

struct host {
	char *name;
	enum host_place side;
	bool window_scaling, timestamps, sack;
	int ttl;	     /* enum host_ttl */
	uint64_t link_speed; /* bytes a second; 0: no limit */
};

struct host_list {
	struct host *host;
	size_t n;
};

extern const struct param host_params[];    /* the settings of its TCP */
extern const char *const host_side_names[]; /* "client", "server"; NULL-terminated */

/* Makes a list of the two hosts that every scenario has. */
void host_list_init(struct host_list *l);
void host_list_copy(struct host_list *dst, const struct host_list *src);
void host_list_fini(struct host_list *l);

/* Appends a host with every default; takes over name. */
struct host *host_list_add(struct host_list *l, char *name, enum host_place side);

/* Returns a host's place, or -1. */
int host_list_find(const struct host_list *l, const char *name);

/* Says that there is no host of that name, and which is the nearest; returns -1. */
int host_refuse(const struct host_list *l, const char *name, struct err *e);

/* Returns how many hosts are on a side. */
size_t host_list_count(const struct host_list *l, enum host_place side);

/* Returns whether all hosts are as in every scenario that names none: there is nothing to tell. */
bool host_list_is_usual(const struct host_list *l);

/* Sets one setting of one host; the error names the nearest. */
int host_set(struct host *h, const char *key, const char *value, struct err *e) WG_MUSTUSE;

#endif
