/* process.h - what the processes of wedge exec share: detaching from the terminal, and messages
 * with descriptors. */
#ifndef WEDGE_EXEC_PROCESS_H
#define WEDGE_EXEC_PROCESS_H

#include "proxy/base/attrs.h"

#include <sys/types.h>

/* Gives the calling process a session of its own and that name, unblocks all signals, ignores those
 * of a terminal or a service manager, and closes every descriptor but stderr and the n of keep,
 * which it sorts. Standard input and output become /dev/null. */
void process_detach(const char *name, int *keep, size_t n);

/* Sends one SOCK_SEQPACKET message with n descriptors, at most PROCESS_FDS. 0, or -1 with errno. */
enum { PROCESS_FDS = 4 };
int process_send(int socket, const void *data, size_t len, const int *fds, size_t n);

/* Receives the next message and at most n descriptors, close-on-exec, which are the caller's;
 * fds[i] is -1 where none came. flags: as of recvmsg(2). Returns its length; 0 at the end; -1 with
 * errno. */
ssize_t process_recv(int socket, void *data, size_t len, int *fds, size_t n, int flags);

#endif
