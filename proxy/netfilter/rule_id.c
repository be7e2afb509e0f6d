/* rule_id.c - the kernel unbinds an abstract socket when its process ends, however that is. */
#include "proxy/netfilter/rule_id.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ID_TRIES = 26 };

int rule_id_bind(const char *kind, const char *id)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), n, saved;

	if (fd == -1)
		return -1;
	n = snprintf(sa.sun_path + 1, sizeof(sa.sun_path) - 1, "wedge-%s-%s", kind, id);
	if (bind(fd, (struct sockaddr *)&sa,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int rule_id_take(char id[RULE_ID_BYTES], struct err *e)
{
	for (int i = 0; i < ID_TRIES; i++) {
		int fd;

		snprintf(id, RULE_ID_BYTES, "%d%c", (int)getpid(), i ? 'a' + i : '\0');
		fd = rule_id_bind("rules", id);
		if (fd != -1)
			return fd;
		if (errno != EADDRINUSE)
			break;
	}
	return err_errno(e, "can't take a name for the packet rules");
}

bool rule_id_dead(void *unused, const char *id)
{
	int fd = rule_id_bind("rules", id);

	(void)unused;
	if (fd == -1)
		return false;
	close(fd);
	return true;
}
