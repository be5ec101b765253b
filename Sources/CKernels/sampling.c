// Drawing from softmax((x − maximum) · inverse_temperature) by inverting the running sum.
#include "CKernels.h"
#include "common.h"

enum { block_length = 512 };

CK_INLINE float block_sum(const float *x, long n, float maximum, float inverse_temperature) {
    float sum = 0;
    for (long i = 0; i < n; i++) sum += ck_exp((x[i] - maximum) * inverse_temperature);
    return sum;
}

CK_CLONES double ck_exp_sum(const float *x, long n, float maximum, float inverse_temperature) {
    double sum = 0;
    for (long start = 0; start < n; start += block_length) {
        long count = n - start < block_length ? n - start : block_length;
        sum += (double)block_sum(x + start, count, maximum, inverse_temperature);
    }
    return sum;
}

CK_CLONES long ck_exp_draw(const float *x, long n, float maximum, float inverse_temperature,
                           double target) {
    double sum = 0;
    long last = 0;
    for (long start = 0; start < n; start += block_length) {
        long count = n - start < block_length ? n - start : block_length;
        double block = (double)block_sum(x + start, count, maximum, inverse_temperature);
        if (sum + block <= target && start + count < n) {
            sum += block;
            continue;
        }
        for (long i = start; i < start + count; i++) {
            float e = ck_exp((x[i] - maximum) * inverse_temperature);
            sum += (double)e;
            // The exponential ends at 1e-38, so that impossible tokens weigh something too.
            if (e < 1e-37f) continue;
            if (sum > target) return i;
            // Rounding may carry the target past the end: the last possible token then.
            last = i;
        }
    }
    return last;
}

CK_CLONES long ck_argmax(const float *x, long n) {
    float maximum = x[0];
    for (long i = 1; i < n; i++) maximum = x[i] > maximum ? x[i] : maximum;
    for (long i = 0; i < n; i++)
        if (x[i] == maximum) return i;
    return 0;
}
