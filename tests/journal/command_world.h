/* tests/journal/command_world.h - commands to put on a tape, and how a tape is folded again. */
#ifndef ORDERTAPE_TESTS_JOURNAL_COMMAND_WORLD_H
#define ORDERTAPE_TESTS_JOURNAL_COMMAND_WORLD_H

#include "journal/fold.h"
#include "journal/records.h"
#include "tests/journal/tape_world.h"

static inline struct limits world_limits(void)
{
    return (struct limits){.orders_max = 20000,
                           .levels_max = 1000,
                           .instruments_max = 10,
                           .accounts_max = 20,
                           .positions_max = 100,
                           .balances_max = 100,
                           .currencies_max = 4,
                           .timers_max = 1000,
                           .work_max = 5,
                           .routes_max = 100,
                           .executions_max = 100,
                           .client_ids_max = 20000,
                           .keys_max = 4,
                           .key_ttl_s = 3600,
                           .linger_s = 3600};
}

static inline struct command world_instrument(const char *symbol)
{
    return (struct command){.kind = COMMAND_SET_INSTRUMENT, .set_instrument = {.symbol = name_of(symbol)}};
}

static inline struct command world_account(const char *account)
{
    return (struct command){.kind = COMMAND_SET_ACCOUNT, .set_account = {.account = name_of(account)}};
}

static inline struct command world_cash(const char *account)
{
    return (struct command){
        .kind = COMMAND_MOVE_CASH,
        .move_cash = {.account = name_of(account), .currency = name_of("USD"), .amount = {.mantissa = 100000000}}};
}

/* expires_ns 0: good till cancelled. */
static inline struct command world_buy(const char *account, const char *symbol, int64_t price, int64_t expires_ns)
{
    static const struct decimal absent = {.scale = DECIMAL_ABSENT};
    return (struct command){.kind = COMMAND_PLACE,
                            .place = {.account = name_of(account),
                                      .symbol = name_of(symbol),
                                      .price = {.mantissa = price, .scale = 2},
                                      .quantity = {.mantissa = 1},
                                      .stop_price = absent,
                                      .display_quantity = absent,
                                      .quote_quantity = absent,
                                      .min_quantity = absent,
                                      .trail = absent,
                                      .leverage = absent,
                                      .side = SIDE_BUY,
                                      .type = ORDER_TYPE_LIMIT,
                                      .tif = expires_ns ? TIF_GTD : TIF_GTC,
                                      .expires_ns = expires_ns}};
}

static inline struct command world_mass_cancel(void)
{
    return (struct command){.kind = COMMAND_MASS_CANCEL};
}

/* Folds the tape to its end, comparing every digest on it; f must be empty. Returns the last seq. */
static inline uint64_t world_fold(const struct tape_options *o, struct fold *f)
{
    struct command_reader *r;
    struct tape_report report;
    const struct command *c;
    uint64_t seq = 0;
    int rc;
    fold_init(f);
    assert_int_equal(command_reader_open(o, true, &r, &report), 0);
    while ((rc = command_reader_next(r, &c)) == 0) {
        struct digest d;
        assert_true(fold_apply(f, c) >= 0);
        if (command_reader_digest(r, &d)) assert_true(digest_equal(d, engine_digest(f->engine)));
        seq = c->seq;
    }
    assert_int_equal(rc, ERR_END);
    command_reader_close(r);
    return seq;
}

#endif
