/* mirror_cards.h - the interfaces of a host, and their likes in another network namespace, of which
 * no packet gets out. */
#ifndef WEDGE_NS_MIRROR_CARDS_H
#define WEDGE_NS_MIRROR_CARDS_H

#include "proxy/ns/rtnl.h"

#include <net/if.h>

/* Interfaces beyond these are left out: each costs a command's start about a millisecond. */
enum { CARDS_MAX = 64 };

struct card {
	int index;
	char name[IF_NAMESIZE];
	uint8_t mac[6]; /* one of wedge's own where the interface has none */
};

struct cards {
	struct card v[CARDS_MAX];
	size_t n;
};

/* Reads the interfaces that are up, but loopback. */
int cards_read(struct cards *c, struct rtnl *host, struct err *e) WG_MUSTUSE;

/* NULL: there is none of that index. */
const struct card *cards_find(const struct cards *c, int index);

/* Makes the interface in the namespace of to and of the descriptor to_ns, and brings it up. mtu in
 * bytes. */
int cards_make(const struct card *card, struct rtnl *to, int to_ns, uint32_t mtu,
	       struct err *e) WG_MUSTUSE;

#endif
