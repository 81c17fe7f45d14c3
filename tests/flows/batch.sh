#!/usr/bin/env bash
# An order orchestrator: a batch with a key, get, simulate a fill, reconcile, and the same key again. The curl lines are those of its users:
# integer ids, portfolio 1, instruments 1 and 2.
. "$(dirname "$0")/common.sh"
market

ask POST /api/v1/orders '{"portfolio_id": 1, "orders": [{"instrument_id": 1, "qty": 100, "side": "BUY", "price_limit": 2500.0}, {"instrument_id": 2, "qty": 50, "side": "SELL", "price_limit": 2600.0}], "idempotency_key": "unique-key-123"}'
answers 201 '.orders | length' 2 '.orders[0].venue' BOOK
batch=$(answer .batch_id)
first=$(answer '.orders[0].order_id')
second=$(answer '.orders[1].order_id')

ask GET "/api/v1/orders/$first"
answers 200 .batch_id "$batch" .account 1 .symbol 1 .quantity 100 .status ACKED

# Before anything is filled: what it would come to.
ask GET "/api/v1/reconcile/$batch"
answers 200 .total_orders 2 .pending_orders 2 .filled_orders 0 '.total_value | tonumber' 380000 '.expected_pnl | tonumber' 5000 '.actual_pnl | tonumber' 0

ask POST "/api/v1/orders/$first/simulate_fill" "{\"fills\": [{\"order_id\": $first, \"fill_price\": 2500.0, \"fill_qty\": 100}]}"
answers 200 .status FILLED .average_price 2500.00
ask POST "/api/v1/orders/$second/simulate_fill" "{\"fills\": [{\"order_id\": $second, \"fill_price\": 2600.0, \"fill_qty\": 50}]}"
answers 200 .status FILLED
ask POST "/api/v1/orders/$second/simulate_fill" "{\"fills\": [{\"order_id\": $second, \"fill_price\": 2600.0, \"fill_qty\": 1}]}"
answers 409

ask GET "/api/v1/reconcile/$batch"
answers 200 .filled_orders 2 .pending_orders 0 .cancelled_orders 0 .rejected_orders 0 '.total_qty | tonumber' 150 '.filled_qty | tonumber' 150 \
  '.total_value | tonumber' 380000 '.filled_value | tonumber' 380000 '.expected_pnl | tonumber' 5000 '.actual_pnl | tonumber' 5000 '.orders | length' 2

# The same key again: the same batch, and no new order.
ask POST /api/v1/orders '{"portfolio_id": 1, "orders": [{"instrument_id": 1, "qty": 100, "side": "BUY", "price_limit": 2500.0}, {"instrument_id": 2, "qty": 50, "side": "SELL", "price_limit": 2600.0}], "idempotency_key": "unique-key-123"}'
answers 200 .batch_id "$batch"
ask GET '/api/v1/orders?account=1'
answers 200 '.items | length' 2

# All or nothing: one order that cannot be accepted keeps the other out.
ask POST /api/v1/orders '{"portfolio_id": 1, "atomic": true, "orders": [{"instrument_id": 1, "qty": 1, "side": "BUY", "price_limit": 2500.0}, {"instrument_id": 1, "qty": 1, "side": "BUY", "price_limit": 0.01}]}'
answers 422 .code PRICE_OFF_TICK
ask GET '/api/v1/orders?account=1&status=OPEN'
answers 200 '.items | length' 0
ask POST /api/v1/orders '{"portfolio_id": 1, "orders": [{"instrument_id": 1, "qty": 1, "side": "BUY", "price_limit": 2400.0}, {"instrument_id": 1, "qty": 1, "side": "BUY", "price_limit": 0.01}]}'
answers 201 '[.orders[].status] | join(" ")' 'ACKED REJECTED'
open=$(answer .batch_id)
ask DELETE "/api/v1/batches/$open"
answers 200 .cancelled 1
ask GET "/api/v1/batches/$open"
answers 200 '[.orders[].status] | join(" ")' 'CANCELLED REJECTED'

ask GET /health
answers 200 .status UP
ask GET /metrics
[ "$status" = 200 ] || die "no metrics"
stop
echo "batch: done"
