// What the kernels share: several code versions chosen at load time, and an exponential that the
// compiler can vectorise.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

// The choice is made before a sanitizer's runtime is there, whose calls it would make.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif
#define CK_INLINE static inline __attribute__((always_inline))

// Eight floats, wherever they lie. Functions that take or return them are always inlined, so that no
// calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"
typedef float lanes __attribute__((vector_size(32), aligned(4)));

CK_INLINE lanes broadcast(float f) { return (lanes){f, f, f, f, f, f, f, f}; }

// eˣ to about 1e-7 relative (Cephes' expf): range reduction to [−ln2/2, ln2/2], then a polynomial.
CK_INLINE float ck_exp(float x) {
#pragma clang fp reassociate(off)
    x = x < -87.3f ? -87.3f : x;
    x = x > 88.3f ? 88.3f : x;
    float n = __builtin_rintf(x * 1.44269504088896341f);
    float r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

// The same, eight at a time in one fixed way.
CK_INLINE lanes ck_exp_lanes(lanes x) {
#pragma clang fp reassociate(off) contract(fast)
    typedef int32_t integers __attribute__((vector_size(32), aligned(4)));
    x = __builtin_elementwise_min(__builtin_elementwise_max(x, broadcast(-87.3f)), broadcast(88.3f));
    lanes n = __builtin_elementwise_rint(x * 1.44269504088896341f);
    lanes r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    lanes p = broadcast(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    integers bits = (__builtin_convertvector(n, integers) + 127) << 23;
    return p * (lanes)bits;
}
