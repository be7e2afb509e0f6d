/* card_setup.c - what wasn't given has no key, so that a card says no more than its command line.
 */
#include "scenarios/check/card_setup.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"
#include "scenarios/scenario/words.h"

const char *const card_setup_keys[] = {"server", "target", "ready", "ready_request", "then", NULL};

/* Takes the text, which may have bytes that are no UTF-8. */
static void set_text(json_t *o, const char *key, char *text)
{
	char *utf8 = layout_utf8(text);

	json_object_set_new(o, key, json_string(utf8));
	free(utf8);
	free(text);
}

json_t *card_setup_json(const struct check_plan *plan)
{
	json_t *o = json_object();

	if (plan->server)
		set_text(o, "server", words_join(plan->server));
	if (plan->outside)
		set_text(o, "target", xasprintf("%s:%u", plan->host, plan->port));
	if (plan->ready && *plan->ready)
		set_text(o, "ready", xstrdup(plan->ready));
	else if (plan->ready)
		json_object_set_new(o, "ready_request", json_true());
	if (plan->then)
		set_text(o, "then", words_join(plan->then));
	return o;
}
