/* sysctl.c - the table of sysctls, and /proc/sys. */
#include "scenarios/lab/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define VALUE_ROOM 256

/* Value NULL: recorded, but left at the kernel's default. A new network namespace takes these
 * defaults whatever the host has set, but for the buffers, the congestion control and IPv4's "conf"
 * tree, which it copies from the host: those must be pinned. */
static const struct lab_sysctl table[] = {
    /* These move a segment or an acknowledgement in time. */
    {"net.ipv4.tcp_no_metrics_save", "1"}, /* a connection learns nothing from the one before */
    {"net.ipv4.tcp_autocorking", "0"},	   /* a packet in wedge's queue holds back no write */
    {"net.ipv4.tcp_slow_start_after_idle", "1"},
    {"net.ipv4.tcp_recovery", "1"},
    {"net.ipv4.tcp_frto", "2"},
    {"net.ipv4.tcp_mtu_probing", "0"},
    {"net.ipv4.tcp_ecn", "2"},
    {"net.ipv4.tcp_fastopen", "1"},
    {"net.ipv4.tcp_sack", "1"},
    {"net.ipv4.tcp_dsack", "1"},
    {"net.ipv4.tcp_timestamps", "1"},
    {"net.ipv4.tcp_window_scaling", "1"},
    {"net.ipv4.tcp_moderate_rcvbuf", "1"},
    {"net.ipv4.tcp_rmem", "4096 131072 6291456"},
    {"net.ipv4.tcp_wmem", "4096 16384 4194304"},
    {"net.ipv4.tcp_limit_output_bytes", NULL},
    {"net.ipv4.tcp_pingpong_thresh", NULL},
    {"net.ipv4.tcp_reordering", NULL},
    {"net.ipv4.tcp_rto_min_us", NULL},
    {"net.ipv4.tcp_rto_max_ms", NULL},
    {"net.ipv4.tcp_adv_win_scale", NULL},
    {"net.ipv4.tcp_tso_win_divisor", NULL},
    {"net.ipv4.tcp_notsent_lowat", NULL},
    /* These limit how long an end keeps trying. */
    {"net.ipv4.tcp_syn_retries", NULL},
    {"net.ipv4.tcp_syn_linear_timeouts", NULL},
    {"net.ipv4.tcp_synack_retries", NULL},
    {"net.ipv4.tcp_retries1", NULL},
    {"net.ipv4.tcp_retries2", NULL},
    {"net.ipv4.tcp_orphan_retries", NULL},
    {"net.ipv4.tcp_fin_timeout", NULL},
    {"net.ipv4.tcp_keepalive_time", NULL},
    {"net.ipv4.tcp_keepalive_intvl", NULL},
    {"net.ipv4.tcp_keepalive_probes", NULL},
    {"net.ipv4.tcp_abort_on_overflow", NULL},
    {"net.ipv4.tcp_syncookies", NULL},
    {"net.ipv4.tcp_max_syn_backlog", NULL},
    {"net.ipv4.tcp_tw_reuse", NULL},
    {"net.core.somaxconn", NULL},
    /* These keep the network free of noise, and ports free for everyone. */
    /* Linux's own range up to the dynamic ports of RFC 6335, where a workload's client chooses. */
    {"net.ipv4.ip_local_port_range", "32768 49151"},
    {"net.bridge.bridge-nf-call-iptables", "0"},  /* a packet meets the queue once, not at the */
    {"net.bridge.bridge-nf-call-ip6tables", "0"}, /* bridge too */
    {"net.ipv4.ip_unprivileged_port_start", "0"},
    {"net.ipv4.conf.all.rp_filter", "0"},
    {"net.ipv4.conf.default.rp_filter", "0"},
    {"net.ipv4.conf.all.send_redirects", "0"},
    {"net.ipv4.conf.default.send_redirects", "0"},
    {"net.ipv6.conf.all.disable_ipv6", "0"},
    {"net.ipv6.conf.default.disable_ipv6", "0"},
    {"net.ipv6.conf.all.accept_dad", "0"}, /* detection would cost 1.7 s */
    {"net.ipv6.conf.default.accept_dad", "0"},
    {"net.ipv6.conf.default.accept_ra", "0"},
    {"net.ipv6.conf.default.autoconf", "0"},
    {"net.ipv6.conf.default.router_solicitations", "0"},
};

char *sysctl_path(const char *name, char buf[SYSCTL_PATH])
{
	int n = snprintf(buf, SYSCTL_PATH, "/proc/sys/");

	for (; *name && n < SYSCTL_PATH - 1; name++)
		buf[n++] = (char)(*name == '.' ? '/' : *name == '/' ? '.' : *name);
	buf[n] = '\0';
	return buf;
}

/* Returns 0, 1 when the kernel has no such sysctl, or -1. */
static int sysctl_write(const char *name, const char *value, struct err *e)
{
	char path[SYSCTL_PATH];
	int fd = open(sysctl_path(name, path), O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0)
		return err_errno(e, "setting %s", name);
	n = write(fd, value, strlen(value));
	if (n < 0)
		err_errno(e, "setting %s to \"%s\"", name, value);
	close(fd);
	return n < 0 ? -1 : 0;
}

/* Reads the value without its newline, fields separated by one space; false when there is none. */
static bool sysctl_read(const char *name, char value[VALUE_ROOM])
{
	char path[SYSCTL_PATH];
	int fd = open(sysctl_path(name, path), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, value, VALUE_ROOM - 1);
	close(fd);
	if (n < 0)
		return false;
	while (n > 0 && value[n - 1] == '\n')
		n--;
	value[n] = '\0';
	for (char *p = value; *p; p++)
		if (*p == '\t')
			*p = ' ';
	return true;
}

static void sysctl_record(const char *name, json_t *record)
{
	char value[VALUE_ROOM];

	json_object_set_new(record, name,
			    sysctl_read(name, value) ? json_string(value) : json_null());
}

int sysctl_stop_forwarding(struct err *e)
{
	static const char *const names[] = {"net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sysctl_write(names[i], "0", e) == -1)
			return -1;
	return 0;
}

/* The sysctls of one host alone, ended by a NULL name, or NULL. */
static const struct lab_sysctl *host_sysctls(const struct lab_spec *spec, int host)
{
	if (host < LAB_HOST_COUNT)
		return spec->host_extra[host];
	return spec->hosts[host - LAB_HOST_COUNT].sysctls;
}

static int write_extra(const struct lab_sysctl *x, struct err *e)
{
	for (; x && x->name; x++) {
		int rc = sysctl_write(x->name, x->value, e);

		if (rc > 0)
			return err_set(e, "this kernel has no sysctl %s", x->name);
		if (rc)
			return -1;
	}
	return 0;
}

static void record_extra(const struct lab_sysctl *x, json_t *record)
{
	for (; x && x->name; x++)
		sysctl_record(x->name, record);
}

int sysctl_pin(const struct lab_spec *spec, int host, json_t *record, struct err *e)
{
	const char *forwards = spec->forward && host == LAB_WEDGE ? "1" : "0";
	/* These come first, since switching forwarding resets other values. */
	const struct lab_sysctl chosen[] = {
	    {"net.ipv4.ip_forward", forwards},
	    {"net.ipv6.conf.all.forwarding", forwards},
	    {"net.ipv6.conf.default.forwarding", forwards},
	    {"net.ipv4.tcp_congestion_control", spec->congestion},
	    {"net.ipv4.tcp_early_retrans", spec->no_tail_loss_probe ? "0" : "3"},
	};

	if (access("/proc/sys/net/ipv4", X_OK))
		return err_errno(e, "/proc/sys/net/ipv4, where a lab is pinned");
	for (size_t i = 0; i < ARRAY_LEN(chosen); i++)
		if (sysctl_write(chosen[i].name, chosen[i].value, e) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].value && sysctl_write(table[i].name, table[i].value, e) < 0)
			return -1;
	if (write_extra(spec->extra, e) == -1 || write_extra(host_sysctls(spec, host), e) == -1)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(chosen); i++)
		sysctl_record(chosen[i].name, record);
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		sysctl_record(table[i].name, record);
	record_extra(spec->extra, record);
	record_extra(host_sysctls(spec, host), record);
	return 0;
}

/* The values of one sysctl, by the hosts' names; NULL when all are that of the first. */
static json_t *merge_one(json_t *const *records, const char *const *names, size_t n,
			 const char *name)
{
	json_t *values = json_object(), *first = json_object_get(records[0], name);
	bool equal = true;

	for (size_t i = 0; i < n; i++) {
		json_t *value = json_object_get(records[i], name);

		equal &= json_equal(value, first);
		if (value)
			json_object_set(values, names[i], value);
	}
	if (!equal)
		return values;
	json_decref(values);
	return NULL;
}

json_t *sysctl_merge(json_t *const *records, const char *const *names, size_t n)
{
	json_t *merged = json_object(), *value;
	const char *name;

	for (size_t i = 0; i < n; i++)
		json_object_foreach(records[i], name, value)
		{
			json_t *differ;

			if (json_object_get(merged, name))
				continue;
			differ = merge_one(records, names, n, name);
			if (differ)
				json_object_set_new(merged, name, differ);
			else
				json_object_set(merged, name, value);
		}
	return merged;
}
