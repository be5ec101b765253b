// y = x · wᵀ for few rows of x. BLAS packs w anew at each call, which costs more than the product
// itself below some 16 rows; here each row of w is read once, straight from where it lies.
//
// Tiles are R rows of x by C rows of w, with one 8-lane sum for each pair, so that a dot product is
// summed in one order whatever the tile: results do not depend on how many rows share a call. The
// compiler must not reassociate these sums: it would choose another order for each tile.
#include "CKernels.h"
#include "common.h"

// Sums keep the order they are written in, whatever tile the compiler makes of them.
#pragma clang fp reassociate(off)

typedef float lanes __attribute__((vector_size(32), aligned(4)));

// By pointer: a vector argument would change the calling convention of the plain version.
CK_INLINE float lanes_sum(const lanes *vector) {
#pragma clang fp reassociate(off)
    const float *s = (const float *)vector;
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

#define TILE(R, C)                                                                                 \
    CK_INLINE void tile_##R##x##C(float *y, long ldy, const float *x, long ldx, const float *w,    \
                                  long ldw, long k, int accumulate) {                              \
        _Pragma("clang fp reassociate(off)")                                                       \
        lanes sum[R][C];                                                                           \
        for (int r = 0; r < R; r++)                                                                \
            for (int c = 0; c < C; c++) sum[r][c] = (lanes){0};                                    \
        long i = 0;                                                                                \
        for (; i + 8 <= k; i += 8) {                                                               \
            lanes b[C];                                                                            \
            for (int c = 0; c < C; c++) b[c] = *(const lanes *)(w + c * ldw + i);                  \
            for (int r = 0; r < R; r++) {                                                          \
                lanes a = *(const lanes *)(x + r * ldx + i);                                       \
                for (int c = 0; c < C; c++) sum[r][c] += a * b[c];                                 \
            }                                                                                      \
        }                                                                                          \
        for (int r = 0; r < R; r++)                                                                \
            for (int c = 0; c < C; c++) {                                                          \
                float total = lanes_sum(&sum[r][c]);                                                \
                for (long j = i; j < k; j++) total += x[r * ldx + j] * w[c * ldw + j];             \
                float *out = y + r * ldy + c;                                                      \
                *out = accumulate ? *out + total : total;                                          \
            }                                                                                      \
    }

TILE(4, 3)
TILE(4, 1)
TILE(2, 4)
TILE(2, 1)
TILE(1, 8)
TILE(1, 1)

CK_INLINE void rows_1(float *y, long ldy, const float *x, long ldx, const float *w, long ldw,
                      long n, long k, int accumulate) {
    long j = 0;
    for (; j + 8 <= n; j += 8) tile_1x8(y + j, ldy, x, ldx, w + j * ldw, ldw, k, accumulate);
    for (; j < n; j++) tile_1x1(y + j, ldy, x, ldx, w + j * ldw, ldw, k, accumulate);
}

CK_INLINE void block(float *y, long ldy, const float *x, long ldx, const float *w, long ldw,
                     long rows, long n, long k, int accumulate) {
    long r = 0;
    for (; r + 4 <= rows; r += 4) {
        long j = 0;
        for (; j + 3 <= n; j += 3)
            tile_4x3(y + r * ldy + j, ldy, x + r * ldx, ldx, w + j * ldw, ldw, k, accumulate);
        for (; j < n; j++)
            tile_4x1(y + r * ldy + j, ldy, x + r * ldx, ldx, w + j * ldw, ldw, k, accumulate);
    }
    for (; r + 2 <= rows; r += 2) {
        long j = 0;
        for (; j + 4 <= n; j += 4)
            tile_2x4(y + r * ldy + j, ldy, x + r * ldx, ldx, w + j * ldw, ldw, k, accumulate);
        for (; j < n; j++)
            tile_2x1(y + r * ldy + j, ldy, x + r * ldx, ldx, w + j * ldw, ldw, k, accumulate);
    }
    if (r < rows)
        rows_1(y + r * ldy, ldy, x + r * ldx, ldx, w, ldw, n, k, accumulate);
}

CK_CLONES void ck_linear_small(float *y, long ldy, const float *x, long ldx, const float *w,
                               long ldw, long rows, long n, long k, int accumulate) {
    // Blocks of w that stay in the first-level cache while all rows of x pass over them.
    long step = 16384 / (k > 0 ? k : 1) / 24 * 24;
    if (step < 24) step = 24;
    for (long j = 0; j < n; j += step) {
        long count = n - j < step ? n - j : step;
        block(y + j, ldy, x, ldx, w + j * ldw, ldw, rows, count, k, accumulate);
    }
}
