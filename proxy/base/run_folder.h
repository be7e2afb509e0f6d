/* run_folder.h - the folder where a user's running wedges are found by his other programs: one
 * socket each, in a folder that nobody else may enter. Knows nothing of what is said over them. */
#ifndef WEDGE_BASE_RUN_FOLDER_H
#define WEDGE_BASE_RUN_FOLDER_H

#include "proxy/base/err.h"

enum { RUN_NAME_MAX = 32 };

/* Opens it: "wedge" in $XDG_RUNTIME_DIR or, without that, in /run/user/UID or, for root, in /run. A
 * descriptor, or -1 with *e when there is none, or it isn't this user's alone. */
int run_folder_open(struct err *e) WG_MUSTUSE;

/* Listens in the folder, which is made unless it is there, on a socket, non-blocking, named as this
 * process's number is, which *name gets; sockets that nobody listens on any more (who did was
 * killed) are removed. -1 with *e. */
int run_folder_listen(char name[RUN_NAME_MAX], struct err *e) WG_MUSTUSE;

/* Removes the socket of that name. */
void run_folder_leave(const char *name);

/* Connects to the socket of that name; -1 with *e. */
int run_folder_connect(int folder, const char *name, struct err *e) WG_MUSTUSE;

/* Calls fn with each name in the folder, smaller numbers first. */
void run_folder_each(int folder, void (*fn)(void *arg, const char *name), void *arg);

#endif
