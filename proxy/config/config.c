/* config.c - the keys of a configuration, with their defaults and what each accepts. */
#include "proxy/config/config.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <string.h>

#define HOLD_LIMIT_MIN (1u << 20)

enum { NAME_MAX_LEN = 64 };

const char *const config_mode_names[] = {"explicit", "forward", "transparent", "redirect",
					 NULL}; /* enum proxy_mode */
static const char *const level_names[] = {"error", "warning", "info", "debug",
					  NULL}; /* enum log_level */
static const char *const version_names[] = {"none", "v1", "v2",
					    NULL}; /* enum proxy_protocol_version */

static int check_name(const char *text, struct err *e)
{
	static const char accepted[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strlen(text);

	if (n == 0 || n > NAME_MAX_LEN || strspn(text, accepted) != n)
		return err_set(
		    e, "'%.80s' is no name; 1 to %d letters, digits, '.', '_' and '-' make one",
		    text, NAME_MAX_LEN);
	return 0;
}

const struct param config_params[] = {
    P_COUNT("seed", struct config, seed, .def = "0",
	    .help = "of every random decision; without it a new one is drawn"),
    P_TEXT("journal", struct config, journal, .def = "",
	   .help = "the file that what wedge does is appended to"),
    P_TEXT("capture", struct config, capture, .def = "",
	   .help = "the file that the packets of both legs are written to, with comments"),
    P_SIZE("hold_limit", struct config, hold_limit, .def = "0", .max = "1024GiB",
	   .help = "bytes that all sessions together may hold; 0: a quarter of the memory"),
    P_COUNT("workers", struct config, workers, .def = "0", .max = "64",
	    .help = "threads that share the sessions; 0: one for each processor"),
    P_ENUM("log", struct config, level, level_names, .def = "warning",
	   .help = "the least important lines that are written"),
    P_END,
};

const struct param config_proxy_params[] = {
    P_TEXT("name", struct config_proxy, name, .check = check_name, .help = "in log and errors"),
    P_ENUM("mode", struct config_proxy, mode, config_mode_names, .def = "explicit",
	   .help = "explicit: clients connect to listen; forward: packets that pass this host; "
		   "transparent: connections that pass it; redirect: this host's own"),
    P_FLAG("enabled", struct config_proxy, enabled, .def = "yes",
	   .help = "no: as if it weren't there, but checked"),
    P_TEXT("listen", struct config_proxy, listen_text, .def = "", .help = "explicit: [ADDR]:PORT"),
    P_TEXT("in", struct config_proxy, in_text, .def = "",
	   .help = "transparent: the interface that the clients are behind"),
    P_TEXT("port", struct config_proxy, port_text, .def = "",
	   .help = "transparent, redirect: ports, 80,443,8000-8100; without it every one"),
    P_TEXT("to", struct config_proxy, to_text, .def = "",
	   .help = "transparent, redirect: networks, 192.0.2.0/24,2001:db8::/32; without it "
		   "every one"),
    P_TEXT("user", struct config_proxy, user_text, .def = "",
	   .help = "redirect: whose programs' connections, a name or a number"),
    P_FLAG("own_address", struct config_proxy, own_address, .def = "no",
	   .help = "transparent: the server sees wedge's address, not the client's"),
    P_FLAG("early_accept", struct config_proxy, early_accept, .def = "no",
	   .help = "transparent, redirect: accept clients before their server has answered"),
    P_FLAG("close_unreachable", struct config_proxy, close_unreachable, .def = "no",
	   .help = "explicit: a client whose server can't be reached gets FIN, not RST"),
    P_DURATION("connect_timeout", struct config_proxy, connect_timeout, .def = "60s", .min = "10ms",
	       .max = "1h",
	       .help = "how long a server may take to answer, each of its addresses, and its name"),
    P_TEXT("upstream", struct config_proxy, upstream_text, .def = "",
	   .help = "explicit: HOST:PORT"),
    P_TEXT("server", struct config_proxy, server_text, .def = "", .help = "forward: ADDR[:PORT]"),
    P_END,
};

const struct param config_protocol_params[] = {
    P_FLAG("in", struct config_protocol, in, .def = "no",
	   .help = "connections must begin with a PROXY header, version 1 or 2, which is taken "
		   "off; the client is who it says"),
    P_ENUM("out", struct config_protocol, out, version_names, .def = "none",
	   .help = "the server is first sent a PROXY header of that version"),
    P_END,
};

void config_init(struct config *c, const struct impairments_ops *ops)
{
	*c = (struct config){.impairments_ops = ops};
	param_defaults(config_params, c);
}

static void free_proxy(struct config_proxy *p, const struct impairments_ops *ops)
{
	param_free(config_proxy_params, p);
	param_free(tls_params, &p->tls);
	upstream_map_free(&p->map);
	param_free(config_protocol_params, &p->protocol);
	ops->free(p->impairments);
}

void config_fini(struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		free_proxy(&c->proxy[i], c->impairments_ops);
	free(c->proxy);
	free(c->kept);
	param_free(config_params, c);
}

void config_grow(struct config *c)
{
	if ((c->n & (c->n - 1)) == 0)
		c->proxy = xrealloc(c->proxy, c->n ? 2 * c->n : 1, sizeof(*c->proxy));
}

struct config_proxy *config_add(struct config *c, const char *name)
{
	struct config_proxy *p;

	config_grow(c);
	p = &c->proxy[c->n++];
	*p = (struct config_proxy){0};
	param_defaults(config_proxy_params, p);
	param_defaults(tls_params, &p->tls);
	param_defaults(config_protocol_params, &p->protocol);
	p->name = name ? xstrdup(name) : NULL;
	p->impairments = c->impairments_ops->create();
	return p;
}

int config_protocol_check(const struct config_protocol *c, enum proxy_mode mode, const char **key,
			  struct err *e)
{
	*key = c->in ? "in" : "out";
	if (mode == PROXY_FORWARD && (c->in || c->out))
		return err_set(e, "mode forward terminates nothing, so no PROXY header can be "
				  "read or sent");
	if (mode != PROXY_EXPLICIT && c->in)
		return err_set(e, "it is for mode explicit; a client that doesn't know of wedge "
				  "sends it no PROXY header");
	return 0;
}

size_t config_disabled(const struct config *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += !c->proxy[i].enabled;
	return n;
}

size_t config_impairments(const struct config *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->impairments_ops->count(c->proxy[i].impairments);
	return n;
}

int config_check_hold_limit(uint64_t bytes, struct err *e)
{
	if (!bytes || bytes >= HOLD_LIMIT_MIN)
		return 0;
	return err_set(e, "hold_limit must be at least 1MiB, or 0 for a quarter of the memory");
}

int config_parse_hold_limit(const char *text, uint64_t *bytes, struct err *e)
{
	return parse_size(text, bytes, e) == -1 ? -1 : config_check_hold_limit(*bytes, e);
}
