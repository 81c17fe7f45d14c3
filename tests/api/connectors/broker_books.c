/* tests/api/connectors/broker_books.c - what a simulated broker's log says, for scripts: broker_books LOG numbers|uuids
 *   order ID EXT_ORDER_ID STATE FILLED        one line an order
 *   exec ORDER_ID EXEC_ID QUANTITY            one line an execution that is not busted */
#include <stdio.h>
#include <string.h>

#include "api/connectors/broker_sim.h"
#include "core/error.h"

int main(int argc, char **argv)
{
    struct broker_sim_options o;
    struct broker_sim *sim = NULL;
    struct broker_sim_order order;
    struct broker_execution x;
    uint64_t torn = 0;
    uint32_t cursor = 0;
    bool busted = false;
    if (argc != 3) return 2;
    broker_sim_options_default(&o);
    (void)snprintf(o.path, sizeof o.path, "%s", argv[1]);
    if (strcmp(argv[2], "uuids") == 0) o.style = BROKER_STYLE_UUIDS;
    int failed = broker_sim_open(&o, &sim, &torn);
    if (failed != 0) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], error_text(failed));
        return 2;
    }
    while (broker_sim_next_order(sim, &cursor, &order))
        printf("order %llu %s %d %lld\n", (unsigned long long)order.order_id, order.ext_order_id, order.state,
               (long long)order.filled);
    for (uint64_t n = 1; broker_sim_execution(sim, n, &x, &busted); n++)
        if (x.kind != FILL_BUST && !busted)
            printf("exec %llu %s %lld\n", (unsigned long long)x.order_id, x.exec_id, (long long)x.quantity.mantissa);
    broker_sim_close(sim);
    return 0;
}
