/* core/digest.h - one number for the meaning of a state.
 * digest = sum mod 2^128, over every object of the state, of XXH3-128 (seed 0) of the object's canonical element.
 * An element is a tag byte followed by the object's fields, little-endian, in the order given here, without padding; i128 is
 * 16 bytes two's complement, a name its 24 bytes, bool one byte. An object whose fields other than its ids are all zero adds
 * nothing. It covers everything that can change a later event, and nothing else: no pool index, no address, no hash layout, no
 * sum that the orders and positions themselves give (reserved, cost_net, margin_used, open and closing quantities).
 *
 *   'L' limits        the fields of struct limits in the order of LIMITS(X), u32 each
 *   'S' scalars       now_ns i64, priority_next u64, trading u8
 *   'W' sweep         kind u8, side u8, stage u8, all u8, account_id, currency_id, instrument_id, next_order_id, end_order_id u64
 *                     (only while kind != 0)
 *   'C' currency      id u64, currency, scale u8
 *   'I' instrument    id u64, symbol, currency, max_notional i128, tick, lot, min_quantity, max_quantity, collar_ppm,
 *                     maker_fee_rate, taker_fee_rate (i64 each), max_leverage u32, settlement_days u16, price_scale u8,
 *                     quantity_scale u8, currency_scale u8, trigger u8, state u8, mark u8, trading u8, halt_on_breach u8,
 *                     tick_gcd i64, lot_gcd i64
 *   'M' market        instrument id u64, last_price, bid, bid_quantity, ask, ask_quantity, range_low, range_high,
 *                     auction_price (i64 each)
 *   'A' account       id u64, account, leverage u32, type u8, status u8, stp u8, allow_short u8
 *   'R' risk limits   account id u64, max_order_quantity, max_position, max_order_notional i128, maker_fee_rate, taker_fee_rate,
 *                     margin_call_ppm, liquidation_ppm i64, max_open_orders, max_orders_per_second u32, own_maker_fee,
 *                     own_taker_fee u8, rate_tat_ns i64 (only when something after the id is not 0)
 *   'B' balance       account_id u64, currency_id u64, cash i128
 *   'P' position      account_id u64, instrument_id u64, quantity i64, cost i128, realized i128
 *   'O' order         id, account_id, instrument_id, priority u64; price, quantity, leaves, closing_leaves,
 *                     expires_ns i64; notional_filled, fee_accrued, hold i128; side, type, tif, flags, stp u8
 *   'X' order extra   order id u64; stop_price, trail, display_quantity, shown, hold_price, due i64; follow u64; leverage u32;
 *                     venue, phase, link, member, activation, direction u8 (only when something after the id is not 0)
 *   'T' client id     order id u64, then the client_order_id's bytes (only when there is one)
 *   'V' venue         id u64, venue, number u8, state u8, simulated u8
 *   'G' routing rule  number u32 (from 1), account, symbol, min_quantity mantissa i64 and scale u8, max_quantity likewise, the four
 *                     venues, type u8, side u8
 *   'D' route         order_id, account_id, instrument_id, wait u64; due_ns, new_price, new_quantity, new_stop_price, old_quantity,
 *                     filled i64; notional_filled, fee_accrued i128; attempt, tries, refused u32; venue, state, doubt, reason, side,
 *                     open, asked, manual_review u8; then the ext_order_id's bytes
 *   'E' execution     order_id u64, number u32, price, quantity i64, notional, fee_accrues i128, busted u8; then the exec_id's bytes
 *   'U' used id       account_id, order_id u64, used_ns i64; then the client_order_id's bytes
 *   'K' key           key lo, hi, body lo, hi, seq u64, used_ns i64
 * A state before its SET_LIMITS has digest 0: 'L' and 'S' appear with that command. */
#ifndef ORDERTAPE_CORE_DIGEST_H
#define ORDERTAPE_CORE_DIGEST_H

#include "core/state.h"

struct digest {
    uint64_t lo, hi;
};
enum { DIGEST_TEXT_BYTES = 33 };

/* The element of one object, as above. 0 for an object that adds nothing. Pure; any thread. */
u128 digest_limits(const struct limits *l);
u128 digest_scalars(const struct engine_scalars *s); /* 'S' and, when pending, 'W'; not 'L' */
u128 digest_currency(const struct currency_state *c);
u128 digest_instrument(const struct instrument_state *i); /* 'I' */
u128 digest_market(const struct instrument_state *i);     /* 'M' */
u128 digest_account(const struct account_state *a); /* 'A' + 'R' */
u128 digest_account_rules(const struct account_state *a); /* 'R' alone */
u128 digest_balance(const struct balance_state *b);
u128 digest_position(const struct position_state *p);
u128 digest_order(const struct order_state *o); /* 'O' + 'X' + 'T' */
u128 digest_venue(const struct venue_state_row *v, uint8_t number);
u128 digest_rule(const struct route_rule *r, uint32_t number);
u128 digest_route(const struct route_state *r);
u128 digest_execution(const struct execution_state *x);
u128 digest_used_id(const struct client_id_state *c);
u128 digest_key(const struct key_state *k);
u128 digest_order_plain(const struct order_state *o); /* 'O' alone; looks at nothing that only the others hash */

/* 32 lower-case hex digits, high half first, and a NUL. */
void digest_to_text(struct digest d, char room[DIGEST_TEXT_BYTES]);
bool digest_equal(struct digest a, struct digest b);

#endif
