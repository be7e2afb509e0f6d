/* phase_roles.c - who plays in a phase: the roles of the lab made from a phase's traffics, in the
 * order in which they must be ready, and what each has said so far. */
#include "scenarios/run/phase_roles.h"

#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/command.h"

#include <string.h>

/* What a client's or a server's process is given. */
struct end_args {
	const struct workload *app;
	struct workload_task task;
	struct command_task command;
	bool is_server;
};

static int end_main(void *arg, int msg_fd)
{
	struct end_args *a = arg;

	if (a->command.argv) {
		a->command.msg_fd = msg_fd;
		return command_main(&a->command);
	}
	a->task.msg_fd = msg_fd;
	return a->is_server ? a->app->server(&a->task) : a->app->client(&a->task);
}

static struct lab_role *add(struct phase_roles *c, enum role_part part, enum lab_host host,
			    char *name, int (*role_main)(void *, int), void *arg)
{
	struct lab_role *r = &c->roles[c->n];

	c->state[c->n].part = part;
	c->names[c->n] = name;
	r->name = name;
	r->host = host;
	r->main = role_main;
	r->arg = arg;
	r->msg_fd = -1;
	c->n++;
	return r;
}

static void add_end(struct phase_roles *c, const struct phase *p, size_t traffic, bool is_server,
		    const char *label, const struct phase_run_options *o)
{
	const struct traffic *t = &p->traffic[traffic];
	const struct role_spec *spec = is_server ? &t->server : &t->client;
	const char *end = is_server ? "server" : "client";
	struct end_args *a = xcalloc(1, sizeof(*a));
	const char *host = LAB_SERVER_IP;

	if (!is_server && o->intercept == INTERCEPT_EXPLICIT)
		host = LAB_WEDGE_CLIENT_IP;
	a->app = t->app;
	a->is_server = is_server;
	a->task.cfg = spec->cfg;
	a->task.seed = o->seed;
	a->task.until_stop = !is_server && t->until_main;
	BUG_ON(addr_parse_host(host, t->port, &a->task.address, NULL) == -1);
	if (spec->argv) {
		a->command.argv = spec->argv;
		a->command.address = a->task.address;
		a->command.is_server = is_server;
		a->command.ready_after = spec->ready_after;
		a->command.drop = lab_drop_privileges;
		a->command.output = xasprintf("%s/%s-%s-%s.log", o->folder, label, t->name, end);
		a->command.out_dir = o->folder;
	}
	c->state[c->n].traffic = traffic;
	c->args[c->n] = a;
	add(c, is_server ? PART_SERVER : PART_CLIENT, is_server ? LAB_SERVER : LAB_CLIENT,
	    xasprintf("%s-%s", end, t->name), end_main, a);
}

static void add_tap(struct phase_roles *c, enum leg leg, const char *label,
		    const struct phase_run_options *o)
{
	struct tap_config *tap = &c->taps[leg];

	snprintf(tap->interface, sizeof(tap->interface), "%s",
		 leg == LEG_CLIENT ? LAB_WEDGE_CLIENT_IF : LAB_WEDGE_SERVER_IF);
	snprintf(tap->path, sizeof(tap->path), "%s/%s-%s.pcapng", o->folder, label, leg_name(leg));
	snprintf(tap->description, sizeof(tap->description), "%s leg", leg_name(leg));
	snprintf(tap->filter, sizeof(tap->filter), "tcp or icmp or icmp6");
	c->state[c->n].leg = leg;
	add(c, PART_TAP, LAB_WEDGE, xasprintf("tap-%s", leg_name(leg)), tap_main, tap);
}

void phase_roles_init(struct phase_roles *c, const struct phase *p, const char *label,
		      const struct phase_run_options *o)
{
	size_t room = 3 + 2 * p->ntraffic;

	memset(c, 0, sizeof(*c));
	c->roles = xcalloc(room, sizeof(*c->roles));
	c->state = xcalloc(room, sizeof(*c->state));
	c->args = xcalloc(room, sizeof(*c->args));
	c->names = xcalloc(room, sizeof(*c->names));
	for (size_t i = 0; i < p->ntraffic; i++)
		add_end(c, p, i, true, label, o);
	c->wedge.phase = p;
	c->wedge.intercept = o->intercept;
	c->wedge.seed = o->seed;
	c->wedge.label = label;
	c->wedge.log_level = o->log_level;
	c->wedge.journal_path = xasprintf("%s/journal.jsonl", o->folder);
	add(c, PART_WEDGE, LAB_WEDGE, xstrdup("wedge"), wedge_role_main, &c->wedge);
	add_tap(c, LEG_CLIENT, label, o);
	add_tap(c, LEG_SERVER, label, o);
	for (size_t i = 0; i < p->ntraffic; i++)
		add_end(c, p, i, false, label, o);
}

void phase_roles_free(struct phase_roles *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct end_args *a = c->args[i];

		json_decref(c->state[i].result);
		if (a)
			free((char *)a->command.output);
		free(a);
		free(c->names[i]);
	}
	free((char *)c->wedge.journal_path);
	free(c->roles);
	free(c->state);
	free(c->args);
	free(c->names);
}
