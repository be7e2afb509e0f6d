/* layer_walk.c - a bounded loop over a table of layers: no frame nests deeper than LAYERS_MAX. */
#include "scenarios/reader/layer_walk.h"

#include "scenarios/reader/ethernet.h"
#include "scenarios/reader/ip_layer.h"
#include "scenarios/reader/ppp.h"

static enum layer (*const steps[LAYER_COUNT])(struct layers *) = {
    [LAYER_ETHERNET] = ethernet_step,
    [LAYER_ETHERTYPE] = ethertype_step,
    [LAYER_PPP] = ppp_step,
    [LAYER_IP] = ip_step,
};

void layer_walk(struct layers *l, enum layer first)
{
	enum layer next = first;

	for (int depth = 0; depth < LAYERS_MAX && next != LAYER_END; depth++)
		next = steps[next](l);
	l->too_deep = next != LAYER_END;
}
