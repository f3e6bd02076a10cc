// A device of a plugin: its memory, and what a kernel needs to be launched there.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "memory.hpp"
#include "nautile/kernel.hpp"
#include "plugin.hpp"

namespace nautile {

// The memory of a device, with a limit, a count, and guards; the plugin pools it.
class DeviceMemory final : public Memory {
 public:
  DeviceMemory(const DevicePlugin& plugin, void* device) : plugin_(plugin), device_(device) {}

  // When the device refuses, the reason has a table of what holds its memory.
  void* allocate(std::int64_t bytes, std::string& reason) override;
  void release(void* block, std::int64_t bytes) override;

  void limit(std::int64_t bytes) override;
  void check(bool on) override;
  void trim() override;

  std::int64_t used() const override;
  std::int64_t peak() const override;
  std::int64_t reserved() const override;
  std::int64_t damaged() const override;

 private:
  struct Block {
    std::int64_t bytes;
    bool checked;
  };

  std::string holdings() const;
  bool poisoned(const std::byte* block) const;

  const DevicePlugin& plugin_;
  void* const device_;
  mutable std::mutex mutex_;
  bool check_ = false;
  std::int64_t limit_ = 0;
  std::int64_t used_ = 0;
  std::int64_t peak_ = 0;
  std::int64_t damaged_ = 0;
  std::unordered_map<void*, Block> blocks_;  // handed out
};

class Device {
 public:
  // The devices of the plugin's kind, and one of them, opened at most once; null and the reason if it cannot be.
  static Device* open(const std::string& kind, std::int32_t index, std::string& reason);

  const DevicePlugin& plugin() const { return plugin_; }
  void* handle() const { return handle_; }

  // Makes the device the calling thread's and gives the team that launches on it.
  Reason enter(Team& team) const;

  // After a wait: what kernels have reported since the last time, "" for nothing.
  std::string take_fault();

 private:
  Device(const DevicePlugin& plugin, void* handle) : plugin_(plugin), handle_(handle) {}

  const DevicePlugin& plugin_;
  void* const handle_;
  std::mutex fault_;
};

// Loads a plugin and makes its devices known as <kind>, <kind>:1, ...; "" or why not.
std::string load_plugin(const std::string& kind, const char* path);

// The number of devices of a kind; -1 and the reason if there are none to be used.
std::int32_t count_devices(const std::string& kind, std::string& reason);

// What a fault says; the fault is cleared. "" if there is none.
std::string take(Fault& fault);

}  // namespace nautile
