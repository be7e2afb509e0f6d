/* load_server.h - the server's end of a measurement: takes what comes, or gives it back; measures
 * only when bytes came. */
#ifndef WEDGE_BENCH_LOAD_SERVER_H
#define WEDGE_BENCH_LOAD_SERVER_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

/* What a client of LOAD_STAMPED sends, as often as it likes. */
struct load_stamp {
	uint64_t number;
	int64_t sent_ns;
};

enum load_serve {
	LOAD_SINK,    /* reads and counts */
	LOAD_ECHO,    /* gives everything back */
	LOAD_STAMPED, /* reads struct load_stamp, and notes how long each was on its way */
	LOAD_HELD,    /* accepts, and never reads */
};

/* Shared by a server and who started it. */
struct load_seen {
	_Atomic uint64_t bytes;
	_Atomic uint64_t accepted;
	_Atomic uint64_t stamps;
	uint64_t room;	  /* of took_ns */
	int64_t *took_ns; /* by number; 0: hasn't come */
};

/* Serves on ADDRESS:PORT until the process is ended. On SIGUSR1 all connections end with RST. */
_Noreturn void load_serve(const char *address, enum load_serve how, struct load_seen *seen);

/* The same in a process of its own, which ends with this one; returns when it listens. room: how
 * many stamps may come. */
pid_t load_serve_beside(const char *address, enum load_serve how, uint64_t room,
			struct load_seen **seen);

/* Ends it, and returns when its port is free again. */
void load_serve_end(pid_t pid);

#endif
