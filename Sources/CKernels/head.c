// Log-softmax over the vocabulary: log-probability of the target and entropy, and their backward.
//
// With p = softmax(l), H = −Σ p log p:  ∂logprob_t/∂l_j = 1[j=t] − p_j;  ∂H/∂l_j = −p_j (log p_j + H).
#include "CKernels.h"
#include "common.h"

CK_CLONES void ck_log_softmax(const float *logits, long ld, long rows, long columns,
                              const int32_t *targets, float *lse, float *logprobs,
                              float *entropies) {
    for (long r = 0; r < rows; r++) {
        const float *row = logits + r * ld;
        float maximum = row[0];
        for (long c = 0; c < columns; c++) maximum = row[c] > maximum ? row[c] : maximum;
        // Sums in blocks: a float sum over the whole vocabulary would lose three digits.
        double sum = 0, weighted = 0;
        for (long start = 0; start < columns; start += 1024) {
            long end = start + 1024 < columns ? start + 1024 : columns;
            float partial = 0, partial_weighted = 0;
            for (long c = start; c < end; c++) {
                float shifted = row[c] - maximum;
                float e = ck_exp(shifted);
                partial += e;
                partial_weighted += e * shifted;
            }
            sum += (double)partial;
            weighted += (double)partial_weighted;
        }
        double log_sum = log(sum);
        lse[r] = (float)((double)maximum + log_sum);
        if (targets) logprobs[r] = (float)((double)(row[targets[r]] - maximum) - log_sum);
        if (entropies) entropies[r] = (float)(log_sum - weighted / sum);
    }
}

CK_CLONES void ck_log_softmax_backward(float *logits, long ld, long rows, long columns,
                                       const int32_t *targets, const float *lse,
                                       const float *entropies, const float *dlogprobs,
                                       const float *dentropies) {
    for (long r = 0; r < rows; r++) {
        float *row = logits + r * ld;
        float shift = lse[r], coefficient = dlogprobs[r];
        float slope = dentropies ? dentropies[r] : 0.0f;
        if (slope != 0.0f) {
            float entropy = entropies[r];
            for (long c = 0; c < columns; c++) {
                float logp = row[c] - shift;
                row[c] = -ck_exp(logp) * (coefficient + slope * (logp + entropy));
            }
        } else {
            for (long c = 0; c < columns; c++) row[c] = -coefficient * ck_exp(row[c] - shift);
        }
        row[targets[r]] += coefficient;
    }
}
