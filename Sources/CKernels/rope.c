// Rotary position embedding (Su et al. 2021), rotating channel c with channel c + head_size/2.
#include "CKernels.h"
#include "common.h"

CK_CLONES void ck_rope(float *x, long ldx, long rows, long heads, long head_size,
                       const int32_t *positions, const float *cosines, const float *sines,
                       int inverse) {
    long half = head_size / 2;
    float sign = inverse ? -1.0f : 1.0f;
    for (long r = 0; r < rows; r++) {
        const float *cosine = cosines + positions[r] * half, *sine = sines + positions[r] * half;
        for (long h = 0; h < heads; h++) {
            float *low = x + r * ldx + h * head_size, *high = low + half;
            for (long c = 0; c < half; c++) {
                float a = low[c], b = high[c], s = sign * sine[c];
                low[c] = a * cosine[c] - b * s;
                high[c] = b * cosine[c] + a * s;
            }
        }
    }
}
