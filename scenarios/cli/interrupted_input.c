/* interrupted_input.c - when the time is over, standard input becomes /dev/null: a read that waits
 * is interrupted, and the next one finds the end. Nothing else has to know. */
#include "scenarios/cli/interrupted_input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_S 2

static int nothing = -1; /* /dev/null */

static void begin_patience(int signal)
{
	(void)signal;
	alarm(PATIENCE_S);
}

static void end_input(int signal)
{
	int error = errno;

	(void)signal;
	dup2(nothing, STDIN_FILENO);
	errno = error;
}

void interrupted_input_begin(void)
{
	struct sigaction interrupt = {.sa_handler = begin_patience, .sa_flags = (int)SA_RESETHAND};
	struct sigaction over = {.sa_handler = end_input};
	struct stat st;

	if (fstat(STDIN_FILENO, &st) == -1 || S_ISREG(st.st_mode))
		return;
	nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (nothing == -1)
		return;
	sigaction(SIGALRM, &over, NULL);
	sigaction(SIGINT, &interrupt, NULL);
}

void interrupted_input_end(void)
{
	if (nothing == -1)
		return;
	alarm(0);
	signal(SIGINT, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	close(nothing);
	nothing = -1;
}
