// The parts of attention between its matrix products, and the whole of it for one query position.
#include "CKernels.h"
#include "common.h"

CK_INLINE long seen(long visible, long r, long columns) {
    long n = visible + r;
    return n < columns ? n : columns;
}

CK_CLONES void ck_causal_softmax(float *s, long lds, long rows, long columns, long visible,
                                 float scale, float *lse, long ldlse) {
    for (long r = 0; r < rows; r++) {
        float *row = s + r * lds;
        long n = seen(visible, r, columns);
        float maximum = row[0];
        for (long c = 0; c < n; c++) maximum = row[c] > maximum ? row[c] : maximum;
        float sum = 0;
        for (long c = 0; c < n; c++) {
            float e = ck_exp((row[c] - maximum) * scale);
            row[c] = e;
            sum += e;
        }
        float inverse = 1.0f / sum;
        for (long c = 0; c < n; c++) row[c] *= inverse;
        for (long c = n; c < columns; c++) row[c] = 0;
        if (lse) lse[r * ldlse] = maximum * scale + logf(sum);
    }
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

CK_INLINE void score_run(float *scores, const float *q, const float *keys, long count, long ld,
                         long head_size) {
    for (long t = 0; t < count; t++) {
        const float *key = keys + t * ld;
        float dot = 0;
        for (long c = 0; c < head_size; c++) dot += q[c] * key[c];
        scores[t] = dot;
    }
}

CK_INLINE void value_run(float *out, const float *weights, const float *values, long count, long ld,
                         long head_size) {
    for (long t = 0; t < count; t++) {
        const float *value = values + t * ld;
        float weight = weights[t];
        for (long c = 0; c < head_size; c++) out[c] += weight * value[c];
    }
}

CK_CLONES void ck_attention_single(float *out, const float *q, long heads, long head_size,
                                   const float *first_keys, const float *first_values, long first,
                                   const float *second_keys, const float *second_values,
                                   long second, long ld, float scale, float *scores, float *lse) {
    long total = first + second;
    for (long h = 0; h < heads; h++) {
        const float *query = q + h * head_size;
        float *row = scores + h * total, *result = out + h * head_size;
        score_run(row, query, first_keys, first, ld, head_size);
        score_run(row + first, query, second_keys, second, ld, head_size);
        float maximum = row[0];
        for (long t = 0; t < total; t++) maximum = row[t] > maximum ? row[t] : maximum;
        float sum = 0;
        for (long t = 0; t < total; t++) {
            row[t] = ck_exp((row[t] - maximum) * scale);
            sum += row[t];
        }
        for (long c = 0; c < head_size; c++) result[c] = 0;
        value_run(result, row, first_values, first, ld, head_size);
        value_run(result, row + first, second_values, second, ld, head_size);
        float inverse = 1.0f / sum;
        for (long c = 0; c < head_size; c++) result[c] *= inverse;
        if (lse) lse[h] = maximum * scale + logf(sum);
    }
}
