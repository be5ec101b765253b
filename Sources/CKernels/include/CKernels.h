// The vector loops that BLAS lacks: plain C that the compiler vectorises, no state, no allocation.
//
// Matrices are row-major float32; `ld…` is the distance between rows in elements. Every function
// works on the rows it is given, so that callers split work over threads by handing out row ranges.
// Each has a naive Double reference in Tests/KernelsTests that is checked by central differences.
#pragma once
#include <stdint.h>

// --- linear.c: y (rows, n) = x (rows, k) · w (n, k)ᵀ over weights in panels of 16 outputs ------------
// Every output is summed in the order of k whatever `rows` is (batch-invariant). Formats: float32;
// bfloat16; 8-bit integers with a float32 scale for every 32 weights of an output.
enum { CK_F32 = 0, CK_BF16 = 1, CK_I8 = 2 };
// Bytes of one panel; n outputs take (n + 15) / 16 panels, the last filled up with zeros.
long ck_panel_bytes(int format, long k);
void ck_pack_panels(void *panels, int format, const float *w, long ldw, long n, long k);
// Writes y, or adds to it.
void ck_linear_panels(float *y, long ldy, const float *x, long ldx, const void *panels, int format,
                      long rows, long n, long k, int accumulate);

// --- norm.c: RMSNorm (Zhang & Sennrich 2019): y = x · w / sqrt(mean(x²) + epsilon) -------------------
void ck_rms_norm(float *y, long ldy, float *inverse_rms, const float *x, long ldx, const float *w,
                 long rows, long columns, float epsilon);
// dx += ∂, and dw += ∂ unless dw is null.
void ck_rms_norm_backward(float *dx, long lddx, float *dw, const float *dy, long lddy,
                          const float *x, long ldx, const float *w, const float *inverse_rms,
                          long rows, long columns);

// --- rope.c: rotary embedding, halves rotated together (GPT-NeoX layout, as Hugging Face has it) -----
// x: (rows, heads · head_size); tables: (positions, head_size / 2). `inverse` turns back (backward).
void ck_rope(float *x, long ldx, long rows, long heads, long head_size, const int32_t *positions,
             const float *cosines, const float *sines, int inverse);

// --- activation.c: SwiGLU: y = silu(gate) · up, with gate_up = [gate | up] of 2 · columns ------------
void ck_swiglu(float *y, long ldy, const float *gate_up, long ldg, long rows, long columns);
void ck_swiglu_backward(float *dgate_up, long lddg, const float *dy, long lddy,
                        const float *gate_up, long ldg, long rows, long columns);

// --- attention.c -----------------------------------------------------------------------------------
// Scores to probabilities with a known lse (backward's recomputation).
void ck_causal_probabilities(float *s, long lds, long rows, long columns, long visible, float scale,
                             const float *lse, long ldlse);
// dp → ds in place: ds = p · (dp − Σ_c do·o) · scale, with do, o: (rows, channels).
void ck_softmax_backward(float *dp, long lddp, const float *p, long ldp, long rows, long columns,
                         const float *dout, long lddo, const float *out, long ldo, long channels,
                         float scale);
// `queries` positions in a row of `heads` query heads that share a key head, forward. Keys lie in two
// runs of rows, `ld` apart: query i sees all of the first and `visible + i` of the second. scores: scratch
// of queries · heads · lds with lds > first + visible + queries + 6; lse: (queries, heads), or null.
void ck_attention(float *out, long ldo, const float *q, long ldq, long queries, long heads,
                  long head_size, const float *first_keys, const float *first_values, long first,
                  const float *keys, const float *values, long visible, long ld, float scale,
                  float *scores, long lds, float *lse, long ldlse);

// --- head.c: log-softmax over the vocabulary --------------------------------------------------------
// For each row: lse, log-probability of the target (skipped when targets is null), entropy (nat).
void ck_log_softmax(const float *logits, long ld, long rows, long columns, const int32_t *targets,
                    float *lse, float *logprobs, float *entropies);
// logits → ∂loss/∂logits in place, for given ∂loss/∂logprob and ∂loss/∂entropy of each row.
void ck_log_softmax_backward(float *logits, long ld, long rows, long columns,
                             const int32_t *targets, const float *lse, const float *entropies,
                             const float *dlogprobs, const float *dentropies);

// --- distribution.c: whole distributions over the vocabulary -----------------------------------------
// For each row of logits z and of others' y, with p and q their softmax: KL(p‖q), KL(q‖p), E_p[z − y]
// and the log-sum-exp of y, the last two for the backward pass.
void ck_divergence(const float *logits, long ld, const float *others, long ldo, long rows,
                   long columns, float *reverse, float *forward, float *differences,
                   float *other_lse);
// Σ p² of each row.
void ck_collisions(const float *logits, long ld, long rows, long columns, float *collisions);
// Σ p over the `count` likeliest tokens of each row, at most CK_TOP_LIMIT, with the row's log-sum-exp.
enum { CK_TOP_LIMIT = 64 };
void ck_top_mass(const float *logits, long ld, long rows, long columns, long count, const float *lse,
                 float *masses);
// teacher += w (teacher − contrast) with w = strength · Σ |p_teacher − p_contrast| + floor; the sums
// are kept in `distances`.
void ck_mix_teacher(float *teacher, long ld, const float *contrast, long ldc, long rows,
                    long columns, float strength, float floor, float *distances);
// What log-softmax's backward pass takes of each row, and Σ p² with its slope.
typedef struct {
    const float *entropies, *dlogprobs, *dentropies, *collisions, *dcollisions;
} ck_softmax_slopes;
// Another model's logits with what `ck_divergence` kept of them, and ∂loss of the two divergences.
typedef struct {
    const float *logits;
    long ld;
    const float *lse, *differences, *dreverse, *dforward;
} ck_comparison;
// logits → ∂loss/∂logits in place, for all of these together. `others`: `count` models.
void ck_distribution_backward(float *logits, long ld, long rows, long columns,
                              const int32_t *targets, const float *lse,
                              const ck_softmax_slopes *own, const ck_comparison *others,
                              long count);

// --- sampling.c ---------------------------------------------------------------------------------------
// Σ exp((x − maximum) · inverse_temperature), in double.
double ck_exp_sum(const float *x, long n, float maximum, float inverse_temperature);
// The first index whose running sum of the same terms exceeds `target`.
long ck_exp_draw(const float *x, long n, float maximum, float inverse_temperature, double target);
long ck_argmax(const float *x, long n);

// --- vector.c ---------------------------------------------------------------------------------------
void ck_add(float *y, const float *x, long n);
void ck_scale(float *y, float factor, long n);
void ck_blend(float *y, const float *x, float share, long n);
double ck_sum_squares(const float *x, long n);
double ck_dot(const float *x, const float *y, long n);
int ck_all_finite(const float *x, long n);

// A hint to the core that this is a spin loop.
static inline void ck_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// --- optimizer.c: AdamW (Loshchilov & Hutter 2019, algorithm 2), PyTorch's order of operations --------
typedef struct {
    float learning_rate, beta1, beta2, epsilon, weight_decay;
    float correction1, correction2; // 1 − βᵗ
    float gradient_scale;           // clipping
} ck_adamw_step;
void ck_adamw(float *p, float *m, float *v, const float *g, long n, const ck_adamw_step *step);

// --- dequantise.c: GGUF's block formats and half floats to float32 ------------------------------------
void ck_from_f16(float *y, const void *x, long n);
void ck_from_bf16(float *y, const void *x, long n);
void ck_from_q8_0(float *y, const void *x, long n); // n a multiple of 32
void ck_from_q4_0(float *y, const void *x, long n);
void ck_from_q4_1(float *y, const void *x, long n);

// --- sha256.c: SHA-256 (FIPS 180-4), and the same without the processor's instructions for it ---------
void ck_sha256(uint8_t digest[32], const void *bytes, long n);
void ck_sha256_plain(uint8_t digest[32], const void *bytes, long n);
