/* set_params.c - the table of the common parameters; rows of either table are found by name, the
 * impairment's own first. */
#include "impairments/set/set_params.h"

#include "impairments/trigger/framing.h"
#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"

#include <ctype.h>
#include <string.h>

static const char *const direction_names[] = {"upstream", "downstream", "both", NULL};
static const char *const leg_names[] = {"client", "server", "both", NULL}; /* enum impair_leg */

static int check_name(const char *text, struct err *e)
{
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_-#.", *p))
			return err_set(e, "'%s': a name has letters, digits and _ - # .", text);
	return strlen(text) <= 64 ? 0 : err_set(e, "a name has at most 64 characters");
}

/* A row of the trigger's parameters. docs/triggers.md has their meaning. */
#define WHEN_TEXT(n, m, ...) P_TEXT(n, struct impair_inst, when.m, __VA_ARGS__)

const struct param impair_common_params[] = {
    P_ENUM("direction", struct impair_inst, direction, direction_names, .def = "downstream",
	   .help = "of the data concerned: upstream is client to server"),
    P_ENUM("leg", struct impair_inst, leg, leg_names, .def = "client",
	   .help = "packet plane, where wedge terminates: on which connection it acts; the "
		   "default is the kind's own"),
    P_TEXT("on", struct impair_inst, traffic, .def = "main",
	   .help = "in a scenario: which traffic it acts on; TRAFFIC@HOST is the part of it that "
		   "is on one "
		   "host"),
    P_TEXT("host", struct impair_inst, host, .def = "",
	   .help = "in a scenario: acts on everything of that host instead, whatever the traffic, "
		   "with one state and one schedule for all; a fault of the network is then on "
		   "that host's link"),
    P_TEXT("name", struct impair_inst, label, .def = "", .check = check_name,
	   .help = "what the journal and a change at run time call it; left out: its kind, the "
		   "second of a kind with #2"),
    P_FLAG("enabled", struct impair_inst, when.enabled, .def = "true",
	   .help = "switched on; positions are counted while it is off, too"),
    P_FRACTION("probability", struct impair_inst, when.probability, .def = "100%",
	       .help = "share of the sessions, or messages, on which it acts"),
    P_ENUM("per", struct impair_inst, when.per, trigger_per_names, .def = "session",
	   .help = "what probability and every count: sessions are decided once; messages one by "
		   "one, from their first byte"),
    WHEN_TEXT("client", client, .def = "any", .check = trigger_check_network,
	      .help = "only clients with this address or in this network (192.0.2.0/24)"),
    WHEN_TEXT("server", server, .def = "any", .check = trigger_check_network,
	      .help = "only sessions to a server with this address or in this network"),
    P_COUNT("port", struct impair_inst, when.port, .def = "0", .max = "65535",
	    .help = "only sessions to this port of the server; 0: any"),
    WHEN_TEXT("sni", sni, .def = "any", .check = trigger_check_sni,
	      .help = "only TLS sessions that name this server (mail.example.org, "
		      "*.example.org); it can't act before the ClientHello is complete"),
    P_COUNT("session", struct impair_inst, when.session, .def = "0",
	    .help = "only the session of that number, as the journal and the API have it; 0: any"),
    P_COUNT("nth", struct impair_inst, when.nth, .def = "1", .min = "1",
	    .help = "every Nth session of the proxy: 3 is the third, the sixth and so on"),
    P_COUNT("only_first", struct impair_inst, when.first, .def = "0",
	    .help = "only among so many first sessions of the proxy; 0: all"),
    WHEN_TEXT("after", after, .def = "0", .check = trigger_check_after,
	      .help = "in each session it begins after a time (5s), bytes of its direction (10KB), "
		      "'3 messages', or '20 packets' on the packet plane; '140..150 messages', "
		      "1s..5s: each session's own, drawn by the seed"),
    WHEN_TEXT("for", length, .def = "auto", .check = trigger_check_length,
	      .help = "and acts so long, counted in the same ways; forever; auto: for ever, with "
		      "per=message to the message's end"),
    WHEN_TEXT("every", every, .def = "auto", .check = trigger_check_every,
	      .help = "and begins again so long after each beginning; auto: never, with "
		      "per=message at each message"),
    P_ENUM("framing", struct impair_inst, when.framing, framing_names, .def = "none",
	   .help = "what a message is, for counting them on the stream plane"),
    P_ENUM("at", struct impair_inst, when.at, trigger_part_names, .def = "message",
	   .help = "where in a message it begins: with it, at its header (http1: after the start "
		   "line), or at its body"),
    WHEN_TEXT("offset", offset, .def = "0B", .check = trigger_check_offset,
	      .help = "so many bytes after that place; 10B..1KB: each session's own, drawn by the "
		      "seed"),
    P_SIZE("length_offset", struct impair_inst, when.length_offset, .def = "0B", .max = "64KiB",
	   .help = "framing=length-prefixed: bytes before the length field"),
    P_COUNT("length_width", struct impair_inst, when.length_width, .def = "4", .min = "1",
	    .max = "8", .help = "framing=length-prefixed: bytes of the length field"),
    P_ENUM("length_endian", struct impair_inst, when.length_endian, trigger_endian_names,
	   .def = "big", .help = "framing=length-prefixed: the field's byte order"),
    P_NUMBER("length_extra", struct impair_inst, when.length_extra, .def = "0", .min = "-65536",
	     .max = "65536",
	     .help = "framing=length-prefixed: bytes that follow the field besides those it "
		     "says; -4 when it counts its own four"),
    WHEN_TEXT("delimiter", delimiter, .def = DELIMITER_DEFAULT, .check = trigger_check_delimiter,
	      .help = "framing=delimiter or chunked-delimiter: what ends a message, with \\r \\n "
		      "\\t \\0 \\\\ \\xHH"),
    WHEN_TEXT("schedule", schedule, .def = "always", .check = trigger_check_schedule,
	      .help = "when it is on, on the proxy's clock: '0s on, 10s off, 30s on'; flapping 'on "
		      "10s off 20s'; 'poisson 126h': random episodes that last until it is reset"),
    P_NUMBER("time_scale", struct impair_inst, when.time_scale, .def = "1", .min = "0.001",
	     .max = "1000000000", .help = "the schedule passes so many times faster"),
    P_END,
};

/* Where a direction of data means nothing to the kind, what it acts on is counted. */
static void choose_direction(struct impair_inst *inst)
{
	if (inst->type->acts_in && !inst->direction_given)
		inst->direction = inst->type->acts_in(inst->cfg) == DIR_UPSTREAM
				      ? IMPAIR_UPSTREAM
				      : IMPAIR_DOWNSTREAM;
}

void impair_inst_init(struct impair_inst *inst, const struct impairment *type, char *name)
{
	memset(inst, 0, sizeof(*inst));
	inst->type = type;
	inst->name = name;
	inst->cfg = xcalloc(1, type->cfg_size);
	param_defaults(type->params, inst->cfg);
	param_defaults(impair_common_params, inst);
	inst->when.usual = type->framing;
	inst->leg = (int)type->default_leg;
	choose_direction(inst);
}

void impair_inst_fini(struct impair_inst *inst)
{
	param_free(inst->type->params, inst->cfg);
	param_free(impair_common_params, inst);
	free(inst->cfg);
	free(inst->name);
}

void impair_inst_copy(struct impair_inst *to, const struct impair_inst *from)
{
	param_copy(impair_common_params, to, from, sizeof(*to));
	to->live = NULL;
	to->tally = (struct impair_tally){0};
	to->name = xstrdup(from->name);
	to->cfg = xcalloc(1, from->type->cfg_size);
	param_copy(from->type->params, to->cfg, from->cfg, from->type->cfg_size);
}

/* Every name that a parameter of the impairment has, own ones first; the caller frees the list. */
static const char **param_names(const struct impairment *type)
{
	const char **names;
	size_t n = 0;

	for (const struct param *p = type->params; p->name; p++)
		n++;
	names = xcalloc(n + ARRAY_LEN(impair_common_params), sizeof(*names));
	n = 0;
	for (const struct param *p = type->params; p->name; p++)
		names[n++] = p->name;
	for (const struct param *p = impair_common_params; p->name; p++)
		names[n++] = p->name;
	return names;
}

static int unknown_param(const struct impair_inst *inst, const char *param, struct err *e)
{
	const char **names = param_names(inst->type), *near = nearest_name(param, names);
	char list[400] = "";

	for (const struct param *p = inst->type->params; p->name; p++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s, ", p->name);
	if (near)
		err_set(e, "%s has no parameter '%s' (did you mean '%s'?)", inst->type->name, param,
			near);
	else
		err_set(e, "%s has no parameter '%s'; it has %sand those that all impairments have",
			inst->type->name, param, list);
	free(names);
	return -1;
}

static int check_plane(const struct impair_inst *inst, const char *param, struct err *e)
{
	if (strcmp(param, "leg") == 0 && !inst->type->packet)
		return err_set(e, "%s acts on the stream plane, where there is no leg to choose",
			       inst->type->name);
	if (strcmp(param, "direction") == 0 && impairment_lacks_direction(inst->type))
		return err_set(e, "%s concerns both directions or neither; none can be chosen",
			       inst->type->name);
	return 0;
}

/* One of its own may have the name of one that the others have. */
static int set_own(struct impair_inst *inst, const struct param *p, const char *value,
		   struct err *e)
{
	struct amount a;

	if (param_find(impair_common_params, p->name) && *value &&
	    !isdigit((unsigned char)value[strlen(value) - 1]) && amount_parse(value, &a, NULL) == 0)
		return err_set(e,
			       "%s is a count of its own here, so its windows don't repeat; a "
			       "schedule can, such as 'on 300ms off 500ms'",
			       p->name);
	if (param_set(p, inst->cfg, value, e) == -1)
		return -1;
	choose_direction(inst);
	return 0;
}

int impair_inst_set(struct impair_inst *inst, const char *param, const char *value, struct err *e)
{
	const struct param *p = param_find(inst->type->params, param);

	if (p)
		return set_own(inst, p, value, e);
	p = param_find(impair_common_params, param);
	if (!p)
		return unknown_param(inst, param, e);
	if (check_plane(inst, param, e) == -1 || param_set(p, inst, value, e) == -1)
		return -1;
	if (strcmp(param, "leg") == 0)
		inst->leg_given = true;
	if (strcmp(param, "direction") == 0)
		inst->direction_given = true;
	if (strcmp(param, "name") == 0 && *inst->label) {
		free(inst->name);
		inst->name = xstrdup(inst->label);
	}
	return 0;
}

void impair_inst_set_side(struct impair_inst *inst, const char *side)
{
	const char *name = inst->type->side_param;
	const struct param *p = name ? param_find(inst->type->params, name) : NULL;
	char value[32];
	struct err e;

	if (inst->type->of_network && !inst->leg_given)
		inst->leg = strcmp(side, "server") == 0 ? IMPAIR_LEG_SERVER : IMPAIR_LEG_CLIENT;
	if (!p)
		return;
	param_format(p, inst->cfg, value, sizeof(value));
	if (strcmp(value, "auto") == 0)
		BUG_ON(param_set(p, inst->cfg, side, &e) == -1);
}

static enum trigger_place place_of(const struct impairment *type)
{
	if (type->packet)
		return TRIGGER_PACKETS;
	if (type->window == IMPAIR_WINDOW_NONE)
		return TRIGGER_SESSIONS;
	return type->stream ? TRIGGER_STREAM : TRIGGER_ACCEPT;
}

static bool is_of_bytes(struct amount a)
{
	return a.n && a.unit == UNIT_BYTES;
}

/* Refuses a window that no handshake can be in. */
static int check_handshake(const struct trigger *t, struct err *e)
{
	const struct trigger_window_config *w = &t->window;

	if (w->after.n || w->after_span)
		return err_set(e, "it acts on the handshake, with which a connection begins, so "
				  "after has no meaning; schedule, nth, only_first and "
				  "probability say on which connections");
	if (is_of_bytes(w->length) || is_of_bytes(w->every))
		return err_set(e, "it acts on the handshake, which carries no bytes: for and every "
				  "are times, such as 3s, or packets");
	if (t->match.sni)
		return err_set(e, "it acts on the handshake, before a server name can be known");
	return 0;
}

/* Refuses a window in which the kind would do nothing that an end could see. */
static int check_length(const struct impair_inst *inst, const struct trigger_window_config *w,
			struct err *e)
{
	const struct impairment *type = inst->type;
	enum impair_window window = type->window_of ? type->window_of(inst->cfg) : type->window;

	if (!w->length.n || w->length.unit == UNIT_TIME)
		return 0;
	if (window == IMPAIR_WINDOW_PROBES && w->length.unit == UNIT_BYTES)
		return err_set(e, "for must be a time, such as for=1s, packets, or forever: while "
				  "it acts nothing but probes come, which bring no bytes");
	if (window == IMPAIR_WINDOW_HOLDS)
		return err_set(e,
			       "for must be a time, such as for=1s, or forever: it holds what "
			       "comes until its window ends%s",
			       w->by_message ? ", here with the message" : "");
	if (window == IMPAIR_WINDOW_END && w->by_message)
		return err_set(e, "with per=message, for must be a time, such as for=1s, or "
				  "forever: the stream's end comes behind the message");
	return 0;
}

/* Refuses to count in TLS records what isn't there. */
static int check_framing(const struct impairment *type, enum framing_kind framing, struct err *e)
{
	if (type->tls != IMPAIR_TLS_RECORDS || framing == FRAMING_NONE || framing == FRAMING_TLS ||
	    framing == FRAMING_TLS_HANDSHAKE)
		return 0;
	return err_set(e, "it acts on TLS records: framing is tls-handshake, as without one, or "
			  "tls-record");
}

/* Refuses to choose none but sessions that it can't act on. */
static int check_first(const struct impair_inst *inst, uint64_t first, struct err *e)
{
	uint64_t spared = inst->type->spares ? inst->type->spares(inst->cfg) : 0;

	if (!first || first > spared)
		return 0;
	return err_set(e,
		       "only_first=%llu chooses no session that it acts on, since the first %llu "
		       "never meet it; only_first has to be larger",
		       (unsigned long long)first, (unsigned long long)spared);
}

/* Refuses to choose a session before whose first byte the kind has decided. */
static int check_session(const struct impair_inst *inst, struct err *e)
{
	if (!inst->when.session || inst->type->stream || inst->type->packet)
		return 0;
	return err_set(e, "it decides when a client is accepted, and a session that has a number "
			  "is past that");
}

int impair_inst_check(const struct impair_inst *inst, struct err *e)
{
	struct trigger t;

	if (check_session(inst, e) == -1)
		return -1;
	if (inst->type->check && inst->type->check(inst->cfg, e) == -1)
		return -1;
	if (inst->type->packet && trigger_check_packets(&inst->when, e) == -1)
		return -1;
	if (trigger_compile(&t, &inst->when, e) == -1)
		return -1;
	if (trigger_suits(&t, place_of(inst->type), e) == -1)
		return -1;
	if (check_framing(inst->type, t.framing.kind, e) == -1 ||
	    check_first(inst, t.match.first, e) == -1)
		return -1;
	if (inst->type->window == IMPAIR_WINDOW_HANDSHAKE && check_handshake(&t, e) == -1)
		return -1;
	return check_length(inst, &t.window, e);
}

static bool needs_quotes(const char *value)
{
	return strpbrk(value, ",{}\"") || *value == ' ' || *value == '\'' || *value == '\0';
}

static void describe_param(FILE *out, const struct param *p, const void *cfg, const char **sep)
{
	char value[512];

	param_format(p, cfg, value, sizeof(value));
	if (p->type == PARAM_TEXT && !*value)
		return; /* there is none, and none could be read back */
	fprintf(out, "%s%s=", *sep, p->name);
	*sep = ",";
	if (!needs_quotes(value)) {
		fputs(value, out);
		return;
	}
	fputc('"', out);
	for (const char *c = value; *c; c++)
		fputs(*c == '"' ? "\"\"" : (char[]){*c, '\0'}, out);
	fputc('"', out);
}

/* Returns whether a common parameter differs from its default, or is printed anyway. */
static bool is_given(const struct impair_inst *inst, const struct param *p)
{
	char value[512];

	if (strcmp(p->name, "direction") == 0)
		return !impairment_lacks_direction(inst->type);
	if (strcmp(p->name, "leg") == 0)
		return inst->leg_given;
	if (param_find(inst->type->params, p->name))
		return false;
	param_format(p, inst, value, sizeof(value));
	return strcmp(value, p->def) != 0;
}

void impair_inst_describe(FILE *out, const struct impair_inst *inst)
{
	const char *sep = "";

	fprintf(out, "%s{", inst->type->name);
	for (const struct param *p = inst->type->params; p->name; p++)
		describe_param(out, p, inst->cfg, &sep);
	for (const struct param *p = impair_common_params; p->name; p++)
		if (is_given(inst, p))
			describe_param(out, p, inst, &sep);
	fputc('}', out);
}

bool impair_inst_meets(const struct impair_inst *inst, uint64_t session)
{
	return !inst->when.session || inst->when.session == session;
}

bool impair_inst_concerns(const struct impair_inst *inst, enum dir dir)
{
	return inst->type->both_flows || inst->direction == IMPAIR_BOTH ||
	       inst->direction == (dir == DIR_UPSTREAM ? IMPAIR_UPSTREAM : IMPAIR_DOWNSTREAM);
}

/* An instance has eight numbers: two for its flows, since the core doubles a stage's number and
 * adds the direction, and four for both legs' packets. */
enum { NUMBERS = 8, NUMBERS_OF_FLOWS = 2 };

unsigned impair_inst_stage_number(const struct impair_inst *inst)
{
	return inst->index * NUMBERS / DIR_COUNT;
}

unsigned impair_inst_pkt_stage_number(const struct impair_inst *inst, enum leg leg, enum dir dir)
{
	return inst->index * NUMBERS + NUMBERS_OF_FLOWS + (unsigned)leg * DIR_COUNT + (unsigned)dir;
}
