// Stored weight formats to float32. Block layouts as in GGUF files (ggml's block_q8_0, q4_0, q4_1).
#include "CKernels.h"
#include "common.h"

CK_INLINE float half_to_float(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, mantissa = h & 1023;
    uint32_t bits;
    if (exponent == 31) {
        bits = sign | 0x7f800000u | mantissa << 13;
    } else if (exponent) {
        bits = sign | (exponent + 112) << 23 | mantissa << 13;
    } else {
        float value = (float)mantissa * 0x1p-24f;
        return sign ? -value : value;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void ck_from_f16(float *y, const void *x, long n) {
    const uint8_t *bytes = x;
    for (long i = 0; i < n; i++) {
        uint16_t h;
        memcpy(&h, bytes + 2 * i, sizeof h);
        y[i] = half_to_float(h);
    }
}

CK_CLONES void ck_from_bf16(float *y, const void *x, long n) {
    const uint8_t *bytes = x;
    for (long i = 0; i < n; i++) {
        uint16_t h;
        memcpy(&h, bytes + 2 * i, sizeof h);
        uint32_t bits = (uint32_t)h << 16;
        memcpy(y + i, &bits, sizeof bits);
    }
}

CK_INLINE float half_at(const uint8_t *bytes) {
    uint16_t h;
    memcpy(&h, bytes, sizeof h);
    return half_to_float(h);
}

// 32 weights: half scale, 32 signed bytes.
CK_CLONES void ck_from_q8_0(float *y, const void *x, long n) {
    const uint8_t *block = x;
    for (long i = 0; i < n; i += 32, block += 34) {
        float d = half_at(block);
        const int8_t *q = (const int8_t *)(block + 2);
        for (int j = 0; j < 32; j++) y[i + j] = (float)q[j] * d;
    }
}

// 32 weights: half scale, 16 bytes; low nibbles are the first 16 weights, high ones the rest.
CK_CLONES void ck_from_q4_0(float *y, const void *x, long n) {
    const uint8_t *block = x;
    for (long i = 0; i < n; i += 32, block += 18) {
        float d = half_at(block);
        const uint8_t *q = block + 2;
        for (int j = 0; j < 16; j++) {
            y[i + j] = (float)((q[j] & 15) - 8) * d;
            y[i + j + 16] = (float)((q[j] >> 4) - 8) * d;
        }
    }
}

// As q4_0 with a half minimum instead of the fixed offset.
CK_CLONES void ck_from_q4_1(float *y, const void *x, long n) {
    const uint8_t *block = x;
    for (long i = 0; i < n; i += 32, block += 20) {
        float d = half_at(block), m = half_at(block + 2);
        const uint8_t *q = block + 4;
        for (int j = 0; j < 16; j++) {
            y[i + j] = (float)(q[j] & 15) * d + m;
            y[i + j + 16] = (float)(q[j] >> 4) * d + m;
        }
    }
}
