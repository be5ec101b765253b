// Whole-array loops.
#include "CKernels.h"
#include "common.h"

CK_CLONES void ck_add(float *y, const float *x, long n) {
    for (long i = 0; i < n; i++) y[i] += x[i];
}

CK_CLONES void ck_scale(float *y, float factor, long n) {
    for (long i = 0; i < n; i++) y[i] *= factor;
}

CK_CLONES void ck_blend(float *y, const float *x, float share, long n) {
    for (long i = 0; i < n; i++) y[i] += share * (x[i] - y[i]);
}

CK_CLONES double ck_sum_squares(const float *x, long n) {
    double sum = 0;
    for (long i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

CK_CLONES double ck_dot(const float *x, const float *y, long n) {
    double sum = 0;
    for (long i = 0; i < n; i++) sum += (double)x[i] * (double)y[i];
    return sum;
}

// Exponent bits all set mean infinity or NaN; integers, so that no fast-math rule can skip it.
CK_CLONES int ck_all_finite(const float *x, long n) {
    uint32_t bad = 0;
    for (long i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bad |= (bits & 0x7f800000u) == 0x7f800000u;
    }
    return bad == 0;
}
