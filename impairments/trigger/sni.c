/* sni.c - collects a ClientHello from its records, then parses it in one go. */
#include "impairments/trigger/sni.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"

#include <ctype.h>
#include <string.h>

#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO	 1
#define HANDSHAKE_HEADER 4
#define EXTENSION_SNI	 0
#define SNI_HOST_NAME	 0

struct sni_reading {
	unsigned char header[5]; /* of the record under way */
	unsigned header_len;
	size_t record_left;
	unsigned char *hello; /* NULL before its first byte */
	size_t hello_len;
};

static void end_reading(struct sni *s)
{
	if (s->reading)
		free(s->reading->hello);
	free(s->reading);
	s->reading = NULL;
}

void sni_fini(struct sni *s)
{
	end_reading(s);
	free(s->name);
	s->name = NULL;
}

static enum sni_state settle_state(struct sni *s, enum sni_state state)
{
	end_reading(s);
	return s->state = state;
}

/* In lower case; at most SNI_NAME_MAX bytes of it. */
static void keep_name(struct sni *s, const char *name, size_t n)
{
	n = n < SNI_NAME_MAX ? n : SNI_NAME_MAX;
	s->name = xcalloc(1, n + 1);
	for (size_t i = 0; i < n; i++)
		s->name[i] = (char)tolower((unsigned char)name[i]);
}

/* A piece of the ClientHello that is being read. */
struct view {
	const unsigned char *p;
	size_t n;
};

/* Takes k bytes off the front. */
static bool take_bytes(struct view *v, size_t k, struct view *part)
{
	if (k > v->n)
		return false;
	if (part)
		*part = (struct view){v->p, k};
	v->p += k;
	v->n -= k;
	return true;
}

/* Takes a vector off the front: its length in width bytes, then that many bytes. */
static bool take_vector(struct view *v, unsigned width, struct view *part)
{
	struct view field;
	size_t n = 0;

	if (!take_bytes(v, width, &field))
		return false;
	for (unsigned i = 0; i < width; i++)
		n = n << 8 | field.p[i];
	return take_bytes(v, n, part);
}

static bool read_name(struct sni *s, struct view extension)
{
	struct view list, type, name;

	if (!take_vector(&extension, 2, &list))
		return false;
	while (take_bytes(&list, 1, &type) && take_vector(&list, 2, &name)) {
		if (*type.p != SNI_HOST_NAME)
			continue;
		if (!name.n || name.n > SNI_NAME_MAX || memchr(name.p, 0, name.n))
			return false;
		keep_name(s, (const char *)name.p, name.n);
		return true;
	}
	return false;
}

/* Reads a ClientHello (RFC 8446 section 4.1.2: version, random, session id, cipher suites,
 * compression, extensions). cut: only its beginning is there; the name is looked for in that. */
static bool read_hello(struct sni *s, struct view hello, bool cut)
{
	struct view extensions, type, extension;

	if (!take_bytes(&hello, 2 + 32, NULL) || !take_vector(&hello, 1, NULL) ||
	    !take_vector(&hello, 2, NULL) || !take_vector(&hello, 1, NULL))
		return false;
	extensions = hello;
	if (cut ? !take_bytes(&extensions, 2, NULL) : !take_vector(&hello, 2, &extensions))
		return false;
	while (take_bytes(&extensions, 2, &type) && take_vector(&extensions, 2, &extension))
		if (get_be16(type.p) == EXTENSION_SNI)
			return read_name(s, extension);
	return false;
}

/* Reads the handshake's bytes so far; more have come. */
static enum sni_state read_handshake(struct sni *s)
{
	const struct sni_reading *r = s->reading;
	struct view hello;
	size_t length;
	bool cut;

	if (r->hello_len && r->hello[0] != CLIENT_HELLO)
		return settle_state(s, SNI_NONE);
	if (r->hello_len < HANDSHAKE_HEADER)
		return SNI_MORE;
	length = (size_t)r->hello[1] << 16 | (size_t)r->hello[2] << 8 | r->hello[3];
	cut = length > SNI_HELLO_MAX - HANDSHAKE_HEADER;
	if (cut)
		length = SNI_HELLO_MAX - HANDSHAKE_HEADER;
	if (r->hello_len < HANDSHAKE_HEADER + length)
		return SNI_MORE;
	hello = (struct view){r->hello + HANDSHAKE_HEADER, length};
	return settle_state(s, read_hello(s, hello, cut) ? SNI_FOUND : SNI_NONE);
}

bool sni_set_name(struct sni *s, const char *name)
{
	if (s->state != SNI_MORE)
		return false;
	if (*name)
		keep_name(s, name, strlen(name));
	settle_state(s, *name ? SNI_FOUND : SNI_NONE);
	return true;
}

static bool read_header_byte(struct sni_reading *r, unsigned char byte)
{
	r->header[r->header_len++] = byte;
	if (r->header_len < sizeof(r->header))
		return r->header[0] == RECORD_HANDSHAKE && (r->header_len < 2 || r->header[1] == 3);
	r->header_len = 0;
	r->record_left = get_be16(r->header + 3);
	return r->record_left > 0;
}

enum sni_state sni_feed(struct sni *s, const unsigned char *p, size_t n)
{
	if (n && s->state == SNI_MORE && !s->reading)
		s->reading = xcalloc(1, sizeof(*s->reading));
	while (n && s->state == SNI_MORE) {
		struct sni_reading *r = s->reading;
		size_t k;

		if (!r->record_left) {
			if (!read_header_byte(r, *p++))
				return settle_state(s, SNI_NONE);
			n--;
			continue;
		}
		k = r->record_left < n ? r->record_left : n;
		if (k > SNI_HELLO_MAX - r->hello_len)
			k = SNI_HELLO_MAX - r->hello_len; /* where the state is settled */
		if (!r->hello)
			r->hello = xcalloc(1, SNI_HELLO_MAX);
		memcpy(r->hello + r->hello_len, p, k);
		r->hello_len += k;
		r->record_left -= k;
		p += k;
		n -= k;
		read_handshake(s);
	}
	return s->state;
}
