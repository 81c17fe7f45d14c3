/* core/state.h - the state of the engine as plain values, in words that outlive the arena: ids from the tape, no indexes.
 * Invariant: the values exported from an engine, imported into an empty one of the same limits, give a state with the same
 * digest and the same future. Snapshots store exactly these; the digest (core/digest.h) hashes exactly these. */
#ifndef ORDERTAPE_CORE_STATE_H
#define ORDERTAPE_CORE_STATE_H

#include "core/limits.h"
#include "core/types.h"

/* Every object's id is seq << 16 | index of the command that made it (index 0 unless said). The first command of a tape
 * makes the house accounts: @fees is index 0, @external 1, @import 2. */

struct currency_state {
    uint64_t id;
    struct name currency;
    uint8_t scale;
};

/* What an instrument is. Prices and ticks are in 10^-price_scale, quantities and lots in 10^-quantity_scale. */
struct instrument_spec {
    struct name symbol;
    struct name currency;
    i128 max_notional; /* smallest currency units; 0: NOTIONAL_MAX */
    int64_t tick, lot;
    int64_t min_quantity, max_quantity; /* 0: none */
    int64_t collar_ppm;                 /* 0: none */
    int64_t maker_fee_rate, taker_fee_rate; /* 10^-8 of the notional */
    uint16_t settlement_days;
    uint8_t price_scale, quantity_scale, currency_scale;
    uint8_t trigger, state;
};

struct instrument_state {
    uint64_t id;
    struct instrument_spec spec;
    /* Greatest common divisors of every tick and every lot the instrument ever had: every price and quantity in state is a
     * multiple of them, and their product is a whole number of currency units, so a notional is always exact. */
    int64_t tick_gcd, lot_gcd;
    int64_t last_price;                         /* of the last trade; 0: none yet */
    int64_t bid, bid_quantity, ask, ask_quantity; /* the last journaled quote; price 0: none */
};

struct account_state {
    uint64_t id;
    struct name account;
    uint32_t leverage; /* hundredths */
    uint8_t type, status;
    bool allow_short;
};

/* free margin = cash + cost_net - margin_used - reserved. For a CASH account cost_net equals margin_used. */
struct balance_state {
    uint64_t account_id, currency_id;
    i128 cash;        /* smallest currency units */
    i128 reserved;    /* sum of the holds of the account's open orders in this currency */
    i128 cost_net;    /* sum of the costs of its positions in this currency, shorts negative */
    i128 margin_used; /* sum of margin_of(cost) of those positions */
};

struct position_state {
    uint64_t account_id, instrument_id;
    int64_t quantity; /* below 0: short */
    i128 cost;        /* what the open quantity cost, with its sign */
    i128 realized;    /* profit of what was closed, before fees */
    int64_t open_buy, open_sell;       /* leaves of the open orders of each side */
    int64_t closing_buy, closing_sell; /* that part of them which only closes */
};

struct order_state {
    uint64_t id, account_id, instrument_id;
    uint64_t priority; /* smaller trades first at one price; also the order within the account */
    int64_t price, quantity, leaves;
    int64_t closing_leaves; /* the part of leaves that closes a position and so needs no hold */
    int64_t created_ns, updated_ns;
    int64_t expires_ns;   /* GTD, else 0 */
    i128 notional_filled; /* sum over its fills */
    i128 fee_accrued;     /* exact fee so far, 10^-8 of a currency unit; charged so far is its round-half-even */
    i128 hold;
    uint8_t side, type, tif, flags; /* flags: enum place_flag */
    uint8_t client_order_id_len;
    char client_order_id[CLIENT_ORDER_ID_BYTES_MAX]; /* zero-padded */
};

enum sweep_kind { SWEEP_NONE = 0, SWEEP_MASS_CANCEL = 1, SWEEP_END_OF_DAY = 2 };
struct sweep_state {
    uint8_t kind;
    uint8_t side;           /* filter; 0 both */
    uint64_t account_id;    /* filter; 0 all */
    uint64_t instrument_id; /* filter; 0 all */
    uint64_t next_order_id; /* where the next CONTINUE begins */
};

/* What belongs to no object. */
struct engine_scalars {
    struct limits limits;
    uint64_t seq;           /* the last command applied; 0: none */
    int64_t now_ns;         /* its time */
    uint64_t priority_next; /* from 1 */
    struct sweep_state sweep;
};

struct book_level {
    int64_t price, quantity;
    uint32_t orders;
};

#endif
