#!/usr/bin/env bash
# An order service: orders are checked against the registry, a LIMIT order goes to the match engine, and its status can be watched.
. "$(dirname "$0")/common.sh"
market

# What is wrong is refused with the field, the value and the limit; nothing rests.
ask POST /api/v1/orders '{"account":"alice","symbol":"NOPE","side":"BUY","quantity":10,"price":"575.00"}'
answers 422 .code UNKNOWN_INSTRUMENT
ask POST /api/v1/orders '{"account":"alice","symbol":"GOOG","side":"BUY","quantity":10,"price":"575.001"}'
answers 422 .code PRICE_OFF_TICK .field price .value 575.001 .limit 0.01
ask POST /api/v1/orders '{"account":"alice","symbol":"GOOG","side":"BUY","quantity":-1,"price":"575.00"}'
answers 422 .code QUANTITY_NOT_POSITIVE
ask POST /api/v1/orders '{"account":"alice","symbol":"GOOG","price":"575.00"}'
answers 400 .code MALFORMED

# A LIMIT order rests in the book; the one that meets it trades at its price.
ask POST /api/v1/orders '{"userId":"alice","symbol":"GOOG","direction":"BUY","quantity":10,"orderType":"LIMIT","price":575,"orderId":"alice-1"}'
answers 201 .status ACKED .venue BOOK .client_order_id alice-1
order=$(answer .order_id)
ask POST /api/v1/orders '{"account":"bob","symbol":"GOOG","side":"SELL","quantity":4,"price":"574.50"}'
answers 201 .status FILLED .average_price 575.00
ask GET /order/alice-1
answers 200 .order_id "$order" .status PARTIALLY_FILLED .filled_quantity 4 .remaining_quantity 6 .average_price 575.00
ask GET "/api/v1/book/GOOG?depth=1"
answers 200 '.bids[0].price' 575.00 '.bids[0].quantity' 6

# The same order id again is not a second order.
ask POST /order '{"userId":"alice","symbol":"GOOG","direction":"BUY","quantity":10,"price":575,"orderId":"alice-1"}'
answers 409 .code DUPLICATE_CLIENT_ORDER_ID

# Everything that happened to it, in order.
ask GET "/api/v1/orders/$order/events"
answers 200 '[.items[].event] | join(" ")' 'placed filled'
stop
echo "limit to book: done"
