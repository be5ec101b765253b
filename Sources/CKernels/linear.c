// y = x · wᵀ over weights that lie in panels.
//
// A panel holds 16 rows of w side by side: for each k the 16 weights that meet x[k], so that one
// broadcast of x feeds two vectors of outputs and no sum is ever folded across lanes. Each output is
// one chain of multiply-adds in the order of k, whatever the number of rows that share the call and
// whatever the format: a row's result never depends on its batch-mates.
//
// Weights come packed (sampling: packed once, read at each step) or are packed a few panels at a time
// into scratch (training and scoring, where many rows share the cost). Both run the same tiles.
#include "CKernels.h"
#include "common.h"

// Sums keep the order they are written in, whatever tile the compiler makes of them.
#pragma clang fp reassociate(off) contract(fast)

#define PANEL 16
#define BLOCK 32 // weights that share a scale in the 8-bit format

typedef uint32_t words __attribute__((vector_size(32), aligned(4)));
typedef signed char bytes8 __attribute__((vector_size(8), aligned(1)));

// --- Tiles: R rows of x by P panels ----------------------------------------------------------------

// Adds what lies at out for `accumulate`, and writes the first `count` outputs of a panel.
CK_INLINE void store(float *out, lanes low, lanes high, long count, int accumulate) {
#pragma clang fp reassociate(off)
    if (count == PANEL) {
        lanes *y = (lanes *)out;
        y[0] = accumulate ? y[0] + low : low;
        y[1] = accumulate ? y[1] + high : high;
        return;
    }
    // A copy: sums whose elements are numbered at run time would not stay in registers.
    float sums[PANEL];
    *(lanes *)sums = low;
    *(lanes *)(sums + 8) = high;
    for (long c = 0; c < count; c++) out[c] = accumulate ? out[c] + sums[c] : sums[c];
}

#define CLEAR(SUMS, R, P)                                                                          \
    for (int r = 0; r < R; r++)                                                                    \
        for (int p = 0; p < P; p++) SUMS[r][p][0] = SUMS[r][p][1] = broadcast(0);

#define STORE(SUMS, R, P)                                                                          \
    for (int r = 0; r < R; r++)                                                                    \
        for (int p = 0; p < P; p++)                                                                \
            store(y + r * ldy + p * PANEL, SUMS[r][p][0], SUMS[r][p][1], count, accumulate);

// How far ahead of its use a panel is fetched, in bytes: about the latency of memory.
#define AHEAD 4096

#define TILE_F32(R, P)                                                                             \
    CK_INLINE void f32_##R##x##P(float *y, long ldy, const float *x, long ldx, const char *panel,  \
                                 long stride, long k, long count, int accumulate) {                \
        _Pragma("clang fp reassociate(off) contract(fast)")                                        \
        lanes sum[R][P][2];                                                                        \
        CLEAR(sum, R, P)                                                                           \
        for (long i = 0; i < k; i++)                                                               \
            for (int p = 0; p < P; p++) {                                                          \
                const lanes *w = (const lanes *)(panel + p * stride + i * 4 * PANEL);              \
                __builtin_prefetch((const char *)w + AHEAD);                                       \
                lanes w0 = w[0], w1 = w[1];                                                        \
                for (int r = 0; r < R; r++) {                                                      \
                    lanes a = broadcast(x[r * ldx + i]);                                           \
                    sum[r][p][0] += a * w0;                                                        \
                    sum[r][p][1] += a * w1;                                                        \
                }                                                                                  \
            }                                                                                      \
        STORE(sum, R, P)                                                                           \
    }

// Two neighbours in k share a 32-bit lane: the even one in its low half, the odd one in its high.
#define BF16_STEP(R, P, I, WEIGHTS)                                                                \
    for (int r = 0; r < R; r++) {                                                                  \
        lanes a = broadcast(x[r * ldx + I]);                                                       \
        sum[r][p][0] += a * WEIGHTS(w[0]);                                                         \
        sum[r][p][1] += a * WEIGHTS(w[1]);                                                         \
    }
#define EVEN(v) (lanes)((v) << 16)
#define ODD(v) (lanes)((v) & 0xffff0000u)

#define TILE_BF16(R, P)                                                                            \
    CK_INLINE void bf16_##R##x##P(float *y, long ldy, const float *x, long ldx, const char *panel, \
                                  long stride, long k, long count, int accumulate) {               \
        _Pragma("clang fp reassociate(off) contract(fast)")                                        \
        lanes sum[R][P][2];                                                                        \
        CLEAR(sum, R, P)                                                                           \
        long i = 0;                                                                                \
        for (; i + 2 <= k; i += 2)                                                                 \
            for (int p = 0; p < P; p++) {                                                          \
                const words *w = (const words *)(panel + p * stride + i * 2 * PANEL);              \
                __builtin_prefetch((const char *)w + AHEAD);                                       \
                BF16_STEP(R, P, i, EVEN)                                                           \
                BF16_STEP(R, P, i + 1, ODD)                                                        \
            }                                                                                      \
        if (i < k)                                                                                 \
            for (int p = 0; p < P; p++) {                                                          \
                const words *w = (const words *)(panel + p * stride + i * 2 * PANEL);              \
                BF16_STEP(R, P, i, EVEN)                                                           \
            }                                                                                      \
        STORE(sum, R, P)                                                                           \
    }

CK_INLINE lanes from_bytes(const char *p) {
    return __builtin_convertvector(*(const bytes8 *)p, lanes);
}

// A block is 16 scales, then 32 rows of 16 bytes; its sum is scaled once.
#define TILE_I8(R, P)                                                                              \
    CK_INLINE void i8_##R##x##P(float *y, long ldy, const float *x, long ldx, const char *panel,   \
                                long stride, long k, long count, int accumulate) {                 \
        _Pragma("clang fp reassociate(off) contract(fast)")                                        \
        lanes sum[R][P][2];                                                                        \
        CLEAR(sum, R, P)                                                                           \
        for (long b = 0; b < k; b += BLOCK) {                                                      \
            lanes part[R][P][2];                                                                   \
            CLEAR(part, R, P)                                                                      \
            const char *block = panel + b / BLOCK * (4 + BLOCK) * PANEL;                           \
            long end = k - b < BLOCK ? k - b : BLOCK;                                              \
            for (long i = 0; i < end; i++) {                                                       \
                for (int p = 0; p < P; p++) {                                                      \
                    const char *w = block + p * stride + (4 + i) * PANEL;                          \
                    if (i % 4 == 0) __builtin_prefetch(w + AHEAD);                                 \
                    lanes w0 = from_bytes(w), w1 = from_bytes(w + 8);                              \
                    for (int r = 0; r < R; r++) {                                                  \
                        lanes a = broadcast(x[r * ldx + b + i]);                                   \
                        part[r][p][0] += a * w0;                                                   \
                        part[r][p][1] += a * w1;                                                   \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
            for (int p = 0; p < P; p++) {                                                          \
                const lanes *scale = (const lanes *)(block + p * stride);                          \
                for (int r = 0; r < R; r++) {                                                      \
                    sum[r][p][0] += part[r][p][0] * scale[0];                                      \
                    sum[r][p][1] += part[r][p][1] * scale[1];                                      \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        STORE(sum, R, P)                                                                           \
    }

#define TILES(FORMAT) FORMAT(1, 1) FORMAT(1, 4) FORMAT(2, 1) FORMAT(3, 1) FORMAT(4, 1)
TILES(TILE_F32)
TILE_F32(5, 1)
TILE_F32(6, 1)
TILES(TILE_BF16)
TILES(TILE_I8)

// --- From tiles to matrices ------------------------------------------------------------------------

// Bytes of x that stay in the second-level cache while panels pass over them.
#define ROWS_IN_CACHE 131072

#define ARGUMENTS y + r * ldy + j, ldy, x + r * ldx, ldx, panel, stride, k, count, accumulate
#define LAST_ROWS(F)                                                                               \
    case 4: F##_4x1(ARGUMENTS); break;                                                             \
    case 3: F##_3x1(ARGUMENTS); break;                                                             \
    case 2: F##_2x1(ARGUMENTS); break;                                                             \
    case 1: F##_1x1(ARGUMENTS); break;                                                             \
    default: break;

// Seven or eight rows are two tiles of four, not one of six and a rest that keeps few sums busy.
#define ROWS_BY_SIX                                                                                \
    for (; last - r > 8 || last - r == 6; r += 6) f32_6x1(ARGUMENTS);                              \
    if (last - r > 6) { f32_4x1(ARGUMENTS); r += 4; }                                              \
    switch (last - r) {                                                                            \
    case 5: f32_5x1(ARGUMENTS); break;                                                             \
    LAST_ROWS(f32)                                                                                 \
    }

// Unpacking takes registers: four rows are as many sums as stay in them.
#define ROWS_BY_FOUR(F)                                                                            \
    for (; last - r > 4; r += 4) F##_4x1(ARGUMENTS);                                               \
    switch (last - r) { LAST_ROWS(F) }

#define MATRIX(F, ROWS)                                                                            \
    CK_INLINE void F##_matrix(float *y, long ldy, const float *x, long ldx, const char *panels,    \
                              long stride, long rows, long n, long k, int accumulate) {            \
        long held = ROWS_IN_CACHE / 4 / (k > 0 ? k : 1) / 6 * 6;                                   \
        if (held < 6) held = 6;                                                                    \
        for (long first = 0; first < rows; first += held) {                                        \
            long last = rows - first < held ? rows : first + held, j = 0;                          \
            const char *panel = panels;                                                            \
            if (last - first == 1)                                                                 \
                for (; j + 4 * PANEL <= n; j += 4 * PANEL, panel += 4 * stride)                    \
                    F##_1x4(y + first * ldy + j, ldy, x + first * ldx, ldx, panel, stride, k,      \
                            PANEL, accumulate);                                                    \
            for (; j < n; j += PANEL, panel += stride) {                                           \
                long count = n - j < PANEL ? n - j : PANEL, r = first;                             \
                ROWS                                                                               \
            }                                                                                      \
        }                                                                                          \
    }

MATRIX(f32, ROWS_BY_SIX)
MATRIX(bf16, ROWS_BY_FOUR(bf16))
MATRIX(i8, ROWS_BY_FOUR(i8))

long ck_panel_bytes(int format, long k) {
    switch (format) {
    case CK_BF16: return (k + 1) / 2 * 4 * PANEL;
    case CK_I8: return (k + BLOCK - 1) / BLOCK * (4 + BLOCK) * PANEL;
    default: return k * 4 * PANEL;
    }
}

CK_CLONES void ck_linear_panels(float *y, long ldy, const float *x, long ldx, const void *panels,
                                int format, long rows, long n, long k, int accumulate) {
    long stride = ck_panel_bytes(format, k);
    switch (format) {
    case CK_BF16:
        bf16_matrix(y, ldy, x, ldx, panels, stride, rows, n, k, accumulate);
        break;
    case CK_I8: i8_matrix(y, ldy, x, ldx, panels, stride, rows, n, k, accumulate); break;
    default: f32_matrix(y, ldy, x, ldx, panels, stride, rows, n, k, accumulate);
    }
}

// --- Packing ---------------------------------------------------------------------------------------

// Eight rows of eight weights, turned over: out row i, eight lanes, gets column i.
CK_INLINE void turn(float *out, const float *w, long ldw) {
    lanes r[8], a[8], b[8];
    for (int i = 0; i < 8; i++) r[i] = *(const lanes *)(w + i * ldw);
    for (int i = 0; i < 8; i += 2) {
        a[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        a[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int i = 0; i < 8; i += 4)
        for (int j = 0; j < 2; j++) {
            b[i + j] = __builtin_shufflevector(a[i + j], a[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            b[i + j + 2] =
                __builtin_shufflevector(a[i + j], a[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int j = 0; j < 4; j++) {
        *(lanes *)(out + j * PANEL) =
            __builtin_shufflevector(b[j], b[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(lanes *)(out + (j + 4) * PANEL) =
            __builtin_shufflevector(b[j], b[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

CK_INLINE void pack_f32(float *panel, const float *w, long ldw, long count, long k) {
    long i = 0;
    if (count == PANEL)
        for (; i + 8 <= k; i += 8) {
            turn(panel + i * PANEL, w + i, ldw);
            turn(panel + i * PANEL + 8, w + 8 * ldw + i, ldw);
        }
    for (; i < k; i++)
        for (long c = 0; c < PANEL; c++) panel[i * PANEL + c] = c < count ? w[c * ldw + i] : 0;
}

// Round to nearest, ties to even; NaN stays NaN.
CK_INLINE uint16_t to_bf16(float f) {
    uint32_t bits;
    memcpy(&bits, &f, 4);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

CK_INLINE void pack_bf16(uint16_t *panel, const float *w, long ldw, long count, long k) {
    for (long i = 0; i < k + k % 2; i++)
        for (long c = 0; c < PANEL; c++)
            panel[i / 2 * 2 * PANEL + c * 2 + i % 2] =
                c < count && i < k ? to_bf16(w[c * ldw + i]) : 0;
}

CK_INLINE void pack_i8(char *panel, const float *w, long ldw, long count, long k) {
    for (long b = 0; b < k; b += BLOCK) {
        long end = k - b < BLOCK ? k - b : BLOCK;
        float *scales = (float *)panel;
        signed char *values = (signed char *)panel + 4 * PANEL;
        for (long c = 0; c < PANEL; c++) {
            const float *row = w + c * ldw + b;
            float largest = 0;
            if (c < count)
                for (long i = 0; i < end; i++) largest = fmaxf(largest, fabsf(row[i]));
            scales[c] = largest / 127;
            float inverse = largest > 0 ? 127 / largest : 0;
            for (long i = 0; i < BLOCK; i++)
                values[i * PANEL + c] =
                    c < count && i < end ? (signed char)__builtin_rintf(row[i] * inverse) : 0;
        }
        panel += (4 + BLOCK) * PANEL;
    }
}

CK_CLONES void ck_pack_panels(void *panels, int format, const float *w, long ldw, long n, long k) {
    long stride = ck_panel_bytes(format, k);
    for (long j = 0; j < n; j += PANEL) {
        long count = n - j < PANEL ? n - j : PANEL;
        char *panel = (char *)panels + j / PANEL * stride;
        switch (format) {
        case CK_BF16: pack_bf16((uint16_t *)panel, w + j * ldw, ldw, count, k); break;
        case CK_I8: pack_i8(panel, w + j * ldw, ldw, count, k); break;
        default: pack_f32((float *)panel, w + j * ldw, ldw, count, k);
        }
    }
}
