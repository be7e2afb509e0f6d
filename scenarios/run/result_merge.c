/* result_merge.c - a member's own kind decides: whole numbers are counts, arrays are lists. */
#include "scenarios/run/result_merge.h"

#include <string.h>

static void merge_member(json_t *all, const char *key, json_t *more)
{
	json_t *old = json_object_get(all, key);

	if (json_is_array(old) && json_is_array(more))
		json_array_extend(old, more);
	else if (json_is_integer(old) && json_is_integer(more) && strcmp(key, "exit_status") != 0)
		json_integer_set(old, json_integer_value(old) + json_integer_value(more));
	else
		json_object_set(all, key, more);
}

/* The time from the first listed exchange's start to the last one's end; without any as it was. */
static void measure_total(json_t *all)
{
	const json_t *list = json_object_get(all, "exchanges");
	double first = 0, last = 0;
	size_t i;
	json_t *x;

	json_array_foreach(list, i, x)
	{
		double start = json_number_value(json_array_get(x, 0));
		double end = json_number_value(json_array_get(x, 2));

		first = i == 0 || start < first ? start : first;
		last = end > last ? end : last;
	}
	if (json_array_size(list))
		json_object_set_new(all, "total", json_real(last - first));
}

void result_merge(json_t **all, json_t *result)
{
	const char *key;
	json_t *member;

	if (!result)
		return;
	if (!*all) {
		*all = json_deep_copy(result);
		return;
	}
	json_object_foreach(result, key, member) merge_member(*all, key, member);
	measure_total(*all);
}
