/* xml_scan.c - a state machine over bytes: text, the name of a tag, the rest of it, a comment. */
#include "scenarios/workload/xml_scan.h"

#include <string.h>

static void tell_element(struct xml_scan *x, const char *text)
{
	const char *colon = memchr(x->name, ':', x->nname);

	x->name[x->nname] = '\0';
	x->text[x->ntext] = '\0';
	x->element(x->arg, colon ? colon + 1 : x->name, text ? text : x->text);
}

static void end_tag(struct xml_scan *x)
{
	x->in_tag = false;
	if (!x->skipped && x->closing)
		tell_element(x, NULL);
	else if (!x->skipped && x->last == '/')
		tell_element(x, "");
	x->ntext = 0;
}

static void begin_tag(struct xml_scan *x)
{
	x->in_tag = x->in_name = true;
	x->closing = x->comment = x->skipped = false;
	x->nname = 0;
	x->quote = x->last = '\0';
}

static void take_name(struct xml_scan *x, char c)
{
	if (c == '/' && !x->nname) {
		x->closing = true;
		return;
	}
	if ((c == '!' || c == '?') && !x->nname)
		x->skipped = true;
	if (c == '/' || c == ' ' || c == '\t' || c == '\r' || c == '\n') {
		x->in_name = false;
		return;
	}
	if (x->nname < sizeof(x->name) - 1)
		x->name[x->nname++] = c;
	if (x->nname == 3 && memcmp(x->name, "!--", 3) == 0) {
		x->comment = true;
		x->dashes = 0;
	}
}

static void take_comment(struct xml_scan *x, char c)
{
	if (c == '>' && x->dashes >= 2)
		x->in_tag = false;
	x->dashes = c == '-' ? x->dashes + 1 : 0;
}

static void take_tag(struct xml_scan *x, char c)
{
	if (x->comment) {
		take_comment(x, c);
		return;
	}
	if (x->quote) {
		x->quote = c == x->quote ? '\0' : x->quote;
	} else if (c == '>') {
		end_tag(x);
		return;
	} else if (x->in_name) {
		take_name(x, c);
	} else if (c == '"' || c == '\'') {
		x->quote = c;
	}
	x->last = c;
}

void xml_scan_feed(struct xml_scan *x, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (x->in_tag)
			take_tag(x, data[i]);
		else if (data[i] == '<')
			begin_tag(x);
		else if (x->ntext < sizeof(x->text) - 1)
			x->text[x->ntext++] = data[i];
	}
}
