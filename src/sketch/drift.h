// Distances between two lists of counts over the same cells, and a test that says whether a
// distance is more than chance. Pure functions.
//
// Sources: PSI: Siddiqi 2006, Credit Risk Scorecards, and its null distribution (a scaled
// chi-square) Yurdakul 2018; Jensen-Shannon: Lin 1991 (base 2, so in [0, 1]); homogeneity test:
// Pearson's chi-square for two samples; cells that are expected to hold fewer than 5 are pooled
// (Cochran 1954). Rank test: Wilcoxon 1945 with midranks over ordered cells (Lehmann 1975, section
// 1.4), which finds small shifts that the other spreads over all cells. Several columns:
// Bonferroni.

#pragma once

#include <cstdint>
#include <span>

#include "sketch/column_sketch.h"

namespace millrace::sketch {

/// Returns the population stability index; half a count is added to each cell, so it is finite.
double Psi(std::span<const double> reference, std::span<const double> now);
/// Returns the Jensen-Shannon distance (root of the divergence, base 2), in [0, 1].
double JensenShannon(std::span<const double> reference, std::span<const double> now);
/// Returns the greatest difference of cumulated shares, in [0, 1]; for ordered cells.
double KolmogorovSmirnov(std::span<const double> reference, std::span<const double> now);
/// Returns the p-value of "both come from one distribution"; 1 when there is nothing to compare.
double HomogeneityPValue(std::span<const double> reference, std::span<const double> now);

/// Returns the p-value of "neither tends to be greater", two-sided, for ordered cells; 1 when fewer
/// than 30 of the smaller count would lie outside the fullest cell (the normal limit needs them).
double RankPValue(std::span<const double> reference, std::span<const double> now);

struct Drift {
  double psi = 0.0;
  double jensen_shannon = 0.0;
  double kolmogorov_smirnov = 0.0;  // numeric columns; else 0
  double p_value = 1.0;  // of homogeneity; numbers: twice the smaller one of it and the rank test
  bool significant = false;  // p_value below the level of this column
};

/// Share of windows without drift in which any column may be called significant.
inline constexpr double kFalseAlarmShare = 1.0 / 60.0;

/// Compares a window with its reference (equal bins). `num_columns` is how many columns one window
/// tests together.
Drift CompareSketches(const ColumnSketch& reference, const ColumnSketch& now, int64_t num_columns);

}  // namespace millrace::sketch
