#!/usr/bin/env bash
# An order API: place, modify, cancel, good till triggered, positions, trades, accounts; a request that is sent twice is done once.
. "$(dirname "$0")/common.sh"
market

# A key makes a request repeatable: the answer comes again, the order does not.
ask POST /api/v1/orders '{"account":"alice","symbol":"AAPL","side":"BUY","quantity":5,"price":"500.00","tif":"GTC"}' -H 'Idempotency-Key: "order-1"'
answers 201 .status ACKED
order=$(answer .order_id)
cp "$work/answer" "$work/first"
ask PUT "/api/v1/orders/$order" '{"quantity":8,"price":"501.00"}'
answers 200 .quantity 8 .price 501.00
ask POST /api/v1/orders '{ "tif":"GTC", "price":"500.00", "account":"alice","symbol":"AAPL","side":"BUY","quantity":5 }' -H 'Idempotency-Key: order-1'
answers 200 .order_id "$order" .quantity 5
cmp -s "$work/answer" "$work/first" || die "the first answer did not come again"
grep -qi '^idempotent-replayed: true' "$work/headers" || die "it does not say that it is a repeat"
ask POST /api/v1/orders '{"account":"alice","symbol":"AAPL","side":"BUY","quantity":6,"price":"500.00"}' -H 'Idempotency-Key: order-1'
answers 422 .code IDEMPOTENCY_KEY_REUSED

# Modify, cancel, and what is no longer open.
ask PUT "/api/v1/orders/$order" '{"quantity":2}'
answers 200 .quantity 2 .remaining_quantity 2
ask DELETE "/api/v1/orders/$order"
answers 200 .status CANCELLED
ask DELETE "/api/v1/orders/$order"
answers 409 .code ORDER_NOT_OPEN
ask DELETE /api/v1/orders/123
answers 404

# Good till triggered: two prices are waited for, the first that comes sends its order.
ask POST /api/v1/orders '{"account":"bob","symbol":"AAPL","side":"SELL","quantity":5,"price":"585.00"}'
answers 201
ask POST /api/v1/orders '{"account":"alice","symbol":"AAPL","side":"BUY","quantity":5,"price":"585.00"}'
answers 201 .status FILLED
ask POST /api/v1/gtt '{"account":"alice","symbol":"AAPL","side":"SELL","legs":[{"trigger_price":"560.00","price":"559.00","quantity":5},{"trigger_price":"610.00","price":"609.00","quantity":5}]}'
answers 201 .status ACTIVE
gtt=$(answer .gtt_id)
ask PUT "/api/v1/gtt/$gtt" '{"legs":[{"trigger_price":"565.00"},{}]}'
answers 200 .status ACTIVE
ask DELETE "/api/v1/gtt/$gtt"
answers 200 .status DELETED

# What it comes to.
ask GET '/api/v1/positions?account=alice'
answers 200 '.items[0] | "\(.symbol) \(.quantity) @ \(.average_price)"' 'AAPL 5 @ 585.00'
ask GET '/api/v1/trades?account=alice'
answers 200 '.items[0] | "\(.side) \(.quantity) @ \(.price) \(.liquidity)"' 'BUY 5 @ 585.00 TAKER'
ask GET /api/v1/accounts/alice
answers 200 '.balances[0].currency' USD
# The key is still there after a restart.
stop
serve "$work/data"
ask POST /api/v1/orders '{"account":"alice","symbol":"AAPL","side":"BUY","quantity":5,"price":"500.00","tif":"GTC"}' -H 'Idempotency-Key: order-1'
answers 200 .order_id "$order"
cmp -s "$work/answer" "$work/first" || die "the first answer did not come again after a restart"
stop
echo "order API: done"
