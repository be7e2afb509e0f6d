/* framing_internal.h - the readers of the several framings, for framing.c. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_INTERNAL_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_INTERNAL_H

#include "impairments/trigger/framing.h"

size_t framing_read_http1(struct framing *f, const unsigned char *p, size_t n,
			  enum framing_mark *mark);
enum framing_mark framing_finish_http1(struct framing *f);

size_t framing_read_tls(struct framing *f, const unsigned char *p, size_t n,
			enum framing_mark *mark);
size_t framing_read_handshake(struct framing *f, const unsigned char *p, size_t n,
			      enum framing_mark *mark);

/* Passes over as much of what is left as n allows. */
size_t framing_skip(struct framing *f, size_t n);

/* MARK_LOST from now on. */
enum framing_mark framing_lose(struct framing *f, const char *why);

#endif
