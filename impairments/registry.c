/* registry.c - the list of all impairments, and one of them by name. */
#include "impairments/impairment.h"
#include "impairments/list.h"

#include <string.h>

#define DECLARE(name) extern const struct impairment name##_impairment;
IMPAIRMENT_LIST(DECLARE)

#define ENTRY(name) &name##_impairment,
const struct impairment *const impairments[] = {IMPAIRMENT_LIST(ENTRY) NULL};

const struct impairment *impairment_find(const char *name)
{
	for (size_t i = 0; impairments[i]; i++)
		if (strcmp(impairments[i]->name, name) == 0)
			return impairments[i];
	return NULL;
}
