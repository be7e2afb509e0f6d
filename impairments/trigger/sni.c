/* sni.c - collects a ClientHello from its records, then parses it in one go. */
#include "impairments/trigger/sni.h"

#include "proxy/base/mem.h"

#include <ctype.h>
#include <string.h>

#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO	 1
#define HANDSHAKE_HEADER 4
#define EXTENSION_SNI	 0
#define SNI_HOST_NAME	 0

void sni_fini(struct sni *s)
{
	free(s->hello);
	s->hello = NULL;
}

static enum sni_state settle_state(struct sni *s, enum sni_state state)
{
	sni_fini(s);
	return s->state = state;
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
		if (!name.n || name.n >= sizeof(s->name) || memchr(name.p, 0, name.n))
			return false;
		for (size_t i = 0; i < name.n; i++)
			s->name[i] = (char)tolower(name.p[i]);
		s->name[name.n] = '\0';
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
		if ((type.p[0] << 8 | type.p[1]) == EXTENSION_SNI)
			return read_name(s, extension);
	return false;
}

/* Reads the handshake's bytes so far; more have come. */
static enum sni_state read_handshake(struct sni *s)
{
	struct view hello;
	size_t length;
	bool cut;

	if (s->hello_len && s->hello[0] != CLIENT_HELLO)
		return settle_state(s, SNI_NONE);
	if (s->hello_len < HANDSHAKE_HEADER)
		return SNI_MORE;
	length = (size_t)s->hello[1] << 16 | (size_t)s->hello[2] << 8 | s->hello[3];
	cut = length > SNI_HELLO_MAX - HANDSHAKE_HEADER;
	if (cut)
		length = SNI_HELLO_MAX - HANDSHAKE_HEADER;
	if (s->hello_len < HANDSHAKE_HEADER + length)
		return SNI_MORE;
	hello = (struct view){s->hello + HANDSHAKE_HEADER, length};
	return settle_state(s, read_hello(s, hello, cut) ? SNI_FOUND : SNI_NONE);
}

bool sni_set_name(struct sni *s, const char *name)
{
	if (s->state != SNI_MORE)
		return false;
	for (size_t i = 0; i < sizeof(s->name) - 1 && name[i]; i++)
		s->name[i] = (char)tolower((unsigned char)name[i]);
	settle_state(s, *name ? SNI_FOUND : SNI_NONE);
	return true;
}

static bool read_header_byte(struct sni *s, unsigned char byte)
{
	s->header[s->header_len++] = byte;
	if (s->header_len < sizeof(s->header))
		return s->header[0] == RECORD_HANDSHAKE && (s->header_len < 2 || s->header[1] == 3);
	s->header_len = 0;
	s->record_left = (size_t)s->header[3] << 8 | s->header[4];
	return s->record_left > 0;
}

enum sni_state sni_feed(struct sni *s, const unsigned char *p, size_t n)
{
	while (n && s->state == SNI_MORE) {
		size_t k;

		if (!s->record_left) {
			if (!read_header_byte(s, *p++))
				return settle_state(s, SNI_NONE);
			n--;
			continue;
		}
		k = s->record_left < n ? s->record_left : n;
		if (k > SNI_HELLO_MAX - s->hello_len)
			k = SNI_HELLO_MAX - s->hello_len; /* where the state is settled */
		if (!s->hello)
			s->hello = xcalloc(1, SNI_HELLO_MAX);
		memcpy(s->hello + s->hello_len, p, k);
		s->hello_len += k;
		s->record_left -= k;
		p += k;
		n -= k;
		read_handshake(s);
	}
	return s->state;
}
