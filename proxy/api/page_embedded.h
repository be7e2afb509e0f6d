/* page_embedded.h - the files of proxy/api/page as they were when wedge was built; the build makes
 * the source. */
#ifndef WEDGE_API_PAGE_EMBEDDED_H
#define WEDGE_API_PAGE_EMBEDDED_H

#include <stddef.h>

struct page_file {
	const char *name;
	const unsigned char *data;
	size_t len;
};

extern const struct page_file page_embedded[]; /* ends with a row without a name */

#endif
