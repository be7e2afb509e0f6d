/* registry.c - declares the exported symbol of each line of list.h. */
#include "impairments/set/registry.h"

#include "impairments/list.h"

#include <string.h>

#define DECLARE(name) extern const struct impairment name##_impairment;
IMPAIRMENT_LIST(DECLARE)

#define ENTRY(name) &name##_impairment,
const struct impairment *const impairment_kinds[] = {IMPAIRMENT_LIST(ENTRY) NULL};

const struct impairment *impairment_find(const char *name)
{
	for (size_t i = 0; impairment_kinds[i]; i++)
		if (strcmp(impairment_kinds[i]->name, name) == 0)
			return impairment_kinds[i];
	return NULL;
}
