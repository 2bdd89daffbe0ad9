#include "cli/commands.h"

namespace millrace::cli {
namespace {

// Each script asks the program what may come next, and offers files where it has no answer.
constexpr std::string_view kBash = R"(_millrace() {
  local found
  found=$(millrace completion candidates -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=()
  if [ -n "$found" ]; then mapfile -t COMPREPLY <<<"$found"; fi
}
complete -o default -o bashdefault -F _millrace millrace
)";

constexpr std::string_view kZsh = R"(#compdef millrace
_millrace() {
  local -a found
  found=("${(@f)$(millrace completion candidates -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -a found; else _files; fi
}
if [ "$funcstack[1]" = _millrace ]; then _millrace "$@"; else compdef _millrace millrace; fi
)";

constexpr std::string_view kFish = R"(function __millrace_candidates
  set -l words (commandline -opc)
  millrace completion candidates -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c millrace -a '(__millrace_candidates)'
)";

}  // namespace

Status RunCompletion(CommandContext& context) {
  const std::string shell = context.arguments.Text("SHELL");
  const std::string script(shell == "bash" ? kBash : (shell == "zsh" ? kZsh : kFish));
  context.output.Text(script);
  context.output.Document(json::Json::Of({{"script", script}}));
  return {};
}

}  // namespace millrace::cli
