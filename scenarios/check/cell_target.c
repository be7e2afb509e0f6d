/* cell_target.c - the role that runs a program in a lab (workload/command.h) runs wedge here. */
#include "scenarios/check/cell_target.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/check/cell_scenario.h"
#include "scenarios/check/cell_words.h"
#include "scenarios/run/command_output.h"
#include "scenarios/scenario/words.h"
#include "scenarios/workload/command.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN_FAILURE 125 /* of wedge exec itself */

struct argv {
	char **v;
	size_t n;
};

static void add_word(struct argv *a, char *word)
{
	a->v = xrealloc(a->v, a->n + 2, sizeof(*a->v));
	a->v[a->n++] = word;
	a->v[a->n] = NULL;
}

/* A fault is written as a scenario has it, "stall: {after: 1s, for: 2s}"; on a command line it is
 * "stall{after=1s,for=2s}". */
static void add_fault(struct argv *a, const char *fault, size_t len)
{
	char *text = xasprintf("%.*s", (int)len, fault), *to = text;

	for (const char *at = text; *at; at++) {
		if (strncmp(at, ": {", 3) == 0) {
			*to++ = '{';
			at += 2;
		} else if (*at == ':' || *at == ',') {
			*to++ = *at == ':' ? '=' : ',';
			at += at[1] == ' ';
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
	add_word(a, xstrdup("--impair"));
	add_word(a, text);
}

/* Several faults stand in braces of their own: "cut: {...}}, {tls_truncate: {...}". */
static void add_faults(struct argv *a, const char *faults)
{
	static const char between[] = "}, {";
	const char *end;

	while ((end = strstr(faults, between))) {
		add_fault(a, faults, (size_t)(end - faults));
		faults = end + strlen(between);
	}
	if (*faults)
		add_fault(a, faults, strlen(faults));
}

/* What wedge exec does when the command has ended takes its time, and it speaks on standard error,
 * too: so a shell keeps the command's own errors and notes its end. */
static const char wrapper[] = "\"$@\" 2>\"$0/errors\"; status=$?; echo \"$(date +%s.%N) $status\" "
			      ">\"$0/ended\"; exit $status";

/* Takes when and how the command has ended. What wedge exec does behind that, when the limit may
 * come, isn't the command's; an end at the limit is one that the limit has made. */
static void take_end(struct cell_facts *f, const char *folder, double began, int64_t limit)
{
	char *path = xasprintf("%s/ended", folder);
	FILE *in = fopen(path, "re");
	double at;
	int status;

	free(path);
	if (!in)
		return;
	if (fscanf(in, "%lf %d", &at, &status) == 2 && at - began < clock_seconds(limit)) {
		f->ended = at - began;
		f->status = status;
		f->limited = false;
	}
	fclose(in);
}

static char **make_command(const struct check_plan *plan, const char *faults, const char *folder,
			   const char *capture)
{
	struct argv a = {NULL, 0};
	char **words = cell_words(plan, plan->argv, folder);

	add_word(&a, xstrdup("/proc/self/exe"));
	add_word(&a, xstrdup("exec"));
	add_faults(&a, faults);
	add_word(&a, xstrdup("--capture"));
	add_word(&a, xstrdup(capture));
	add_word(&a, xstrdup("--seed"));
	add_word(&a, xasprintf("%llu", (unsigned long long)plan->seed));
	if (plan->protocol == CHECK_HTTPS) {
		add_word(&a, xstrdup("--tls"));
		add_word(&a, xstrdup("intercept"));
		add_word(&a, xstrdup("--tls-ca"));
		add_word(&a, xstrdup(folder));
	}
	add_word(&a, xstrdup("--"));
	add_word(&a, xstrdup("sh"));
	add_word(&a, xstrdup("-c"));
	add_word(&a, xstrdup(wrapper));
	add_word(&a, xstrdup(folder));
	for (char **w = words; *w; w++)
		add_word(&a, xstrdup(*w));
	words_free(words);
	return a.v;
}

/* Starts the role when it is ready, and waits for its result; a new reference. */
static json_t *await_result(int fd, struct err *e)
{
	json_t *m = NULL;

	while (msg_recv(fd, -1, &m, e) == 1) {
		if (strcmp(msg_type(m), "result") == 0)
			return m;
		if (strcmp(msg_type(m), "error") == 0)
			err_set(e, "%s", json_string_value(json_object_get(m, "text")));
		else if (strcmp(msg_type(m), "ready") == 0 && msg_send(fd, "start", NULL) == -1)
			err_set(e, "the command's role is gone");
		json_decref(m);
	}
	return NULL;
}

/* Runs the command as a role of its own. NULL with *e. */
static json_t *run_role(struct command_task *task, struct err *e)
{
	int pair[2];
	json_t *result;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1) {
		err_errno(e, "no socket for the command's role");
		return NULL;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		task->msg_fd = pair[1];
		_exit(command_main(task));
	}
	close(pair[1]);
	result = pid == -1 ? NULL : await_result(pair[0], e);
	if (pid == -1)
		err_errno(e, "no process for the command's role");
	close(pair[0]);
	if (pid != -1)
		waitpid(pid, NULL, 0);
	return result;
}

static int take_facts(struct cell_facts *f, const struct check_plan *plan, const json_t *result,
		      const char *folder, const char *capture, const struct hang_point *p,
		      struct err *e)
{
	double began = json_number_value(json_object_get(result, "began"));
	int64_t began_wall = (int64_t)(began * NS_PER_S) + clock_wall_offset();

	if (cell_facts_take_command(f, result, e) == -1)
		return -1;
	if (f->status == OWN_FAILURE)
		return err_set(e, "%s", f->last);
	take_end(f, folder, clock_seconds(began_wall), plan->limit);
	if (cell_facts_take_wire(f, capture, plan->port, p ? p->moment : MOMENT_SYN, began_wall,
				 e) == -1)
		return -1;
	f->acted = !isnan(f->fault_at); /* wedge exec doesn't tell */
	return 0;
}

int cell_target_play(const struct check_plan *plan, const struct check_places *places,
		     const struct hang_point *p, const struct hang_variant *v, const char *folder,
		     struct cell_facts *f, struct err *e)
{
	char *work = xasprintf("%s/" CELL_WORK, folder), *log = xasprintf("%s/command.log", folder);
	char *capture = xasprintf("%s/client.pcapng", folder);
	char *errors = xasprintf("%s/errors", folder);
	char *faults = cell_fault_text(plan, places, v), *text;
	struct command_task task = {.argv = make_command(plan, faults, folder, capture),
				    .output = log,
				    .output_max = CELL_OUTPUT_MAX,
				    .out_dir = folder,
				    .work = work,
				    .limit = plan->limit};
	json_t *result = NULL;
	int rc;

	cell_facts_init(f);
	cell_offer_authority(folder);
	rc = mkdir(work, 0700) == -1 ? err_errno(e, "can't make %s", work) : 0;
	if (rc == 0 && addr_parse("127.0.0.1:1", &task.address, e) == -1)
		rc = -1;
	if (rc == 0)
		result = run_role(&task, e);
	text = command_output_read(errors);
	if (!*text) {
		free(text);
		text = command_output_read(log);
	}
	f->last = command_output_last(text);
	rc = result ? take_facts(f, plan, result, folder, capture, p, e) : -1;
	if (rc == 0)
		rc = left_files_list(work, &f->left, e);
	json_decref(result);
	words_free((char **)task.argv);
	free(text);
	free(faults);
	free(capture);
	free(errors);
	free(log);
	free(work);
	return rc;
}
