// Kubernetes: the manifests that run a bundle's image: Deployment, Service, HorizontalPodAutoscaler
// (autoscaling/v2), PodDisruptionBudget, and a ConfigMap where the bundle is not in the image.
// No namespace is named: kubectl's own decides. Figures that were derived say from what.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "deploy/capacity.h"
#include "deploy/oci_image.h"
#include "spec/spec.h"

namespace millrace::deploy {

struct KubernetesOptions {
  std::string name;   // of every object: lower-case letters, digits, '-', at most 53
  std::string image;  // reference of the image
  int64_t port = 8080;
  int64_t metrics_port = 8081;
  int64_t grpc_port = 0;  // 0: none
  ImageAccess access = ImageAccess::kToken;
  spec::OnInvalid on_invalid = spec::OnInvalid::kFlag;
  int64_t min_replicas = 1;          // >= 1
  int64_t max_replicas = 8;          // >= min_replicas
  std::optional<Capacity> capacity;  // nullopt: round figures that say so
  std::string bundle_digest;         // shown in labels and annotations
  /// Bytes of the bundle, to be mounted over the one in the image from a ConfigMap (at most
  /// 700,000: an object of the cluster holds 1 MiB). Empty: the image's.
  std::string bundle;
};

/// Returns the options that follow from a specification.
KubernetesOptions OptionsOf(const spec::DeployPlan& plan, std::string name, std::string image);

/// Returns the manifests as one YAML stream. kInvalidSpec for a name that the cluster refuses or
/// replicas out of range; kResourceExhausted for a bundle that no ConfigMap holds.
Result<std::string> ExportKubernetes(const KubernetesOptions& options);

/// Returns a text as a name that a cluster takes: "Churn 2026!" to "churn-2026"; "millrace" when
/// nothing is left.
std::string KubernetesName(std::string_view text);

}  // namespace millrace::deploy
