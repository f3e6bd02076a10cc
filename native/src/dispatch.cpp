#include "dispatch.hpp"

#include <utility>

#include "nautile/library.hpp"
#include "plan.hpp"

namespace nautile {
namespace {

thread_local std::string last_error;
thread_local const char* last_target = "";

// Most tasks take 5 us or more. Workers that sleep are woken for so many: on cores shared with others that takes longer than
// fewer would.
constexpr std::int64_t kWorthWaking = 8;

ntl_status on_processor(Context& context, const Call& call) {
  const std::int64_t tasks = call.tasks();
  Pool::Region region(Pool::instance(), tasks, tasks >= kWorthWaking);
  const Workspace workspace(*context.memory, call.workspace(region.size()));
  if (!workspace.ok()) return fail(NTL_OUT_OF_MEMORY, workspace.reason());
  Fault fault;
  struct Run {
    const Call& call;
    std::byte* workspace;
    Fault* fault;
  } run{call, workspace.data(), &fault};
  region.run(
      [](void* argument, const Team& team) {
        const Run& r = *static_cast<const Run*>(argument);
        Team member = team;
        member.fault = r.fault;
        r.call.run(r.workspace, member);
      },
      &run);
  const std::string reported = take(fault);
  return reported.empty() ? NTL_OK : fail(NTL_BAD_ARGUMENT, reported);
}

ntl_status on_device(Context& context, const Call& call) {
  const Device& device = *context.device;
  Team team;
  if (const Reason failed = device.enter(team); failed != nullptr) return fail(NTL_DEVICE_ERROR, failed);
  const Workspace workspace(*context.memory, call.workspace(1));
  if (!workspace.ok()) return fail(NTL_OUT_OF_MEMORY, workspace.reason());
  call.run(workspace.data(), team);
  if (const ntl_status status = outcome_of_libraries(); status != NTL_OK) return status;
  const Reason failed = device.plugin().launched(device.handle());
  return failed == nullptr ? NTL_OK : fail(NTL_DEVICE_ERROR, failed);
}

}  // namespace

ntl_status fail(ntl_status status, const std::string& reason) {
  last_error = reason;
  return status;
}

ntl_status outcome_of_libraries() {
  const LibraryFailure failure = std::exchange(library_failure, {nullptr, 0});
  if (failure.call == nullptr) return NTL_OK;
  return fail(NTL_DEVICE_ERROR, std::string(failure.call) + " failed with status " + std::to_string(failure.status));
}

ntl_status unknown(const char* function, const char* parameter, std::int64_t value) {
  return fail(NTL_BAD_ARGUMENT, std::string(function) + ": unknown " + parameter + " " + std::to_string(value));
}

ntl_status execute(Context& context, const Call& call) {
  Plan::record(context, call);
  const ntl_status status = context.device == nullptr ? on_processor(context, call) : on_device(context, call);
  if (status == NTL_OK) last_target = context.kernels->target;
  return status;
}

}  // namespace nautile

const char* ntl_last_error(void) { return nautile::last_error.c_str(); }

const char* ntl_last_target(void) { return nautile::last_target; }
