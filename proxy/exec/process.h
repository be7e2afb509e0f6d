/* process.h - what the processes of wedge exec share: standing apart from the terminal, and
 * messages with descriptors. */
#ifndef WEDGE_EXEC_PROCESS_H
#define WEDGE_EXEC_PROCESS_H

#include "proxy/base/attrs.h"

#include <sys/types.h>

/* A session of its own, signals as by default but those of a terminal or a service manager ignored,
 * and no descriptor but stderr and these. */
void process_detach(const char *name, int *keep, size_t n);

/* One SOCK_SEQPACKET message with n descriptors, at most PROCESS_FDS. 0, or -1 with errno. */
enum { PROCESS_FDS = 4 };
int process_send(int socket, const void *data, size_t len, const int *fds, size_t n);

/* The next message and its descriptors, close-on-exec; fds[i] is -1 where none came. Its length; 0
 * at the end, -1 with errno. */
ssize_t process_recv(int socket, void *data, size_t len, int *fds, size_t n, int flags);

#endif
