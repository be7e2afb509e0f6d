/* exec_hosts.c - copies the host's files but for the lines of nameservers, and adds the host's
 * name.
 */
#include "proxy/exec/exec_hosts.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESOLV "/etc/resolv.conf"
#define HOSTS  "/etc/hosts"

void exec_hosts_inner(size_t i, struct addr *a)
{
	*a = (struct addr){.len = sizeof(a->in)};
	a->in.sin_family = AF_INET;
	a->in.sin_addr.s_addr = htonl(0x7f350001u + (uint32_t)i); /* 127.53.0.1 ... */
	a->in.sin_port = htons(EXEC_HOSTS_DNS_PORT);
}

/* Reads addresses with a scope too: "fe80::1%eth0". */
static bool parse_server(const char *text, struct addr *a)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				       .ai_socktype = SOCK_DGRAM};
	struct addrinfo *found;

	if (getaddrinfo(text, "53", &hints, &found))
		return false;
	*a = (struct addr){.len = found->ai_addrlen};
	memcpy(&a->in6, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

/* Writes a nameserver's line with its inner address, and every other line as it is. */
static void write_resolv_line(struct exec_hosts *n, const char *line, FILE *out)
{
	char host[ADDR_TEXT], text[ADDR_TEXT];
	struct addr inner;

	if (sscanf(line, " nameserver %63s", host) != 1) {
		fputs(line, out);
		return;
	}
	if (n->n == EXEC_HOSTS_SERVERS_MAX || !parse_server(host, &n->server[n->n]))
		return;
	exec_hosts_inner(n->n++, &inner);
	fprintf(out, "nameserver %s\n", addr_format_host(&inner, text));
}

/* Without a line the nameserver is on this machine (resolv.conf(5)). */
static void write_resolv_default(struct exec_hosts *n, FILE *out)
{
	if (n->n == 0)
		write_resolv_line(n, "nameserver 127.0.0.1\n", out);
}

static void read_resolv(struct exec_hosts *n)
{
	FILE *in = fopen(RESOLV, "re"), *out;
	size_t room = 0, len;
	char *line = NULL;

	if (!in)
		return;
	out = xopen_memstream(&n->resolv, &len);
	while (getline(&line, &room, in) > 0)
		write_resolv_line(n, line, out);
	write_resolv_default(n, out);
	free(line);
	fclose(in);
	xclose_memstream(out);
}

static void read_hosts(struct exec_hosts *n)
{
	FILE *in = fopen(HOSTS, "re"), *out;
	char piece[4096];
	size_t len, got;

	out = xopen_memstream(&n->hosts, &len);
	fprintf(out, "%s\t%s\n", EXEC_HOSTS_HOST_IP, EXEC_HOSTS_HOST);
	while (in && (got = fread(piece, 1, sizeof(piece), in)))
		fwrite(piece, 1, got, out);
	if (in)
		fclose(in);
	xclose_memstream(out);
}

void exec_hosts_read(struct exec_hosts *n)
{
	*n = (struct exec_hosts){0};
	read_resolv(n);
	read_hosts(n);
}

void exec_hosts_fini(struct exec_hosts *n)
{
	free(n->resolv);
	free(n->hosts);
}

static int mount_file(const char *folder, const char *name, const char *text, const char *place,
		      struct err *e)
{
	char *path = xasprintf("%s/%s", folder, name);
	FILE *f = fopen(path, "we");
	int rc = 0;

	if (!f || fchmod(fileno(f), 0644) == -1 || fputs(text, f) == EOF)
		rc = err_errno(e, "%s for the command", place);
	if (f && fclose(f) == EOF && rc == 0)
		rc = err_errno(e, "%s for the command", place);
	if (rc == 0 && mount(path, place, NULL, MS_BIND, NULL) == -1)
		rc = err_errno(e, "mounting %s", place);
	free(path);
	return rc;
}

/* The files are in a file system in memory. It is mounted on a folder only until they are bound to
 * their places; then the folder shows its own files again. */
int exec_hosts_mount(const struct exec_hosts *n, struct root_files *files, struct err *e)
{
	static const char *const folders[] = {"/tmp", "/run", "/mnt", "/var"};
	const char *folder = NULL;
	int rc = 0;

	if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) == -1)
		return err_errno(e, "keeping mounts apart");
	root_files_find(files);
	for (size_t i = 0; i < ARRAY_LEN(folders) && !folder; i++)
		if (mount("wedge", folders[i], "tmpfs", MS_NOSUID | MS_NODEV, "size=4m") == 0)
			folder = folders[i];
	if (!folder)
		return err_errno(e, "mounting a file system in memory");
	if (n->resolv)
		rc = mount_file(folder, "resolv.conf", n->resolv, RESOLV, e);
	if (rc == 0 && access(HOSTS, F_OK) == 0)
		rc = mount_file(folder, "hosts", n->hosts, HOSTS, e);
	if (rc == 0)
		root_files_mount(files, folder);
	if (umount2(folder, MNT_DETACH) == -1 && rc == 0)
		rc = err_errno(e, "unmounting %s", folder);
	return rc;
}
