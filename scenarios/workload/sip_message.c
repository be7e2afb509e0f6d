/* sip_message.c - a header field is a line; names are compared without case, and may be short (RFC
 * 3261 7.3.3). */
#include "scenarios/workload/sip_message.h"

#include <string.h>
#include <strings.h>

enum field {
	VIA,
	FROM,
	TO,
	CALL_ID,
	CSEQ,
	CONTACT,
	LENGTH,
	RECORD_ROUTE,
	AUTHORIZATION,
	AUTHENTICATE,
	FIELD_COUNT
};

static const struct {
	const char *name, *compact;
} fields[FIELD_COUNT] = {
    [VIA] = {"Via", "v"},
    [FROM] = {"From", "f"},
    [TO] = {"To", "t"},
    [CALL_ID] = {"Call-ID", "i"},
    [CSEQ] = {"CSeq", NULL},
    [CONTACT] = {"Contact", "m"},
    [LENGTH] = {"Content-Length", "l"},
    [RECORD_ROUTE] = {"Record-Route", NULL},
    [AUTHORIZATION] = {"Authorization", NULL},
    [AUTHENTICATE] = {"WWW-Authenticate", NULL},
};

bool sip_text_is(struct sip_text t, const char *word)
{
	return t.len == strlen(word) && memcmp(t.s, word, t.len) == 0;
}

bool sip_text_equal(struct sip_text a, struct sip_text b)
{
	return a.len == b.len && (!a.len || memcmp(a.s, b.s, a.len) == 0);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct sip_text trim_text(struct sip_text t)
{
	while (t.len && is_blank(*t.s)) {
		t.s++;
		t.len--;
	}
	while (t.len && (is_blank(t.s[t.len - 1]) || t.s[t.len - 1] == '\r'))
		t.len--;
	return t;
}

/* Takes the word before the first blank off *rest. */
static struct sip_text take_word(struct sip_text *rest)
{
	struct sip_text t = trim_text(*rest), word = {t.s, 0};

	while (word.len < t.len && !is_blank(t.s[word.len]))
		word.len++;
	*rest = trim_text((struct sip_text){t.s + word.len, t.len - word.len});
	return word;
}

/* A number of at most 10 digits. */
static bool parse_number(struct sip_text t, unsigned long *n)
{
	*n = 0;
	if (!t.len || t.len > 10)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.s[i] < '0' || t.s[i] > '9')
			return false;
		*n = *n * 10 + (unsigned long)(t.s[i] - '0');
	}
	return true;
}

static bool is_token(struct sip_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.s[i] <= ' ' || t.s[i] > '~' || strchr("()<>@,;:\\\"/[]?={}", t.s[i]))
			return false;
	return t.len != 0;
}

/* INVITE sip:bob@example.org SIP/2.0, or SIP/2.0 180 Ringing */
static int parse_start(struct sip_text line, struct sip_message *m, struct err *e)
{
	struct sip_text rest = line, first = take_word(&rest), second = take_word(&rest);
	unsigned long status;

	if (sip_text_is(first, "SIP/2.0")) {
		if (second.len != 3 || !parse_number(second, &status) || status < 100 ||
		    status > 699)
			return err_set(e, "no status from 100 to 699: \"%.*s\"",
				       second.len < 20 ? (int)second.len : 20, second.s);
		m->status = (unsigned)status;
		m->reason = rest;
		return 0;
	}
	if (!is_token(first) || !second.len || !sip_text_is(rest, "SIP/2.0"))
		return err_set(e, "no SIP message begins so: \"%.*s\"",
			       line.len < 60 ? (int)line.len : 60, line.s);
	m->is_request = true;
	m->method = first;
	m->uri = second;
	return 0;
}

static int find_field(struct sip_text name)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		const char *words[] = {fields[i].name, fields[i].compact};

		for (size_t k = 0; k < 2; k++)
			if (words[k] && strlen(words[k]) == name.len &&
			    strncasecmp(words[k], name.s, name.len) == 0)
				return i;
	}
	return FIELD_COUNT;
}

static int add_to(struct sip_text *list, size_t *n, struct sip_text value, struct err *e)
{
	if (*n == SIP_VIAS_MAX)
		return err_set(e, "more than %d lines of Via or Record-Route", SIP_VIAS_MAX);
	list[(*n)++] = value;
	return 0;
}

/* Takes a field that may be there only once. */
static int set_once(struct sip_text *where, const char *name, struct sip_text value, struct err *e)
{
	if (where->len)
		return err_set(e, "%s twice", name);
	*where = value;
	return 0;
}

/* Takes the first of several. */
static int set_first(struct sip_text *where, struct sip_text value)
{
	if (!where->len)
		*where = value;
	return 0;
}

static int take_field(struct sip_message *m, struct sip_text name, struct sip_text value,
		      struct sip_text *length, struct err *e)
{
	struct sip_text rest = value;
	int field = find_field(name);

	switch (field) {
	case VIA:
		return add_to(m->via, &m->nvias, value, e);
	case RECORD_ROUTE:
		return add_to(m->route, &m->nroutes, value, e);
	case FROM:
		return set_once(&m->from, fields[field].name, value, e);
	case TO:
		return set_once(&m->to, fields[field].name, value, e);
	case CALL_ID:
		return set_once(&m->call_id, fields[field].name, value, e);
	case LENGTH:
		return set_once(length, fields[field].name, value, e);
	case CONTACT:
		return set_first(&m->contact, value);
	case AUTHORIZATION:
		return set_first(&m->authorization, value);
	case AUTHENTICATE:
		return set_first(&m->authenticate, value);
	case CSEQ:
		if (m->cseq_method.len || !parse_number(take_word(&rest), &m->cseq) ||
		    m->cseq > 0x7fffffff || !is_token(rest))
			return err_set(e, "CSeq is one number and a method: \"%.*s\"",
				       value.len < 40 ? (int)value.len : 40, value.s);
		m->cseq_method = rest;
		return 0;
	default:
		return 0;
	}
}

/* Returns the bytes of the header with its empty line; 0: it isn't whole. */
static size_t header_size(const char *data, size_t len)
{
	const char *end = memmem(data, len, "\r\n\r\n", 4);

	return end ? (size_t)(end - data) + 4 : 0;
}

/* Takes one header line off *rest, without its end; a line that goes on in the next one, which then
 * begins with a blank, is joined. */
static struct sip_text take_line(char **rest, const char *end)
{
	char *line = *rest, *at = line;

	for (;;) {
		at = memmem(at, (size_t)(end - at), "\r\n", 2);
		if (!at) {
			*rest = (char *)end;
			return (struct sip_text){line, (size_t)(end - line)};
		}
		if (at + 2 >= end || !is_blank(at[2]))
			break;
		at[0] = at[1] = ' ';
	}
	*rest = at + 2;
	return (struct sip_text){line, (size_t)(at - line)};
}

static int parse_fields(struct sip_message *m, char *rest, const char *end, struct sip_text *length,
			struct err *e)
{
	while (rest < end) {
		struct sip_text line = take_line(&rest, end), name, value;
		const char *colon = memchr(line.s, ':', line.len);

		if (!line.len)
			break;
		if (!colon)
			return err_set(e, "a header line without a colon: \"%.*s\"",
				       line.len < 60 ? (int)line.len : 60, line.s);
		name = trim_text((struct sip_text){line.s, (size_t)(colon - line.s)});
		value = trim_text(
		    (struct sip_text){colon + 1, line.len - (size_t)(colon + 1 - line.s)});
		if (!is_token(name))
			return err_set(e, "a header line without a name");
		if (take_field(m, name, value, length, e) == -1)
			return -1;
	}
	if (!m->nvias || !m->from.len || !m->to.len || !m->call_id.len || !m->cseq_method.len)
		return err_set(e, "a message needs Via, From, To, Call-ID and CSeq");
	if (m->is_request && !sip_text_equal(m->method, m->cseq_method))
		return err_set(e, "the method of CSeq is another one than the request's");
	return 0;
}

ssize_t sip_parse(char *data, size_t len, struct sip_message *m, struct err *e)
{
	size_t skip = 0, head;
	unsigned long body = 0;
	struct sip_text length = {NULL, 0}, start;
	char *rest;

	memset(m, 0, sizeof(*m));
	while (skip < len && (data[skip] == '\r' || data[skip] == '\n'))
		skip++;
	head = header_size(data + skip, len - skip);
	if (!head && len - skip > SIP_MESSAGE_MAX)
		return err_set(e, "a header of more than %u bytes", SIP_MESSAGE_MAX);
	if (!head)
		return 0;
	if (memchr(data + skip, '\0', head))
		return err_set(e, "a NUL in the header");
	rest = data + skip;
	start = take_line(&rest, data + skip + head - 2);
	if (parse_start(start, m, e) == -1 ||
	    parse_fields(m, rest, data + skip + head - 2, &length, e) == -1)
		return -1;
	if (length.len ? !parse_number(length, &body) : true)
		return err_set(e, "over TCP a message needs a Content-Length (RFC 3261 20.14)");
	if (head + body > SIP_MESSAGE_MAX)
		return err_set(e, "a message of more than %u bytes", SIP_MESSAGE_MAX);
	if (len - skip < head + body)
		return 0;
	m->body = (struct sip_text){data + skip + head, body};
	return (ssize_t)(skip + head + body);
}

/* Returns where the address of a field ends, behind which its parameters are: a ; in quotes or in
 * <> is none of theirs. */
static size_t address_end(struct sip_text field)
{
	bool quoted = false;

	for (size_t i = 0; i < field.len; i++) {
		char c = field.s[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && c == '<') {
			const char *close = memchr(field.s + i, '>', field.len - i);

			return close ? (size_t)(close - field.s) + 1 : field.len;
		} else if (!quoted && c == ';')
			return i;
	}
	return field.len;
}

struct sip_text sip_parameter(struct sip_text field, const char *name)
{
	size_t i = address_end(field), n = strlen(name);

	while (i < field.len && field.s[i] != ',') {
		struct sip_text value;
		size_t end = ++i;

		while (end < field.len && field.s[end] != ';' && field.s[end] != ',')
			end++;
		value = trim_text((struct sip_text){field.s + i, end - i});
		if (value.len > n && strncasecmp(value.s, name, n) == 0) {
			value = trim_text((struct sip_text){value.s + n, value.len - n});
			if (value.len && *value.s == '=')
				return trim_text((struct sip_text){value.s + 1, value.len - 1});
		}
		i = end;
	}
	return (struct sip_text){NULL, 0};
}

struct sip_text sip_address_uri(struct sip_text field)
{
	size_t end = address_end(field);
	const char *open = end ? memrchr(field.s, '<', end) : NULL;

	if (open && field.s[end - 1] == '>')
		return (struct sip_text){open + 1, (size_t)(field.s + end - 1 - (open + 1))};
	return trim_text((struct sip_text){field.s, end});
}
