/* run_many.c - a slot is a processor: a lab stays on the one where it begins, and two on one
 * processor would be late for each other while the next one is idle. */
#include "scenarios/cli/run_many.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX (64 << 20)

/* A run at work. */
struct slot {
	pid_t pid; /* 0: free */
	size_t i;
	int output, told; /* descriptors: a memory file, a pipe */
	int64_t started;
};

struct pool {
	const struct run_many *m;
	struct slot *slots;
	size_t busy;
	bool pinned;
	int worst;
};

/* Keeps this process, and the lab that it will make, on one of the processors. */
static void stay_on_processor(size_t slot)
{
	cpu_set_t all, one;
	size_t seen = 0;

	if (sched_getaffinity(0, sizeof(all), &all) == -1)
		return;
	slot %= (size_t)CPU_COUNT(&all);
	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && seen++ == slot)
			CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) == -1)
		return; /* it runs all the same */
}

static _Noreturn void run_child(const struct pool *p, size_t slot, size_t i, int output, int told,
				pid_t parent)
{
	struct run_outcome o = {.verdict = VERDICT_INVALID, .why = "it ended without a word"};
	int status;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(2);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	if (p->pinned)
		stay_on_processor(slot);
	status = p->m->run(p->m->arg, i, &o);
	fflush(NULL);
	if (write(told, &o, sizeof(o)) != (ssize_t)sizeof(o))
		status = 2;
	_exit(status);
}

static void start_run(struct pool *p, size_t slot, size_t i)
{
	int fds[2], output = memfd_create("wedge-run", MFD_CLOEXEC);
	pid_t parent = getpid(), pid;

	BUG_ON(output == -1 || pipe(fds) == -1);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		run_child(p, slot, i, output, fds[1], parent);
	}
	BUG_ON(pid == -1);
	close(fds[1]);
	p->slots[slot] = (struct slot){.pid = pid,
				       .i = i,
				       .output = output,
				       .told = fds[0],
				       .started = clock_now(&clock_monotonic)};
	p->busy++;
}

/* Returns all that a run has printed, the caller's to free. */
static char *read_output(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text;
	ssize_t n;

	if (len < 0)
		len = 0;
	if (len > OUTPUT_MAX)
		len = OUTPUT_MAX;
	text = xcalloc(1, (size_t)len + 1);
	n = pread(fd, text, (size_t)len, 0);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void take_end(struct pool *p, struct slot *s, int status)
{
	struct run_outcome o;
	int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 2;
	char *output = read_output(s->output);

	if (read(s->told, &o, sizeof(o)) != (ssize_t)sizeof(o)) {
		o = (struct run_outcome){.verdict = VERDICT_INVALID};
		snprintf(o.why, sizeof(o.why), "the run ended by signal %d",
			 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
		exit_status = 2;
	}
	o.why[sizeof(o.why) - 1] = '\0';
	o.elapsed = clock_seconds(clock_now(&clock_monotonic) - s->started);
	if (exit_status > p->worst)
		p->worst = exit_status;
	p->m->done(p->m->arg, s->i, &o, output);
	free(output);
	close(s->output);
	close(s->told);
	s->pid = 0;
	p->busy--;
}

static void await_one(struct pool *p)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	BUG_ON(pid == -1 && errno != EINTR);
	for (size_t k = 0; k < p->m->jobs; k++)
		if (pid > 0 && p->slots[k].pid == pid)
			take_end(p, &p->slots[k], status);
}

static size_t free_slot(const struct pool *p)
{
	size_t k = 0;

	while (p->slots[k].pid)
		k++;
	return k;
}

static void run_part(struct pool *p, bool alone)
{
	size_t most = alone ? 1 : p->m->jobs;

	p->pinned = most > 1;
	for (size_t i = 0; i < p->m->n; i++) {
		if (p->m->alone[i] != alone)
			continue;
		while (p->busy >= most)
			await_one(p);
		start_run(p, free_slot(p), i);
	}
	while (p->busy)
		await_one(p);
}

int run_many(const struct run_many *m)
{
	struct pool p = {.m = m, .slots = xcalloc(m->jobs, sizeof(*p.slots))};

	run_part(&p, false);
	run_part(&p, true);
	free(p.slots);
	return p.worst;
}
