// AdamW in one pass over parameter, moments and gradient.
#include "CKernels.h"
#include "common.h"

CK_CLONES void ck_adamw(float *p, float *m, float *v, const float *g, long n,
                        const ck_adamw_step *step) {
// Reassociated, b2·v + (1 − b2)·g² becomes g² + b2·(v − g²), which cancels three digits away.
#pragma clang fp reassociate(off)
    float keep = 1.0f - step->learning_rate * step->weight_decay;
    float b1 = step->beta1, b2 = step->beta2, epsilon = step->epsilon, scale = step->gradient_scale;
    float rate = step->learning_rate / step->correction1;
    float root = 1.0f / sqrtf(step->correction2);
    for (long i = 0; i < n; i++) {
        float gradient = g[i] * scale;
        float first = b1 * m[i] + (1.0f - b1) * gradient;
        float second = b2 * v[i] + (1.0f - b2) * gradient * gradient;
        m[i] = first;
        v[i] = second;
        p[i] = p[i] * keep - rate * first / (sqrtf(second) * root + epsilon);
    }
}
