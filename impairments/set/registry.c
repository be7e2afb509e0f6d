/* registry.c - declares the exported symbol of each line of list.h. */
#include "impairments/set/registry.h"

#include "impairments/list.h"
#include "impairments/set/foreign_words.h"
#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"

#include <string.h>

#define DECLARE(name) extern const struct impairment name##_impairment;
IMPAIRMENT_LIST(DECLARE)

#define COUNT(name) +1
enum { KINDS = IMPAIRMENT_LIST(COUNT) };

#define ENTRY(name) &name##_impairment,
const struct impairment *const impairment_kinds[] = {IMPAIRMENT_LIST(ENTRY) NULL};

const struct impairment *impairment_find(const char *name)
{
	for (size_t i = 0; impairment_kinds[i]; i++)
		if (strcmp(impairment_kinds[i]->name, name) == 0)
			return impairment_kinds[i];
	return NULL;
}

const struct impairment *impairment_named(const char *name, struct err *e)
{
	const struct impairment *type = impairment_find(name);
	const char *foreign = foreign_word_means(name);
	const char *names[KINDS + 1] = {NULL}, *near;

	if (type)
		return type;
	for (size_t i = 0; impairment_kinds[i]; i++)
		names[i] = impairment_kinds[i]->name;
	near = nearest_name(name, names);
	if (foreign)
		err_set(e, "'%s' is no impairment of wedge; %s", name, foreign);
	else if (near)
		err_set(e, "'%s' is no impairment (did you mean '%s'?)", name, near);
	else
		err_set(e, "'%s' is no impairment; 'wedge impairments' lists them", name);
	return NULL;
}
