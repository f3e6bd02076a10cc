#ifndef NAUTILE_OP_MATMUL_H
#define NAUTILE_OP_MATMUL_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * y[i,j] = sum_p a[i,p] b[p,j] for each matrix of a batch, or y[i,j] += ... with accumulate. Transposes are strides.
 *
 * @param a  [batch,m,k] at steps a_batch, a_row, a_col; a step of 0 repeats
 * @param b  [batch,k,n] at steps b_batch, b_row, b_col
 * @param y  [batch,m,n] at steps y_batch, y_row, 1; does not overlap a or b
 *
 * Sums in float32 with fused multiply-add where there is one, in blocks of at most 512 terms; componentwise error at most
 * 8 u |a||b|, u = 2^-24. The order of a sum depends on k and the instruction set, for m = 1 on whether b_row is 1, and on CUDA
 * on m, n and batch, too.
 * On a GPU of compute capability 9.0, products that are large enough to gain by it (from some 600^3 on, and flatter ones) take
 * its tensor cores: each element is the sum of three bf16, 8 of the 24 bits each, and the six largest of the nine products
 * are added up. The bound holds, and errors are about a third of those above; only elements below 2^-109 keep fewer digits.
 * Source: Ootomo and Yokota 2022, "Recovering single precision accuracy from Tensor Cores", arXiv:2203.03341, there for halves.
 * See ntl_matmul_precision for what asks for more speed and less precision.
 * Source of the blocking: Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication".
 */
NTL_API ntl_status ntl_matmul_forward(ntl_context context, ntl_address a, ntl_address b, ntl_address y, int64_t batch,
                                      int64_t m, int64_t n, int64_t k, int64_t a_batch, int64_t a_row, int64_t a_col,
                                      int64_t b_batch, int64_t b_row, int64_t b_col, int64_t y_batch, int64_t y_row,
                                      int32_t accumulate);

/**
 * How precise the products of matmul and linear, backward too, are to be in this process from now on; recorded plans keep what
 * they were recorded with. Elements of a and b may be rounded before they are multiplied; sums are in float32 always.
 *
 * @param precision  0: highest (the default), float32; 1: high, 11 bits (TF32); 2: medium, 8 bits (bfloat16)
 *
 * Rounded to nearest. A kernel that would not be faster by it takes float32: on the processor for high, and for medium without
 * bf16 instructions (AMX's where Linux permits them, else AVX-512's) or for less than 32 rows, columns or terms; on CUDA for few
 * rows or columns, for less than 2^22 terms of all sums, and without tensor cores of compute capability 8.0; on openblas and
 * cudnn always. What is rounded may depend on m, n, k and batch, never on the number of threads. Subnormal operands and sums may
 * count as zero. Both factors being rounded, the error of an element is some 2^-10 |a||b| at most for high and 2^-7 |a||b| for
 * medium, besides that of the sum; in the norm of many random elements 3e-4 and 2.4e-3. Operands beyond the largest bfloat16,
 * 3.39e38, become infinite.
 */
NTL_API ntl_status ntl_matmul_precision(int32_t precision);

#ifdef __cplusplus
}
#endif
#endif
