/* tls_start_edit.h - what goes on instead of what an end has said, where wedge has the other end's
 * part in the upgrade. Knows bytes only; the readers of the protocols decide. */
#ifndef WEDGE_STREAM_TLS_TLS_START_EDIT_H
#define WEDGE_STREAM_TLS_TLS_START_EDIT_H

#include "proxy/base/dir.h"

#include <stdbool.h>
#include <stddef.h>

struct evbuffer;

/* Bytes of a line or packet that can be changed: longer ones pass. The longest lines of those that
 * announce are IMAP's, some hundred bytes; RFC 5321 section 4.5.3.1.5 has 512. */
enum { TLS_START_HELD = 2048 };

struct tls_start_edit {
	struct evbuffer *held[LEG_COUNT]; /* a line or packet that may yet be changed */
	struct evbuffer *out[LEG_COUNT];  /* what goes on from that end; the caller empties it */
	bool changed;			  /* out isn't what came in; the caller resets it */
	bool denies; /* upgrades are refused in the server's name, else agreed to */
};

/* Make and drop the buffers. */
void tls_start_edit_init(struct tls_start_edit *e, bool denies);
void tls_start_edit_fini(struct tls_start_edit *e);

/* Appends n bytes that have come from that end; all four do nothing where e is NULL. */
void tls_start_hold(struct tls_start_edit *e, enum leg from, const void *p, size_t n);
/* Lets what is held go on. */
void tls_start_release(struct tls_start_edit *e, enum leg from);
/* Throws away what is held: it doesn't go on. */
void tls_start_drop(struct tls_start_edit *e, enum leg from);
/* Says n bytes in the server's name, behind what it has said. */
void tls_start_say(struct tls_start_edit *e, const void *p, size_t n);

/* Returns the bytes that are held; 0 where e is NULL. */
size_t tls_start_held(const struct tls_start_edit *e, enum leg from);

/* Inserts text before the held byte at place at. */
void tls_start_insert(struct tls_start_edit *e, enum leg from, size_t at, const char *text);
/* Puts text in the place of what is held. */
void tls_start_replace(struct tls_start_edit *e, enum leg from, const char *text);

#endif
