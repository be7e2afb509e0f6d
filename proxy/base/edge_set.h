/* edge_set.h - the edges of many sockets, from an epoll of their own: told once each, and with them
 * what libevent keeps back, that an end or urgent data has come. Knows no loop. */
#ifndef WEDGE_BASE_EDGE_SET_H
#define WEDGE_BASE_EDGE_SET_H

#include "proxy/base/attrs.h"

#include <stdbool.h>

enum edge {
	EDGE_IN = 1 << 0,     /* bytes or an end can be read */
	EDGE_OUT = 1 << 1,    /* bytes can be written */
	EDGE_END = 1 << 2,    /* the peer's FIN or RST has come, maybe behind bytes */
	EDGE_URGENT = 1 << 3, /* a byte of urgent data has come, maybe behind others */
};

/* Embedded in whoever has the descriptor. */
struct edge_watch {
	void (*fn)(void *arg, unsigned edges); /* edges: of enum edge */
	void *arg;
};

struct edge_set;

struct edge_set *edge_set_new(void); /* NULL with errno */
void edge_set_free(struct edge_set *s);

/* A descriptor that is readable while there are edges to be told of. */
int edge_set_fd(const struct edge_set *s);

/* Tells at->fn of fd's edges from now on, those that are there already too. -1 with errno. */
int edge_set_add(struct edge_set *s, struct edge_watch *at, int fd) WG_MUSTUSE;

/* Tells at->fn of them from now on, those that are there already too; another watch, which may be
 * gone, was told until now, or none. -1 with errno. */
int edge_set_take(struct edge_set *s, struct edge_watch *at, int fd) WG_MUSTUSE;

/* Tells of them no more, nor of those of the present run; to be called before fd is closed. */
void edge_set_remove(struct edge_set *s, struct edge_watch *at, int fd);

/* Tells of the edges that there are, of a bounded number, without waiting. Returns that number. */
unsigned edge_set_run(struct edge_set *s);

#endif
