/* descriptors.h - the descriptors that a forked process keeps, and how many it may have. */
#ifndef WEDGE_NS_DESCRIPTORS_H
#define WEDGE_NS_DESCRIPTORS_H

#include <stddef.h>

/* Closes every descriptor above stderr but the n of keep, which it sorts. */
void descriptors_keep(int *keep, size_t n);

/* Raises the limit to as many as an ordinary user may have: the hard limit. A session takes two. */
void descriptors_raise(void);

#endif
