/* exec_job.h - what wedge exec is to run and how, as data, and the exit statuses of its own. */
#ifndef WEDGE_EXEC_EXEC_JOB_H
#define WEDGE_EXEC_EXEC_JOB_H

#include "proxy/base/capture.h"
#include "proxy/engine/engine_config.h"

/* env(1) and timeout(1) use the same. */
enum { EXEC_FAILED = 125, EXEC_NOT_EXECUTABLE = 126, EXEC_NOT_FOUND = 127 };

struct exec_job {
	char *const *argv;		  /* the command, ended by NULL */
	struct engine_proxy_config proxy; /* its hooks; exec sets addresses and route */
	bool packets;			  /* the hooks need the packet plane */
	int64_t ack_hold;		  /* ns that ACKs of what the command is sent may wait; 0 */
	uint64_t seed;
	uint64_t hold_limit; /* bytes that all connections may hold; 0: the default */
	bool tell_seed;	     /* in a line on stderr, before the command begins */
	/* The engine has ended, and the journal is still open. */
	void (*ended)(void *arg, struct journal *journal, const struct log *log);
	void *ended_arg;
	const char *journal; /* "": none */
	const char *capture; /* "": none */
	const struct capture_ops *capture_ops;
	const struct tls_config *tls; /* has passed tls_config_check */
	enum log_level level;
};

#endif
