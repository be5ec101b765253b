// RMSNorm, forward and backward.
#include "CKernels.h"
#include "common.h"

CK_CLONES void ck_rms_norm(float *y, long ldy, float *inverse_rms, const float *x, long ldx,
                           const float *w, long rows, long columns, float epsilon) {
    for (long r = 0; r < rows; r++) {
        const float *in = x + r * ldx;
        float *out = y + r * ldy;
        float squares = 0;
        for (long c = 0; c < columns; c++) squares += in[c] * in[c];
        float inverse = 1.0f / sqrtf(squares / (float)columns + epsilon);
        for (long c = 0; c < columns; c++) out[c] = in[c] * inverse * w[c];
        if (inverse_rms) inverse_rms[r] = inverse;
    }
}

// With s = inverse rms: dx = s·(w·dy) − x·s³·mean(x·w·dy);  dw = Σ dy·x·s.
CK_CLONES void ck_rms_norm_backward(float *dx, long lddx, float *dw, const float *dy, long lddy,
                                    const float *x, long ldx, const float *w,
                                    const float *inverse_rms, long rows, long columns) {
    for (long r = 0; r < rows; r++) {
        const float *in = x + r * ldx, *grad = dy + r * lddy;
        float *out = dx + r * lddx;
        float s = inverse_rms[r], dot = 0;
        for (long c = 0; c < columns; c++) dot += in[c] * w[c] * grad[c];
        float shared = dot / (float)columns * s * s * s;
        for (long c = 0; c < columns; c++) out[c] += w[c] * grad[c] * s - in[c] * shared;
        if (dw)
            for (long c = 0; c < columns; c++) dw[c] += grad[c] * in[c] * s;
    }
}
