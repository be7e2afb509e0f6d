/* sock.h - the questions and options of a TCP socket that proxy and workloads share. */
#ifndef WEDGE_BASE_SOCK_H
#define WEDGE_BASE_SOCK_H

/* Sets an integer option. The kernel may refuse it on a socket whose connection is over, and
 * nothing is lost then. */
void sock_set_int(int fd, int level, int option, int value);

void sock_nodelay(int fd);

/* Acknowledges what has come, and from now on at once. The kernel forgets the option whenever bytes
 * are sent (tcp(7)), so callers set it again after reads. */
void sock_quickack(int fd);

/* Takes the pending error out of the socket. Returns an errno, 0 for none. */
int sock_take_error(int fd);

#endif
