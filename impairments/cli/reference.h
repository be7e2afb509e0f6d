/* reference.h - what is said of an impairment in every form of the reference. */
#ifndef WEDGE_IMPAIRMENTS_CLI_REFERENCE_H
#define WEDGE_IMPAIRMENTS_CLI_REFERENCE_H

#include "impairments/impairment.h"

/* "stream" or "packet". */
const char *reference_plane(const struct impairment *im);

/* Returns whether a row of the common table means anything to that kind. */
bool reference_has(const struct impairment *im, const struct param *common);

/* The default as people read it: "required" when there is none. */
const char *reference_default(const struct impairment *im, const struct param *p);

/* The whole reference as Markdown, or one kind's section of it, on standard output. */
void reference_markdown(const struct impairment *only);

#endif
