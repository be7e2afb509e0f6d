/* no_impairments.c - functions that refuse or do nothing, so that nobody need ask which wedge this
 * is. */
#include "proxy/config/no_impairments.h"

#include "proxy/base/mem.h"

static struct impairment_set *new_set(void)
{
	return NULL;
}

static struct impairment_set *copy_set(const struct impairment_set *set)
{
	(void)set;
	return NULL;
}

static void free_set(struct impairment_set *set)
{
	(void)set;
}

static int refuse_text(struct impairment_set *set, const char *text, struct err *e)
{
	(void)set;
	return err_set(e, "'%s': this wedge was built without impairments", text);
}

static int refuse_yaml(struct impairment_set *set, struct yaml *y, struct yaml_node *list,
		       struct err *e)
{
	(void)set;
	if (yaml_kind(list) == YAML_SEQUENCE && !yaml_count(list))
		return 0;
	return yaml_error(y, list, e, "this wedge was built without impairments; [] is accepted");
}

static int accept_set(const struct impairment_set *set, bool forwarded, enum tls_mode tls,
		      struct err *e)
{
	(void)set;
	(void)forwarded;
	(void)tls;
	(void)e;
	return 0;
}

static size_t count_none(const struct impairment_set *set)
{
	(void)set;
	return 0;
}

static void each_of_none(void (*fn)(void *arg, const struct impairment_kind *k), void *arg)
{
	(void)fn;
	(void)arg;
}

static const char *find_none(const struct impairment_set *set)
{
	(void)set;
	return NULL;
}

static void move_nothing(struct impairment_set *set)
{
	(void)set;
}

static int64_t hold_nothing(const struct impairment_set *set)
{
	(void)set;
	return 0;
}

static char *describe_none(const struct impairment_set *set)
{
	(void)set;
	return xstrdup("none");
}

static void tell_nothing(struct impairment_set *set, struct journal *journal, const struct log *log)
{
	(void)set;
	(void)journal;
	(void)log;
}

static void each_none(const struct impairment_set *set,
		      void (*fn)(void *arg, const struct impairment_count *c), void *arg)
{
	(void)set;
	(void)fn;
	(void)arg;
}

static void give_no_hooks(struct impairment_set *live, struct impairment_set *wanted,
			  struct engine_proxy_config *proxy)
{
	(void)live;
	(void)wanted;
	(void)proxy;
}

static void join_nothing(struct impairment_set *live, struct impairment_set *with)
{
	(void)live;
	(void)with;
}

static void hand_over_nothing(struct impairment_set *live)
{
	(void)live;
}

static void apply_nothing(struct impairment_set *live, const struct impairment_set *wanted,
			  bool forwarded)
{
	(void)live;
	(void)wanted;
	(void)forwarded;
}

const struct impairments_ops no_impairments = {
    .create = new_set,
    .copy = copy_set,
    .free = free_set,
    .add_text = refuse_text,
    .add_yaml = refuse_yaml,
    .check = accept_set,
    .count = count_none,
    .shared = find_none,
    .draws = find_none,
    .needs_packets = find_none,
    .without_packets = find_none,
    .needs_server_leg = find_none,
    .prefer_client_leg = move_nothing,
    .ack_hold = hold_nothing,
    .hides_acks = find_none,
    .describe = describe_none,
    .count_each = each_none,
    .each_kind = each_of_none,
    .tell = tell_nothing,
    .give_hooks = give_no_hooks,
    .join = join_nothing,
    .hand_over = hand_over_nothing,
    .apply = apply_nothing,
};
