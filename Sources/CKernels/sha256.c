// SHA-256 (FIPS 180-4 §6.2) of bytes in memory, with the processor's own instructions where it has them.
#include "CKernels.h"
#include <stddef.h>
#include <string.h>

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotated(uint32_t word, int count) {
    return word >> count | word << (32 - count);
}

static void plain_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    for (; blocks > 0; blocks--, bytes += 64) {
        uint32_t w[64];
        for (int t = 0; t < 16; t++)
            w[t] = (uint32_t)bytes[4 * t] << 24 | (uint32_t)bytes[4 * t + 1] << 16
                | (uint32_t)bytes[4 * t + 2] << 8 | bytes[4 * t + 3];
        for (int t = 16; t < 64; t++) {
            uint32_t old = w[t - 15], new = w[t - 2];
            w[t] = w[t - 16] + (rotated(old, 7) ^ rotated(old, 18) ^ old >> 3) + w[t - 7]
                + (rotated(new, 17) ^ rotated(new, 19) ^ new >> 10);
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (int t = 0; t < 64; t++) {
            uint32_t upper = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
            uint32_t one = h + upper + ((e & f) ^ (~e & g)) + constants[t] + w[t];
            uint32_t lower = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
            uint32_t two = lower + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + one;
            d = c, c = b, b = a, a = one + two;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

// The state lies in two registers, as the instructions want it: A B E F and C D G H.
__attribute__((target("sha,sse4.1,ssse3")))
static void fast_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(low, high, 8);
    __m128i cdgh = _mm_blend_epi16(high, low, 0xf0);
    for (; blocks > 0; blocks--, bytes += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(bytes + 16 * i)), swap);
        for (int r = 0; r < 16; r++) {
            const __m128i k = _mm_loadu_si128((const __m128i *)(constants + 4 * r));
            const __m128i sum = _mm_add_epi32(w[r & 3], k);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
            if (r >= 12) continue;
            const __m128i last = w[(r + 3) & 3];
            const __m128i middle = _mm_alignr_epi8(last, w[(r + 2) & 3], 4);
            const __m128i first = _mm_sha256msg1_epu32(w[r & 3], w[(r + 1) & 3]);
            w[r & 3] = _mm_sha256msg2_epu32(_mm_add_epi32(first, middle), last);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    low = _mm_shuffle_epi32(abef, 0x1b);
    high = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

static int has_instructions(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}

static void add_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    if (has_instructions()) {
        fast_blocks(state, bytes, blocks);
    } else {
        plain_blocks(state, bytes, blocks);
    }
}
#else
static void add_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    plain_blocks(state, bytes, blocks);
}
#endif

static void digest(
    const uint8_t *bytes,
    size_t count,
    uint8_t result[32],
    void (*add)(uint32_t *, const uint8_t *, size_t)
) {
    uint32_t state[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    add(state, bytes, count / 64);
    // What is left, a one bit, zeros, and the length in bits: one block or two (§5.1.1).
    uint8_t end[128] = {0};
    const size_t rest = count % 64, size = rest < 56 ? 64 : 128;
    if (rest > 0) memcpy(end, bytes + count - rest, rest);
    end[rest] = 0x80;
    for (int i = 0; i < 8; i++) end[size - 1 - i] = (uint8_t)((uint64_t)count * 8 >> 8 * i);
    add(state, end, size / 64);
    for (int i = 0; i < 32; i++) result[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void ck_sha256(uint8_t result[32], const void *bytes, long n) {
    digest(bytes, (size_t)n, result, add_blocks);
}

void ck_sha256_plain(uint8_t result[32], const void *bytes, long n) {
    digest(bytes, (size_t)n, result, plain_blocks);
}
