/* privilege.c - uid maps, capability sets and the switches by which distributions forbid them. */
#include "proxy/ns/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITY_MAX 64 /* two 32-bit words, capget(2) version 3 */

struct capabilities {
	struct __user_cap_data_struct word[2];
};

bool privilege_is_root(void)
{
	return geteuid() == 0;
}

static int write_file(const char *path, const char *text, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return err_errno(e, "%s", path);
	n = write(fd, text, strlen(text));
	if (n < 0)
		err_errno(e, "%s", path);
	close(fd);
	return n < 0 ? -1 : 0;
}

static int map_id(const char *path, unsigned id, struct err *e)
{
	char map[64];

	snprintf(map, sizeof(map), "%u %u 1\n", id, id);
	return write_file(path, map, e);
}

int privilege_map_uid(uid_t uid, struct err *e)
{
	return map_id("/proc/self/uid_map", uid, e);
}

int privilege_map_gid(gid_t gid, struct err *e)
{
	/* Without this the kernel takes no gid_map from an unprivileged process. */
	if (write_file("/proc/self/setgroups", "deny", e))
		return -1;
	return map_id("/proc/self/gid_map", gid, e);
}

int privilege_map(uid_t uid, gid_t gid, struct err *e)
{
	return privilege_map_uid(uid, e) == -1 ? -1 : privilege_map_gid(gid, e);
}

static int get_capabilities(struct capabilities *c)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};

	return (int)syscall(SYS_capget, &header, c->word);
}

bool privilege_has(int capability)
{
	struct capabilities c;

	return get_capabilities(&c) == 0 &&
	       (c.word[capability / 32].effective & (1u << (capability % 32)));
}

bool privilege_makes_namespaces(void)
{
	return privilege_has(CAP_SYS_ADMIN) && privilege_has(CAP_NET_ADMIN) &&
	       privilege_has(CAP_NET_BIND_SERVICE);
}

uint64_t privilege_bounding(void)
{
	uint64_t set = 0;

	for (unsigned long i = 0; i < CAPABILITY_MAX; i++)
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			set |= (uint64_t)1 << i;
	return set;
}

int privilege_bound(uint64_t keep, struct err *e)
{
	uint64_t drop = privilege_bounding() & ~keep;

	for (unsigned long i = 0; i < CAPABILITY_MAX; i++)
		if ((drop & ((uint64_t)1 << i)) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0))
			return err_errno(e, "dropping capability %lu", i);
	return 0;
}

static int set_capabilities(const struct capabilities *c)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};

	return (int)syscall(SYS_capset, &header, c->word);
}

/* What isn't permitted any more is no longer ambient either, nor comes back by executing. */
int privilege_limit(uint64_t keep, struct err *e)
{
	struct capabilities c;

	if (privilege_has(CAP_SETPCAP) && privilege_bound(keep, e) == -1)
		return -1;
	if (get_capabilities(&c))
		return err_errno(e, "capget");
	for (int i = 0; i < 2; i++) {
		uint32_t word = (uint32_t)(keep >> (32 * i));

		c.word[i].effective &= word;
		c.word[i].permitted &= word;
		c.word[i].inheritable &= word;
	}
	return set_capabilities(&c) ? err_errno(e, "giving up capabilities") : 0;
}

int privilege_keep(struct err *e)
{
	struct capabilities c;

	if (get_capabilities(&c))
		return err_errno(e, "capget");
	c.word[0].inheritable = c.word[0].permitted;
	c.word[1].inheritable = c.word[1].permitted;
	if (set_capabilities(&c))
		return err_errno(e, "making capabilities inheritable");
	for (unsigned long i = 0; i < CAPABILITY_MAX; i++) {
		if (!(c.word[i / 32].permitted & (1u << (i % 32))))
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0))
			return err_errno(e, "making capability %lu ambient", i);
	}
	return 0;
}

int privilege_drop(struct err *e)
{
	static const struct capabilities none;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return err_errno(e, "clearing ambient capabilities");
	/* Root's programs are root's: sshd or samba need several uids, and the caller could have
	 * started them outside just as well. */
	if (privilege_is_root())
		return 0;
	if (privilege_bound(0, e))
		return -1;
	if (set_capabilities(&none))
		return err_errno(e, "dropping capabilities");
	/* Only one uid is mapped, so a set-uid program could only misbehave. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_errno(e, "no_new_privs");
	return 0;
}

/* Error texts end with the words of errno (err.h). */
static bool is_refusal(const struct err *e, const int *refusals, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(e->text, strerror(refusals[i])))
			return true;
	return false;
}

static long read_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? strtol(text, NULL, 10) : -1;
}

/* The kernel counts each kind of namespace for itself, here and in every namespace above. */
static void explain_limit(struct err *e)
{
	static const char *const kinds[] = {"user", "net", "mnt", "pid"};
	char text[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", kinds[i]);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%suser.max_%s_namespaces is %ld", i ? ", " : "", kinds[i],
					 read_number(path));
	}
	err_wrap(e, "the limit of namespaces is reached, here or in a namespace above: sysctl %s",
		 text);
}

void privilege_explain(struct err *e)
{
	static const struct {
		const char *path;
		long forbids;
		const char *text;
	} switches[] = {
	    {"/proc/sys/user/max_user_namespaces", 0,
	     "user namespaces are off, sysctl user.max_user_namespaces is 0"},
	    {"/proc/sys/kernel/unprivileged_userns_clone", 0,
	     "user namespaces are for root, sysctl kernel.unprivileged_userns_clone is 0"},
	    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
	     "AppArmor takes the capabilities of user namespaces, sysctl "
	     "kernel.apparmor_restrict_unprivileged_userns is 1"},
	};

	static const int limits[] = {ENOSPC, EUSERS}, denials[] = {EPERM, EACCES};
	bool full = e && is_refusal(e, limits, ARRAY_LEN(limits));

	if (!full && (!e || !is_refusal(e, denials, ARRAY_LEN(denials))))
		return;
	/* Root needs no user namespace: what forbids those isn't what it met. */
	for (size_t i = 0; i < ARRAY_LEN(switches) && !privilege_is_root(); i++)
		if (read_number(switches[i].path) == switches[i].forbids) {
			err_wrap(e, "%s", switches[i].text);
			return;
		}
	if (full)
		explain_limit(e);
	else if (privilege_is_root())
		err_wrap(e, "root lacks CAP_SYS_ADMIN or CAP_NET_ADMIN (a container?)");
	else
		err_wrap(e, "no user namespace for this user (a container's seccomp filter?)");
}
