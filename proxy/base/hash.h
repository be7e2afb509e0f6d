/* hash.h - FNV-1a, 64 bits (Fowler, Noll, Vo), for tables and for telling texts apart. It has no
 * secret: who chooses what is hashed can make collisions. */
#ifndef WEDGE_BASE_HASH_H
#define WEDGE_BASE_HASH_H

#include "proxy/base/addr.h"

#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

/* Goes on with h, which is HASH_BEGIN at first. */
uint64_t hash_bytes(uint64_t h, const void *data, size_t len);
uint64_t hash_addr(uint64_t h, const struct addr *a); /* address and port */

#endif
