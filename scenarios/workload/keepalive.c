/* keepalive.c - the kernel takes whole seconds. */
#include "scenarios/workload/keepalive.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/sock.h"

static int check_seconds(const char *name, int64_t value, struct err *e)
{
	if (value % NS_PER_S == 0)
		return 0;
	return err_set(e, "%s: the kernel counts keep-alive times in whole seconds", name);
}

int keepalive_check(const struct keepalive *k, struct err *e)
{
	if (check_seconds("keepalive", k->idle, e))
		return -1;
	return check_seconds("keepalive_interval", k->interval, e);
}

void keepalive_begin(int fd, const struct keepalive *k)
{
	if (k->idle)
		sock_keepalive(fd, (int)(k->idle / NS_PER_S), (int)(k->interval / NS_PER_S),
			       (int)k->probes);
}
