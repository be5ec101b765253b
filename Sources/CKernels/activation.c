// SwiGLU (Shazeer 2020), forward and backward.
#include "CKernels.h"
#include "common.h"

CK_CLONES void ck_swiglu(float *y, long ldy, const float *gate_up, long ldg, long rows,
                         long columns) {
    for (long r = 0; r < rows; r++) {
        const float *gate = gate_up + r * ldg, *up = gate + columns;
        float *out = y + r * ldy;
        for (long c = 0; c < columns; c++) out[c] = gate[c] / (1.0f + ck_exp(-gate[c])) * up[c];
    }
}

CK_CLONES void ck_swiglu_backward(float *dgate_up, long lddg, const float *dy, long lddy,
                                  const float *gate_up, long ldg, long rows, long columns) {
    for (long r = 0; r < rows; r++) {
        const float *gate = gate_up + r * ldg, *up = gate + columns, *grad = dy + r * lddy;
        float *dgate = dgate_up + r * lddg, *dup = dgate + columns;
        for (long c = 0; c < columns; c++) {
            float sigmoid = 1.0f / (1.0f + ck_exp(-gate[c]));
            float silu = gate[c] * sigmoid;
            float slope = sigmoid + silu * (1.0f - sigmoid);
            float g = grad[c];
            dgate[c] = g * up[c] * slope;
            dup[c] = g * silu;
        }
    }
}
