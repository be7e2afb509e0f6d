/* cell_facts.c - all times are on the command's clock, which begins with it. */
#include "scenarios/check/cell_facts.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/check/moment.h"

#include <math.h>

void cell_facts_init(struct cell_facts *f)
{
	*f = (struct cell_facts){.fault_at = NAN, .detected_at = NAN};
}

void cell_facts_fini(struct cell_facts *f)
{
	free(f->sha);
	free(f->last);
	free(f->connects);
	left_files_fini(&f->left);
}

int cell_facts_take_command(struct cell_facts *f, const json_t *result, struct err *e)
{
	if (!json_object_get(result, "sha256"))
		return err_set(e, "the command has told nothing");
	f->limited = json_is_true(json_object_get(result, "limited"));
	f->status = (int)json_integer_value(json_object_get(result, "exit_status"));
	f->ended = json_number_value(json_object_get(result, "duration"));
	f->bytes = (uint64_t)json_integer_value(json_object_get(result, "output_bytes"));
	f->outlived = (uint64_t)json_integer_value(json_object_get(result, "outlived"));
	f->sha = xstrdup(json_string_value(json_object_get(result, "sha256")));
	return 0;
}

int cell_facts_take_wire(struct cell_facts *f, const char *capture, uint16_t port,
			 enum fault_moment moment, int64_t began, struct err *e)
{
	struct moment_list l;

	if (moment_list_read(capture, port, &l, e) == -1)
		return -1;
	for (size_t i = 0; i < l.n; i++) {
		const struct moment_connection *c = &l.v[i];
		int64_t at = fault_moment_find(c, moment);

		f->connects = xrealloc(f->connects, f->nconnects + 1, sizeof(*f->connects));
		f->connects[f->nconnects++] = clock_seconds(c->first - began);
		if (isnan(f->fault_at) && at) {
			f->fault_at = clock_seconds(at - began);
			f->hit = i;
		}
		if (c->from_server > f->from_server)
			f->from_server = c->from_server;
		f->banner |= c->ndata && c->data[0].dir == DIR_DOWNSTREAM;
	}
	moment_list_fini(&l);
	return 0;
}
