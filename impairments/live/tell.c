/* tell.c - the first thing that an instance lacked in every session is the reason. */
#include "impairments/live/tell.h"

#include <jansson.h>

const char *impair_inst_idle_reason(const struct impair_inst *inst)
{
	const struct impair_tally *t = &inst->tally;

	if (!t->sessions)
		return "no session came";
	if (!inst->when.enabled && !t->enabled)
		return "it was disabled";
	if (!t->placed)
		return "nothing that it acts on passed wedge";
	if (!t->matched)
		return "no session was one that it is for (client, server, port, sni, session, "
		       "nth)";
	if (!t->chosen)
		return "its probability chose none";
	if (!t->active && inst->when.framing != FRAMING_NONE && !t->counted)
		return "its framing found no whole message";
	if (!t->active)
		return "its time never came (after, schedule)";
	return inst->type->idle ? inst->type->idle
				: "it was active, and nothing came that it changes";
}

/* Where a proxy has a name of its own, it is said. */
void impair_inst_tell(const struct impairment_set *s, const struct impair_inst *inst,
		      struct journal *journal, const struct log *log)
{
	const struct impair_tally *t = &inst->tally;
	const char *reason = t->acted ? NULL : impair_inst_idle_reason(inst);
	bool disabled = !inst->when.enabled && !t->enabled;

	journal_event(journal, "impairment", "s:s, s:s*, s:I, s:I, s:s*", "impairment", inst->name,
		      "proxy", s->proxy, "sessions", (json_int_t)t->sessions, "acted",
		      (json_int_t)t->acted, "why", reason);
	if (!reason || !log || (disabled && !t->sessions))
		return;
	log_warn(log, "%s%s%s acted on 0 of %llu %s: %s", s->proxy ? s->proxy : "",
		 s->proxy ? ": " : "", inst->name, (unsigned long long)t->sessions,
		 t->sessions == 1 ? "session" : "sessions", reason);
}
