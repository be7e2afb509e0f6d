/* descriptors.h - the descriptors that a forked process keeps, and how many there may be. */
#ifndef WEDGE_NS_DESCRIPTORS_H
#define WEDGE_NS_DESCRIPTORS_H

#include "proxy/base/err.h"

/* Closes every descriptor above stderr but the n of keep, which it sorts. */
void descriptors_keep(int *keep, size_t n);

/* Raises the limit to as many as an ordinary user may have: the hard limit. A session takes two. */
void descriptors_raise(void);

/* Checks that n more descriptors can be opened now; the error tells how many can, and the limit. */
int descriptors_need(unsigned n, struct err *e) WG_MUSTUSE;

#endif
