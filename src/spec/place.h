// Place: where in a file something is written.

#pragma once

#include <string>

namespace millrace::spec {

/// A place in a text file. Two places always compare equal: where a value is written is no part of
/// what it means, so that a specification that is written and read again equals itself.
struct Place {
  std::string file;  // as the user named it; empty: not from a file
  int line = 0;      // from 1; 0: unknown
  int column = 0;    // from 1

  /// Returns "millrace.yaml:31:5", "millrace.yaml" without a line, or "specification".
  std::string ToString() const;

  friend bool operator==(const Place&, const Place&) { return true; }
};

}  // namespace millrace::spec
