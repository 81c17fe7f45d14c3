/* api/router.c - see router.h. Linear: a few dozen patterns cost less to compare than one request to parse. */
#include "api/router.h"

#include <string.h>

#include "api/url.h"

#define READ "consistency "
#define PAGE "limit cursor "

static const struct route table[] = {
    {"POST", "/api/v1/orders", "placeOrder", "", false, route_order_place},
    {"GET", "/api/v1/orders", "listOrders", READ PAGE "account symbol status client_order_id venue manual_review ",
     false, route_order_list},
    {"DELETE", "/api/v1/orders", "massCancel", "account symbol side ", false, route_order_mass_cancel},
    {"GET", "/api/v1/orders/{order_id}", "getOrder", READ, false, route_order_get},
    {"PUT", "/api/v1/orders/{order_id}", "modifyOrder", "", false, route_order_modify},
    {"DELETE", "/api/v1/orders/{order_id}", "cancelOrder", "", false, route_order_cancel},
    {"GET", "/api/v1/orders/{order_id}/events", "listOrderEvents", READ PAGE, false, route_order_events},
    {"POST", "/api/v1/orders/{order_id}/route", "routeOrder", "", false, route_order_route},
    {"POST", "/api/v1/orders/{order_id}/ack", "ackOrder", "", false, route_order_ack},
    {"POST", "/api/v1/orders/{order_id}/report", "reportOrder", "", false, route_order_report},
    {"POST", "/api/v1/orders/{order_id}/fills", "fillOrder", "", false, route_order_fill},
    {"POST", "/api/v1/orders/{order_id}/simulate_fill", "simulateFill", "", false, route_order_simulate_fill},
    {"POST", "/api/v1/orders/{order_id}/settle", "settleOrder", "", false, route_order_settle},
    {"GET", "/api/v1/orders/{order_id}/routes", "listOrderRoutes", READ PAGE, false, route_order_decisions},
    {"GET", "/api/v1/batches/{batch_id}", "getBatch", READ, false, route_batch_get},
    {"DELETE", "/api/v1/batches/{batch_id}", "cancelBatch", "", false, route_batch_cancel},
    {"GET", "/api/v1/reconcile/{batch_id}", "reconcileBatch", READ, false, route_batch_reconcile},
    {"POST", "/api/v1/statements", "postStatement", "", false, route_statement_post},
    {"GET", "/api/v1/statements", "listStatements", READ PAGE, false, route_statement_list},
    {"GET", "/api/v1/statements/{statement_id}", "getStatement", READ "all ", false, route_statement_get},
    {"GET", "/api/v1/venues", "listVenues", READ PAGE, false, route_venue_list},
    {"GET", "/api/v1/venues/{venue}", "getVenue", READ, false, route_venue_get},
    {"PUT", "/api/v1/venues/{venue}", "putVenue", "", false, route_venue_put},
    {"GET", "/api/v1/routing", "getRouting", READ, false, route_routing_get},
    {"PUT", "/api/v1/routing", "putRouting", "", false, route_routing_put},
    {"GET", "/api/v1/idempotency-keys/{key}", "getIdempotencyKey", "actor ", false, route_key_get},
    {"DELETE", "/api/v1/idempotency-keys/{key}", "clearIdempotencyKey", "actor ", false, route_key_clear},
    {"POST", "/order", "placeOrderAlias", "", false, route_order_place},
    {"GET", "/order/{id}", "getOrderAlias", READ, false, route_order_get_any},
    {"GET", "/api/v1/trades", "listTrades", READ PAGE "account symbol order_id venue from to ", false,
     route_trade_list},
    {"GET", "/api/v1/positions", "listPositions", READ PAGE "account ", false, route_position_list},
    {"GET", "/api/v1/accounts", "listAccounts", READ PAGE, false, route_account_list},
    {"GET", "/api/v1/accounts/{account}", "getAccount", READ, false, route_account_get},
    {"PUT", "/api/v1/accounts/{account}", "putAccount", "", false, route_account_put},
    {"POST", "/api/v1/accounts/{account}/cash", "moveCash", "", false, route_account_cash},
    {"GET", "/api/v1/currencies", "listCurrencies", READ PAGE, false, route_currency_list},
    {"GET", "/api/v1/currencies/{currency}", "getCurrency", READ, false, route_currency_get},
    {"PUT", "/api/v1/currencies/{currency}", "putCurrency", "", false, route_currency_put},
    {"GET", "/api/v1/instruments", "listInstruments", READ PAGE, false, route_instrument_list},
    {"GET", "/api/v1/instruments/{symbol}", "getInstrument", READ, false, route_instrument_get},
    {"PUT", "/api/v1/instruments/{symbol}", "putInstrument", "", false, route_instrument_put},
    {"PUT", "/api/v1/instruments/{symbol}/state", "putInstrumentState", "", false, route_instrument_state_put},
    {"PUT", "/api/v1/quotes/{symbol}", "putQuote", "", false, route_quote_put},
    {"PUT", "/api/v1/trading", "putTrading", "", false, route_trading_put},
    {"GET", "/api/v1/trading", "getTrading", READ, false, route_trading_get},
    {"POST", "/api/v1/gtt", "placeGtt", "", false, route_gtt_place},
    {"GET", "/api/v1/gtt", "listGtts", READ PAGE "account symbol status ", false, route_gtt_list},
    {"GET", "/api/v1/gtt/{gtt_id}", "getGtt", READ, false, route_gtt_get},
    {"PUT", "/api/v1/gtt/{gtt_id}", "modifyGtt", "", false, route_gtt_modify},
    {"DELETE", "/api/v1/gtt/{gtt_id}", "deleteGtt", "", false, route_gtt_delete},
    {"POST", "/api/v1/margin-check", "checkMargin", "", false, route_margin_check},
    {"POST", "/api/v1/end-of-day", "endOfDay", "", false, route_end_of_day},
    {"GET", "/api/v1/book/{symbol}", "getBook", READ "depth ", false, route_book_get},
    {"GET", "/api/v1/candles/{symbol}", "listCandles", READ PAGE "interval from to venue ", false, route_candle_list},
    {"GET", "/api/v1/snapshots", "listSnapshots", PAGE, false, route_snapshot_list},
    {"POST", "/api/v1/snapshots", "createSnapshot", "", false, route_snapshot_create},
    {"POST", "/api/v1/whatif", "whatif", "", false, route_whatif},
    {"GET", "/health", "health", "", true, route_health},
    {"GET", "/livez", "livez", "", true, route_livez},
    {"GET", "/readyz", "readyz", "", true, route_readyz},
    {"GET", "/metrics", "metrics", "", true, route_metrics},
    {"GET", "/openapi.json", "openapi", "", true, route_openapi},
};
enum { TABLE_COUNT = sizeof table / sizeof *table };

const struct route *router_table(uint32_t *count)
{
    *count = TABLE_COUNT;
    return table;
}

/* Compares segment by segment; {…} takes any text but the empty one. */
static bool path_matches(const char *pattern, const struct url *u)
{
    unsigned segment = 0;
    for (const char *at = pattern + 1;; segment++) {
        const char *slash = strchr(at, '/');
        size_t len = slash == NULL ? strlen(at) : (size_t)(slash - at);
        if (segment == u->segments_count) return false;
        const char *given = u->segments[segment];
        bool same = at[0] == '{' ? given[0] != '\0' : strlen(given) == len && memcmp(given, at, len) == 0;
        if (!same) return false;
        if (slash == NULL) return segment + 1 == u->segments_count;
        at = slash + 1;
    }
}

enum route_match router_match(const char *method, const struct url *u, uint32_t *index, char *allow)
{
    if (strcmp(method, "HEAD") == 0) method = "GET";
    allow[0] = '\0';
    for (uint32_t i = 0; i < TABLE_COUNT; i++) {
        if (!path_matches(table[i].pattern, u)) continue;
        if (strcmp(table[i].method, method) == 0) {
            *index = i;
            return ROUTE_FOUND;
        }
        if (allow[0] != '\0') strcat(allow, ", ");
        strcat(allow, table[i].method);
    }
    return allow[0] == '\0' ? ROUTE_NO_PATH : ROUTE_NO_METHOD;
}

bool router_query_known(const struct route *r, const struct url *u, const char **unknown)
{
    for (unsigned i = 0; i < u->parameters_count; i++) {
        const char *name = u->parameters[i].name;
        size_t len = strlen(name);
        const char *at = r->query;
        while (at[0] != '\0' && !(strncmp(at, name, len) == 0 && at[len] == ' ')) at = strchr(at, ' ') + 1;
        if (at[0] != '\0') continue;
        *unknown = name;
        return false;
    }
    return true;
}
