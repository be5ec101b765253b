// Whole distributions over the vocabulary: how far two rows of logits are apart, the mass that a row
// gives the same token twice, a teacher mixed of two models, and their backward with log-softmax's.
//
// With p = softmax(z) of the policy and q = softmax(y) of another model:
//   KL(p‖q) = Σ p (log p − log q);  ∂/∂z_j = p_j ((z_j − y_j) − E_p[z − y])
//   KL(q‖p) = Σ q (log q − log p);  ∂/∂z_j = p_j − q_j
//   C = Σ p²;                       ∂/∂z_j = 2 p_j (p_j − C)
#include "CKernels.h"
#include "common.h"

// Sums in blocks, as log-softmax has them: float within, double across.
enum { BLOCK = 1024 };

// (z − y) − gap in this order: z − y is exact where the two models nearly agree.
CK_INLINE float difference_less(float z, float y, float gap) {
#pragma clang fp reassociate(off)
    return (z - y) - gap;
}

CK_INLINE float row_maximum(const float *row, long columns) {
    float maximum = row[0];
    for (long c = 0; c < columns; c++) maximum = row[c] > maximum ? row[c] : maximum;
    return maximum;
}

CK_CLONES void ck_divergence(const float *logits, long ld, const float *others, long ldo, long rows,
                             long columns, float *reverse, float *forward, float *differences,
                             float *other_lse) {
    for (long r = 0; r < rows; r++) {
        const float *z = logits + r * ld, *y = others + r * ldo;
        float z_maximum = row_maximum(z, columns), y_maximum = row_maximum(y, columns);
        float gap = z_maximum - y_maximum;
        double z_sum = 0, y_sum = 0, z_difference = 0, y_difference = 0;
        for (long start = 0; start < columns; start += BLOCK) {
            long end = start + BLOCK < columns ? start + BLOCK : columns;
            float p_sum = 0, q_sum = 0, p_difference = 0, q_difference = 0;
            for (long c = start; c < end; c++) {
                float p = ck_exp(z[c] - z_maximum), q = ck_exp(y[c] - y_maximum);
                float difference = difference_less(z[c], y[c], gap);
                p_sum += p;
                q_sum += q;
                p_difference += p * difference;
                q_difference += q * difference;
            }
            z_sum += (double)p_sum;
            y_sum += (double)q_sum;
            z_difference += (double)p_difference;
            y_difference += (double)q_difference;
        }
        double mean = z_difference / z_sum, ratio = log(z_sum) - log(y_sum);
        double up = mean - ratio, down = ratio - y_difference / y_sum;
        // Neither is negative but for rounding; what is not a number stays so.
        reverse[r] = up < 0 ? 0.0f : (float)up;
        forward[r] = down < 0 ? 0.0f : (float)down;
        differences[r] = (float)(mean + (double)gap);
        other_lse[r] = (float)((double)y_maximum + log(y_sum));
    }
}

CK_CLONES void ck_collisions(const float *logits, long ld, long rows, long columns,
                             float *collisions) {
    for (long r = 0; r < rows; r++) {
        const float *row = logits + r * ld;
        float maximum = row_maximum(row, columns);
        double sum = 0, squares = 0;
        for (long start = 0; start < columns; start += BLOCK) {
            long end = start + BLOCK < columns ? start + BLOCK : columns;
            float partial = 0, partial_squares = 0;
            for (long c = start; c < end; c++) {
                float p = ck_exp(row[c] - maximum);
                partial += p;
                partial_squares += p * p;
            }
            sum += (double)partial;
            squares += (double)partial_squares;
        }
        collisions[r] = (float)(squares / (sum * sum));
    }
}

void ck_top_mass(const float *logits, long ld, long rows, long columns, long count, const float *lse,
                 float *masses) {
    for (long r = 0; r < rows; r++) {
        const float *row = logits + r * ld;
        // The largest so far, from the smallest up; few logits get past the first comparison.
        float top[CK_TOP_LIMIT];
        for (long i = 0; i < count; i++) top[i] = -INFINITY;
        for (long c = 0; c < columns; c++) {
            float z = row[c];
            if (!(z > top[0])) continue;
            long place = 0;
            for (; place + 1 < count && top[place + 1] < z; place++) top[place] = top[place + 1];
            top[place] = z;
        }
        double mass = 0;
        for (long i = 0; i < count; i++) mass += exp((double)top[i] - (double)lse[r]);
        masses[r] = (float)(mass < 1 ? mass : 1);
    }
}

// Σ exp(x − maximum).
CK_INLINE double exp_sum(const float *row, long columns, float maximum) {
    double sum = 0;
    for (long start = 0; start < columns; start += BLOCK) {
        long end = start + BLOCK < columns ? start + BLOCK : columns;
        float partial = 0;
        for (long c = start; c < end; c++) partial += ck_exp(row[c] - maximum);
        sum += (double)partial;
    }
    return sum;
}

CK_CLONES void ck_mix_teacher(float *teacher, long ld, const float *contrast, long ldc, long rows,
                              long columns, float strength, float floor, float *distances) {
    for (long r = 0; r < rows; r++) {
        float *t = teacher + r * ld;
        const float *a = contrast + r * ldc;
        float t_maximum = row_maximum(t, columns), a_maximum = row_maximum(a, columns);
        float t_inverse = (float)(1 / exp_sum(t, columns, t_maximum));
        float a_inverse = (float)(1 / exp_sum(a, columns, a_maximum));
        double distance = 0;
        for (long start = 0; start < columns; start += BLOCK) {
            long end = start + BLOCK < columns ? start + BLOCK : columns;
            float partial = 0;
            for (long c = start; c < end; c++) {
                float p = ck_exp(t[c] - t_maximum) * t_inverse;
                float q = ck_exp(a[c] - a_maximum) * a_inverse;
                partial += p > q ? p - q : q - p;
            }
            distance += (double)partial;
        }
        distances[r] = (float)distance;
        float weight = strength * (float)distance + floor;
        for (long c = 0; c < columns; c++) t[c] += weight * (t[c] - a[c]);
    }
}

// Adds slope · p ((z − y) − mean) to g.
CK_INLINE void add_reverse(float *g, const float *p, const float *z, const float *y, long n,
                           float slope, float mean) {
    for (long c = 0; c < n; c++) g[c] += slope * p[c] * difference_less(z[c], y[c], mean);
}

// Adds slope · (p − q) to g.
CK_INLINE void add_forward(float *g, const float *p, const float *y, long n, float slope,
                           float lse) {
    for (long c = 0; c < n; c++) g[c] += slope * (p[c] - ck_exp(y[c] - lse));
}

CK_CLONES void ck_distribution_backward(float *logits, long ld, long rows, long columns,
                                        const int32_t *targets, const float *lse,
                                        const ck_softmax_slopes *own, const ck_comparison *others,
                                        long count) {
    // A part of a row, so that it is in the nearest cache for every term.
    enum { PART = 512 };
    float p[PART], g[PART];
    for (long r = 0; r < rows; r++) {
        float *row = logits + r * ld;
        float coefficient = own->dlogprobs[r], slope = own->dentropies[r];
        float entropy = own->entropies[r], twice = 2 * own->dcollisions[r];
        float collision = own->collisions[r];
        for (long start = 0; start < columns; start += PART) {
            long n = columns - start < PART ? columns - start : PART;
            float *z = row + start;
            for (long c = 0; c < n; c++) {
                float logp = z[c] - lse[r];
                p[c] = ck_exp(logp);
                g[c] = -p[c] * (coefficient + slope * (logp + entropy));
            }
            if (twice != 0.0f)
                for (long c = 0; c < n; c++) g[c] += twice * p[c] * (p[c] - collision);
            for (long i = 0; i < count; i++) {
                const float *y = others[i].logits + r * others[i].ld + start;
                float reverse = others[i].dreverse[r], forward = others[i].dforward[r];
                if (reverse != 0.0f)
                    add_reverse(g, p, z, y, n, reverse, others[i].differences[r]);
                if (forward != 0.0f) add_forward(g, p, y, n, forward, others[i].lse[r]);
            }
            memcpy(z, g, (size_t)n * sizeof *g);
        }
        row[targets[r]] += coefficient;
    }
}
