/* host.c - one table of settings does the setting, copying and printing. */
#include "scenarios/scenario/host.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"

#include <string.h>

const char *const host_side_names[] = {"client", "server", NULL};

static const char *const ttl_names[] = {"64", "128", NULL};

const struct param host_params[] = {
    P_FLAG("window_scaling", struct host, window_scaling, .def = "on",
	   .help =
	       "window scaling (RFC 7323, 2), offered and accepted: net.ipv4.tcp_window_scaling"),
    P_FLAG("timestamps", struct host, timestamps, .def = "on",
	   .help = "TCP time stamps (RFC 7323, 3): net.ipv4.tcp_timestamps"),
    P_FLAG("sack", struct host, sack, .def = "on",
	   .help = "selective acknowledgements (RFC 2018): net.ipv4.tcp_sack"),
    P_ENUM("ttl", struct host, ttl, ttl_names, .def = "64",
	   .help = "the time to live that its IPv4 packets begin with, 128 as of Windows: "
		   "net.ipv4.ip_default_ttl"),
    P_RATE("link_speed", struct host, link_speed, .def = "0B/s", .max = "10Gbit/s",
	   .help = "the Ethernet speed of its cable, each way; 0: as fast as the machine"),
    P_END,
};

struct host *host_list_add(struct host_list *l, char *name, enum host_place side)
{
	struct host *h;

	l->host = xrealloc(l->host, l->n + 1, sizeof(*l->host));
	h = &l->host[l->n++];
	*h = (struct host){.name = name, .side = side};
	param_defaults(host_params, h);
	return h;
}

void host_list_init(struct host_list *l)
{
	*l = (struct host_list){0};
	host_list_add(l, xstrdup("client"), HOST_CLIENT_SIDE);
	host_list_add(l, xstrdup("server"), HOST_SERVER_SIDE);
}

void host_list_copy(struct host_list *dst, const struct host_list *src)
{
	*dst = (struct host_list){0};
	for (size_t i = 0; i < src->n; i++) {
		char *name = xstrdup(src->host[i].name);
		struct host *h = host_list_add(dst, name, src->host[i].side);

		*h = src->host[i];
		h->name = name;
	}
}

void host_list_fini(struct host_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->host[i].name);
	free(l->host);
	*l = (struct host_list){0};
}

int host_list_find(const struct host_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->host[i].name, name) == 0)
			return (int)i;
	return -1;
}

int host_refuse(const struct host_list *l, const char *name, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *names[2 * HOSTS_MAX + 1], *near;
	size_t n = 0;

	for (; n < l->n && n < ARRAY_LEN(names) - 1; n++)
		names[n] = l->host[n].name;
	names[n] = NULL;
	near = nearest_name(name, names);
	return err_set(e,
		       "there is no host '%.40s'%s; accepted are client, server and the "
		       "names under hosts:",
		       name, nearest_hint(hint, near));
}

size_t host_list_count(const struct host_list *l, enum host_place side)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->host[i].side == side;
	return n;
}

bool host_list_is_usual(const struct host_list *l)
{
	struct host usual = {0};

	param_defaults(host_params, &usual);
	for (size_t i = 0; i < l->n; i++)
		if (!param_equal(host_params, &l->host[i], &usual))
			return false;
	return l->n == HOST_OWN;
}

int host_set(struct host *h, const char *key, const char *value, struct err *e)
{
	const struct param *p = param_find(host_params, key);
	char hint[NEAREST_HINT];
	const char *names[8], *near;
	size_t n = 0;

	if (p)
		return param_set(p, h, value, e);
	for (; n < ARRAY_LEN(names) - 1 && host_params[n].name; n++)
		names[n] = host_params[n].name;
	names[n] = NULL;
	near = nearest_name(key, names);
	return err_set(e,
		       "a host has no setting '%.60s'%s; accepted are window_scaling, "
		       "timestamps, sack, ttl and link_speed",
		       key, nearest_hint(hint, near));
}
