/* dir.h - the words for direction and leg, shared by both planes. */
#ifndef WEDGE_BASE_DIR_H
#define WEDGE_BASE_DIR_H

enum dir { DIR_UPSTREAM, DIR_DOWNSTREAM, DIR_COUNT }; /* client to server, server to client */
enum leg { LEG_CLIENT, LEG_SERVER, LEG_COUNT };

static inline enum dir dir_reverse(enum dir d)
{
	return d == DIR_UPSTREAM ? DIR_DOWNSTREAM : DIR_UPSTREAM;
}

static inline const char *dir_name(enum dir d)
{
	return d == DIR_UPSTREAM ? "upstream" : "downstream";
}

static inline const char *leg_name(enum leg l)
{
	return l == LEG_CLIENT ? "client" : "server";
}

#endif
