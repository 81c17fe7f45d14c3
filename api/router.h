/* api/router.h - every route the server has, in one table. openapi.json is tested against it, metrics are labelled by
 * it. */
#ifndef ORDERTAPE_API_ROUTER_H
#define ORDERTAPE_API_ROUTER_H

#include <stdbool.h>
#include <stdint.h>

struct exchange;
struct url;

struct route {
    const char *method;
    const char *pattern; /* "/api/v1/orders/{id}" */
    const char *operation_id;
    const char *query; /* the query parameters it knows, each followed by a space */
    bool always;       /* answered in every phase, not only when ready */
    void (*begin)(struct exchange *x);
};

const struct route *router_table(uint32_t *count);

enum route_match { ROUTE_FOUND = 0, ROUTE_NO_PATH, ROUTE_NO_METHOD };
/* *index is set when found. allow (room for 64): the methods the path has, when the method is not among them. HEAD is
 * GET. */
enum route_match router_match(const char *method, const struct url *u, uint32_t *index, char *allow);
/* False: *unknown is a query parameter that the route does not know. */
bool router_query_known(const struct route *r, const struct url *u, const char **unknown);

/* routes_orders.c */
void route_order_place(struct exchange *x);
void route_order_modify(struct exchange *x);
void route_order_cancel(struct exchange *x);
void route_order_get(struct exchange *x);
void route_order_get_any(struct exchange *x);
void route_order_list(struct exchange *x);
void route_order_events(struct exchange *x);
void route_order_mass_cancel(struct exchange *x);
/* routes_desk.c */
void route_order_route(struct exchange *x);
void route_order_ack(struct exchange *x);
void route_order_report(struct exchange *x);
void route_order_settle(struct exchange *x);
void route_order_simulate_fill(struct exchange *x);
void route_order_fill(struct exchange *x);
void route_order_decisions(struct exchange *x);
void route_venue_put(struct exchange *x);
void route_venue_get(struct exchange *x);
void route_venue_list(struct exchange *x);
void route_routing_put(struct exchange *x);
void route_routing_get(struct exchange *x);
void route_key_get(struct exchange *x);
void route_key_clear(struct exchange *x);
/* routes_batches.c */
void route_batch_get(struct exchange *x);
void route_batch_cancel(struct exchange *x);
void route_batch_reconcile(struct exchange *x);
void route_statement_post(struct exchange *x);
void route_statement_list(struct exchange *x);
void route_statement_get(struct exchange *x);
/* routes_market.c */
void route_currency_put(struct exchange *x);
void route_currency_get(struct exchange *x);
void route_currency_list(struct exchange *x);
void route_instrument_put(struct exchange *x);
void route_instrument_state_put(struct exchange *x);
void route_instrument_get(struct exchange *x);
void route_instrument_list(struct exchange *x);
void route_quote_put(struct exchange *x);
void route_book_get(struct exchange *x);
void route_trade_list(struct exchange *x);
void route_candle_list(struct exchange *x);
void route_end_of_day(struct exchange *x);
/* routes_trading.c */
void route_trading_put(struct exchange *x);
void route_trading_get(struct exchange *x);
void route_margin_check(struct exchange *x);
/* routes_gtt.c */
void route_gtt_place(struct exchange *x);
void route_gtt_list(struct exchange *x);
void route_gtt_get(struct exchange *x);
void route_gtt_modify(struct exchange *x);
void route_gtt_delete(struct exchange *x);
/* routes_accounts.c */
void route_account_put(struct exchange *x);
void route_account_cash(struct exchange *x);
void route_account_get(struct exchange *x);
void route_account_list(struct exchange *x);
void route_position_list(struct exchange *x);
/* routes_history.c */
void route_whatif(struct exchange *x);
void route_snapshot_create(struct exchange *x);
void route_snapshot_list(struct exchange *x);
/* routes_system.c */
void route_health(struct exchange *x);
void route_livez(struct exchange *x);
void route_readyz(struct exchange *x);
void route_metrics(struct exchange *x);
void route_openapi(struct exchange *x);

#endif
