#include <string>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/project_access.h"
#include "deploy/capacity.h"
#include "deploy/kubernetes.h"
#include "deploy/oci_image.h"
#include "deploy/server_process.h"
#include "operate/github_workflow.h"
#include "store/project.h"

namespace millrace::cli {
namespace {

Status ExportWorkflowFile(CommandContext& context, operate::WorkflowKind kind) {
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadProjectSpec(context));
  MILLRACE_ASSIGN_OR_RETURN(const store::Project project, store::Project::Open(context.folder));
  const bool replace = context.arguments.Has("--force");
  MILLRACE_ASSIGN_OR_RETURN(const std::string path,
                            operate::ExportWorkflow(spec, project, kind,
                                                    replace ? operate::Overwrite::kReplace
                                                            : operate::Overwrite::kRefuse));
  context.output.Text(Format("{}\n", path));
  context.output.Document(json::Json::Of({{"path", path}}));
  return {};
}

// The parts of an image that both exports name.
struct ImageParts {
  spec::Spec spec;
  FoundBundle bundle;
  std::string name;  // of the image and of the cluster's objects
  std::string tag;
  std::string server_program;
  deploy::ImageAccess access = deploy::ImageAccess::kToken;
};

Result<ImageParts> PartsOf(const CommandContext& context) {
  ImageParts parts;
  MILLRACE_ASSIGN_OR_RETURN(parts.spec, ReadProjectSpec(context));
  MILLRACE_ASSIGN_OR_RETURN(parts.bundle, FindBundle(context, context.arguments.Text("BUNDLE")));
  parts.name = context.arguments.TextOr("--name", deploy::KubernetesName(BaseName(context.folder)));
  parts.tag = context.arguments.TextOr("--tag", parts.bundle.bundle->digest().Short(12));
  MILLRACE_ASSIGN_OR_RETURN(parts.server_program, deploy::FindServerProgram(""));
  if (parts.spec.deploy.auth == spec::Auth::kNone) parts.access = deploy::ImageAccess::kOpen;
  return parts;
}

}  // namespace

Status RunExportOci(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const ImageParts parts, PartsOf(context));
  deploy::OciOptions options;
  options.server_program = parts.server_program;
  options.bundle_path = parts.bundle.path;
  options.out = context.Resolve(context.arguments.TextOr(
      "--out", Format("{}-{}.oci.tar", ReplaceAll(parts.name, "/", "-"), parts.tag)));
  options.name = parts.name;
  options.tag = parts.tag;
  options.access = parts.access;
  options.on_invalid = parts.spec.deploy.on_invalid;
  MILLRACE_ASSIGN_OR_RETURN(const deploy::OciImage image, deploy::ExportOci(options));
  context.output.Text(
      Format("{}\nimage    {}   {} in {} files, {} compressed\nload it  podman load "
             "-i {}\n",
             options.out, image.reference, FormatBytes(image.uncompressed_bytes),
             image.files.size(), FormatBytes(image.compressed_bytes), options.out));
  context.output.Document(json::Json::Of({{"path", options.out},
                                          {"reference", image.reference},
                                          {"manifest", image.manifest.ToHex()},
                                          {"bundle", image.bundle.ToHex()},
                                          {"archive_bytes", image.archive_bytes},
                                          {"compressed_bytes", image.compressed_bytes},
                                          {"uncompressed_bytes", image.uncompressed_bytes},
                                          {"files", json::Json::ArrayOf(image.files)}}));
  return {};
}

Status RunExportKubernetes(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const ImageParts parts, PartsOf(context));
  deploy::KubernetesOptions options = deploy::OptionsOf(
      parts.spec.deploy, deploy::KubernetesName(parts.name),
      context.arguments.TextOr("--image", Format("{}:{}", parts.name, parts.tag)));
  options.bundle_digest = parts.bundle.bundle->digest().ToHex();
  options.access = parts.access;
  Note("measuring what one server needs\n");
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  MILLRACE_ASSIGN_OR_RETURN(options.capacity,
                            deploy::MeasureCapacity({.server_program = parts.server_program,
                                                     .bundle_path = parts.bundle.path,
                                                     .folder = folder.path(),
                                                     .clock = context.clock}));
  MILLRACE_ASSIGN_OR_RETURN(const std::string manifests, deploy::ExportKubernetes(options));
  const std::string out = context.Resolve(context.arguments.Text("--out"));
  if (out.empty()) {
    context.output.Text(manifests);
  } else {
    MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(out, manifests));
    context.output.Text(Format("{}\napply it  kubectl apply -f {}\n", out, out));
  }
  context.output.Document(
      json::Json::Of({{"path", out}, {"image", options.image}, {"manifests", manifests}}));
  return {};
}

Status RunExportGithub(CommandContext& context) {
  return ExportWorkflowFile(context, operate::WorkflowKind::kGithub);
}

Status RunExportGitlab(CommandContext& context) {
  return ExportWorkflowFile(context, operate::WorkflowKind::kGitlab);
}

}  // namespace millrace::cli
