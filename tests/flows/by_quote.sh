#!/usr/bin/env bash
# An execution service: market and stop orders against the best bid and ask of the last quote, what was taken of it is gone, the average is
# weighted; every trade can be read, and candles are made of them.
. "$(dirname "$0")/common.sh"
market

# Nobody is in the book, so a MARKET order goes to where a quote is.
ask PUT /api/v1/quotes/GOOG '{"bid":"574.90","bid_quantity":30,"ask":"575.10","ask_quantity":20}'
answers 200
ask POST /api/v1/orders '{"account":"1","symbol":"GOOG","side":"BUY","quantity":50,"type":"MARKET"}'
answers 201 .venue QUOTE .status PARTIALLY_FILLED .filled_quantity 20 .remaining_quantity 30 .average_price 575.10
order=$(answer .order_id)
# The rest waits for the next quote: 20 at 575.10 and 30 at 575.60 are 575.40 on average.
ask PUT /api/v1/quotes/GOOG '{"bid":"575.40","bid_quantity":30,"ask":"575.60","ask_quantity":100}'
answers 200
ask GET "/api/v1/orders/$order"
answers 200 .status FILLED .average_price 575.40 .remaining_quantity 0

# A stop waits until the market is there. This instrument's stops look at the quote.
ask PUT /api/v1/instruments/GOOG '{"trigger":"QUOTE"}'
answers 200
ask POST /api/v1/orders '{"account":"1","symbol":"GOOG","side":"SELL","quantity":10,"type":"SL_M","trigger_price":"570.00","reduce_only":true,"tif":"GTC"}'
answers 201 .status PENDING_TRIGGER .venue QUOTE
stop_order=$(answer .order_id)
ask PUT /api/v1/quotes/GOOG '{"bid":"569.50","bid_quantity":30,"ask":"570.50","ask_quantity":100}'
answers 200
ask GET "/api/v1/orders/$stop_order"
answers 200 .status FILLED .average_price 569.50

# The trade stream: who, what, how much, at which price.
ask GET '/api/v1/trades?account=1'
answers 200 '[.items[] | "\(.side) \(.quantity) @ \(.price)"] | join(", ")' 'BUY 20 @ 575.10, BUY 30 @ 575.60, SELL 10 @ 569.50'
ask GET '/api/v1/positions?account=1'
answers 200 '.items[0].quantity' 40
ask GET '/api/v1/candles/GOOG?interval=1d&venue=QUOTE'
answers 200 '.items[0] | "\(.open) \(.high) \(.low) \(.close) \(.volume)"' '575.10 575.60 569.50 569.50 60'
stop
echo "by quote: done"
