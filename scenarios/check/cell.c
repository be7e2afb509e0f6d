/* cell.c - the wire gives the times, the command its end, the server its requests; all are brought
 * onto the command's clock. */
#include "scenarios/check/cell.h"

#include "proxy/base/mem.h"
#include "scenarios/check/cell_scenario.h"
#include "scenarios/check/moment.h"
#include "scenarios/run/command_output.h"
#include "scenarios/run/phase_run.h"
#include "scenarios/scenario/scenario_load.h"
#include "scenarios/scenario/words.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define SCENARIO_FILE "scenario.yaml"
#define NAMES_FILE    "hosts"
#define WORK_FOLDER   "work"
#define OUTPUT_MAX    (1u << 20) /* bytes of a command's output that are kept */

static int write_text(const char *path, const char *text, struct err *e)
{
	FILE *f = fopen(path, "wxe");
	int rc = f && fputs(text, f) >= 0 ? 0 : -1;

	if ((f && fclose(f) == EOF) || rc == -1)
		return err_errno(e, "can't write %s", path);
	return 0;
}

static char *make_url(const struct check_plan *plan)
{
	return xasprintf("%s://" CHECK_HOST "/", check_protocol_names[plan->protocol]);
}

static char *replace_all(char *text, const char *name, const char *value)
{
	char *at;

	while ((at = strstr(text, name))) {
		char *longer =
		    xasprintf("%.*s%s%s", (int)(at - text), text, value, at + strlen(name));

		free(text);
		text = longer;
	}
	return text;
}

/* The command's words with what is known of the lab in them; the authority is in the folder. */
static char **fill_words(const struct check_plan *plan, const char *folder)
{
	char **words = words_copy(plan->argv), *url = make_url(plan), port[8];
	char *ca = xasprintf("%s/ca.pem", folder);

	snprintf(port, sizeof(port), "%u", check_port(plan->protocol));
	for (char **w = words; *w; w++) {
		*w = replace_all(*w, "{url}", url);
		*w = replace_all(*w, "{host}", CHECK_HOST);
		*w = replace_all(*w, "{port}", port);
		*w = replace_all(*w, "{ca}", ca);
	}
	free(ca);
	free(url);
	return words;
}

/* Programs find the authority by these, where they look for one. */
static void offer_authority(const char *folder)
{
	static const char *const variables[] = {"SSL_CERT_FILE", "CURL_CA_BUNDLE",
						"REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
						"GIT_SSL_CAINFO"};
	char *ca = xasprintf("%s/ca.pem", folder);

	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		setenv(variables[i], ca, 1);
	free(ca);
}

/* The server is the main traffic's, the client the last one's. */
static const json_t *find_result(const struct phase_data *d, bool is_server)
{
	size_t traffic = is_server ? 0 : d->phase->ntraffic - 1;

	for (size_t i = 0; i < d->nends; i++)
		if (d->ends[i].is_server == is_server && d->ends[i].traffic == traffic)
			return d->ends[i].result;
	return NULL;
}

static bool is_idempotent(const char *method)
{
	static const char *const methods[] = {"GET", "HEAD",   "OPTIONS", "TRACE",
					      "PUT", "DELETE", "PROPFIND"};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (strcmp(method, methods[i]) == 0)
			return true;
	return false;
}

/* What the built-in web server has got; a program of the user's doesn't tell. */
static void take_requests(struct cell_facts *f, const json_t *server)
{
	const json_t *list = json_object_get(server, "requests"), *r;
	size_t i, nth = 0;
	json_int_t last = 0;

	json_array_foreach(list, i, r)
	{
		json_int_t connection = json_integer_value(json_object_get(r, "connection"));
		const char *method = json_string_value(json_object_get(r, "method"));

		f->expects |= json_is_true(json_object_get(r, "expect"));
		f->unsafe +=
		    method && !is_idempotent(method) && json_is_true(json_object_get(r, "whole"));
		nth = connection == last ? nth + 1 : 1;
		last = connection;
		if (nth > f->requests)
			f->requests = nth;
	}
}

static void take_acted(struct cell_facts *f, const json_t *wedge)
{
	const json_t *list = json_object_get(wedge, "impairments"), *one;
	size_t i;

	json_array_foreach(list, i, one) f->acted |=
	    json_integer_value(json_object_get(one, "acted")) > 0;
}

/* Takes the connections of the client's side. began: wall-clock nanoseconds of the command's. */
static int take_connections(struct cell_facts *f, const char *capture, uint16_t port,
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
		if (isnan(f->fault_at) && at)
			f->fault_at = clock_seconds(at - began);
		if (c->from_server > f->from_server)
			f->from_server = c->from_server;
		f->banner |= c->ndata && c->data[0].dir == DIR_DOWNSTREAM;
	}
	moment_list_fini(&l);
	return 0;
}

/* Takes what stands in clear text on the server's side, of a server that tells no requests. */
static void take_exchanges(struct cell_facts *f, const struct analysis *a, uint16_t port)
{
	for (size_t i = 0; i < a->nconnections; i++)
		if (wire_connection_at_port(&a->connections[i], port) &&
		    a->connections[i].nexchanges > f->requests)
			f->requests = a->connections[i].nexchanges;
}

static int take_facts(struct cell_facts *f, const struct phase_data *d, const char *folder,
		      enum fault_moment moment, uint16_t port, struct err *e)
{
	const json_t *client = find_result(d, false);
	char *capture;
	int rc;
	double began = json_number_value(json_object_get(client, "began"));

	if (!json_object_get(client, "sha256"))
		return err_set(e, "the command has told nothing");
	f->limited = json_is_true(json_object_get(client, "limited"));
	f->status = (int)json_integer_value(json_object_get(client, "exit_status"));
	f->ended = json_number_value(json_object_get(client, "duration"));
	f->bytes = (uint64_t)json_integer_value(json_object_get(client, "output_bytes"));
	f->sha = xstrdup(json_string_value(json_object_get(client, "sha256")));
	take_requests(f, find_result(d, true));
	take_acted(f, d->wedge);
	if (!json_object_get(find_result(d, true), "requests"))
		take_exchanges(f, d->wire[LEG_SERVER], port);
	capture = xasprintf("%s/%s", folder, d->capture[LEG_CLIENT]);
	rc = take_connections(f, capture, port, moment,
			      (int64_t)(began * NS_PER_S) + d->wall_offset, e);
	free(capture);
	return rc;
}

static const struct phase *find_phase(const struct scenario *s, bool healthy)
{
	return &s->phases[healthy || s->nphases == 1 ? 0 : 1];
}

static int play_phase(const struct check_plan *plan, const struct scenario *s, bool healthy,
		      const char *folder, enum fault_moment moment, struct cell_facts *f,
		      struct err *e)
{
	struct guest g = {.argv = fill_words(plan, folder),
			  .server = plan->server,
			  .alone = true,
			  .limit = plan->limit};
	char *names = xasprintf("%s/" NAMES_FILE, folder);
	char *work = xasprintf("%s/" WORK_FOLDER, folder);
	const struct phase_options o = {.intercept = s->intercept,
					.pins = &s->pins,
					.seed = plan->seed,
					.folder = folder,
					.log_level = LOG_LEVEL_WARN,
					.names = names,
					.work = work,
					.output_max = OUTPUT_MAX};
	struct phase *p = phase_clone(find_phase(s, healthy));
	struct progress silent = {.expected = 0};
	struct phase_data *d = NULL;
	char *log, *text;
	int rc = guest_join(p, &g, e);

	if (rc == 0)
		d = phase_run(p, p->name, NAN, &o, &silent, e);
	rc = d ? take_facts(f, d, folder, moment, (uint16_t)check_port(plan->protocol), e) : -1;
	log = xasprintf("%s/%s-" GUEST_TRAFFIC "-client.log", folder, p->name);
	text = command_output_read(log);
	f->last = command_output_last(text);
	if (rc == 0)
		rc = left_files_list(work, &f->left, e);
	free(text);
	free(log);
	phase_data_free(d);
	phase_free(p);
	words_free(g.argv);
	free(names);
	free(work);
	return rc;
}

/* Makes the folder's files: the scenario, the lab's names, a place for the command. */
static int prepare_folder(const struct check_plan *plan, const struct check_places *places,
			  const struct hang_point *p, const struct hang_variant *v,
			  const char *folder, struct err *e)
{
	char *yaml = xasprintf("%s/" SCENARIO_FILE, folder);
	char *names = xasprintf("%s/" NAMES_FILE, folder);
	char *work = xasprintf("%s/" WORK_FOLDER, folder);
	char *text = cell_scenario_text(plan, places, p, v);
	int rc = write_text(yaml, text, e);

	if (rc == 0)
		rc =
		    write_text(names, "127.0.0.1 localhost\n" LAB_SERVER_IP " " CHECK_HOST "\n", e);
	if (rc == 0 && mkdir(work, 0700) == -1)
		rc = err_errno(e, "can't make %s", work);
	free(text);
	free(yaml);
	free(names);
	free(work);
	return rc;
}

int cell_play(const struct check_plan *plan, const struct check_places *places,
	      const struct hang_point *p, const struct hang_variant *v, const char *folder,
	      struct cell_facts *f, struct err *e)
{
	char *yaml = xasprintf("%s/" SCENARIO_FILE, folder);
	struct scenario *s = NULL;
	int rc;

	*f = (struct cell_facts){.fault_at = NAN};
	offer_authority(folder);
	rc = prepare_folder(plan, places, p, v, folder, e);
	if (rc == 0)
		rc = scenario_load(yaml, NULL, false, NULL, NULL, &s, e);
	if (rc == 0)
		rc = play_phase(plan, s, !v, folder, p ? p->moment : MOMENT_SYN, f, e);
	scenario_free(s);
	free(yaml);
	return rc;
}

void cell_facts_fini(struct cell_facts *f)
{
	free(f->sha);
	free(f->last);
	free(f->connects);
	left_files_fini(&f->left);
}
