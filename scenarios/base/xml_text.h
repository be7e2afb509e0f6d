/* xml_text.h - text of any origin inside XML. */
#ifndef WEDGE_SCENARIOS_BASE_XML_TEXT_H
#define WEDGE_SCENARIOS_BASE_XML_TEXT_H

#include <stdio.h>

/* Writes text, made clean (layout.h), as it stands in an element or a quoted attribute; NULL:
 * nothing. */
void xml_text_write(FILE *out, const char *text);

#endif
