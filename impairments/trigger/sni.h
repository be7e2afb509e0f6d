/* sni.h - reads the server name from the first bytes of a TLS connection (RFC 6066 section 3). Only
 * looks on, in bounded memory, at any pieces of the stream. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_SNI_H
#define WEDGE_IMPAIRMENTS_TRIGGER_SNI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a ClientHello that are looked at; the headers of its records don't count. */
#define SNI_HELLO_MAX 16384

enum sni_state {
	SNI_MORE,  /* not known yet */
	SNI_FOUND, /* name holds the name */
	SNI_NONE,  /* no TLS, no ClientHello, or no name in the bytes that are looked at */
};

#define SNI_NAME_MAX 255 /* bytes */

struct sni {
	enum sni_state state;
	struct sni_reading *reading; /* NULL before the first byte and once the state is settled */
	char *name;		     /* SNI_FOUND: the name; else NULL */
};

/* Reads n more bytes of the stream and returns the state. s is zeroed before the first call. */
enum sni_state sni_feed(struct sni *s, const unsigned char *p, size_t n);

/* Sets a name that is known from elsewhere; "": there is none. Returns whether the state was
 * unsettled before. */
bool sni_set_name(struct sni *s, const char *name);

void sni_fini(struct sni *s);

#endif
