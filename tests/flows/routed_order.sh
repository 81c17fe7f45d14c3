#!/usr/bin/env bash
# An order-entry service: an order is routed to a broker, waits while no broker is there, is sent when one comes up, filled, settled; every
# decision is on record with who asked.
. "$(dirname "$0")/common.sh"
market

# Orders of account 1 go to ZERODHA_SIM; large ones to either broker.
ask PUT /api/v1/routing '{"rules":[{"account":"1","min_quantity":1000,"venues":["ALPACA_SIM","ZERODHA_SIM"]},{"account":"1","venues":["ZERODHA_SIM"]}]}'
answers 200

# The broker is down: the order is accepted, its money is held, and it waits.
ask PUT /api/v1/venues/ZERODHA_SIM '{"state":"DOWN"}'
answers 200 .state DOWN
ask POST /api/v1/orders '{"account":"1","symbol":"GOOG","side":"BUY","quantity":10,"price":"575.20","client_order_id":"entry-1"}' -H 'X-Actor: desk-7' -H 'X-Request-Id: req-1'
answers 201 .status PENDING_ROUTE .venue null
order=$(answer .order_id)
ask GET "/api/v1/orders?status=PENDING_ROUTE"
answers 200 '.items | length' 1

# It comes up: the order is sent, acknowledged under the broker's own id, and filled by the quote (575.10).
ask PUT /api/v1/venues/ZERODHA_SIM '{"state":"UP"}' -H 'X-Actor: operator'
answers 200 .state UP
becomes "/api/v1/orders/$order" .status FILLED
ask GET "/api/v1/orders/$order"
answers 200 .venue ZERODHA_SIM .route ZERODHA_SIM .average_price 575.10 '.ext_order_id | test("^[0-9]{15}$")' true

# The audit: both decisions, the rule, the candidates, the choice; and who asked for what.
ask GET "/api/v1/orders/$order/routes"
answers 200 '[.items[] | "\(.attempt) \(.cause) rule \(.rule) \(.candidates | join(",")) -> \(.chosen // "nobody")"] | join("; ")' \
  '1 PLACED rule 2 ZERODHA_SIM -> nobody; 2 VENUE_UP rule 2 ZERODHA_SIM -> ZERODHA_SIM'
ask GET "/api/v1/orders/$order/events"
answers 200 '[.items[].event] | join(" ")' 'placed routed routed acked executed filled' \
  '.items[0] | "\(.command) \(.actor) \(.request_id)"' 'place desk-7 req-1' '.items[2] | "\(.command) \(.actor)"' 'set_venue operator'

# What came in by exec_id is a trade with the broker's house account on the other side.
ask GET "/api/v1/trades?order_id=$order"
answers 200 '.items | length' 1 '.items[0].venue' ZERODHA_SIM '.items[0].exec_id != null' true

# It settles at the end of its day, or now.
ask POST "/api/v1/orders/$order/settle" '{}'
answers 200 .status SETTLED
ask POST "/api/v1/orders/$order/settle" '{}'
answers 409 .code SETTLE_NOT_ALLOWED

# Routing by hand: both brokers are down, an operator sends the order to the book instead.
for venue in ZERODHA_SIM ALPACA_SIM; do
  ask PUT /api/v1/venues/$venue '{"state":"DOWN"}'
  answers 200
done
ask POST /api/v1/orders '{"account":"1","symbol":"GOOG","side":"BUY","quantity":1000,"price":"560.00"}'
answers 201 .status PENDING_ROUTE
waiting=$(answer .order_id)
ask POST "/api/v1/orders/$waiting/route" '{}'
answers 409 .code VENUE_DOWN
ask POST "/api/v1/orders/$waiting/route" '{"venue":"BOOK"}'
answers 200 .status ACKED .venue BOOK
ask GET "/api/v1/book/GOOG?depth=1"
answers 200 '.bids[0].price' 560.00
stop
echo "routed order: done"
