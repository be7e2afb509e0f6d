/* sock_list.h - the TCP sockets of this network namespace, whichever process has them: their ends
 * and inodes. Knows no process. */
#ifndef WEDGE_BASE_SOCK_LIST_H
#define WEDGE_BASE_SOCK_LIST_H

#include "proxy/base/addr.h"

#include <stddef.h>

struct sock_row {
	struct addr local, remote;
	unsigned long inode;
};

/* Zeroed: none. The caller frees row. */
struct sock_rows {
	struct sock_row *row;
	size_t n, room;
};

/* Adds the sockets that some process has, and whose connection isn't over; in no order. */
void sock_list(struct sock_rows *rows);

#endif
