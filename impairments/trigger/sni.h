/* sni.h - the server name in the first bytes of a TLS connection (RFC 6066 section 3): incremental,
 * bounded, looking on only. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_SNI_H
#define WEDGE_IMPAIRMENTS_TRIGGER_SNI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a ClientHello that are looked at, its records' headers not counted. */
#define SNI_HELLO_MAX 16384

enum sni_state {
	SNI_MORE,  /* not known yet */
	SNI_FOUND, /* name holds it */
	SNI_NONE,  /* no TLS, no ClientHello, or no name in the part of it that is looked at */
};

struct sni {
	enum sni_state state;
	unsigned char header[5]; /* of the record under way */
	unsigned header_len;
	size_t record_left;
	unsigned char *hello; /* NULL before the first byte and when decided */
	size_t hello_len;
	char name[256];
};

/* Zeroed to begin with. */
enum sni_state sni_feed(struct sni *s, const unsigned char *p, size_t n);

/* The name is known from elsewhere; "": there is none. Whether that is news. */
bool sni_set_name(struct sni *s, const char *name);
void sni_fini(struct sni *s);

#endif
