/* tally.c - exchanges are listed up to a limit and counted beyond it. */
#include "scenarios/workload/tally.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "scenarios/base/msg.h"

#include <string.h>

#define PROGRESS_EVERY (200 * NS_PER_MS)

/* The members of a result that count failures by how they came. */
static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_TIMEOUT] = "failed_timeout", [OUTCOME_RESET] = "failed_reset",
    [OUTCOME_EOF] = "failed_eof",	  [OUTCOME_CONNECT] = "failed_connect",
    [OUTCOME_CORRUPT] = "failed_corrupt", [OUTCOME_OTHER] = "failed_other",
};

const char *tally_outcome_name(enum outcome outcome)
{
	return outcome > OUTCOME_OK && outcome < OUTCOME_COUNT ? outcome_names[outcome]
							       : outcome_names[OUTCOME_OTHER];
}

void tally_add(struct tally *t, const struct tally_exchange *x)
{
	if (x->ok)
		t->completed++;
	else
		t->failed++;
	if (!t->begun || x->start < t->begun)
		t->begun = x->start;
	if (x->end > t->ended)
		t->ended = x->end;
	if (t->nlisted == TALLY_LISTED_MAX)
		return;
	if (t->nlisted == t->room) {
		t->room = t->room ? t->room * 2 : 256;
		t->listed = xrealloc(t->listed, t->room, sizeof(*t->listed));
	}
	t->listed[t->nlisted++] = *x;
}

void tally_error(struct tally *t, const char *text)
{
	char clean[sizeof(((struct err *)0)->text)];

	snprintf(clean, sizeof(clean), "%s", text);
	text_print_line_in_place(clean, sizeof(clean)); /* a peer's bytes may be in it */
	for (size_t i = 0; i < t->nerrors; i++)
		if (!strcmp(t->errors[i], clean))
			return;
	if (t->nerrors < TALLY_ERRORS_MAX)
		t->errors[t->nerrors++] = xstrdup(clean);
}

void tally_fail(struct tally *t, const struct tally_exchange *x, enum outcome outcome,
		const char *text)
{
	struct tally_exchange failed = *x;

	failed.ok = false;
	failed.outcome = outcome;
	t->outcomes[outcome]++;
	tally_error(t, text);
	tally_add(t, &failed);
}

int tally_progress(struct tally *t, int64_t now)
{
	if (now < t->next_progress)
		return 0;
	t->next_progress = now + PROGRESS_EVERY;
	return msg_send(t->msg_fd, "progress", "s:I", "exchanges",
			(json_int_t)t->completed + (json_int_t)t->failed);
}

/* Only a call has the columns of calls. */
static json_t *write_exchange(const struct tally_exchange *x)
{
	json_t *row = json_pack(
	    "[f,f,f,i,I,f,I,I,i,I]", clock_seconds(x->start), clock_seconds(x->first),
	    clock_seconds(x->end), x->ok, (json_int_t)x->bytes, clock_seconds(x->last),
	    (json_int_t)x->records, (json_int_t)x->asked, x->outcome, (json_int_t)x->retry);

	if (!x->ringing && !x->answered)
		return row;
	json_array_append_new(row, json_real(clock_seconds(x->ringing)));
	json_array_append_new(row, json_real(clock_seconds(x->answered)));
	json_array_append_new(row, json_integer((json_int_t)x->beeps));
	return row;
}

json_t *tally_result(const struct tally *t, json_t *more)
{
	json_t *exchanges = json_array(), *errors = json_array(), *result;

	for (size_t i = 0; i < t->nlisted; i++)
		json_array_append_new(exchanges, write_exchange(&t->listed[i]));
	for (size_t i = 0; i < t->nerrors; i++)
		json_array_append_new(errors, json_string(t->errors[i]));
	result = json_pack(
	    "{s:s,s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:o,s:o}", "type", "result", "completed",
	    (json_int_t)t->completed, "failed", (json_int_t)t->failed, "connections",
	    (json_int_t)t->connections, "bytes_in", (json_int_t)t->bytes_in, "bytes_out",
	    (json_int_t)t->bytes_out, "wall_minus_monotonic", clock_seconds(clock_wall_offset()),
	    "total", clock_seconds(t->ended - t->begun), "exchanges", exchanges, "errors", errors);
	for (int i = OUTCOME_OK + 1; i < OUTCOME_COUNT; i++)
		json_object_set_new(result, outcome_names[i],
				    json_integer((json_int_t)t->outcomes[i]));
	if (more) {
		json_object_update(result, more);
		json_decref(more);
	}
	return result;
}

int tally_send(const struct tally *t, json_t *more)
{
	json_t *result = tally_result(t, more);
	int rc = msg_send_json(t->msg_fd, result);

	json_decref(result);
	return rc;
}

void tally_fini(struct tally *t)
{
	for (size_t i = 0; i < t->nerrors; i++)
		free(t->errors[i]);
	free(t->listed);
}
