/* queue_select.c - what several selections need together. */
#include "proxy/netfilter/queue_select.h"

bool queue_select_has_own_sockets(const struct queue_select *select, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!select[i].forwarded && !select[i].syns_only)
			return true;
	return false;
}

bool queue_select_has_icmp(const struct queue_select *select, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (select[i].icmp)
			return true;
	return false;
}
