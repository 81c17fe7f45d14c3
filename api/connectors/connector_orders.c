/* api/connectors/connector_orders.c - the orders a connector follows: a table by id, and lists by what they wait for.
 *
 *   OUT ── silence ──▶ RETRY 0 ── query told nothing ──▶ RETRY 1 ─ … ─▶ RETRY 5 ⟲
 *    └── answer ──▶ AUDIT ◀── query told ───────────────────┘
 *
 * Every list has one delay, so a list in the order of arrival is a list in the order of time. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/connectors/connector_parts.h"
#include "core/error.h"

int orders_init(struct connector *c)
{
    uint32_t buckets = 1024;
    while (buckets < c->o.orders_max && buckets < (1u << 20)) buckets *= 2;
    c->pool = calloc(c->o.orders_max, sizeof *c->pool); /* mapped when used */
    c->buckets = calloc(buckets, sizeof(*c->buckets));
    c->buckets_mask = buckets - 1;
    return c->pool != NULL && c->buckets != NULL ? 0 : ERR_NO_MEMORY;
}

void orders_free(struct connector *c)
{
    free(c->pool);
    free((void *)c->buckets);
}

static struct tracked **bucket_of(const struct connector *c, uint64_t order_id)
{
    uint64_t mixed = order_id * 0x9e3779b97f4a7c15u;
    return &c->buckets[(mixed >> 32) & c->buckets_mask];
}

struct tracked *order_of(const struct connector *c, uint64_t order_id)
{
    struct tracked *t = *bucket_of(c, order_id);
    while (t != NULL && t->order_id != order_id) t = t->next_in_bucket;
    return t;
}

static int64_t list_delay_ns(const struct connector *c, unsigned list)
{
    if (list == LIST_OUT) return c->o.answer_wait_ns;
    if (list == LIST_AUDIT) return c->o.audit_ns;
    if (list == LIST_NOW) return 0;
    return c->o.retry_ns << (list - LIST_RETRY);
}

static void list_remove(struct connector *c, struct tracked *t)
{
    if (t->before != NULL)
        t->before->after = t->after;
    else
        c->lists[t->list].first = t->after;
    if (t->after != NULL)
        t->after->before = t->before;
    else
        c->lists[t->list].last = t->before;
}

static void list_append(struct connector *c, struct tracked *t, unsigned list, int64_t now_ns)
{
    t->list = (uint8_t)list;
    t->due_ns = now_ns + list_delay_ns(c, list);
    t->after = NULL;
    t->before = c->lists[list].last;
    if (t->before != NULL)
        t->before->after = t;
    else
        c->lists[list].first = t;
    c->lists[list].last = t;
}

void order_move(struct connector *c, struct tracked *t, unsigned list, int64_t now_ns)
{
    assert(list < LISTS_COUNT);
    list_remove(c, t);
    list_append(c, t, list, now_ns);
}

struct tracked *order_track(struct connector *c, uint64_t order_id, int64_t now_ns)
{
    assert(order_of(c, order_id) == NULL);
    struct tracked *t = c->free;
    if (t != NULL)
        c->free = t->next_in_bucket;
    else if (c->pool_used < c->o.orders_max)
        t = &c->pool[c->pool_used++];
    else
        return NULL;
    struct tracked **bucket = bucket_of(c, order_id);
    *t = (struct tracked){.order_id = order_id, .next_in_bucket = *bucket, .sent_ns = now_ns};
    *bucket = t;
    list_append(c, t, LIST_AUDIT, now_ns);
    c->orders++;
    return t;
}

void order_forget(struct connector *c, struct tracked *t)
{
    order_set_doubt(c, t, false);
    list_remove(c, t);
    struct tracked **at = bucket_of(c, t->order_id);
    while (*at != t) at = &(*at)->next_in_bucket;
    *at = t->next_in_bucket;
    *t = (struct tracked){.next_in_bucket = c->free};
    c->free = t;
    c->orders--;
}

void order_set_doubt(struct connector *c, struct tracked *t, bool doubt)
{
    if (doubt != t->doubt) c->in_doubt += doubt ? 1 : -1u;
    t->doubt = doubt;
}

void order_settle(struct connector *c, struct tracked *t, int64_t now_ns)
{
    order_set_doubt(c, t, false);
    t->pending = PENDING_NONE;
    t->request = 0;
    t->query = 0;
    t->retries = 0;
    order_move(c, t, LIST_AUDIT, now_ns);
}

void order_retry(struct connector *c, struct tracked *t, int64_t now_ns)
{
    t->query = 0;
    order_move(c, t, LIST_RETRY + t->retries, now_ns);
    if (t->retries + 1 < CONNECTOR_RETRIES) t->retries++;
}

void order_ask(struct connector *c, struct tracked *t, enum pending pending, int64_t now_ns)
{
    t->pending = (uint8_t)pending;
    t->request = ++c->request_last;
    t->query = 0;
    t->retries = 0;
    t->sent_ns = now_ns;
    order_set_doubt(c, t, false);
    order_move(c, t, LIST_OUT, now_ns);
}
