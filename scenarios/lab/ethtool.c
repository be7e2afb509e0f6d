/* ethtool.c - SIOCETHTOOL for offloads and link state. */
#include "scenarios/lab/ethtool.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdbool.h>
#include <sys/ioctl.h>

/* Order matters: TSO leans on scatter-gather, which leans on checksums. */
static const struct offload {
	const char *name;
	uint32_t get, set;
} offloads[] = {
    {"gro", ETHTOOL_GGRO, ETHTOOL_SGRO},
    {"gso", ETHTOOL_GGSO, ETHTOOL_SGSO},
    {"tso", ETHTOOL_GTSO, ETHTOOL_STSO},
    {"scatter_gather", ETHTOOL_GSG, ETHTOOL_SSG},
    {"tx_checksum", ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM},
    {"rx_checksum", ETHTOOL_GRXCSUM, ETHTOOL_SRXCSUM},
};

/* 0 with *data as the kernel answered, or -1 with errno. */
static int ethtool_call(int sock, const char *interface, uint32_t command, uint32_t *data)
{
	struct ethtool_value value = {.cmd = command, .data = *data};
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	request.ifr_data = (void *)&value;
	if (ioctl(sock, SIOCETHTOOL, &request))
		return -1;
	*data = value.data;
	return 0;
}

int ethtool_offloads_off(int sock, const char *interface, json_t *record, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(offloads); i++) {
		const struct offload *o = &offloads[i];
		uint32_t on = 0, off = 0;
		bool before = json_is_true(json_object_get(record, o->name));

		if (ethtool_call(sock, interface, o->set, &off) && errno != EOPNOTSUPP &&
		    errno != EINVAL)
			return err_errno(e, "%s: switching %s off", interface, o->name);
		if (ethtool_call(sock, interface, o->get, &on))
			return err_errno(e, "%s: asking for %s", interface, o->name);
		json_object_set_new(record, o->name, json_boolean(before || on));
	}
	return 0;
}

int ethtool_settle(int sock, const char *interface, struct err *e)
{
	uint32_t up = 0;

	if (ethtool_call(sock, interface, ETHTOOL_GLINK, &up))
		return err_errno(e, "%s: asking for the link", interface);
	if (!up)
		return err_set(e, "%s: the link doesn't come up", interface);
	return 0;
}
