/* core/types.h - the words that commands, events and state are made of.
 * Invariant: every type here has one meaning for every byte it holds: names are zero-padded, decimals carry their
 * scale, enums have a number that is on the tape and therefore never changes, and a text to and from JSON. */
#ifndef ORDERTAPE_CORE_TYPES_H
#define ORDERTAPE_CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef __int128 i128;
typedef unsigned __int128 u128;

/* A symbol, account, currency or venue. At most NAME_CHARS_MAX bytes of printable ASCII without space, '"' and '\\',
 * then zeros to the end, so that two names are equal when their 24 bytes are. The empty name means "none". */
enum { NAME_BYTES = 24, NAME_CHARS_MAX = NAME_BYTES - 1 };
struct name {
    char bytes[NAME_BYTES];
};

/* Text that somebody else owns (client_order_id, tag): valid as long as its owner says. */
struct text {
    const char *bytes;
    uint32_t len_bytes;
};
enum { CLIENT_ORDER_ID_BYTES_MAX = 64, TAG_BYTES_MAX = 64, REQUEST_ID_BYTES_MAX = 64 };
/* What a broker calls an order (ext_order_id) and an execution (exec_id), and what it says beside a no. */
enum { EXT_ID_BYTES_MAX = 64, REASON_BYTES_MAX = 96 };

/* mantissa / 10^scale, as the caller wrote it: 145.50 is {14550, 2}. scale <= DECIMAL_SCALE_MAX.
 * A decimal that was not given is {0, DECIMAL_ABSENT}. */
enum { DECIMAL_SCALE_MAX = 9, CASH_SCALE_MAX = 18, DECIMAL_ABSENT = 255 };
struct decimal {
    int64_t mantissa;
    uint8_t scale;
};

/* An amount of cash: mantissa / 10^scale, scale <= CASH_SCALE_MAX. */
struct amount {
    i128 mantissa;
    uint8_t scale;
};

/* Enums: X(number, NAME). The number stands on the tape. 0 is always "none". */
#define SIDES(X) X(1, BUY) X(2, SELL)
#define ORDER_TYPES(X) X(1, LIMIT) X(2, MARKET) X(3, STOP) X(4, STOP_LIMIT)
/* FIX 59: DAY 0, GTC 1, ON_OPEN 2, IOC 3, FOK 4, GTD 6, ON_CLOSE 7. */
#define TIFS(X) X(1, DAY) X(2, GTC) X(3, GTD) X(4, IOC) X(5, FOK) X(6, ON_OPEN) X(7, ON_CLOSE)
#define STPS(X) X(1, NONE) X(2, CANCEL_NEWEST) X(3, CANCEL_OLDEST) X(4, CANCEL_BOTH) X(5, DECREMENT)
#define ACCOUNT_TYPES(X) X(1, CASH) X(2, MARGIN) X(3, HOUSE)
#define ACCOUNT_STATUSES(X) X(1, ACTIVE) X(2, REDUCING) X(3, HALTED)
#define INSTRUMENT_STATES(X) X(1, CONTINUOUS) X(2, HALTED) X(3, CLOSED) X(4, PRE_OPEN) X(5, AUCTION)
/* Which price elects stops, and which one marks positions. */
#define TRIGGERS(X) X(1, LAST) X(2, QUOTE)
/* Where orders execute. In orders and events 0 stands for BOOK; brokers have the numbers from VENUE_BROKER_FIRST on, in the order in
 * which they were set, and VENUE_NONE is an order that no venue takes yet. */
#define VENUES(X) X(1, BOOK) X(2, QUOTE)
enum { VENUE_BROKER_FIRST = 3, VENUE_NONE = 255 };
#define VENUE_STATES(X) X(1, UP) X(2, DEGRADED) X(3, DOWN)
/* Who changed a venue's state. */
#define VENUE_CAUSES(X) X(1, OPERATOR) X(2, BREAKER)
/* Where an order at a broker stands (docs/ENGINE.md draws it). */
#define BROKER_STATES(X)                                                                                       \
    X(1, ROUTED)         /* to be sent, or sent and not answered */                                            \
    X(2, ACKED)          /* the broker has it */                                                               \
    X(3, PENDING_CANCEL) /* a cancel was asked for and not answered */                                         \
    X(4, PENDING_MODIFY)                                                                                       \
    X(5, UNKNOWN)        /* what was asked last may or may not have happened */                                \
    X(6, PENDING_ROUTE)  /* no venue takes it yet */                                                           \
    X(7, FILLED)         /* done, not settled */                                                               \
    X(8, CANCELLED)      /* done: by request, by the broker, expired or rejected */                            \
    X(9, SETTLED)
/* What a broker, or an operator in its place, reports of an order. */
#define REPORTS(X)                                                                                             \
    X(1, ACK) X(2, REJECT) X(3, CANCELLED) X(4, CANCEL_REJECTED) X(5, REPLACED) X(6, REPLACE_REJECTED)         \
    X(7, EXPIRED)                                                                                              \
    X(8, UNKNOWN)   /* no answer, or one that cannot be read */                                                \
    X(9, NOT_FOUND) /* asked, the broker says that it never had it */
#define FILL_KINDS(X) X(1, NEW) X(2, BUST) X(3, CORRECT)
/* Why an order was sent where it was. */
#define ROUTE_CAUSES(X)                                                                                        \
    X(1, PLACED) X(2, RETRIED) X(3, VENUE_UP) X(4, VENUE_REJECTED) X(5, BY_HAND) X(6, NOT_FOUND)
/* What stands between orders of one command. OCO: one cancels the other. OTO: one triggers the other. BRACKET: an entry that
 * triggers a take-profit and a stop-loss, which are an OCO pair. */
#define LINKS(X) X(1, OCO) X(2, OTO) X(3, BRACKET)
/* When the children of an OTO or a BRACKET become active. */
#define ACTIVATIONS(X) X(1, FULL_FILL) X(2, EACH_FILL)
/* Where an open order waits. 0 (RESTING) is in the book. */
#define ORDER_PHASES(X)                                                                                        \
    X(1, PENDING_TRIGGER)  /* a stop, or a GTT leg, in the trigger queue */                                    \
    X(2, WAITING)          /* a child whose parent has not filled; in no queue */                              \
    X(3, PARKED)           /* ON_CLOSE, until the instrument's AUCTION */                                      \
    X(4, AT_QUOTE)         /* rests at the QUOTE venue until a quote meets it */                               \
    X(5, ALL_OR_NONE)      /* in the queue of all-or-none orders, beside the book */                           \
    X(6, DISABLED)         /* a GTT leg that was switched off */                                               \
    X(7, PENDING_ROUTE)    /* no venue takes it yet */                                                         \
    X(8, AT_BROKER)        /* sent, or to be sent, to a broker */
#define GTT_STATUSES(X) \
    X(1, ACTIVE) X(2, TRIGGERED) X(3, DISABLED) X(4, EXPIRED) X(5, CANCELLED) X(6, REJECTED) X(7, DELETED)
/* What an order's row in a view can say; DESIGN's state diagram is in docs/ENGINE.md. */
#define ORDER_STATUSES(X) \
    X(1, REJECTED) X(2, ACKED) X(3, PARTIALLY_FILLED) X(4, FILLED) X(5, CANCELLED) X(6, EXPIRED) X(7, PENDING_TRIGGER) \
    X(8, PENDING_ROUTE) X(9, ROUTED) X(10, PENDING_CANCEL) X(11, PENDING_MODIFY) X(12, UNKNOWN) X(13, SETTLED)
/* Why an accepted order ended without being filled. */
#define CANCEL_REASONS(X)                                                                                      \
    X(1, REQUESTED)         /* a CANCEL command */                                                             \
    X(2, MASS_CANCEL)       /* a MASS_CANCEL command */                                                        \
    X(3, IOC_REMAINDER)     /* what an IOC order could not fill at once */                                     \
    X(4, FOK_UNFILLED)      /* a FOK order that could not be filled whole */                                   \
    X(5, MARKET_REMAINDER)  /* what a MARKET order found no counterparty for (inside the collar) */            \
    X(6, WORK_LIMIT)        /* one command may touch work_max orders; the remainder is cancelled */            \
    X(7, REDUCED_TO_FILLED) /* a MODIFY to a quantity at or below what is filled */                            \
    X(8, SELF_TRADE)        /* self-trade prevention */                                                        \
    X(9, REDUCE_ONLY)       /* there is no position left that it could reduce */                               \
    X(10, OCO)              /* the other leg was filled or ended */                                            \
    X(11, PARENT_ENDED)     /* a child whose parent ended without a fill */                                    \
    X(12, EXITED)           /* the rest of an entry, one of whose children was filled */                       \
    X(13, REFUSED)          /* judged when it was triggered or activated; the event's reject says why */       \
    X(14, CASH_SHORT)       /* what a triggered order, or one waiting for a quote, could not pay for */        \
    X(15, AUCTION_REMAINDER) /* what an ON_OPEN or ON_CLOSE order did not get in its auction */                \
    X(16, COLLAR_HALT)      /* its next fill would have been outside the collar: the instrument was halted */  \
    X(17, MIN_QUANTITY)     /* less than its minimum could be had at once */                                   \
    X(18, LIQUIDATION)      /* the account's open orders go before its positions */                            \
    X(19, VENUE_REJECTED)   /* every venue that could take it said no: its row says REJECTED */                \
    X(20, VENUE_CANCELLED)  /* the broker ended it unasked */                                                  \
    X(21, BATCH_CANCEL)     /* a CANCEL_BATCH command */

#define ENUM_VALUE(prefix, number, name) prefix##name = (number),
#define X(n, name) ENUM_VALUE(SIDE_, n, name)
enum side { SIDES(X) SIDE_NUMBER_MAX = 2 };
#undef X
#define X(n, name) ENUM_VALUE(ORDER_TYPE_, n, name)
enum order_type { ORDER_TYPES(X) ORDER_TYPE_NUMBER_MAX = 4 };
#undef X
#define X(n, name) ENUM_VALUE(TIF_, n, name)
enum tif { TIFS(X) TIF_NUMBER_MAX = 7 };
#undef X
#define X(n, name) ENUM_VALUE(STP_, n, name)
enum stp { STPS(X) STP_NUMBER_MAX = 5 };
#undef X
#define X(n, name) ENUM_VALUE(ACCOUNT_TYPE_, n, name)
enum account_type { ACCOUNT_TYPES(X) ACCOUNT_TYPE_NUMBER_MAX = 3 };
#undef X
#define X(n, name) ENUM_VALUE(ACCOUNT_STATUS_, n, name)
enum account_status { ACCOUNT_STATUSES(X) ACCOUNT_STATUS_NUMBER_MAX = 3 };
#undef X
#define X(n, name) ENUM_VALUE(INSTRUMENT_STATE_, n, name)
enum trading_state { INSTRUMENT_STATES(X) INSTRUMENT_STATE_NUMBER_MAX = 5 };
#undef X
#define X(n, name) ENUM_VALUE(TRIGGER_, n, name)
enum trigger { TRIGGERS(X) TRIGGER_NUMBER_MAX = 2 };
#undef X
#define X(n, name) ENUM_VALUE(ORDER_STATUS_, n, name)
enum order_status { ORDER_STATUSES(X) ORDER_STATUS_NUMBER_MAX = 13 };
#undef X
#define X(n, name) ENUM_VALUE(CANCEL_REASON_, n, name)
enum cancel_reason { CANCEL_REASONS(X) CANCEL_REASON_NUMBER_MAX = 21 };
#undef X
#define X(n, name) ENUM_VALUE(VENUE_, n, name)
enum venue { VENUES(X) VENUE_NUMBER_MAX = 2 };
#undef X
#define X(n, name) ENUM_VALUE(LINK_, n, name)
enum link { LINKS(X) LINK_NUMBER_MAX = 3 };
#undef X
#define X(n, name) ENUM_VALUE(ACTIVATION_, n, name)
enum activation { ACTIVATIONS(X) ACTIVATION_NUMBER_MAX = 2 };
#undef X
#define X(n, name) ENUM_VALUE(ORDER_PHASE_, n, name)
enum order_phase { ORDER_PHASE_RESTING = 0, ORDER_PHASES(X) ORDER_PHASE_NUMBER_MAX = 8 };
#undef X
#define X(n, name) ENUM_VALUE(VENUE_STATE_, n, name)
enum venue_state { VENUE_STATES(X) VENUE_STATE_NUMBER_MAX = 3 };
#undef X
#define X(n, name) ENUM_VALUE(VENUE_CAUSE_, n, name)
enum venue_cause { VENUE_CAUSES(X) VENUE_CAUSE_NUMBER_MAX = 2 };
#undef X
#define X(n, name) ENUM_VALUE(BROKER_, n, name)
enum broker_state { BROKER_STATES(X) BROKER_STATE_NUMBER_MAX = 9 };
#undef X
#define X(n, name) ENUM_VALUE(REPORT_, n, name)
enum report { REPORTS(X) REPORT_NUMBER_MAX = 9 };
#undef X
#define X(n, name) ENUM_VALUE(FILL_, n, name)
enum fill_kind { FILL_KINDS(X) FILL_KIND_NUMBER_MAX = 3 };
#undef X
#define X(n, name) ENUM_VALUE(ROUTE_CAUSE_, n, name)
enum route_cause { ROUTE_CAUSES(X) ROUTE_CAUSE_NUMBER_MAX = 6 };
#undef X
#define X(n, name) ENUM_VALUE(GTT_STATUS_, n, name)
enum gtt_status { GTT_STATUSES(X) GTT_STATUS_NUMBER_MAX = 7 };
#undef X

/* The upper-case text of an enum's number, "" for 0, "?" for a number that has no name. Pure; static memory. */
const char *side_text(int number);
const char *order_type_text(int number);
const char *tif_text(int number);
const char *stp_text(int number);
const char *account_type_text(int number);
const char *account_status_text(int number);
const char *instrument_state_text(int number);
const char *trigger_text(int number);
const char *order_status_text(int number);
const char *cancel_reason_text(int number);
const char *venue_text(int number);
const char *link_text(int number);
const char *activation_text(int number);
const char *order_phase_text(int number); /* "" for RESTING */
const char *gtt_status_text(int number);
const char *venue_state_text(int number);
const char *venue_cause_text(int number);
const char *broker_state_text(int number);
const char *report_text(int number);
const char *fill_kind_text(int number);
const char *route_cause_text(int number);

/* The number for a text in any case, or 0 when there is none. Also knows SL (STOP_LIMIT), SL_M (STOP), OPG (ON_OPEN) and
 * CLS (ON_CLOSE). */
int side_from_text(const char *text, size_t len_bytes);
int order_type_from_text(const char *text, size_t len_bytes);
int tif_from_text(const char *text, size_t len_bytes);
int stp_from_text(const char *text, size_t len_bytes);
int account_type_from_text(const char *text, size_t len_bytes);
int account_status_from_text(const char *text, size_t len_bytes);
int instrument_state_from_text(const char *text, size_t len_bytes);
int trigger_from_text(const char *text, size_t len_bytes);
int order_status_from_text(const char *text, size_t len_bytes);
int link_from_text(const char *text, size_t len_bytes);
int activation_from_text(const char *text, size_t len_bytes);
int gtt_status_from_text(const char *text, size_t len_bytes);
int venue_state_from_text(const char *text, size_t len_bytes);
int venue_cause_from_text(const char *text, size_t len_bytes);
int report_from_text(const char *text, size_t len_bytes);
int fill_kind_from_text(const char *text, size_t len_bytes);

/* Fills *n from text. Returns 0, or ERR_USAGE (too long, empty, or a character a name may not hold) with *n empty. */
int name_from_text(struct name *n, const char *text, size_t len_bytes);
bool name_equal(const struct name *a, const struct name *b);
bool name_empty(const struct name *n);
size_t name_len(const struct name *n);
/* A name from a literal that is known to be good (asserted). */
struct name name_of(const char *literal);

/* "145.50" -> {14550, 2}; sign, digits, one '.', at most DECIMAL_SCALE_MAX decimals (after dropping trailing zeros beyond
 * it), no exponent other than the JSON form e/E which is applied exactly. Returns 0, or ERR_USAGE with *d absent. */
int decimal_from_text(struct decimal *d, const char *text, size_t len_bytes);
int amount_from_text(struct amount *a, const char *text, size_t len_bytes);
/* Writes value / 10^scale with exactly `scale` decimals ("145.50", "-0.05", "7") and a NUL; returns its length.
 * room must be at least DECIMAL_TEXT_BYTES_MAX. */
enum { DECIMAL_TEXT_BYTES_MAX = 64 };
size_t decimal_to_text(i128 value, unsigned scale, char *room);

/* 10^exponent for exponent 0..18. */
int64_t pow10_i64(unsigned exponent);

#endif
