#include "nautile/linear.hpp"

#include "nautile/library_linear.hpp"
