/* sock.h - the questions and options of a TCP socket that proxy and workloads share. */
#ifndef WEDGE_BASE_SOCK_H
#define WEDGE_BASE_SOCK_H

/* An integer option. On a socket whose connection is over the kernel may refuse it: nothing is
 * lost then. */
void sock_set_int(int fd, int level, int option, int value);

void sock_nodelay(int fd);

/* Acknowledges what has come and goes on doing so at once. The kernel forgets it whenever bytes are
 * sent (tcp(7)), so it is said again after reads. */
void sock_quickack(int fd);

/* Takes the pending error out of the socket: an errno, 0 for none. */
int sock_take_error(int fd);

#endif
