#include "device.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "nautile/library.hpp"

namespace nautile {
namespace {

// The plugins that were loaded, by the kind of device, and their devices by index.
struct Kind {
  const DevicePlugin* plugin;
  std::map<std::int32_t, Device*> devices;
};
std::mutex kinds_mutex;
std::map<std::string, Kind>& kinds() {
  static auto* const all = new std::map<std::string, Kind>;  // never destroyed: tensors may outlive every static
  return *all;
}

const Kind* find(const std::string& kind, std::string& reason) {
  const auto entry = kinds().find(kind);
  if (entry != kinds().end()) return &entry->second;
  reason = "the kernels of device '" + kind + "' are not loaded";
  return nullptr;
}

// 1234567890 -> "1177.4"
std::string mib_exactly(std::int64_t bytes) {
  const std::int64_t tenths = (bytes * 10 + (1 << 19)) >> 20;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

}  // namespace

std::string take(Fault& fault) {
  if (fault.first == Fault::kNone) return "";
  std::string text = std::string(fault.input) + "[" + std::to_string(fault.first >> 32) + "] is " +
                     std::to_string(static_cast<std::int32_t>(fault.first)) + ", it must be from 0 to " +
                     std::to_string(fault.bound - 1);
  fault.first = Fault::kNone;
  return text;
}

std::string load_plugin(const std::string& kind, const char* path) {
  const std::lock_guard lock(kinds_mutex);
  if (kinds().contains(kind)) return "";
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);  // stays loaded: its kernels may be in use until the end
  if (library == nullptr) return dlerror();
  auto* function = reinterpret_cast<DevicePluginFunction*>(dlsym(library, kDevicePluginFunction));
  if (function == nullptr) return dlerror();
  const DevicePlugin* plugin = function();
  if (std::string(plugin->version) != NTL_VERSION || plugin->table_bytes != std::int64_t{sizeof(KernelTable)}) {
    return std::string("version ") + plugin->version + " of another build than the engine's " + NTL_VERSION;
  }
  kinds().emplace(kind, Kind{plugin, {}});
  return "";
}

std::int32_t count_devices(const std::string& kind, std::string& reason) {
  const std::lock_guard lock(kinds_mutex);
  const Kind* known = find(kind, reason);
  if (known == nullptr) return -1;
  std::int32_t devices = 0;
  if (const Reason failed = known->plugin->count(&devices); failed != nullptr) {
    reason = failed;
    return -1;
  }
  return devices;
}

Device* Device::open(const std::string& kind, std::int32_t index, std::string& reason) {
  const std::int32_t count = count_devices(kind, reason);
  if (count < 0) return nullptr;
  if (index < 0 || index >= count) {
    reason = "there is no " + kind + ":" + std::to_string(index) + ", there " +
             (count == 1 ? "is 1 device" : "are " + std::to_string(count) + " devices") + ", counted from 0";
    return nullptr;
  }
  const std::lock_guard lock(kinds_mutex);
  Kind& known = kinds().find(kind)->second;
  Device*& device = known.devices[index];
  if (device == nullptr) {
    void* handle = nullptr;
    if (const Reason failed = known.plugin->open(index, &handle); failed != nullptr) {
      reason = failed;
      return nullptr;
    }
    device = new Device(*known.plugin, handle);
  }
  return device;
}

Reason Device::enter(Team& team) const {
  library_device = handle_;
  return plugin_.enter(handle_, &team.stream, &team.fault);
}

std::string Device::take_fault() {
  const std::lock_guard lock(fault_);
  Team team;
  return enter(team) == nullptr ? take(*team.fault) : "";
}

void* DeviceMemory::allocate(std::int64_t bytes, std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (std::string refusal = beyond_limit(bytes, used_, limit_); !refusal.empty()) {
    reason = std::move(refusal);
    return nullptr;
  }
  const std::int64_t whole = check_ ? round_up(bytes, 4) + 2 * kGuard : bytes;
  void* block = nullptr;
  Reason failed = plugin_.allocate(device_, whole, &block);
  if (failed != nullptr) {
    plugin_.trim(device_);
    failed = plugin_.allocate(device_, whole, &block);
  }
  if (failed != nullptr) {
    reason = "out of memory: " + mib(bytes) + " asked; " + failed + '\n' + holdings();
    return nullptr;
  }
  if (check_) {
    const std::vector<std::uint32_t> poison(static_cast<std::size_t>(round_up(whole, 4) / 4), kPoison);
    if (failed = plugin_.copy_in(device_, block, poison.data(), whole); failed != nullptr) {
      reason = failed;
      plugin_.release(device_, block);
      return nullptr;
    }
    block = static_cast<std::byte*>(block) + kGuard;
  }
  used_ += bytes;
  peak_ = std::max(peak_, used_);
  blocks_[block] = {bytes, check_};
  return block;
}

void DeviceMemory::release(void* block, std::int64_t bytes) {
  if (block == nullptr) return;
  const std::lock_guard lock(mutex_);
  used_ -= bytes;
  const auto entry = blocks_.find(block);
  const bool checked = entry->second.checked;
  blocks_.erase(entry);
  if (checked) {
    auto* first = static_cast<std::byte*>(block);
    if (!poisoned(first - kGuard) || !poisoned(first + round_up(bytes, 4))) ++damaged_;
    block = first - kGuard;
  }
  plugin_.release(device_, block);
}

bool DeviceMemory::poisoned(const std::byte* guard) const {
  std::uint32_t words[kGuard / 4];
  if (plugin_.copy_out(device_, words, guard, kGuard) != nullptr) return false;
  return std::all_of(std::begin(words), std::end(words), [](std::uint32_t word) { return word == kPoison; });
}

// How many blocks of which size, the greediest first, and what the rest of the device is used for.
std::string DeviceMemory::holdings() const {
  struct Line {
    std::int64_t bytes;
    std::int64_t count;
  };
  std::map<std::int64_t, std::int64_t> counts;
  for (const auto& [block, held] : blocks_) ++counts[held.bytes];
  std::vector<Line> lines;
  for (const auto& [bytes, count] : counts) lines.push_back({bytes, count});
  std::sort(lines.begin(), lines.end(),
            [](const Line& a, const Line& b) { return a.bytes * a.count > b.bytes * b.count; });
  constexpr std::size_t kLines = 8;
  std::int64_t pool = 0;
  std::int64_t free = 0;
  std::int64_t total = 0;
  plugin_.memory(device_, &pool, &free, &total);
  std::string text = "       MiB  held by\n";
  const auto line = [&](std::int64_t bytes, const std::string& holder) {
    text += right(mib_exactly(bytes), 10) + "  " + holder + '\n';
  };
  std::int64_t rest = 0;
  std::int64_t rest_count = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i < kLines) {
      line(lines[i].bytes * lines[i].count, std::to_string(lines[i].count) +
                                                (lines[i].count == 1 ? " tensor of " : " tensors of ") +
                                                mib_exactly(lines[i].bytes) + " MiB");
    } else {
      rest += lines[i].bytes * lines[i].count;
      rest_count += lines[i].count;
    }
  }
  if (rest_count > 0) line(rest, std::to_string(rest_count) + " tensors of other sizes");
  line(std::max<std::int64_t>(pool - used_, 0), "memory kept for reuse");
  line(std::max<std::int64_t>(total - free - std::max(pool, used_), 0), "kernels, libraries, other programs");
  line(free, "nobody");
  line(total, "the whole device");
  text.pop_back();
  return text;
}

void DeviceMemory::limit(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  limit_ = bytes;
}

void DeviceMemory::check(bool on) {
  const std::lock_guard lock(mutex_);
  check_ = on;
}

void DeviceMemory::trim() { plugin_.trim(device_); }

std::int64_t DeviceMemory::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

std::int64_t DeviceMemory::peak() const {
  const std::lock_guard lock(mutex_);
  return peak_;
}

std::int64_t DeviceMemory::reserved() const {
  std::int64_t pool = 0;
  std::int64_t free = 0;
  std::int64_t total = 0;
  plugin_.memory(device_, &pool, &free, &total);
  return pool;
}

std::int64_t DeviceMemory::damaged() const {
  const std::lock_guard lock(mutex_);
  return damaged_;
}

}  // namespace nautile
