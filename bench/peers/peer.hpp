// What the programs that time libraries in C have in common: ./nautile bench --peer sends a line per measurement (threads, timing
// and a work, with tabs between) and reads a line of JSON. A work stays prepared for the next measurement of the same work.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace peer {

/** The library does not have what the work needs. */
struct Absent : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Work {
  std::string kind;
  std::map<std::string, std::string> parameters;

  const std::string& text(const std::string& name) const {
    const auto found = parameters.find(name);
    if (found == parameters.end()) throw std::runtime_error(kind + " needs the parameter " + name);
    return found->second;
  }
  long size(const std::string& name) const { return std::stol(text(name)); }
};

inline std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(line);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

using Call = std::function<void()>;

inline double seconds(const Call& call, long calls) {
  const auto start = std::chrono::steady_clock::now();
  for (long i = 0; i < calls; i++) call();
  return std::max(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 1e-9);
}

/** The line of JSON for a call: as nautile's Timing measures. */
inline std::string measure(const Call& call, double budget, double warm_up, int least) {
  constexpr double kSample = 1e-3;
  if (warm_up > 0) {
    double spent = seconds(call, 1);
    do spent += seconds(call, 1);
    while (spent < warm_up);
  }
  long calls = 1;
  double once = seconds(call, 1);
  while (once * static_cast<double>(calls) < kSample) {
    calls = std::max(2 * calls, static_cast<long>(kSample / once));
    once = seconds(call, calls) / static_cast<double>(calls);
  }
  calls = std::max(1L, static_cast<long>(std::ceil(kSample / once)));
  const int enough = once < 1.5 ? least : std::min(least, 3);
  const long count =
      std::min(300L, std::max<long>(enough, static_cast<long>(budget / (once * static_cast<double>(calls)))));
  std::vector<double> samples;
  for (long i = 0; i < count; i++) samples.push_back(1e3 * seconds(call, calls) / static_cast<double>(calls));
  std::sort(samples.begin(), samples.end());
  char line[160];
  std::snprintf(line, sizeof line, R"({"median_ms":%.9g,"min_ms":%.9g,"reps":%ld})", samples[samples.size() / 2],
                samples[0], count * calls);
  return line;
}

/** Numbers between -1 and 1. */
inline void fill(float* x, size_t size) {
  unsigned state = 7;
  for (size_t i = 0; i < size; i++) {
    state = state * 1664525U + 1013904223U;
    x[i] = static_cast<float>(static_cast<int>(state)) / 2147483648.F;
  }
}

/**
 * Answers until the input ends.
 *
 * @param description of the library, for the head of a table
 * @param prepare gives the call to time for a work and a number of threads
 */
inline int serve(const std::string& description, const std::function<Call(const Work&, int)>& prepare) {
  std::cout << "ready " << description << std::endl;
  std::string ready;
  Call call;
  for (std::string line; std::getline(std::cin, line);) {
    std::string answer;
    try {
      const std::vector<std::string> fields = split(line, '\t');  // threads, timing, suite, name, kind, parameters, ...
      if (fields.size() < 6) throw std::runtime_error("not a request: " + line);
      std::istringstream timing(fields[1]);
      double budget = 0;
      double warm_up = 0;
      int least = 0;
      timing >> budget >> warm_up >> least;
      const std::string wanted = fields[0] + '\t' + fields[3];
      if (wanted != ready) {
        ready.clear();
        call = nullptr;
        Work work{fields[4], {}};
        for (const std::string& parameter : split(fields[5], ',')) {
          const size_t equals = parameter.find('=');
          work.parameters[parameter.substr(0, equals)] =
              equals == std::string::npos ? "" : parameter.substr(equals + 1);
        }
        call = prepare(work, std::stoi(fields[0]));
        ready = wanted;
      }
      answer = measure(call, budget, warm_up, least);
    } catch (const Absent& e) {
      answer = std::string(R"({"error":")") + e.what() + R"(","absent":true})";
    } catch (const std::exception& e) {
      answer = std::string(R"({"error":")") + e.what() + R"("})";
    }
    std::cout << answer << std::endl;
  }
  return 0;
}

}  // namespace peer
