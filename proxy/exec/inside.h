/* inside.h - the process that is the network of the command: makes the namespaces, catches the
 * connections, and runs the engine, whose own connections the helper opens. */
#ifndef WEDGE_EXEC_INSIDE_H
#define WEDGE_EXEC_INSIDE_H

#include "proxy/exec/exec_hosts.h"
#include "proxy/exec/exec_job.h"

struct capture_record;
struct tls;
struct writer;

enum { INSIDE_USER, INSIDE_NET, INSIDE_FDS };

/* The one message to the supervisor. When err.text is empty, the descriptors of the user namespace
 * (of use only with own_users) and the network namespace come with it. */
struct inside_ready {
	struct err err;
};

struct inside_job {
	const struct exec_job *job;
	const struct exec_hosts *hosts;
	int control;  /* to the supervisor, which sends one byte when the command has ended */
	int requests; /* to the helper */
	struct writer *journal;		/* NULL: no journal */
	struct capture_record *capture; /* NULL: no capture */
	struct tls *tls;		/* NULL: TLS passes through */
	bool own_users;			/* in a user namespace */
};

/* Exits when the command has ended and its last bytes are sent, or control closes. */
_Noreturn void inside_main(const struct inside_job *job);

#endif
