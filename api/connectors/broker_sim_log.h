/* api/connectors/broker_sim_log.h - the records of the simulated broker's log (drawn in broker_sim_log.c). No padding is left to
 * chance: the structs are zeroed before they are filled. */
#ifndef ORDERTAPE_API_CONNECTORS_BROKER_SIM_LOG_H
#define ORDERTAPE_API_CONNECTORS_BROKER_SIM_LOG_H

#include "api/connectors/broker_sim_parts.h"

enum log_kind { LOG_ORDER = 1, LOG_STATE = 2, LOG_REPLACE = 3, LOG_EXECUTION = 4, LOG_BY_HAND = 5 };
struct log_order {
    struct broker_order terms;
    uint32_t day, state;
};
struct log_state {
    uint64_t order_id, state;
};
struct log_execution {
    uint64_t order_id;
    struct sim_execution execution;
};
struct log_by_hand {
    uint64_t order_id, seq, index;
    int64_t price, quantity;
};

#endif
