/* attrs.h - compiler attributes and the few macros that every file may use. */
#ifndef WEDGE_BASE_ATTRS_H
#define WEDGE_BASE_ATTRS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define WG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define WG_MUSTUSE	     __attribute__((warn_unused_result))
#define WG_UNUSED	     __attribute__((unused))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Where an array of n ends that may be NULL while n is 0: C defines no sum of NULL and 0. */
#define ARRAY_END(a, n) ((n) ? (a) + (n) : (a))

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Reports a broken invariant of wedge itself, never of its input, and stops. */
#define BUG(what)                                                                                  \
	do {                                                                                       \
		fprintf(stderr, "wedge: bug at %s:%d: %s\n", __FILE__, __LINE__, what);            \
		abort();                                                                           \
	} while (0)

#define BUG_ON(cond)                                                                               \
	do {                                                                                       \
		if (cond)                                                                          \
			BUG(#cond);                                                                \
	} while (0)

#endif
