/* xml_scan.h - the elements of an XML document that comes in any pieces, each when it ends, by its
 * name without a prefix. Keeps no document and checks none; knows no CDATA. Pure. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_XML_SCAN_H
#define WEDGE_SCENARIOS_WORKLOAD_XML_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define XML_NAME_MAX 64
#define XML_TEXT_MAX 128

/* Zero-initialise, but for the first two rows. */
struct xml_scan {
	/* An element has ended, or is an empty one; text is what is between its last tag and this
	 * one. Both are cut to fit. */
	void (*element)(void *arg, const char *name, const char *text);
	void *arg;
	bool in_tag, in_name, closing;
	char quote, last;      /* of an attribute's value; the byte before */
	unsigned dashes;       /* of a comment: those that it has begun or ended with */
	bool comment, skipped; /* a comment; a declaration or an instruction */
	char name[XML_NAME_MAX], text[XML_TEXT_MAX];
	size_t nname, ntext;
};

void xml_scan_feed(struct xml_scan *x, const char *data, size_t len);

#endif
