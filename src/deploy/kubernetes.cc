#include "deploy/kubernetes.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "serve/http_server.h"

namespace millrace::deploy {
namespace {

constexpr size_t kMaxName = 53;  // room for the suffixes that the cluster adds
constexpr size_t kMaxConfigMapBundle = 700'000;
constexpr int64_t kMebibyte = 1 << 20;
constexpr int64_t kJournalQueueBytes = 32 << 20;  // journal::WriterOptions::queue_bytes
constexpr double kTargetUtilisation = 0.7;
constexpr int64_t kRequestMillicores = 500;

bool IsName(std::string_view name) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= kMaxName && name.front() >= 'a' && name.front() <= 'z' &&
         is_letter_or_digit(name.back()) && std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter_or_digit(c) || c == '-';
         });
}

std::string Labels(const KubernetesOptions& options, std::string_view indent) {
  return Format(
      "{0}app.kubernetes.io/name: {1}\n"
      "{0}app.kubernetes.io/component: model-server\n"
      "{0}app.kubernetes.io/managed-by: millrace\n",
      indent, options.name);
}

std::string Metadata(const KubernetesOptions& options) {
  return Format("metadata:\n  name: {}\n  labels:\n{}", options.name, Labels(options, "    "));
}

int64_t RoundUp(double value, int64_t step) {
  return static_cast<int64_t>(std::ceil(value / static_cast<double>(step))) * step;
}

struct Resources {
  int64_t memory_mebibytes = 0;
  int64_t memory_limit_mebibytes = 0;
  std::string memory_reason;
  std::string cpu_reason;
};

Resources ResourcesOf(const KubernetesOptions& options) {
  Resources resources;
  if (!options.capacity) {
    resources.memory_mebibytes = 128;
    resources.memory_limit_mebibytes = 256;
    resources.memory_reason = "not measured: a round figure";
    resources.cpu_reason = "not measured: a round figure";
    return resources;
  }
  const Capacity& capacity = *options.capacity;
  const auto resident = static_cast<double>(capacity.peak_resident_bytes);
  const auto mebibyte = static_cast<double>(kMebibyte);
  resources.memory_mebibytes = RoundUp(1.25 * resident / mebibyte, 16);
  resources.memory_limit_mebibytes =
      std::max(resources.memory_mebibytes,
               RoundUp((2.0 * resident + static_cast<double>(kJournalQueueBytes)) / mebibyte, 16));
  resources.memory_reason = Format(
      "1.25 x the measured peak of {}; the limit leaves 2 x that and 32 MiB for the log's "
      "queue",
      FormatBytes(capacity.peak_resident_bytes));
  if (capacity.cpu_seconds_per_request > 0.0) {
    const double rate = kTargetUtilisation * static_cast<double>(kRequestMillicores) * 1e-3 /
                        capacity.cpu_seconds_per_request;
    resources.cpu_reason = Format(
        "measured {} us of processor time a one-row request over {} requests: about {} requests/s "
        "a pod at the autoscaler's {} %",
        FormatSignificant(capacity.cpu_seconds_per_request * 1e6, 3), capacity.num_requests,
        FormatCount(static_cast<int64_t>(rate)),
        static_cast<int64_t>(std::lround(100.0 * kTargetUtilisation)));
  } else {
    resources.cpu_reason =
        Format("too little processor time to measure over {} requests", capacity.num_requests);
  }
  return resources;
}

std::string Probes() {
  return "          # Verified and loaded: the bundle's golden rows were replayed.\n"
         "          startupProbe:\n"
         "            httpGet: {path: /v2/health/ready, port: metrics}\n"
         "            periodSeconds: 1\n"
         "            failureThreshold: 60\n"
         "          readinessProbe:\n"
         "            httpGet: {path: /v2/health/ready, port: metrics}\n"
         "            periodSeconds: 2\n"
         "            failureThreshold: 1\n"
         "          livenessProbe:\n"
         "            httpGet: {path: /v2/health/live, port: metrics}\n"
         "            periodSeconds: 10\n"
         "            failureThreshold: 3\n";
}

std::string TokenEnvironment(const KubernetesOptions& options) {
  if (options.access == ImageAccess::kOpen) return "";
  return Format(
      "          # SHA-256 of each accepted token, comma separated. Make the secret once:\n"
      "          #   token=$(openssl rand -hex 24)\n"
      "          #   kubectl create secret generic {0}-tokens \\\n"
      "          #     --from-literal=hashes=$(printf %s \"$token\" | sha256sum | cut -d' ' -f1)\n"
      "          env:\n"
      "            - name: MILLRACE_TOKEN_HASHES\n"
      "              valueFrom: {{secretKeyRef: {{name: {0}-tokens, key: hashes}}}}\n",
      options.name);
}

std::string Container(const KubernetesOptions& options) {
  const Resources resources = ResourcesOf(options);
  std::string text = Format(
      "        - name: server\n"
      "          image: {}\n"
      "          imagePullPolicy: IfNotPresent\n"
      "          args:\n"
      "            - --bundle={}\n"
      "            - --address=0.0.0.0\n"
      "            - --port={}\n"
      "            - --metrics-port={}\n"
      "            - --log={}\n"
      "            # After SIGTERM readiness flips at once; requests are taken for 5 s more, "
      "until\n"
      "            # the endpoints have changed everywhere.\n"
      "            - --drain-delay=5\n",
      json::Quote(options.image), kImageBundle, options.port, options.metrics_port, kImageLogs);
  if (options.grpc_port != 0) {
    text += Format("            - --grpc-port={}\n", options.grpc_port);
  }
  if (options.access == ImageAccess::kOpen) {
    text += "            - --open  # deploy.auth: none\n";
  }
  if (options.on_invalid == spec::OnInvalid::kReject) {
    text += "            - --on-invalid=reject  # deploy.on_invalid\n";
  }
  text += TokenEnvironment(options);
  text += Format(
      "          ports:\n"
      "            - {{name: http, containerPort: {}}}\n"
      "            - {{name: metrics, containerPort: {}}}\n",
      options.port, options.metrics_port);
  if (options.grpc_port != 0) {
    text += Format("            - {{name: grpc, containerPort: {}}}\n", options.grpc_port);
  }
  text += Probes();
  text += Format(
      "          resources:\n"
      "            # cpu: {}\n"
      "            # memory: {}\n"
      "            requests: {{cpu: {}m, memory: {}Mi}}\n"
      "            limits: {{memory: {}Mi}}  # none on cpu: a limit throttles bursts\n",
      resources.cpu_reason, resources.memory_reason, kRequestMillicores, resources.memory_mebibytes,
      resources.memory_limit_mebibytes);
  text +=
      "          securityContext:\n"
      "            allowPrivilegeEscalation: false\n"
      "            readOnlyRootFilesystem: true\n"
      "            capabilities: {drop: [ALL]}\n"
      "          volumeMounts:\n";
  text += Format("            - {{name: logs, mountPath: {}}}\n", kImageLogs);
  if (!options.bundle.empty()) {
    text += "            - {name: bundle, mountPath: /models, readOnly: true}\n";
  }
  return text;
}

std::string DeploymentManifest(const KubernetesOptions& options) {
  std::string text = "apiVersion: apps/v1\nkind: Deployment\n" + Metadata(options);
  text += Format(
      "spec:\n"
      "  # replicas: left to the HorizontalPodAutoscaler below\n"
      "  revisionHistoryLimit: 10  # kubectl rollout undo puts an earlier bundle back\n"
      "  strategy:\n"
      "    type: RollingUpdate\n"
      "    rollingUpdate: {{maxUnavailable: 0, maxSurge: 1}}\n"
      "  selector:\n"
      "    matchLabels: {{app.kubernetes.io/name: {}}}\n"
      "  template:\n"
      "    metadata:\n"
      "      labels:\n{}",
      options.name, Labels(options, "        "));
  text += Format(
      "      annotations:\n"
      "        prometheus.io/scrape: \"true\"\n"
      "        prometheus.io/port: \"{}\"\n"
      "        prometheus.io/path: /metrics\n",
      options.metrics_port);
  if (!options.bundle_digest.empty()) {
    text += Format("        millrace/bundle: \"{}\"  # a new bundle rolls the pods\n",
                   options.bundle_digest);
  }
  text += Format(
      "    spec:\n"
      "      automountServiceAccountToken: false\n"
      "      terminationGracePeriodSeconds: 30  # 5 s of drain delay, 10 s to answer what is left\n"
      "      securityContext:\n"
      "        runAsNonRoot: true\n"
      "        runAsUser: {0}\n"
      "        runAsGroup: {0}\n"
      "        fsGroup: {0}\n"
      "        seccompProfile: {{type: RuntimeDefault}}\n"
      "      topologySpreadConstraints:\n"
      "        - maxSkew: 1\n"
      "          topologyKey: kubernetes.io/hostname\n"
      "          whenUnsatisfiable: ScheduleAnyway\n"
      "          labelSelector:\n"
      "            matchLabels: {{app.kubernetes.io/name: {1}}}\n"
      "      containers:\n",
      kImageUser, options.name);
  text += Container(options);
  text +=
      "      volumes:\n"
      "        # Prediction log: goes with the pod. Name a persistent claim to keep it.\n"
      "        - name: logs\n"
      "          emptyDir: {sizeLimit: 2Gi}\n";
  if (!options.bundle.empty()) {
    text += Format(
        "        - name: bundle\n"
        "          configMap: {{name: {}-bundle}}\n",
        options.name);
  }
  return text;
}

std::string ServiceManifest(const KubernetesOptions& options) {
  std::string text = "apiVersion: v1\nkind: Service\n" + Metadata(options) +
                     Format(
                         "spec:\n"
                         "  selector: {{app.kubernetes.io/name: {}}}\n"
                         "  ports:\n"
                         "    - {{name: http, port: {}, targetPort: http}}\n",
                         options.name, options.port);
  if (options.grpc_port != 0) {
    text += Format("    - {{name: grpc, port: {}, targetPort: grpc, appProtocol: grpc}}\n",
                   options.grpc_port);
  }
  return text;
}

std::string AutoscalerManifest(const KubernetesOptions& options) {
  return "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n" + Metadata(options) +
         Format(
             "spec:\n"
             "  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {}}}\n"
             "  minReplicas: {}  # deploy.replicas.min\n"
             "  maxReplicas: {}  # deploy.replicas.max\n"
             "  metrics:\n"
             "    - type: Resource\n"
             "      resource:\n"
             "        name: cpu\n"
             "        target: {{type: Utilization, averageUtilization: {}}}\n"
             "  behavior:\n"
             "    scaleUp:  # a pod answers within a second of its start: follow the load at once\n"
             "      stabilizationWindowSeconds: 0\n"
             "      policies:\n"
             "        - {{type: Percent, value: 100, periodSeconds: 15}}\n"
             "        - {{type: Pods, value: 2, periodSeconds: 15}}\n"
             "      selectPolicy: Max\n"
             "    scaleDown:\n"
             "      stabilizationWindowSeconds: 300\n",
             options.name, options.min_replicas, options.max_replicas,
             static_cast<int64_t>(std::lround(100.0 * kTargetUtilisation)));
}

std::string BudgetManifest(const KubernetesOptions& options) {
  // With one replica a budget of one would block every node drain.
  return "apiVersion: policy/v1\nkind: PodDisruptionBudget\n" + Metadata(options) +
         Format(
             "spec:\n"
             "  maxUnavailable: 1\n"
             "  selector:\n"
             "    matchLabels: {{app.kubernetes.io/name: {}}}\n",
             options.name);
}

std::string BundleManifest(const KubernetesOptions& options) {
  return Format(
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}-bundle\n  labels:\n{}"
      "binaryData:\n  bundle.mill: {}\n",
      options.name, Labels(options, "    "), Base64(options.bundle));
}

}  // namespace

KubernetesOptions OptionsOf(const spec::DeployPlan& plan, std::string name, std::string image) {
  KubernetesOptions options;
  options.name = std::move(name);
  options.image = std::move(image);
  options.port = plan.port == 0 ? 8080 : plan.port;
  options.metrics_port = plan.metrics_port.value_or(0);
  if (options.metrics_port == 0) {
    options.metrics_port = options.port == 65535 ? 65534 : options.port + 1;
  }
  // Any free port would be unknown to those who ask.
  if (plan.grpc_port) options.grpc_port = *plan.grpc_port == 0 ? 8001 : *plan.grpc_port;
  // In a cluster the pod is reachable by others, whatever deploy.address says for this machine.
  options.access = plan.auth == spec::Auth::kNone ? ImageAccess::kOpen : ImageAccess::kToken;
  options.on_invalid = plan.on_invalid;
  options.min_replicas = plan.min_replicas;
  options.max_replicas = plan.max_replicas;
  return options;
}

Result<std::string> ExportKubernetes(const KubernetesOptions& options) {
  if (!IsName(options.name)) {
    return InvalidSpec(Format("kubernetes: name: not lower-case letters, digits and '-', at most "
                              "{}, a letter first: \"{}\"",
                              kMaxName, options.name))
        .WithHint(Format("for example {}", KubernetesName(options.name)));
  }
  if (options.image.empty()) return InvalidSpec("kubernetes: image: empty");
  if (options.min_replicas < 1 || options.max_replicas < options.min_replicas) {
    return InvalidSpec(
        Format("kubernetes: replicas: {} to {}", options.min_replicas, options.max_replicas));
  }
  if (options.bundle.size() > kMaxConfigMapBundle) {
    return ResourceExhausted(Format("kubernetes: bundle: {} do not fit into a ConfigMap",
                                    FormatBytes(static_cast<int64_t>(options.bundle.size()))))
        .WithHint("leave it in the image: millrace export oci");
  }
  std::string text = "# Made by millrace export kubernetes. Apply with: kubectl apply -f FILE\n";
  if (!options.bundle.empty()) text += BundleManifest(options) + "---\n";
  text += DeploymentManifest(options) + "---\n" + ServiceManifest(options) + "---\n" +
          AutoscalerManifest(options) + "---\n" + BudgetManifest(options);
  return text;
}

std::string KubernetesName(std::string_view text) {
  std::string name;
  for (const char c : ToLower(text)) {
    const bool is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_good) name += c;
    if (!is_good && !name.empty() && name.back() != '-') name += '-';
  }
  while (!name.empty() && (name.front() < 'a' || name.front() > 'z')) name.erase(0, 1);
  name.resize(std::min(name.size(), kMaxName));
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "millrace" : name;
}

}  // namespace millrace::deploy
