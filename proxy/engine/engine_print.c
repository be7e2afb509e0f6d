/* engine_print.c - numbers stand for the ports and queues that are known only when wedge runs. */
#include "proxy/engine/engine_print.h"

#include "proxy/base/mem.h"
#include "proxy/engine/engine_select.h"
#include "proxy/netfilter/queue_text.h"

#define LISTENER_SHOWN 23800
#define QUEUE_SHOWN    0x5d00

static char *print_queue_rules(const struct engine_proxy_config *pc, bool all)
{
	struct addr listen = {.in6 = {.sin6_family = AF_INET6}, .len = sizeof(listen.in6)};
	struct pkt_select select;

	addr_set_port(&listen, LISTENER_SHOWN);
	select = engine_select(pc, NULL, &listen, all);
	return queue_text_nft(
	    &(struct queue_text){.id = "M", .select = &select.match, .n = 1, .queue = QUEUE_SHOWN});
}

char *engine_print_rules(const struct engine_proxy_config *pc, bool packet_plane)
{
	struct intercept_match intercept = pc->intercept;
	char *intercepting, *queue, *text;

	intercept.listen = LISTENER_SHOWN;
	intercepting = pc->mode == PROXY_REDIRECT ? redirect_print(&intercept, 1)
						  : tproxy_print(&intercept, 1);
	queue = packet_plane || engine_defers_accept(pc) ? print_queue_rules(pc, packet_plane)
							 : xstrdup("");
	text =
	    xasprintf("# N and M are numbers of wedge's, %d is the port of its listener, %d its "
		      "queue. Where\n"
		      "# nftables can't do it, the same is said in the words of iptables.\n%s%s%s",
		      LISTENER_SHOWN, QUEUE_SHOWN, intercepting,
		      *queue ? "# nft -f -: what goes through wedge's packet queue\n" : "", queue);
	free(intercepting);
	free(queue);
	return text;
}
