/*
 * Plans: a sequence of ops that is recorded once and run again with one call, as one parallel region on the processor and
 * one graph on a GPU. Addresses, shapes and numbers are those of the recording.
 */
#ifndef NAUTILE_PLAN_H
#define NAUTILE_PLAN_H

#include "nautile/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A recorded sequence of ops. 0 is null. */
typedef int64_t ntl_plan;

/**
 * Starts to record: until ntl_plan_end, the ops that this thread runs in the context are run and kept.
 *
 * @return 0 if this thread is recording already
 */
NTL_API ntl_plan ntl_plan_begin(ntl_context context);

/**
 * Where memory must come from while the plan is recorded: a context for ntl_allocate and ntl_release, whose blocks stay
 * the plan's until it is closed and they are released, whichever is later.
 */
NTL_API ntl_context ntl_plan_context(ntl_plan plan);

/**
 * Says that memory will hold what it holds now until the plan is closed: weights of a network that is not trained. What its
 * products read there is packed once, when the recording ends, to as many bytes or a few more (ntl_plan_bytes counts them), and not
 * in each run; the kernels that can are those of matmul and linear on the processor. Their results keep their values, but for
 * those of a single row, whose sums may be rounded otherwise. To be called before ntl_plan_end, which fails with BAD_ARGUMENT
 * if the recorded ops have changed that memory.
 */
NTL_API ntl_status ntl_plan_constant(ntl_plan plan, ntl_address address, int64_t bytes);

/**
 * Ends the recording, on the thread that began it. Tensors that were released meanwhile get other memory, as little as their
 * times of use allow.
 *
 * @param keep 0: the plan will not be run, only closed
 * @param fuse whether kernels may do the work of others that follow them, so that results between them need no memory
 */
NTL_API ntl_status ntl_plan_end(ntl_plan plan, int32_t keep, int32_t fuse);

/** Runs every op again, in order, on the same addresses. On a GPU it returns before they have finished. */
NTL_API ntl_status ntl_plan_run(ntl_plan plan);

/** The number of kernels that one run runs; while recording, of ops so far. */
NTL_API int64_t ntl_plan_calls(ntl_plan plan);

/** The bytes of memory that the plan holds. */
NTL_API int64_t ntl_plan_bytes(ntl_plan plan);

/** Whether later runs on the processor measure each op; forgets what was measured before. */
NTL_API void ntl_plan_measure(ntl_plan plan, int32_t on);

/**
 * What the plan consists of: for each kernel a line with its name and those of the ops fused into it, the tasks it can be cut
 * into, its bytes of scratch memory, 1 if a team runs it or 0 if it is too small, the nanoseconds of a run (their mean, with the
 * wait for other members; 0 if not measured), its floating-point operations (0 where they do not matter), and its algorithm
 * (empty where there is no choice; of dx and of dweight where both are computed), separated by tabs. Valid until this thread
 * asks again.
 */
NTL_API const char* ntl_plan_explain(ntl_plan plan);

/** Frees the plan. Must not be running. */
NTL_API void ntl_plan_close(ntl_plan plan);

#ifdef __cplusplus
}
#endif
#endif
