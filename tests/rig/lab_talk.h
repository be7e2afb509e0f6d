/* lab_talk.h - what the probes of a lab share: two roles that talk over plain sockets, and the
 * runner's side of their messages. A failure ends the program with exit status 2. */
#ifndef WEDGE_TESTS_RIG_LAB_TALK_H
#define WEDGE_TESTS_RIG_LAB_TALK_H

#include "proxy/base/err.h"

#include <jansson.h>
#include <stdbool.h>

#define TALK_COUNT_MAX 1000

/* A conversation of write-write-read exchanges between two roles. */
struct talk {
	const char *address; /* the server's */
	int count;
	bool bulk;    /* one large answer instead of exchanges */
	char *before; /* shell command in the client's role, or NULL */
};

/* Says what failed, with e or errno, and ends the program. */
_Noreturn void talk_fail(const char *what, const struct err *e);

/* Roles' mains (lab.h); arg is a struct talk. The client begins with the message "start" and sends
 * a "result" of min_ms, median_ms and max_ms. */
int talk_server(void *arg, int msg_fd);
int talk_client(void *arg, int msg_fd);

/* A role's main that becomes a shell; arg is its command. */
int talk_shell(void *arg, int msg_fd);

/* Waits for one message of the type; talk_expect returns it. */
json_t *talk_expect(int fd, const char *type);
void talk_hear(int fd, const char *type);

/* Prints an object, and a role's result. */
void print_json(const json_t *j);
void print_result(int fd);

#endif
