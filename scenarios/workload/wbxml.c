/* wbxml.c - global tokens: 0 SWITCH_PAGE, 1 END, 3 STR_I (5.8.4); bit 6 of a tag: it has content.
 */
#include "scenarios/workload/wbxml.h"

#include "proxy/base/attrs.h"

#include <string.h>

#define SWITCH_PAGE 0x00
#define END	    0x01
#define STR_I	    0x03
#define CONTENT	    0x40

/* Version 1.3, an unknown public identifier, UTF-8, an empty string table. */
static const char header[] = {0x03, 0x01, 0x6a, 0x00};

static void put_byte(struct wbxml *w, unsigned byte)
{
	char c = (char)byte;

	http_text_bytes(w->text, &c, 1);
}

void wbxml_begin(struct wbxml *w, struct http_text *text)
{
	*w = (struct wbxml){.text = text};
	http_text_bytes(text, header, sizeof(header));
}

static void put_tag(struct wbxml *w, enum wbxml_element element, unsigned content)
{
	unsigned page = (unsigned)element >> 8;

	if (page != w->page) {
		put_byte(w, SWITCH_PAGE);
		put_byte(w, page);
		w->page = page;
	}
	put_byte(w, ((unsigned)element & 0xff) | content);
}

void wbxml_open(struct wbxml *w, enum wbxml_element element)
{
	put_tag(w, element, CONTENT);
}

void wbxml_close(struct wbxml *w)
{
	put_byte(w, END);
}

void wbxml_text(struct wbxml *w, enum wbxml_element element, const char *text)
{
	put_tag(w, element, CONTENT);
	put_byte(w, STR_I);
	http_text_bytes(w->text, text, strlen(text) + 1);
	put_byte(w, END);
}

void wbxml_empty(struct wbxml *w, enum wbxml_element element)
{
	put_tag(w, element, 0);
}

struct reader {
	const char *data;
	size_t len, at;
	unsigned page, depth;
	unsigned open[WBXML_DEPTH];
	char text[WBXML_TEXT_MAX];
};

static int read_text(struct reader *r, struct err *e)
{
	const char *start = r->data + r->at, *nul = memchr(start, '\0', r->len - r->at);

	if (!nul)
		return err_set(e, "a text of WBXML has no end");
	snprintf(r->text, sizeof(r->text), "%s", start);
	r->at += (size_t)(nul - start) + 1;
	return 0;
}

static int read_tag(struct reader *r, unsigned byte,
		    void (*element)(void *, unsigned, const char *), void *arg, struct err *e)
{
	unsigned tag = WBXML(r->page, byte & 0x3f);

	r->text[0] = '\0';
	if (byte & 0x80)
		return err_set(e, "attributes in WBXML of ActiveSync");
	if (!(byte & CONTENT)) {
		element(arg, tag, "");
		return 0;
	}
	if (r->depth == WBXML_DEPTH)
		return err_set(e, "WBXML is nested too deep");
	r->open[r->depth++] = tag;
	return 0;
}

/* Takes the next token. */
static int read_token(struct reader *r, void (*element)(void *, unsigned, const char *), void *arg,
		      struct err *e)
{
	unsigned byte = (unsigned char)r->data[r->at++];

	if (byte == STR_I)
		return read_text(r, e);
	if (byte == SWITCH_PAGE && r->at < r->len) {
		r->page = (unsigned char)r->data[r->at++];
		return 0;
	}
	if (byte == END && r->depth) {
		element(arg, r->open[--r->depth], r->text);
		r->text[0] = '\0';
		return 0;
	}
	if ((byte & 0x3f) < 5)
		return err_set(e, "token 0x%02x of WBXML isn't one of ActiveSync's", byte);
	return read_tag(r, byte, element, arg, e);
}

int wbxml_read(const char *data, size_t len, void (*element)(void *, unsigned, const char *),
	       void *arg, struct err *e)
{
	struct reader r = {.data = data, .len = len, .at = sizeof(header)};
	bool begun = false;

	if (len <= sizeof(header) || memcmp(data, header, sizeof(header)) != 0)
		return err_set(e, "not the beginning of ActiveSync's WBXML");
	while (r.at < len && (!begun || r.depth)) {
		if (read_token(&r, element, arg, e))
			return -1;
		begun |= r.depth > 0;
	}
	if (!begun || r.depth || r.at < len)
		return err_set(e, "WBXML ends inside an element, or goes on behind the document");
	return 0;
}
