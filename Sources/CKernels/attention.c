// Attention over keys in two runs of rows: the whole forward pass, and the parts of the backward pass
// between its matrix products.
//
// In the forward pass a query's result depends on its own query, keys and values in their order and on
// nothing else: not on the queries that share the call, nor on where the keys are split. Dot products
// are folded across lanes in one way, exponentials are always taken eight at a time, and values are
// added key after key. Blocks only change which cache lines are near.
#include "CKernels.h"
#include "common.h"

#define KEYS_IN_BLOCK 64

CK_INLINE long seen(long visible, long r, long columns) {
    long n = visible + r;
    return n < columns ? n : columns;
}

CK_CLONES void ck_causal_probabilities(float *s, long lds, long rows, long columns, long visible,
                                       float scale, const float *lse, long ldlse) {
    for (long r = 0; r < rows; r++) {
        float *row = s + r * lds;
        long n = seen(visible, r, columns);
        float shift = lse[r * ldlse];
        for (long c = 0; c < n; c++) row[c] = ck_exp(row[c] * scale - shift);
        for (long c = n; c < columns; c++) row[c] = 0;
    }
}

CK_CLONES void ck_softmax_backward(float *dp, long lddp, const float *p, long ldp, long rows,
                                   long columns, const float *dout, long lddo, const float *out,
                                   long ldo, long channels, float scale) {
    for (long r = 0; r < rows; r++) {
        const float *a = dout + r * lddo, *b = out + r * ldo, *prob = p + r * ldp;
        float *row = dp + r * lddp;
        float dot = 0;
        for (long c = 0; c < channels; c++) dot += a[c] * b[c];
        for (long c = 0; c < columns; c++) row[c] = prob[c] * (row[c] - dot) * scale;
    }
}

// --- Forward: scores ---------------------------------------------------------------------------------

// Four sums folded to four numbers, each as ((0+1)+(2+3)) + ((4+5)+(6+7)).
CK_INLINE void fold4(float *out, const lanes *s) {
#pragma clang fp reassociate(off) contract(off)
    lanes ab = __builtin_shufflevector(s[0], s[1], 0, 8, 2, 10, 4, 12, 6, 14) +
               __builtin_shufflevector(s[0], s[1], 1, 9, 3, 11, 5, 13, 7, 15);
    lanes cd = __builtin_shufflevector(s[2], s[3], 0, 8, 2, 10, 4, 12, 6, 14) +
               __builtin_shufflevector(s[2], s[3], 1, 9, 3, 11, 5, 13, 7, 15);
    lanes all = __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13) +
                __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15);
    for (int i = 0; i < 4; i++) out[i] = all[i] + all[i + 4];
}

// Scores of H query heads with K keys; the channels that fill no vector follow one by one.
#define SCORE_TILE(H, K)                                                                           \
    CK_INLINE void score_##H##x##K(float *scores, long lds, const float *q, const float *keys,     \
                                   long ld, long size) {                                           \
        _Pragma("clang fp reassociate(off) contract(fast)")                                        \
        lanes sum[H][4];                                                                           \
        for (int h = 0; h < H; h++)                                                                \
            for (int t = 0; t < 4; t++) sum[h][t] = broadcast(0);                                  \
        long c = 0;                                                                                \
        for (; c + 8 <= size; c += 8) {                                                            \
            lanes query[H];                                                                        \
            for (int h = 0; h < H; h++) query[h] = *(const lanes *)(q + h * size + c);             \
            for (int t = 0; t < K; t++) {                                                          \
                lanes key = *(const lanes *)(keys + t * ld + c);                                   \
                for (int h = 0; h < H; h++) sum[h][t] += query[h] * key;                           \
            }                                                                                      \
        }                                                                                          \
        for (int h = 0; h < H; h++) {                                                              \
            float folded[4];                                                                       \
            fold4(folded, sum[h]);                                                                 \
            for (int t = 0; t < K; t++) {                                                          \
                float total = folded[t];                                                           \
                for (long i = c; i < size; i++) total += q[h * size + i] * keys[t * ld + i];       \
                scores[h * lds + t] = total;                                                       \
            }                                                                                      \
        }                                                                                          \
    }

SCORE_TILE(3, 4)
SCORE_TILE(3, 1)
SCORE_TILE(1, 4)
SCORE_TILE(1, 1)

#define SCORE_KEYS(H)                                                                              \
    for (t = 0; t + 4 <= count; t += 4)                                                            \
        score_##H##x4(scores + h * lds + t, lds, q + h * size, keys + t * ld, ld, size);           \
    for (; t < count; t++)                                                                         \
        score_##H##x1(scores + h * lds + t, lds, q + h * size, keys + t * ld, ld, size);

CK_INLINE void score_block(float *scores, long lds, const float *q, const float *keys, long count,
                           long ld, long heads, long size) {
    long h = 0, t;
    for (; h + 3 <= heads; h += 3) { SCORE_KEYS(3) }
    for (; h < heads; h++) { SCORE_KEYS(1) }
}

// --- Forward: softmax ----------------------------------------------------------------------------------

// Scores to exp(scale · (s − maximum)), padded to whole vectors; their sum and the log of it.
CK_INLINE float exponentials(float *row, long n, float scale, float *lse) {
#pragma clang fp reassociate(off) contract(off)
    float maximum = row[0];
    for (long t = 1; t < n; t++) maximum = row[t] > maximum ? row[t] : maximum;
    for (long t = n; t % 8; t++) row[t] = maximum;
    lanes total = broadcast(0);
    for (long t = 0; t < n; t += 8) {
        lanes e = ck_exp_lanes((*(const lanes *)(row + t) - broadcast(maximum)) * broadcast(scale));
        if (t + 8 > n)
            for (long i = n - t; i < 8; i++) e[i] = 0;
        *(lanes *)(row + t) = e;
        total += e;
    }
    float sum = ((total[0] + total[4]) + (total[1] + total[5])) +
                ((total[2] + total[6]) + (total[3] + total[7]));
    if (lse) *lse = maximum * scale + logf(sum);
    return 1.0f / sum;
}

// --- Forward: values -----------------------------------------------------------------------------------

// Adds weighted values to H heads' outputs, V vectors of channels from `channel` on.
#define VALUE_TILE(H, V)                                                                           \
    CK_INLINE void value_##H##x##V(float *out, const float *weights, long ldw,                     \
                                   const float *values, long count, long ld, long size,            \
                                   long channel) {                                                 \
        _Pragma("clang fp reassociate(off) contract(fast)")                                        \
        lanes sum[H][V];                                                                           \
        for (int h = 0; h < H; h++)                                                                \
            for (int v = 0; v < V; v++)                                                            \
                sum[h][v] = *(const lanes *)(out + h * size + channel + 8 * v);                    \
        for (long t = 0; t < count; t++) {                                                         \
            lanes weight[H];                                                                       \
            for (int h = 0; h < H; h++) weight[h] = broadcast(weights[h * ldw + t]);               \
            for (int v = 0; v < V; v++) {                                                          \
                lanes value = *(const lanes *)(values + t * ld + channel + 8 * v);                 \
                for (int h = 0; h < H; h++) sum[h][v] += weight[h] * value;                        \
            }                                                                                      \
        }                                                                                          \
        for (int h = 0; h < H; h++)                                                                \
            for (int v = 0; v < V; v++)                                                            \
                *(lanes *)(out + h * size + channel + 8 * v) = sum[h][v];                          \
    }

VALUE_TILE(3, 4)
VALUE_TILE(3, 1)
VALUE_TILE(1, 4)
VALUE_TILE(1, 1)

#define VALUE_CHANNELS(H)                                                                          \
    for (c = 0; c + 32 <= size; c += 32)                                                           \
        value_##H##x4(out + h * size, weights + h * ldw, ldw, values, count, ld, size, c);         \
    for (; c + 8 <= size; c += 8)                                                                  \
        value_##H##x1(out + h * size, weights + h * ldw, ldw, values, count, ld, size, c);         \
    for (; c < size; c++)                                                                          \
        for (int i = 0; i < H; i++)                                                                \
            for (long t = 0; t < count; t++)                                                       \
                out[(h + i) * size + c] += weights[(h + i) * ldw + t] * values[t * ld + c];

CK_INLINE void value_block(float *out, const float *weights, long ldw, const float *values,
                           long count, long ld, long heads, long size) {
#pragma clang fp reassociate(off) contract(fast)
    long h = 0, c;
    for (; h + 3 <= heads; h += 3) { VALUE_CHANNELS(3) }
    for (; h < heads; h++) { VALUE_CHANNELS(1) }
}

// --- Forward: all of it ----------------------------------------------------------------------------------

// The part of a block that query i sees, when query 0 sees `visible` keys of the run.
CK_INLINE long within(long start, long visible, long i) {
    long n = visible + i - start;
    return n < 0 ? 0 : n < KEYS_IN_BLOCK ? n : KEYS_IN_BLOCK;
}

CK_CLONES void ck_attention(float *out, long ldo, const float *q, long ldq, long queries, long heads,
                            long size, const float *first_keys, const float *first_values,
                            long first, const float *keys, const float *values, long visible,
                            long ld, float scale, float *scores, long lds, float *lse, long ldlse) {
    long own = visible + queries - 1, lane = heads * lds;
    for (long start = 0; start < first; start += KEYS_IN_BLOCK) {
        long count = first - start < KEYS_IN_BLOCK ? first - start : KEYS_IN_BLOCK;
        for (long i = 0; i < queries; i++)
            score_block(scores + i * lane + start, lds, q + i * ldq, first_keys + start * ld, count,
                        ld, heads, size);
    }
    for (long start = 0; start < own; start += KEYS_IN_BLOCK)
        for (long i = 0; i < queries; i++)
            score_block(scores + i * lane + first + start, lds, q + i * ldq, keys + start * ld,
                        within(start, visible, i), ld, heads, size);
    for (long i = 0; i < queries; i++)
        for (long h = 0; h < heads; h++) {
            float *row = scores + i * lane + h * lds;
            // The last place of a row keeps the inverse of its sum.
            row[lds - 1] = exponentials(row, first + visible + i, scale, lse ? lse + i * ldlse + h : 0);
            for (long c = 0; c < size; c++) out[i * ldo + h * size + c] = 0;
        }
    for (long start = 0; start < first; start += KEYS_IN_BLOCK) {
        long count = first - start < KEYS_IN_BLOCK ? first - start : KEYS_IN_BLOCK;
        for (long i = 0; i < queries; i++)
            value_block(out + i * ldo, scores + i * lane + start, lds, first_values + start * ld,
                        count, ld, heads, size);
    }
    for (long start = 0; start < own; start += KEYS_IN_BLOCK)
        for (long i = 0; i < queries; i++)
            value_block(out + i * ldo, scores + i * lane + first + start, lds, values + start * ld,
                        within(start, visible, i), ld, heads, size);
    for (long i = 0; i < queries; i++)
        for (long h = 0; h < heads; h++) {
            float inverse = scores[i * lane + h * lds + lds - 1];
            for (long c = 0; c < size; c++) out[i * ldo + h * size + c] *= inverse;
        }
}
