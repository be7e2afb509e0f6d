/* dist.c - how a delay varies. */
#include "proxy/base/dist.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORDED_MAX 100000    /* delays in a file */
#define FILE_MAX     (2 << 20) /* bytes of it */

static int64_t clamp_ns(double ns)
{
	if (ns <= 0)
		return 0;
	return ns >= (double)DIST_MAX ? DIST_MAX : (int64_t)ns;
}

static int line_parse(char *line, int64_t *delay, struct err *e)
{
	line[strcspn(line, "\r\n")] = '\0';
	if (!line[0] || line[0] == '#')
		return 0;
	if (parse_duration(line, delay, e) == -1)
		return -1;
	if (*delay > DIST_MAX)
		return err_set(e, "'%s' is longer than 1h", line);
	return 1;
}

static int recorded_add(struct recorded *r, int64_t delay, struct err *e)
{
	if (r->n == RECORDED_MAX)
		return err_set(e, "there are more than %d delays", RECORDED_MAX);
	if ((r->n & (r->n - 1)) == 0)
		r->delay = xrealloc(r->delay, r->n ? 2 * r->n : 1, sizeof(*r->delay));
	r->delay[r->n++] = delay;
	if (delay > r->longest)
		r->longest = delay;
	return 0;
}

static int recorded_read(struct recorded *r, FILE *in, struct err *e)
{
	unsigned number = 0;
	char line[128];

	while (fgets(line, sizeof(line), in)) {
		int64_t delay = 0;
		int got = line_parse(line, &delay, e);

		number++;
		if (got == -1 || (got && recorded_add(r, delay, e) == -1))
			return err_wrap(e, "line %u", number);
	}
	if (ferror(in))
		return err_errno(e, "can't be read");
	return r->n ? 0 : err_set(e, "there is no delay in it");
}

/* What isn't a file of a known size may never end, or never begin. */
static FILE *open_regular(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	FILE *in = NULL;

	if (fd == -1 || fstat(fd, &st) == -1)
		err_errno(e, "can't open %s", path);
	else if (!S_ISREG(st.st_mode))
		err_set(e, "%s is no regular file", path);
	else if (st.st_size > FILE_MAX)
		err_set(e, "%s has more than %d bytes", path, FILE_MAX);
	else if (!(in = fdopen(fd, "r")))
		err_errno(e, "can't read %s", path);
	if (!in && fd != -1)
		close(fd);
	return in;
}

int recorded_load(struct recorded *r, const char *path, struct err *e)
{
	struct recorded fresh = {0};
	FILE *in = open_regular(path, e);
	int result;

	if (!in)
		return -1;
	result = recorded_read(&fresh, in, e);
	fclose(in);
	if (result == -1) {
		recorded_fini(&fresh);
		return err_wrap(e, "%s", path);
	}
	fresh.path = xstrdup(path);
	recorded_fini(r);
	*r = fresh;
	return 0;
}

void recorded_fini(struct recorded *r)
{
	free(r->path);
	free(r->delay);
	*r = (struct recorded){0};
}

int dist_check(const struct dist *d, struct err *e)
{
	if ((d->kind == DIST_CONSTANT || d->kind == DIST_RECORDED) && d->jitter)
		return err_set(e, "jitter needs another distribution: uniform, normal or pareto");
	if (d->kind == DIST_UNIFORM && d->jitter > d->delay && !d->clamps)
		return err_set(e, "uniform with a jitter above the delay would be early");
	return 0;
}

int64_t dist_sample(const struct dist *d, struct rng *r)
{
	double delay = (double)d->delay, jitter = (double)d->jitter;

	switch (d->kind) {
	case DIST_UNIFORM:
		return clamp_ns(delay + jitter * (2 * rng_unit(r) - 1));
	case DIST_NORMAL:
		return clamp_ns(delay + jitter * rng_normal(r));
	case DIST_PARETO:
		/* A Pareto variable from 1 on has the mean excess 1 / (shape - 1). */
		return clamp_ns(delay + jitter * (d->shape - 1) * (rng_pareto(r, d->shape) - 1));
	case DIST_RECORDED:
		if (d->recorded && d->recorded->n)
			return d->recorded->delay[rng_below(r, d->recorded->n)];
		break;
	case DIST_CONSTANT:
		break;
	}
	return d->delay;
}

int64_t dist_long(const struct dist *d)
{
	double delay = (double)d->delay, jitter = (double)d->jitter;

	switch (d->kind) {
	case DIST_UNIFORM:
		return clamp_ns(delay + jitter);
	case DIST_NORMAL:
		return clamp_ns(delay + 4 * jitter);
	case DIST_PARETO:
		return clamp_ns(delay + 10 * jitter);
	case DIST_RECORDED:
		if (d->recorded && d->recorded->n)
			return d->recorded->longest;
		break;
	case DIST_CONSTANT:
		break;
	}
	return d->delay;
}
