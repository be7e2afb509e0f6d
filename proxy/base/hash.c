/* hash.c - one byte after the other. */
#include "proxy/base/hash.h"

uint64_t hash_bytes(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

uint64_t hash_addr(uint64_t h, const struct addr *a)
{
	return a->sa.sa_family == AF_INET6
		   ? hash_bytes(hash_bytes(h, &a->in6.sin6_addr, 16), &a->in6.sin6_port, 2)
		   : hash_bytes(hash_bytes(h, &a->in.sin_addr, 4), &a->in.sin_port, 2);
}
