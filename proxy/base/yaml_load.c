/* yaml_load.c - builds a YAML tree from libfyaml events; knows nothing of what they mean. */
#include "proxy/base/yaml_load.h"

#include "proxy/base/mem.h"
#include "proxy/base/yaml.h"
#include "proxy/base/yaml_alias.h"
#include "proxy/base/yaml_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <libfyaml.h>
#include <string.h>
#include <unistd.h>

/* Far above any scenario, and low enough that no document costs more than a moment. */
#define BYTES_MAX (1u << 20)
#define DEPTH_MAX 32
#define KEYS_MAX  1000

#define STANDARD_INPUT "standard input"

struct builder {
	struct yaml *y;
	struct yaml_node *open[DEPTH_MAX]; /* collections that have not ended yet */
	size_t depth;
	bool ended; /* the first document has */
	struct yaml_anchors anchors;
};

static bool is_key(const struct yaml_node *parent)
{
	return parent && parent->kind == YAML_MAPPING && parent->n % 2 == 0;
}

static int check_key(struct builder *b, const struct yaml_node *parent, struct yaml_node *n,
		     struct err *e)
{
	if (n->kind != YAML_SCALAR)
		return yaml_error(b->y, n, e, "a key must be plain text");
	if (parent->n / 2 == KEYS_MAX)
		return yaml_error(b->y, n, e, "more than %d keys in one mapping", KEYS_MAX);
	for (size_t i = 0; i < parent->n; i += 2)
		if (strcmp(parent->item[i]->text, n->text) == 0)
			return yaml_error(b->y, n, e, "the key '%.60s' is already on line %d",
					  n->text, parent->item[i]->line);
	return 0;
}

/* Puts a new node where the events stand. The tree owns it, also when -1 is returned. */
static int attach_node(struct builder *b, struct yaml_node *n, struct err *e)
{
	struct yaml_node *parent = b->depth ? b->open[b->depth - 1] : NULL;
	int result = is_key(parent) ? check_key(b, parent, n, e) : 0;

	if (!parent) {
		b->y->root = n;
	} else {
		yaml_node_append(parent, n);
	}
	if (result == -1 || n->kind == YAML_SCALAR)
		return result;
	if (b->depth == DEPTH_MAX)
		return yaml_error(b->y, n, e, "nested more than %d deep", DEPTH_MAX);
	b->open[b->depth++] = n;
	return 0;
}

/* An empty value has no place of its own: it gets its key's. */
static struct yaml_node *node_new(const struct builder *b, enum yaml_kind kind, struct fy_token *t)
{
	struct yaml_node *n = xcalloc(1, sizeof(*n));
	const struct fy_mark *mark = t ? fy_token_start_mark(t) : NULL;
	const struct yaml_node *parent = b->depth ? b->open[b->depth - 1] : NULL;
	const struct yaml_node *place = parent && parent->n ? parent->item[parent->n - 1] : parent;

	n->kind = kind;
	n->line = mark ? mark->line + 1 : place ? place->line : 1;
	n->column = mark ? mark->column + 1 : place ? place->column : 1;
	return n;
}

/* A token's text as a new string; *len gets its length with NUL characters. */
static char *token_text(struct fy_token *t, size_t *len)
{
	const char *text = fy_token_get_text(t, len);
	char *copy = xcalloc(1, *len + 1);

	if (text)
		memcpy(copy, text, *len);
	return copy;
}

static void note_anchor(struct builder *b, struct fy_token *anchor, const struct yaml_node *n)
{
	size_t len = 0;

	if (anchor)
		yaml_anchors_add(&b->anchors, token_text(anchor, &len), n);
}

static int take_scalar(struct builder *b, struct fy_token *t, struct fy_token *anchor,
		       struct err *e)
{
	struct yaml_node *n = node_new(b, YAML_SCALAR, t);
	size_t len = 0;
	enum fy_scalar_style style = t ? fy_token_scalar_style(t) : FYSS_PLAIN;

	if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED)
		n->column--; /* the mark stands behind the opening quote */
	n->text = t ? token_text(t, &len) : xcalloc(1, 1);
	note_anchor(b, anchor, n);
	if (attach_node(b, n, e) == -1)
		return -1;
	if (strlen(n->text) != len)
		return yaml_error(b->y, n, e, "a text can't hold a NUL character");
	return 0;
}

static int take_collection(struct builder *b, enum yaml_kind kind, struct fy_token *start,
			   struct fy_token *anchor, struct err *e)
{
	struct yaml_node *n = node_new(b, kind, start);

	note_anchor(b, anchor, n);
	return attach_node(b, n, e);
}

static bool is_open(const struct builder *b, const struct yaml_node *n)
{
	for (size_t i = 0; i < b->depth; i++)
		if (b->open[i] == n)
			return true;
	return false;
}

static int too_much(const struct builder *b, struct yaml_node *at, struct err *e)
{
	return yaml_error(b->y, at, e,
			  "aliases make more than %d values of this, or nest it more than %d deep",
			  YAML_COPIES_MAX, DEPTH_MAX);
}

/* Puts a copy of what the alias names where the alias stands. */
static int take_alias(struct builder *b, struct fy_token *t, struct err *e)
{
	struct yaml_node *parent = b->depth ? b->open[b->depth - 1] : NULL;
	const struct fy_mark *mark = fy_token_start_mark(t);
	struct yaml_node at = {.line = mark->line + 1, .column = mark->column + 1}, *copy;
	size_t len = 0, depth = b->depth;
	char *name = token_text(t, &len);
	const struct yaml_node *n = yaml_anchors_find(&b->anchors, name);
	int rc = 0;

	if (!n)
		rc = yaml_error(b->y, &at, e, "no anchor &%.60s stands before the alias", name);
	else if (is_open(b, n))
		rc = yaml_error(b->y, &at, e, "*%.60s stands inside of what it names", name);
	free(name);
	if (rc == -1)
		return -1;
	copy = yaml_anchors_copy(&b->anchors, n, DEPTH_MAX - b->depth);
	if (!copy)
		return too_much(b, &at, e);
	if (is_key(parent)) {
		copy->line = at.line; /* where a wrong key is told */
		copy->column = at.column;
	}
	rc = attach_node(b, copy, e);
	b->depth = depth; /* it is complete */
	return rc;
}

/* A mapping is complete: what it takes over with << is put in. */
static int end_collection(struct builder *b, struct err *e)
{
	struct yaml_node *n = b->open[--b->depth], *unfit;

	if (n->kind != YAML_MAPPING ||
	    yaml_merge(&b->anchors, n, DEPTH_MAX - b->depth, &unfit) == 0)
		return 0;
	if (unfit)
		return yaml_error(b->y, unfit, e, "<< takes a mapping, or a list of mappings");
	return too_much(b, n, e);
}

static int take_event(struct builder *b, struct fy_event *event, struct err *e)
{
	struct yaml_node at = {.line = 1, .column = 1};
	const struct fy_mark *mark;

	switch (event->type) {
	case FYET_SCALAR:
		return take_scalar(b, event->scalar.value, event->scalar.anchor, e);
	case FYET_MAPPING_START:
		return take_collection(b, YAML_MAPPING, event->mapping_start.mapping_start,
				       event->mapping_start.anchor, e);
	case FYET_SEQUENCE_START:
		return take_collection(b, YAML_SEQUENCE, event->sequence_start.sequence_start,
				       event->sequence_start.anchor, e);
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		return end_collection(b, e);
	case FYET_ALIAS:
		return take_alias(b, event->alias.anchor, e);
	case FYET_DOCUMENT_START:
		if (!b->ended)
			return 0;
		mark = event->document_start.document_start
			   ? fy_token_start_mark(event->document_start.document_start)
			   : NULL;
		at.line = mark ? mark->line + 1 : 1;
		return yaml_error(b->y, &at, e, "a second document (---); one is accepted");
	case FYET_DOCUMENT_END:
		b->ended = true;
		return 0;
	default:
		return 0;
	}
}

/* What libfyaml says without collecting it would go to stderr: kept for the error instead. */
static void keep_output(struct fy_diag *diag, void *user, const char *text, size_t len)
{
	struct err *said = user;

	(void)diag;
	if (!*said->text)
		err_set(said, "%.*s", (int)len, text);
}

/* libfyaml's first complaint; the later ones follow from it. Its places count from 1. */
static int parser_error(const struct yaml *y, struct fy_diag *diag, const struct err *said,
			struct err *e)
{
	void *prev = NULL;
	struct fy_diag_error *first = fy_diag_errors_iterate(diag, &prev);

	if (first)
		return err_set(e, "%s:%d:%d: this is not YAML: %s", y->name, first->line,
			       first->column, first->msg);
	return err_set(e, "%s:1:1: this is not YAML: %.*s", y->name, (int)strcspn(said->text, "\n"),
		       said->text);
}

static int build_tree(struct yaml *y, struct fy_parser *parser, struct fy_diag *diag,
		      const struct err *said, struct err *e)
{
	struct builder b = {.y = y};
	enum fy_event_type type = FYET_NONE;
	int result = 0;

	while (result == 0 && type != FYET_STREAM_END) {
		struct fy_event *event = fy_parser_parse(parser);

		if (!event) {
			result = parser_error(y, diag, said, e);
			break;
		}
		type = event->type;
		result = take_event(&b, event, e);
		fy_parser_event_free(parser, event);
	}
	yaml_anchors_fini(&b.anchors);
	return result;
}

static int parse_text(struct yaml *y, const char *text, size_t len, struct err *e)
{
	struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_JSON_NONE};
	struct fy_diag_cfg diag_config;
	struct fy_parser *parser = NULL;
	struct err said = {.text = ""};
	int result = -1;

	fy_diag_cfg_default(&diag_config);
	diag_config.fp = NULL;
	diag_config.output_fn = keep_output;
	diag_config.user = &said;
	diag_config.show_type = false;
	config.diag = fy_diag_create(&diag_config);
	if (config.diag) {
		fy_diag_set_collect_errors(config.diag, true);
		parser = fy_parser_create(&config);
	}
	if (!parser || fy_parser_set_string(parser, text, len) == -1)
		err_set(e, "%s: libfyaml can't start", y->name);
	else
		result = build_tree(y, parser, config.diag, &said, e);
	fy_parser_destroy(parser);
	fy_diag_destroy(config.diag);
	return result;
}

/* Bytes of the UTF-8 character at text (RFC 3629: no overlong form, no surrogate), 0 for none. */
static size_t utf8_length(const unsigned char *text, size_t left)
{
	unsigned char low = 0x80, high = 0xbf; /* of the second byte */
	size_t len = *text < 0x80 ? 1 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : 4;

	if (len == 1)
		return 1;
	if (*text < 0xc2 || *text > 0xf4 || len > left)
		return 0;
	if (*text == 0xe0)
		low = 0xa0;
	else if (*text == 0xed)
		high = 0x9f;
	else if (*text == 0xf0)
		low = 0x90;
	else if (*text == 0xf4)
		high = 0x8f;
	if (text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* libfyaml lets through what is no text at all; every text of the tree is to be valid UTF-8. */
static int check_bytes(const struct yaml *y, const char *text, size_t len, struct err *e)
{
	const unsigned char *bytes = (const unsigned char *)text;
	int line = 1, column = 1;
	size_t step;

	if (len > BYTES_MAX)
		return err_set(e, "%s: this has more than %u bytes", y->name, BYTES_MAX);
	for (size_t i = 0; i < len; i += step) {
		bool control = bytes[i] < 0x20 && !strchr("\n\t\r", bytes[i]);

		step = utf8_length(bytes + i, len - i);
		if (step == 0 || control || bytes[i] == '\0')
			return err_set(e, "%s:%d:%d: this is not text: it holds a byte 0x%02x",
				       y->name, line, column, bytes[i]);
		column = bytes[i] == '\n' ? 1 : column + 1;
		line += bytes[i] == '\n';
	}
	return 0;
}

struct yaml *yaml_load_text(const char *name, const char *text, size_t len, struct err *e)
{
	struct yaml *y = xcalloc(1, sizeof(*y));

	y->name = xstrdup(name);
	if (check_bytes(y, text, len, e) == 0 && parse_text(y, text, len, e) == 0)
		return y;
	yaml_free(y);
	return NULL;
}

/* Reads up to one byte more than is accepted, so that too much is seen as such. */
static ssize_t read_up_to(int fd, char *buf, size_t room)
{
	size_t used = 0;

	while (used < room) {
		ssize_t n = read(fd, buf + used, room - used);

		if (n == 0)
			break;
		if (n > 0)
			used += (size_t)n;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)used;
}

struct yaml *yaml_load_file(const char *path, struct err *e)
{
	struct yaml *y = NULL;
	char *text = NULL;
	ssize_t len = -1;
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

	if (fd != -1) {
		text = xcalloc(1, BYTES_MAX + 1);
		len = read_up_to(fd, text, BYTES_MAX + 1);
	}
	if (len == -1)
		err_errno(e, "can't read %s", standard ? STANDARD_INPUT : path);
	else
		y = yaml_load_text(standard ? STANDARD_INPUT : path, text, (size_t)len, e);
	if (fd != -1)
		close(fd);
	free(text);
	return y;
}
