/* confine.c - a list of what is denied: a list of what is allowed would break with each version of
 * a library that asks for the same in another way. The filter is written here, since libseccomp
 * 2.5.4 frees twice what it has when it gets no memory for the rest. */
#include "proxy/ns/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whose numbers SYS_... are; 0: a processor without a filter. */
static const uint32_t architecture =
#if defined(__x86_64__)
    AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
    AUDIT_ARCH_RISCV64;
#else
    0;
#endif

#ifndef __has_feature /* GCC has not; clang has no __SANITIZE_ADDRESS__ */
#define __has_feature(x) 0
#endif

static const unsigned denied[] = {
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_pidfd_getfd,
    SYS_kcmp,
    SYS_migrate_pages,
    SYS_move_pages,
    /* Namespaces and file systems. */
    SYS_unshare,
    SYS_setns,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_open_tree,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_mknodat,
    SYS_open_by_handle_at,
    SYS_fanotify_init,
    SYS_swapon,
    SYS_swapoff,
    SYS_quotactl,
    SYS_quotactl_fd,
    SYS_acct,
    /* The kernel itself. */
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_syslog,
    SYS_reboot,
    SYS_vhangup,
    SYS_personality,
    /* The host's clock and name. */
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    /* Who this process is. */
    SYS_setuid,
    SYS_setgid,
    SYS_setreuid,
    SYS_setregid,
    SYS_setresuid,
    SYS_setresgid,
    SYS_setfsuid,
    SYS_setfsgid,
    SYS_setgroups,
    SYS_capset,
#ifdef __x86_64__
    SYS_mknod,
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
/* LeakSanitizer looks at the threads of its own process so, at its end. */
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
    SYS_ptrace,
#endif
};

static const unsigned executing[] = {SYS_execve, SYS_execveat};

/* Of a socket: proxies have IP, names are asked for over AF_UNIX, rules are set by netlink, and
 * captures, which clients of the API begin at any time, are of packet sockets (CAP_NET_RAW). */
static const unsigned families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};

#define NAMESPACES                                                                                 \
	(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | \
	 CLONE_NEWCGROUP)

/* System calls of the x32 ABI, which nobody makes, are the others' with this bit (x86-64). */
#define X32_BIT 0x40000000u

/* Where the lower half of a call's first argument is. */
#define FIRST_ARGUMENT                                                                             \
	(offsetof(struct seccomp_data, args) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))

#define ALLOW	    SECCOMP_RET_ALLOW
#define FAIL(error) (SECCOMP_RET_ERRNO | (error))

/* Two instructions each, and some more. */
#define ROOM (2 * (ARRAY_LEN(denied) + ARRAY_LEN(executing) + ARRAY_LEN(families)) + 24)

struct program {
	struct sock_filter code[ROOM];
	unsigned short n;
};

static void put_code(struct program *p, uint16_t code, uint32_t k, uint8_t when, uint8_t otherwise)
{
	BUG_ON(p->n == ROOM);
	p->code[p->n++] = (struct sock_filter){.code = code, .jt = when, .jf = otherwise, .k = k};
}

static void put_load(struct program *p, size_t offset)
{
	put_code(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void put_return(struct program *p, uint32_t what)
{
	put_code(p, BPF_RET | BPF_K, what, 0, 0);
}

/* What was loaded compared with k: true returns so, else it goes on. */
static void put_case(struct program *p, uint16_t compare, uint32_t k, uint32_t what)
{
	put_code(p, BPF_JMP | compare | BPF_K, k, 0, 1);
	put_return(p, what);
}

static void put_denied(struct program *p, const unsigned *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_case(p, BPF_JEQ, calls[i], FAIL(EPERM));
}

/* A call of whose first argument the answer depends: the code between begin and end is its own. */
static size_t begin_call(struct program *p, unsigned call)
{
	size_t at = p->n;

	put_code(p, BPF_JMP | BPF_JEQ | BPF_K, call, 0, 0);
	put_load(p, FIRST_ARGUMENT);
	return at;
}

static void end_call(struct program *p, size_t at, uint32_t what)
{
	put_return(p, what);
	p->code[at].jf = (uint8_t)(p->n - at - 1);
}

/* What clone3() is asked for is in memory, where no filter sees it: who hears ENOSYS of it asks
 * clone(), as with kernels that are older. */
static void write_filter(struct program *p, bool executes)
{
	size_t at;

	put_load(p, offsetof(struct seccomp_data, arch));
	put_code(p, BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
	put_return(p, FAIL(ENOSYS));
	put_load(p, offsetof(struct seccomp_data, nr));
	put_case(p, BPF_JGE, X32_BIT, FAIL(ENOSYS));
	put_case(p, BPF_JEQ, SYS_clone3, FAIL(ENOSYS));
	put_denied(p, denied, ARRAY_LEN(denied));
	if (!executes)
		put_denied(p, executing, ARRAY_LEN(executing));
	at = begin_call(p, SYS_clone);
	put_case(p, BPF_JSET, NAMESPACES, FAIL(EPERM));
	end_call(p, at, ALLOW);
	at = begin_call(p, SYS_socket);
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		put_case(p, BPF_JEQ, families[i], ALLOW);
	end_call(p, at, FAIL(EAFNOSUPPORT));
	put_return(p, ALLOW);
}

int confine_calls(bool executes, struct err *e)
{
	struct program p = {.n = 0};
	struct sock_fprog filter = {.filter = p.code};
	long rc;

	if (!architecture)
		return err_set(e, "a filter of system calls isn't known for this processor");
	write_filter(&p, executes);
	filter.len = p.n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_errno(e, "no_new_privs");
	rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
	if (rc > 0)
		return err_set(e, "a filter of system calls: thread %ld has another one", rc);
	return rc == 0 ? 0 : err_errno(e, "a filter of system calls");
}
