/* awaited.c - between a step that sets something going and the message that awaits what comes of
 * it, exchanges may have ended: they count. Those beyond TALLY_LISTED_MAX are unknown by then. */
#include "scenarios/workload/awaited.h"

bool awaited_count(struct awaited *a, const struct tally_exchange *x)
{
	if (!a->left || x->start < a->since || x->ok == a->failed)
		return false;
	return --a->left == 0;
}

bool awaited_begin(struct awaited *a, const json_t *message, const struct tally *t)
{
	*a = (struct awaited){
	    .left = (uint64_t)json_integer_value(json_object_get(message, "n")),
	    .failed = json_is_true(json_object_get(message, "failed")),
	    .since = (int64_t)json_integer_value(json_object_get(message, "since")),
	};
	for (size_t i = 0; i < t->nlisted; i++)
		if (awaited_count(a, &t->listed[i]))
			return true;
	return false;
}
