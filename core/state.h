/* core/state.h - the state of the engine as plain values, in words that outlive the arena: ids from the tape, no indexes.
 * Invariant: the values exported from an engine, imported into an empty one of the same limits, give a state with the same
 * digest and the same future. Snapshots store exactly these; the digest (core/digest.h) hashes exactly these. */
#ifndef ORDERTAPE_CORE_STATE_H
#define ORDERTAPE_CORE_STATE_H

#include "core/command.h"
#include "core/limits.h"
#include "core/types.h"

/* Every object's id is seq << 16 | index of the command that made it (index 0 unless said). The first command of a tape
 * makes the house accounts: @fees is index 0, @external 1, @import 2, @QUOTE 3. */

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
    uint32_t max_leverage;              /* hundredths; 0: the account's */
    uint16_t settlement_days;
    uint8_t price_scale, quantity_scale, currency_scale;
    uint8_t trigger, state, mark, trading; /* trading: enum account_status, ACTIVE is 0 here */
    bool halt_on_breach;
};

struct instrument_state {
    uint64_t id;
    struct instrument_spec spec;
    /* Greatest common divisors of every tick and every lot the instrument ever had: every price and quantity in state is a
     * multiple of them, and their product is a whole number of currency units, so a notional is always exact. */
    int64_t tick_gcd, lot_gcd;
    int64_t last_price;                         /* of the last trade; 0: none yet */
    int64_t bid, bid_quantity, ask, ask_quantity; /* the last journaled quote, less what was taken of it; price 0: none */
    /* Prices seen since the stops were last looked at; 0, 0: none. Not 0 between commands only while work is pending. */
    int64_t range_low, range_high;
    int64_t auction_price; /* while an uncross is pending: its price; else 0 */
};

/* All zero: none. */
struct account_limits {
    i128 max_order_quantity, max_position; /* 10^-9 */
    i128 max_order_notional;               /* 10^-9 of a unit of whatever currency the instrument has */
    int64_t maker_fee_rate, taker_fee_rate; /* 10^-8 of the notional */
    int64_t margin_call_ppm, liquidation_ppm;
    uint32_t max_open_orders, max_orders_per_second;
    bool own_maker_fee, own_taker_fee; /* false: the instrument's rate counts */
};

struct account_state {
    uint64_t id;
    struct name account;
    uint32_t leverage; /* hundredths */
    uint8_t type, status, stp; /* stp NONE is 0 here */
    bool allow_short;
    struct account_limits limits;
    int64_t rate_tat_ns; /* token bucket: the time at which it will be full again; 0 when there is no rate limit */
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

/* What only some orders have. All zero: none of it. Prices and quantities at the instrument's scales. */
struct order_extra_state {
    int64_t stop_price;       /* while PENDING_TRIGGER, WAITING or DISABLED; 0 once triggered */
    int64_t trail;            /* distance in price, or ppm with PLACE_TRAIL_PERCENT; 0: the stop does not follow */
    int64_t display_quantity; /* iceberg; 0: all is shown */
    int64_t shown;            /* of an iceberg that rests: what is shown of its leaves */
    int64_t hold_price;       /* what the hold of an order without a limit price is worth per unit; 0: no hold */
    int64_t due;              /* a group's first child: what its parent filled and no child was activated for yet */
    uint64_t follow;          /* not 0: its place in the order in which children are activated */
    uint32_t leverage;        /* hundredths; 0: the account's and instrument's */
    uint8_t venue;            /* 0: BOOK; else its number; VENUE_NONE: PENDING_ROUTE */
    uint8_t phase;            /* enum order_phase */
    uint8_t link;             /* of the group it belongs to */
    uint8_t member;           /* 0: the entry, or an OCO pair's first; 1, 2: the index of its id */
    uint8_t activation;
    uint8_t direction; /* PENDING_TRIGGER, DISABLED: SIDE_SELL waits for a price at or above (UP), SIDE_BUY at or below (DOWN) */
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
    uint8_t side, type, tif, flags; /* type: what it is now (a triggered STOP is MARKET); flags: enum place_flag */
    uint8_t stp;                    /* NONE is 0 here */
    struct order_extra_state extra;
    uint8_t client_order_id_len;
    char client_order_id[CLIENT_ORDER_ID_BYTES_MAX]; /* zero-padded */
};

/* Work that did not fit into one command. docs/ENGINE.md says how each goes on. */
enum sweep_kind {
    SWEEP_NONE = 0,
    SWEEP_MASS_CANCEL = 1,
    SWEEP_END_OF_DAY = 2,
    SWEEP_AUCTION = 3,  /* an instrument changes its session: joining, self-trade prevention, uncross, remainders */
    SWEEP_MARGIN = 4,   /* accounts are compared with their margin */
    SWEEP_CASCADE = 5,  /* never in state: what SWEPT says of a CONTINUE that had only triggers and children to do */
    SWEEP_ROUTES = 6,   /* a venue came up: orders that wait for one are decided again */
    SWEEP_BATCH = 7     /* the orders of a batch are cancelled */
};
struct sweep_state {
    uint8_t kind;
    uint8_t side;           /* filter; 0 both. AUCTION: the state it goes to */
    uint8_t stage;          /* AUCTION, MARGIN: how far it is (docs/ENGINE.md) */
    bool all;               /* MARGIN: every account, not one */
    uint64_t account_id;    /* filter; 0 all. MARGIN: the account at hand */
    uint64_t currency_id;   /* MARGIN: the currency at hand */
    uint64_t instrument_id; /* filter; 0 all. AUCTION: which; MARGIN: the last one whose position was dealt with */
    uint64_t next_order_id; /* where the next CONTINUE begins; 0 where the stage needs none. BATCH: the next id to look for */
    uint64_t end_order_id;  /* BATCH: the first id that is not looked for */
};

/* Venues, in the order in which they were made: the first is BOOK, the second QUOTE. */
struct venue_state_row {
    uint64_t id; /* of BOOK and QUOTE: SET_LIMITS's, index 4 and 5 */
    struct name venue;
    uint8_t state; /* enum venue_state */
    bool simulated;
};

/* What an order has to do with brokers: from its first decision until it has settled and lingered. */
struct route_state {
    uint64_t order_id;
    uint64_t account_id, instrument_id;
    i128 notional_filled, fee_accrued; /* once the order has left the state (see open): what it was; else 0 */
    int64_t filled;                    /* the same */
    int64_t due_ns;                    /* of its timer: the next decision, settlement, or its end; 0: none */
    int64_t new_price, new_quantity, new_stop_price; /* PENDING_MODIFY, and UNKNOWN of one: what was asked for */
    int64_t old_quantity;                            /* the same: the order's before */
    uint64_t wait;     /* PENDING_ROUTE: its place among those that wait (from the priority counter); else 0 */
    uint32_t attempt;  /* how often it was decided where it goes */
    uint32_t tries;    /* of them, since it waits, in vain */
    uint32_t refused;  /* venues that rejected it: bit number - 1 */
    uint8_t venue;     /* number of the broker; 0: PENDING_ROUTE */
    uint8_t state;     /* enum broker_state */
    uint8_t doubt;     /* UNKNOWN: the state before it */
    uint8_t reason;    /* enum cancel_reason with which a cancel that was asked for ends it; 0: it expires */
    uint8_t side;
    bool open;         /* the order is in the state */
    uint8_t asked;     /* the number of the venue that the order named; 0: it named none */
    bool manual_review;
    uint8_t ext_order_id_len;
    char ext_order_id[EXT_ID_BYTES_MAX]; /* zero-padded */
};

/* A fill of such an order. */
struct execution_state {
    uint64_t order_id;
    uint32_t number; /* from 1 within the order */
    int64_t price, quantity;
    i128 notional, fee_accrues; /* exact fee, 10^-8 of a unit */
    bool busted;
    uint8_t exec_id_len;
    char exec_id[EXT_ID_BYTES_MAX]; /* zero-padded; empty: simulated without one */
};

/* A client_order_id that its account may not use again yet. */
struct client_id_state {
    uint64_t account_id, order_id;
    int64_t used_ns; /* when; 0: longer ago than key_ttl_s, but its order is open */
    uint8_t client_order_id_len;
    char client_order_id[CLIENT_ORDER_ID_BYTES_MAX]; /* zero-padded */
};

/* An idempotency key: the command that first came with it. */
struct key_state {
    struct key_hash key, body;
    uint64_t seq;
    int64_t used_ns;
};

/* What belongs to no object. */
struct engine_scalars {
    struct limits limits;
    uint64_t seq;           /* the last command applied; 0: none */
    int64_t now_ns;         /* its time */
    uint64_t priority_next; /* from 1 */
    uint8_t trading;        /* the whole system's: enum account_status, ACTIVE is 0 here */
    struct sweep_state sweep;
};

/* Orders with a limit price; quantity is what they show, hidden what icebergs keep back. */
struct book_level {
    int64_t price;
    i128 quantity, hidden; /* of many accounts: more than fits 64 bits */
    uint32_t orders;
};

#endif
